"""TODO."""

from __future__ import annotations

from .running import Running


def run_node_suite(running: Running, suite: dict[str, object]) -> None:
    """TODO."""

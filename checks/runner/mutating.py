"""TODO."""

from __future__ import annotations

from .running import Running


def mutate(running: Running) -> None:
    """TODO."""

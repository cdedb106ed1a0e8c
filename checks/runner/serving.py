"""TODO."""

from __future__ import annotations

from .running import Running


def serve(running: Running, source: object) -> None:
    """TODO."""

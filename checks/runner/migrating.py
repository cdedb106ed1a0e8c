"""TODO."""

from __future__ import annotations

from .running import Running


def migrate(running: Running) -> None:
    """TODO."""

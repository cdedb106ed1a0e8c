"""Sets of names written on a line."""

from __future__ import annotations


def names(text: str) -> frozenset[str]:
    """Return the words of `text` as a set."""
    return frozenset(text.split())

"""Places that facts name: a path, a line and what stands there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from checks.findings import evidence
from grader.values import Evidence


class Placed(Protocol):
    """Anything that stands at a line of a file."""

    @property
    def path(self) -> str:
        """Path of the file."""

    @property
    def line(self) -> int:
        """Line, from 1."""

    @property
    def excerpt(self) -> str:
        """What stands there."""


class Titled(Protocol):
    """Anything at a line of a file that has a name."""

    @property
    def path(self) -> str:
        """Path of the file."""

    @property
    def line(self) -> int:
        """Line, from 1."""

    @property
    def name(self) -> str:
        """Its name."""


def at(places: Iterable[Placed]) -> list[Evidence]:
    """Return the evidence of places."""
    return [evidence(p.path, p.line, p.excerpt) for p in places]


def named(places: Iterable[Titled]) -> list[Evidence]:
    """Return the evidence of places known by a name."""
    return [evidence(p.path, p.line, p.name) for p in places]

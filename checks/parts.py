"""Criteria in several parts: each part found with its evidence, the missing ones named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.values import Evidence, Text


@dataclass(frozen=True)
class Part:
    """One part of a criterion: its name in the two languages and the best place where it was found, or None."""

    name: Text
    found: Evidence | None = None


def present(parts: Sequence[Part]) -> tuple[Evidence, ...]:
    """Return the evidence of the parts that were found, in order."""
    return tuple(p.found for p in parts if p.found)


def missing(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the parts that were not found."""
    return tuple(p for p in parts if not p.found)


def sentence(parts: Sequence[Part]) -> tuple[str, str]:
    """Return which parts were found and which are missing, in French and in English."""
    found = [p for p in parts if p.found]
    absent = missing(parts)
    lacks_fr, lacks_en = ", ".join(p.name.fr for p in absent), ", ".join(p.name.en for p in absent)
    if not found:
        return f"il manque {lacks_fr}", f"missing {lacks_en}"
    fr, en = ", ".join(p.name.fr for p in found), ", ".join(p.name.en for p in found)
    return (f"{fr} ; il manque : {lacks_fr}", f"{en}; missing: {lacks_en}") if absent else (fr, en)

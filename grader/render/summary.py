"""Figures of a grid: how much is proposed, pointed to, and left to people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from grader.grid import Proposal
from grader.values import Outcome


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of criteria."""

    met: int
    partly: int
    not_met: int
    pointed: int
    people: int

    @property
    def proposed(self) -> int:
        """Criteria with a proposal."""
        return self.met + self.partly + self.not_met

    @property
    def total(self) -> int:
        """All criteria."""
        return self.proposed + self.pointed + self.people


def summarise(proposals: tuple[Proposal, ...]) -> Summary:
    """Count proposals; a criterion without one is pointed to when there is evidence to read, else left to people."""
    count = Counter(p.outcome for p in proposals)
    without = [p for p in proposals if p.outcome is None]
    pointed = sum(bool(p.evidence) for p in without)
    return Summary(count[Outcome.MET], count[Outcome.PARTLY], count[Outcome.NOT_MET], pointed, len(without) - pointed)

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
    questions: int

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
    return Summary(
        met=count[Outcome.MET],
        partly=count[Outcome.PARTLY],
        not_met=count[Outcome.NOT_MET],
        pointed=pointed,
        people=len(without) - pointed,
        questions=sum(p.question is not None for p in proposals),
    )


def tally(proposals: tuple[Proposal, ...]) -> tuple[tuple[Outcome | None, int], ...]:
    """Return how many proposals of each level there are, the levels that occur only; None is for the jury or unknown."""
    count = Counter(p.outcome for p in proposals)
    return tuple((o, count[o]) for o in (Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, None) if count[o])

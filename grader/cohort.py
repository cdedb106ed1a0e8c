"""Whole sessions at once: grade them again, hold them, let them go on, give them up; and a changed rubric over what is stored."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from grader.grid import propose
from grader.rubric import Rubric
from grader.store.cohorts import Latest, latest_reports, publish_row, store_all
from grader.store.database import Database
from grader.store.reports import counts_of, unpacked

_AT_ONCE = 100  # reports in one transaction


@dataclass(frozen=True)
class Effect:
    """What a rubric changes on stored reports: criterion → (level before, level after) → how many."""

    assessments: int = 0
    flips: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)


def preview(database: Database, session_id: uuid.UUID, rubric: Rubric) -> Effect:
    """Tell what publishing a rubric would change in a session. Nothing is written, fetched or run."""
    flips: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    count = 0
    with database.read() as session:
        for latest in latest_reports(session, session_id):
            count += 1
            for criterion, pair in _changed(latest, rubric).items():
                flips[criterion][pair] += 1
    return Effect(count, dict(flips))


def _changed(latest: Latest, rubric: Rubric) -> dict[str, tuple[str, str]]:
    after = {
        p.criterion.id: p.outcome.value if p.outcome else "none"
        for p in propose(rubric.for_exams(latest.exams), unpacked(latest.body))
    }
    both = {c: (latest.levels.get(c) or "none", level) for c, level in after.items()}
    return {c: pair for c, pair in both.items() if pair[0] != pair[1]}


def publish(database: Database, session_id: uuid.UUID, rubric: Rubric, *, by: uuid.UUID | None) -> int:
    """Make a stored rubric the session's, and new proposals from every stored report; return of how many assessments.

    Decisions do not move: those that saw another proposal are marked as such. What is graded meanwhile takes the new rubric already.
    """
    with database.begin() as session:
        publish_row(session, session_id, rubric.version, by=by)
    with database.read() as session:
        waiting = list(latest_reports(session, session_id, with_levels=False))
    for start in range(0, len(waiting), _AT_ONCE):
        some = waiting[start : start + _AT_ONCE]
        made = [(one.assessment_id, propose(rubric.for_exams(one.exams), unpacked(one.body))) for one in some]
        with database.begin() as session:
            store_all(session, rubric.version, [(identity, proposals, counts_of(proposals)) for identity, proposals in made])
    return len(waiting)

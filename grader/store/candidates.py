"""Candidates as lists show them: each with what counts of theirs and how far their jury is, in a bounded number of queries."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy
from sqlalchemy import ColumnElement, Row, ScalarSelect, distinct, func
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from grader.store.access import Act, Who, enrolments_open_to
from grader.store.pages import Piece, Wanted, beginning, piece
from grader.store.tables import (
    Assessment,
    Assignment,
    Cohort,
    Decision,
    Enrolment,
    Minutes,
    Person,
    State,
    Submission,
)


class Evaluator(NamedTuple):
    """Somebody who evaluates a candidate."""

    id: uuid.UUID
    name: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate in a list: `assessment` is the one that counts; `decided` counts criteria on which somebody decided."""

    enrolment: Enrolment
    person: Person
    cohort: str | None
    submissions: int
    assessment: Assessment | None
    decided: int
    evaluators: tuple[Evaluator, ...]
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """Which candidates: of one session, evaluator, cohort or person; all but one's own; whose name or address begins so."""

    session_id: uuid.UUID | None = None
    evaluator: uuid.UUID | None = None
    cohort_id: uuid.UUID | None = None
    text: str = ""
    person: uuid.UUID | None = None
    others_than: uuid.UUID | None = None


def candidates(session: Session, who: Who, which: Filter, wanted: Wanted, *, act: Act = Act.FOLLOW) -> Piece[Candidate]:
    """Return the candidates on whom `who` may act, a piece at a time."""
    rows = _SHOWN.where(enrolments_open_to(who, act))
    if which.session_id:
        rows = rows.where(col(Enrolment.session_id) == which.session_id)
    if which.person:
        rows = rows.where(col(Enrolment.person_id) == which.person)
    if which.others_than:
        rows = rows.where(col(Enrolment.person_id) != which.others_than)
    if which.cohort_id:
        rows = rows.where(col(Enrolment.cohort_id) == which.cohort_id)
    if which.evaluator:
        mine = select(Assignment.enrolment_id).where(col(Assignment.person_id) == which.evaluator)
        rows = rows.where(col(Enrolment.id).in_(mine))
    if which.text:
        start = beginning(which.text)
        rows = rows.where(func.lower(col(Person.name)).like(start, escape="\\") | col(Person.email).like(start, escape="\\"))
    found = piece(session, rows, Enrolment.id, wanted, newest_first=False)
    return Piece(_described(session, found.rows), found.after)


def candidate(session: Session, enrolment: Enrolment) -> Candidate:
    """Return one candidate as lists show them."""
    return _described(session, list(session.execute(_SHOWN.where(col(Enrolment.id) == enrolment.id))))[0]


def _number(what: ColumnElement[int], of: Mapped[uuid.UUID]) -> ScalarSelect[int]:
    return select(what).where(of == Enrolment.id).correlate(Enrolment).scalar_subquery()


# One query tells all that is single: asking a database ten times for fifty candidates costs more than what it answers.
_SHOWN = (
    sqlalchemy.select(
        Enrolment,
        Person,
        col(Cohort.name),
        _number(func.count(), col(Submission.enrolment_id)),
        _number(func.count(distinct(col(Decision.criterion))), col(Decision.enrolment_id)),
        _number(func.count(), col(Minutes.enrolment_id)),
    )
    .join(Person, col(Person.id) == Enrolment.person_id)
    .outerjoin(Cohort, col(Cohort.id) == Enrolment.cohort_id)
)


def _described(session: Session, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Candidate]:
    ids = [enrolment.id for enrolment, *_ in rows]
    if not ids:
        return []
    counting = assessments_that_count(session, ids)
    judged_by = _evaluators(session, ids)
    return [
        Candidate(enrolment, person, cohort, handed, counting.get(enrolment.id), decided, judged_by[enrolment.id], closed > 0)
        for enrolment, person, cohort, handed, decided, closed in rows
    ]


def _evaluators(session: Session, enrolments: list[uuid.UUID]) -> dict[uuid.UUID, tuple[Evaluator, ...]]:
    """Return those who evaluate, by enrolment."""
    found: dict[uuid.UUID, list[Evaluator]] = {e: [] for e in enrolments}
    pairs = (
        select(Assignment.enrolment_id, Person.id, Person.name)
        .join(Person, col(Person.id) == col(Assignment.person_id))
        .where(col(Assignment.enrolment_id).in_(enrolments))
        .order_by(col(Assignment.created_at))
    )
    for enrolment, person, name in session.exec(pairs):
        found[enrolment].append(Evaluator(person, name))
    return {e: tuple(those) for e, those in found.items()}


def assessments_that_count(session: Session, enrolments: list[uuid.UUID]) -> dict[uuid.UUID, Assessment]:
    """Return, by enrolment, the assessment that counts: the last ready one of the latest submission that has one, else the last."""
    rows = session.exec(
        select(Assessment, Submission.number)
        .join(Submission, col(Submission.id) == col(Assessment.submission_id))
        .where(col(Assessment.enrolment_id).in_(enrolments))
        .order_by(col(Submission.number), col(Assessment.id))
    ).all()
    last = {row.enrolment_id: row for row, _ in rows}
    ready = {row.enrolment_id: row for row, _ in rows if row.state == State.READY}
    return last | ready

"""Candidates as lists show them: each with what counts of theirs and how far their jury is, in a bounded number of queries."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass

from sqlalchemy import func
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


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate in a list: `assessment` is the one that counts; `decided` counts criteria on which somebody decided."""

    enrolment: Enrolment
    person: Person
    cohort: str | None
    submissions: int
    assessment: Assessment | None
    decided: int
    evaluators: tuple[Person, ...]
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
    rows = select(Enrolment).where(enrolments_open_to(who, act))
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
        named = select(Person.id).where(
            func.lower(col(Person.name)).like(start, escape="\\") | col(Person.email).like(start, escape="\\")
        )
        rows = rows.where(col(Enrolment.person_id).in_(named))
    found = piece(session, rows, Enrolment.id, wanted, newest_first=False)
    return Piece(_described(session, found.rows), found.after)


def candidate(session: Session, enrolment: Enrolment) -> Candidate:
    """Return one candidate as lists show them."""
    return _described(session, [enrolment])[0]


def _described(session: Session, enrolments: list[Enrolment]) -> list[Candidate]:
    ids = [e.id for e in enrolments]
    if not ids:
        return []
    people = {p.id: p for p in session.exec(select(Person).where(col(Person.id).in_({e.person_id for e in enrolments})))}
    cohorts = {
        c.id: c.name
        for c in session.exec(select(Cohort).where(col(Cohort.id).in_({e.cohort_id for e in enrolments if e.cohort_id})))
    }
    counting = assessments_that_count(session, ids)
    handed = dict(
        session.exec(
            select(Submission.enrolment_id, func.count())
            .where(col(Submission.enrolment_id).in_(ids))
            .group_by(col(Submission.enrolment_id))
        ).all()
    )
    decided = Counter(
        enrolment
        for enrolment, _ in session.exec(
            select(Decision.enrolment_id, Decision.criterion).where(col(Decision.enrolment_id).in_(ids)).distinct()
        )
    )
    judged_by: dict[uuid.UUID, list[Person]] = defaultdict(list)
    pairs = (
        select(Assignment, Person)
        .join(Person, col(Person.id) == col(Assignment.person_id))
        .where(col(Assignment.enrolment_id).in_(ids))
    )
    for assignment, person in session.exec(pairs):
        judged_by[assignment.enrolment_id].append(person)
    closed = set(session.exec(select(Minutes.enrolment_id).where(col(Minutes.enrolment_id).in_(ids))).all())
    return [
        Candidate(
            e,
            people[e.person_id],
            cohorts.get(e.cohort_id) if e.cohort_id else None,
            handed.get(e.id, 0),
            counting.get(e.id),
            decided[e.id],
            tuple(judged_by[e.id]),
            e.id in closed,
        )
        for e in enrolments
    ]


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

"""Enrolment by roster: all of it or nothing, and the same roster twice changes nothing more."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlmodel import Session

from grader.roster import Defect, Roster
from grader.store.people import add_person, find_person, grant
from grader.store.sessions import assign, enrol
from grader.store.tables import CertificationSession, Enrolment, Person, Role
from grader.values import Text


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a roster did, or would do: how many were known and new, whom to invite, and the defects that keep it from being applied."""

    new: int = 0
    known: int = 0
    defects: tuple[Defect, ...] = ()
    enrolments: tuple[Enrolment, ...] = ()
    without_password: tuple[Person, ...] = ()


def apply_roster(session: Session, certification: CertificationSession, roster: Roster, *, by: uuid.UUID | None) -> Enrolled:
    """Enrol everybody of a roster. The caller rolls back when defects come back, or when it was a trial."""
    if roster.defects:
        return Enrolled(defects=roster.defects)
    defects, enrolments, people, new = [], [], [], 0
    for row in roster.rows:
        person = find_person(session, row.email)
        new += person is None
        person = person or add_person(session, email=row.email, name=row.name, by=by)
        enrolment = enrol(session, certification.id, person, way_in=row.way_in, blocks=row.blocks, cohort=row.cohort, by=by)
        defects += [Defect(row.line, d) for e in row.evaluators if (d := _evaluated(session, certification, enrolment, e, by))]
        enrolments.append(enrolment)
        people.append(person)
    waiting = tuple(p for p in people if p.password_hash is None)
    return Enrolled(new, len(people) - new, tuple(defects), tuple(enrolments), waiting)


def _evaluated(
    session: Session, certification: CertificationSession, enrolment: Enrolment, email: str, by: uuid.UUID | None
) -> Text | None:
    """Assign an evaluator, made one of this session when they are known; return what is wrong else."""
    evaluator = find_person(session, email)
    if evaluator is None:
        return Text(f"{email} n'a pas de compte.", f"{email} has no account.")
    if evaluator.id == enrolment.person_id:
        return Text("Personne ne s'évalue soi-même.", "Nobody evaluates their own work.")
    grant(session, evaluator, Role.EVALUATOR, certification.id, by=by)
    assign(session, enrolment, evaluator, by=by)
    return None

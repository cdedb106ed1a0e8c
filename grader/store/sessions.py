"""Certification sessions: what is assessed and when, who is in them, who evaluates whom."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, delete, select

from grader.errors import Conflict, Refused, Unknown
from grader.store.access import Who, sessions_open_to
from grader.store.audit import record
from grader.store.columns import now
from grader.store.pages import Piece, Wanted, piece
from grader.store.rubrics import rubric_at
from grader.store.tables import Assignment, CertificationSession, Cohort, Enrolment, Grant, Person, Role, WayIn


@dataclass(frozen=True, slots=True)
class Plan:
    """What a session is to be. `exams` empty: all those of the rubric."""

    name: str
    rubric_version: str
    opens_at: datetime.datetime
    deadline: datetime.datetime
    ends_at: datetime.datetime
    exams: tuple[str, ...] = ()
    keep_days: int = 365
    legal_hold: bool = False


def add_session(session: Session, plan: Plan, *, by: uuid.UUID | None) -> CertificationSession:
    """Add a session. Raises Refused when its dates or exams make no sense."""
    new = CertificationSession(**_checked(session, plan))
    session.add(new)
    session.flush()
    record(session, "session.add", f"session:{new.id}", person=by, name=new.name)
    return new


def change_session(session: Session, found: CertificationSession, plan: Plan, *, by: uuid.UUID | None) -> None:
    """Change a session to a plan, whole. The rubric is changed by publishing one, which makes new proposals."""
    for name, value in _checked(session, plan).items():
        if name != "rubric_version":
            setattr(found, name, value)
    record(session, "session.change", f"session:{found.id}", person=by)


def _checked(session: Session, plan: Plan) -> dict[str, Any]:
    rubric = rubric_at(session, plan.rubric_version)
    known = tuple(exam.id for exam in rubric.exams)
    if not plan.name.strip():
        raise Refused("name-missing")
    if not plan.opens_at < plan.deadline <= plan.ends_at:
        raise Refused("session-dates")
    if unknown := [exam for exam in plan.exams if exam not in known]:
        raise Refused("exam-unknown", exam=unknown[0], exams=", ".join(known))
    if plan.keep_days < 1:
        raise Refused("session-keep")
    return {
        "name": plan.name.strip()[:200],
        "rubric_version": plan.rubric_version,
        "exams": list(dict.fromkeys(plan.exams)) or list(known),
        "opens_at": plan.opens_at,
        "deadline": plan.deadline,
        "ends_at": plan.ends_at,
        "keep_days": plan.keep_days,
        "legal_hold": plan.legal_hold,
    }


def sessions_of(session: Session, who: Who, wanted: Wanted) -> Piece[CertificationSession]:
    """Return the sessions that somebody may see, newest first."""
    return piece(session, select(CertificationSession).where(sessions_open_to(who)), CertificationSession.id, wanted)


def release(session: Session, found: CertificationSession, *, by: uuid.UUID | None) -> None:
    """Let candidates read their grids from now on."""
    if found.released_at is None:
        found.released_at = now()
        record(session, "session.release", f"session:{found.id}", person=by)


def cohort_named(session: Session, session_id: uuid.UUID, name: str) -> Cohort:
    """Return the cohort of this name, made when absent."""
    mine = select(Cohort).where(col(Cohort.session_id) == session_id, col(Cohort.name) == name)
    if found := session.exec(mine).first():
        return found
    cohort = Cohort(session_id=session_id, name=name[:200])
    session.add(cohort)
    session.flush()
    return cohort


def enrol(
    session: Session,
    session_id: uuid.UUID,
    person: Person,
    *,
    way_in: WayIn = WayIn.INITIAL,
    blocks: Sequence[str] = (),
    cohort: str = "",
    by: uuid.UUID | None = None,
) -> Enrolment:
    """Enrol a person as a candidate, or change how they are enrolled."""
    mine = select(Enrolment).where(col(Enrolment.session_id) == session_id, col(Enrolment.person_id) == person.id)
    found = session.exec(mine).first()
    enrolment = found or Enrolment(session_id=session_id, person_id=person.id)
    enrolment.way_in, enrolment.blocks = way_in, list(blocks)
    enrolment.cohort_id = cohort_named(session, session_id, cohort).id if cohort else enrolment.cohort_id
    session.add(enrolment)
    session.flush()
    if found is None:
        record(session, "enrolment.add", f"enrolment:{enrolment.id}", person=by)
    return enrolment


def assign(session: Session, enrolment: Enrolment, person: Person, *, by: uuid.UUID | None) -> None:
    """Let a person evaluate a candidate. Raises Conflict when they are that candidate, Refused when they evaluate nobody there."""
    if person.id == enrolment.person_id:
        raise Conflict("evaluator-is-candidate")
    holds = select(Grant).where(
        col(Grant.person_id) == person.id,
        col(Grant.role).in_((Role.EVALUATOR, Role.PRESIDENT)),
        (col(Grant.session_id) == enrolment.session_id) | col(Grant.session_id).is_(None),
    )
    if session.exec(holds).first() is None:
        raise Refused("evaluator-unknown", email=person.email)
    if session.get(Assignment, (person.id, enrolment.id)) is None:
        session.add(Assignment(person_id=person.id, enrolment_id=enrolment.id))
        session.flush()
        record(session, "assignment.add", f"enrolment:{enrolment.id}", person=by, evaluator=str(person.id))


def unassign(session: Session, enrolment: Enrolment, person: uuid.UUID, *, by: uuid.UUID | None) -> None:
    """Take an evaluation from somebody. What they decided stays."""
    session.exec(delete(Assignment).where(col(Assignment.person_id) == person, col(Assignment.enrolment_id) == enrolment.id))
    record(session, "assignment.remove", f"enrolment:{enrolment.id}", person=by, evaluator=str(person))


def session_known(session: Session, session_id: uuid.UUID) -> CertificationSession:
    """Return a session. Raises Unknown."""
    found = session.get(CertificationSession, session_id)
    if found is None:
        raise Unknown("unknown")
    return found

"""A cohort graded from the command line: the same session, people and submissions each time the same roster is given."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator, Sequence

from sqlmodel import Session, col, select

from grader.handing import Asked, Hand, hand_in
from grader.roster import Row
from grader.rubric import load_rubric, rubric_text
from grader.store.candidates import assessments_that_count
from grader.store.people import add_person, find_person
from grader.store.rubrics import store_rubric
from grader.store.sessions import Plan, add_session, enrol
from grader.store.tables import Assessment, CertificationSession, Enrolment, Lane, Person

_LONG = datetime.timedelta(days=365)


def hand_in_all(
    session: Session, hand: Hand, rows: Sequence[Row], *, rubric: str, name: str, moment: datetime.datetime
) -> uuid.UUID:
    """Hand in for everybody of a roster, once each; return the session. Raises Refused for an address that is none."""
    known = load_rubric(rubric)
    version = store_rubric(session, rubric_text(known.id), name=known.id).version
    mine = select(CertificationSession).where(
        col(CertificationSession.name) == name, col(CertificationSession.rubric_version) == version
    )
    found = session.exec(mine).first() or add_session(
        session, Plan(name, version, moment - _LONG, moment + _LONG, moment + _LONG), by=None
    )
    for row in rows:
        person = find_person(session, row.email) or add_person(session, email=row.email, name=row.name)
        enrolment = enrol(session, found.id, person, way_in=row.way_in, blocks=row.blocks, cohort=row.cohort)
        asked = Asked(tuple((url, row.ref, None) for url in row.urls))
        hand_in(session, hand, enrolment, asked, person=person.id, key=f"{found.id}:{asked.hash()}", lane=Lane.BULK)
    return found.id


def outcomes(session: Session, session_id: uuid.UUID) -> Iterator[tuple[str, Assessment]]:
    """Give each candidate's address and the assessment that counts, by address."""
    rows = session.exec(
        select(Enrolment.id, Person.email)
        .join(Person, col(Person.id) == col(Enrolment.person_id))
        .where(col(Enrolment.session_id) == session_id)
        .order_by(col(Person.email))
    ).all()
    counting = assessments_that_count(session, [identity for identity, _ in rows])
    for identity, email in rows:
        if identity in counting:
            yield email, counting[identity]

"""Three named people in one session, for tests of what is stored: Ada is a candidate, Blaise evaluates, Colette presides."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from sqlmodel import Session

from grader.rubric import rubric_text
from grader.store.columns import now
from grader.store.rubrics import store_rubric
from grader.store.tables import Assignment, CertificationSession, Enrolment, Grant, Person, Role

RUBRIC = "rncp37827"


@dataclass
class People:
    ada: Person
    blaise: Person
    colette: Person
    session: CertificationSession
    enrolment: Enrolment


def people(session: Session) -> People:
    """Store the three, a session that is open today, and Ada's enrolment."""
    certification = CertificationSession(
        name="Spring",
        rubric_version=store_rubric(session, rubric_text(RUBRIC), name=RUBRIC).version,
        exams=["E1", "E2", "E3", "E4", "E5"],
        opens_at=now() - datetime.timedelta(days=1),
        deadline=now() + datetime.timedelta(days=1),
        ends_at=now() + datetime.timedelta(days=9),
    )
    ada, blaise, colette = (Person(email=f"{n.lower()}@example.org", name=n) for n in ("Ada", "Blaise", "Colette"))
    session.add_all([certification, ada, blaise, colette])
    session.flush()
    enrolment = Enrolment(session_id=certification.id, person_id=ada.id)
    session.add_all([enrolment, Grant(person_id=blaise.id, role=Role.EVALUATOR, session_id=certification.id)])
    session.add(Grant(person_id=colette.id, role=Role.PRESIDENT, session_id=certification.id))
    session.flush()
    session.add(Assignment(person_id=blaise.id, enrolment_id=enrolment.id))
    session.flush()
    return People(ada, blaise, colette, certification, enrolment)

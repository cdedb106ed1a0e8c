"""The jury's work on one candidate: decisions, what they amount to, and closing the grid."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlmodel import Session, col, select

from grader.errors import Refused, Unknown
from grader.rubric import Rubric
from grader.store.candidates import assessments_that_count
from grader.store.decisions import decide
from grader.store.minutes import Verdict, close, verdicts
from grader.store.rubrics import rubric_of
from grader.store.tables import Assessment, Decision, Enrolment, Grant, Minutes, Person, Role, StoredProposal


def assessment_that_counts(session: Session, enrolment: Enrolment) -> Assessment:
    """Return the assessment that a candidate's jury looks at. Raises Unknown when nothing was handed in."""
    found = assessments_that_count(session, [enrolment.id]).get(enrolment.id)
    if found is None:
        raise Unknown("nothing-handed-in")
    return found


def rubric_for(session: Session, enrolment: Enrolment) -> Rubric:
    """Return the criteria on which a candidate's jury decides: of the session's exams, and of the blocks that they seek."""
    rubric = rubric_of(session, enrolment.session_id)
    if not enrolment.blocks:
        return rubric
    sought = {c for block in rubric.blocks if block.id in enrolment.blocks for c in block.competencies}
    return rubric.only(frozenset(sought))


def decide_on(
    session: Session, enrolment: Enrolment, person: uuid.UUID, *, criterion: str, level: str, comment: str | None
) -> Decision:
    """Add a juror's decision. Raises Refused for a criterion of another grid, Conflict when the grid is closed, Unknown when nothing is there."""
    if criterion not in {c.id for c in rubric_for(session, enrolment).criteria}:
        raise Refused("criterion-unknown", criterion=criterion)
    return decide(session, person, assessment_that_counts(session, enrolment), criterion=criterion, level=level, comment=comment)


def verdicts_of(session: Session, enrolment: Enrolment, assessment: Assessment | None = None) -> dict[str, Verdict]:
    """Return what the decisions amount to, criterion by criterion, beside the proposals of the assessment that counts."""
    assessment = assessment or assessment_that_counts(session, enrolment)
    return verdicts(
        session,
        enrolment.id,
        rubric_for(session, enrolment),
        proposed(session, assessment),
        presidents=presidents(session, enrolment.session_id),
    )


def close_grid(session: Session, enrolment: Enrolment, *, by: uuid.UUID, blocks: Sequence[str]) -> Minutes:
    """Seal a candidate's grid. Raises Conflict, Refused."""
    session.exec(select(Enrolment).where(col(Enrolment.id) == enrolment.id).with_for_update()).one()
    found = verdicts_of(session, enrolment)
    assessment = assessment_that_counts(session, enrolment)
    return close(session, enrolment, assessment, rubric_for(session, enrolment), found, by=by, blocks=blocks)


def proposed(session: Session, assessment: Assessment) -> dict[str, str | None]:
    """Return criterion → level proposed now."""
    mine = select(StoredProposal).where(
        col(StoredProposal.assessment_id) == assessment.id,
        col(StoredProposal.rubric_version) == (assessment.rubric_version or ""),
    )
    return {p.criterion: p.level for p in session.exec(mine)}


def presidents(session: Session, session_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """Return who presides over a session: their word reconciles differing decisions."""
    holds = select(Grant.person_id).where(
        col(Grant.role) == Role.PRESIDENT, (col(Grant.session_id) == session_id) | col(Grant.session_id).is_(None)
    )
    return frozenset(session.exec(holds))


def names_of(session: Session, found: dict[str, Verdict]) -> dict[uuid.UUID, str]:
    """Return the names of those who decided."""
    people = {d.person_id for v in found.values() for d in v.decisions}
    return {p.id: p.name for p in session.exec(select(Person).where(col(Person.id).in_(people)))} if people else {}

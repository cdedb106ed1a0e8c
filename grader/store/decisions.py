"""Decisions of people: only ever added. No machine calls this module."""

from __future__ import annotations

import hashlib
import secrets
import uuid

from sqlmodel import Session, col, select

from grader.errors import Conflict, Refused
from grader.store.audit import record
from grader.store.pages import Piece, Wanted, piece
from grader.store.tables import Assessment, Decision, Minutes, StoredProposal

LEVELS = ("met", "partly", "not_met", "not_seen")
MOST_COMMENT = 4_000


def decide(
    session: Session, person: uuid.UUID, assessment: Assessment, *, criterion: str, level: str, comment: str | None
) -> Decision:
    """Add a juror's decision on a criterion, with the proposal that they saw. Raises Refused when the grid is closed."""
    if level not in LEVELS:
        raise Refused("decision-level", level=level)
    if comment is not None and len(comment) > MOST_COMMENT:
        raise Refused("comment-too-long", most=MOST_COMMENT)
    if minutes_of(session, assessment.enrolment_id):
        raise Conflict("grid-closed")
    salt = secrets.token_hex(16)
    seen = session.get(StoredProposal, (assessment.id, assessment.rubric_version or "", criterion))
    decision = Decision(
        enrolment_id=assessment.enrolment_id,
        assessment_id=assessment.id,
        person_id=person,
        criterion=criterion,
        level=level,
        comment=comment or None,
        comment_salt=salt,
        comment_hash=hashlib.sha256(f"{salt}:{comment or ''}".encode("utf-8", "surrogatepass")).hexdigest(),
        rubric_version=assessment.rubric_version or "",
        proposal=seen.level if seen else None,
        proposal_confidence=seen.confidence if seen else None,
    )
    session.add(decision)
    record(session, "decision.add", f"decision:{decision.id}", person=person, criterion=criterion, level=level)
    return decision


def minutes_of(session: Session, enrolment: uuid.UUID) -> Minutes | None:
    """Return the sealed minutes of a candidate, if their grid is closed."""
    return session.exec(select(Minutes).where(col(Minutes.enrolment_id) == enrolment)).first()


def standing(session: Session, enrolment: uuid.UUID) -> dict[tuple[str, uuid.UUID], Decision]:
    """Return the last decision of each juror on each criterion, by (criterion, person)."""
    rows = session.exec(
        select(Decision).where(col(Decision.enrolment_id) == enrolment).order_by(col(Decision.decided_at), col(Decision.id))
    )
    return {(d.criterion, d.person_id): d for d in rows}


def decisions_of(session: Session, enrolment: uuid.UUID, wanted: Wanted) -> Piece[Decision]:
    """Return every decision on a candidate, in their order."""
    return piece(
        session, select(Decision).where(col(Decision.enrolment_id) == enrolment), Decision.id, wanted, newest_first=False
    )

"""What was handed in, as people read it: submissions with their parts, and the way from any row back to its enrolment."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlmodel import Session, col, select

from grader.errors import Unknown
from grader.store.access import Act, Who, enrolment_for
from grader.store.pages import Piece, Wanted, piece
from grader.store.tables import Assessment, Document, Enrolment, Receipt, Snapshot, Submission, SubmittedRepository


@dataclass(frozen=True, slots=True)
class Whole:
    """A submission with all that belongs to it; `receipt` and `snapshot` once it was fetched."""

    submission: Submission
    repositories: tuple[SubmittedRepository, ...]
    documents: tuple[Document, ...]
    assessments: tuple[Assessment, ...]
    receipt: Receipt | None
    snapshot: Snapshot | None


def submissions_of(session: Session, enrolment: Enrolment, wanted: Wanted) -> Piece[Whole]:
    """Return a candidate's submissions, newest first."""
    found = piece(session, select(Submission).where(col(Submission.enrolment_id) == enrolment.id), Submission.id, wanted)
    return Piece([whole(session, s) for s in found.rows], found.after)


def whole(session: Session, submission: Submission) -> Whole:
    """Return a submission with its parts."""
    mine = submission.id
    return Whole(
        submission,
        tuple(
            session.exec(
                select(SubmittedRepository)
                .where(col(SubmittedRepository.submission_id) == mine)
                .order_by(col(SubmittedRepository.position))
            )
        ),
        tuple(session.exec(select(Document).where(col(Document.submission_id) == mine).order_by(col(Document.id)))),
        tuple(session.exec(select(Assessment).where(col(Assessment.submission_id) == mine).order_by(col(Assessment.id)))),
        session.get(Receipt, mine),
        session.exec(select(Snapshot).where(col(Snapshot.submission_id) == mine)).first(),
    )


def submission_for(session: Session, who: Who, submission_id: uuid.UUID, act: Act) -> Submission:
    """Return a submission on whose candidate `who` may act. Raises Unknown, Forbidden."""
    found = session.get(Submission, submission_id)
    if found is None:
        raise Unknown("unknown")
    enrolment_for(session, who, found.enrolment_id, act)
    return found


def assessment_for(session: Session, who: Who, assessment_id: uuid.UUID, act: Act) -> Assessment:
    """Return an assessment on whose candidate `who` may act. Raises Unknown, Forbidden."""
    found = session.get(Assessment, assessment_id)
    if found is None:
        raise Unknown("unknown")
    enrolment_for(session, who, found.enrolment_id, act)
    return found


def snapshot_of(session: Session, assessment: Assessment) -> Snapshot:
    """Return what an assessment graded. Raises Unknown when it was not fetched."""
    found = session.get(Snapshot, assessment.snapshot_id) if assessment.snapshot_id else None
    if found is None:
        raise Unknown("grid-absent")
    return found


def documents_waiting(session: Session, enrolment: uuid.UUID) -> list[Document]:
    """Return documents that were uploaded and not yet handed in."""
    mine = select(Document).where(col(Document.enrolment_id) == enrolment, col(Document.submission_id).is_(None))
    return list(session.exec(mine.order_by(col(Document.id))))

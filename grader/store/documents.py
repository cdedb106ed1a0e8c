"""Documents that candidates upload, before and after they are handed in."""

from __future__ import annotations

import uuid

from sqlalchemy import func
from sqlmodel import Session, col, select

from grader.errors import Conflict, Refused
from grader.paths import ALL_EXAMS
from grader.store.audit import record
from grader.store.decisions import minutes_of
from grader.store.tables import CertificationSession, Document, Enrolment
from grader.uploads import Upload

MOST_WAITING = 50


def add_document(session: Session, enrolment: Enrolment, upload: Upload, *, exam: str, by: uuid.UUID) -> Document:
    """Record an upload for an exam, or for all of them. Raises Refused for an unknown exam or too many that wait, Conflict when the grid is closed."""
    certification = session.get_one(CertificationSession, enrolment.session_id)
    if exam not in (*certification.exams, ALL_EXAMS):
        raise Refused("exam-unknown", exam=exam, exams=", ".join(certification.exams))
    if minutes_of(session, enrolment.id):
        raise Conflict("grid-closed")
    waiting = select(func.count()).where(col(Document.enrolment_id) == enrolment.id, col(Document.submission_id).is_(None))
    if session.exec(waiting).one() >= MOST_WAITING:
        raise Refused("documents-too-many", most=MOST_WAITING)
    document = Document(
        enrolment_id=enrolment.id,
        exam=exam,
        name=upload.name,
        media_type=upload.media_type,
        size=upload.size,
        sha256=upload.sha256,
    )
    session.add(document)
    session.flush()
    record(session, "document.receive", f"document:{document.id}", person=by, sha256=upload.sha256, exam=exam)
    return document

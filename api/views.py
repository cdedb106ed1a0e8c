"""Rows as the API tells them."""

from __future__ import annotations

from api.shapes import AssessmentShape, CandidateShape, DocumentShape, RepositoryShape, SubmissionShape
from grader.catalogue import SENTENCES, sentence
from grader.store.assessments import rank
from grader.store.candidates import Candidate
from grader.store.database import Session
from grader.store.handed import Whole
from grader.store.tables import Assessment, Document


def reason_of(code: str | None, values: dict[str, object], language: str) -> str | None:
    """Return the sentence of a code that the database keeps."""
    if code is None:
        return None
    return sentence(code if code in SENTENCES else "unexpected", language, **{"detail": code, **values})


def assessment_shape(row: Assessment, language: str, *, rank: int | None = None) -> AssessmentShape:
    """Return an assessment as the API tells it."""
    shape = AssessmentShape.model_validate(row)
    return shape.model_copy(update={"rank": rank, "reason": reason_of(row.code, row.detail, language)})


def candidate_shape(one: Candidate, language: str) -> CandidateShape:
    """Return a candidate as the API tells them."""
    return CandidateShape(
        enrolment=one.enrolment.id,
        session=one.enrolment.session_id,
        person=one.person.id,
        name=one.person.name,
        email=one.person.email,
        cohort=one.cohort,
        way_in=one.enrolment.way_in,
        blocks=one.enrolment.blocks,
        submissions=one.submissions,
        decided=one.decided,
        closed=one.is_closed,
        evaluators=[e.name for e in one.evaluators],
        assessment=assessment_shape(one.assessment, language) if one.assessment else None,
    )


def document_shape(row: Document, language: str) -> DocumentShape:
    """Return a document as the API tells it."""
    return DocumentShape.model_validate(row).model_copy(update={"reason": reason_of(row.code, {}, language)})


def submission_shape(session: Session, whole: Whole, language: str) -> SubmissionShape:
    """Return a submission as the API tells it."""
    shape = SubmissionShape.model_validate(whole.submission)
    return shape.model_copy(
        update={
            "repositories": [RepositoryShape.model_validate(r) for r in whole.repositories],
            "documents": [document_shape(d, language) for d in whole.documents],
            "assessments": [assessment_shape(a, language, rank=rank(session, a) or None) for a in whole.assessments],
        }
    )

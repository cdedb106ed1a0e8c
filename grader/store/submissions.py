"""Accepts what candidates hand in: whole, once, in time, and on record before anything is done with it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from grader.errors import Conflict, Refused, Unknown
from grader.receive import accepted_address
from grader.store.assessments import enqueue
from grader.store.audit import record
from grader.store.columns import now
from grader.store.decisions import minutes_of
from grader.store.tables import (
    Assessment,
    CertificationSession,
    Document,
    Enrolment,
    Lane,
    State,
    Submission,
    SubmittedRepository,
)

MOST_REPOSITORIES = 5


@dataclass(frozen=True, slots=True)
class Handed:
    """What is handed in: addresses with their ref and encrypted deploy token, ids of uploaded documents, the exams meant (all: none)."""

    repositories: tuple[tuple[str, str | None, bytes | None], ...] = ()
    documents: tuple[uuid.UUID, ...] = ()
    exams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks, and the key and hash by which a repeated request is known."""

    person: uuid.UUID
    key: str | None = None
    hash: str | None = None
    lane: Lane = Lane.INTERACTIVE


def accept(
    session: Session, enrolment: Enrolment, handed: Handed, request: Request, *, hosts: frozenset[str], samples: bool = False
) -> tuple[Submission, bool]:
    """Accept a submission and queue its assessment; return it, and whether it is new (not the repetition of a request).

    Raises Refused: session not open, after the deadline, grid closed, nothing handed in, unknown exam, address not acceptable.
    The caller commits, and only then tells the queue.
    """
    if before := _repeated(session, request):
        return before, False
    certification = session.get_one(CertificationSession, enrolment.session_id)
    _must_be_open(session, certification, enrolment)
    exams = _exams(certification, handed.exams)
    urls = [accepted_address(url, hosts, samples=samples) for url, _, _ in handed.repositories]
    if not urls and not handed.documents:
        raise Refused("submission-empty")
    if len(urls) > MOST_REPOSITORIES or len(set(urls)) < len(urls):
        raise Refused("submission-repositories", most=MOST_REPOSITORIES)
    # The enrolment's row is locked, so that two requests at once get two numbers.
    session.exec(select(Enrolment).where(col(Enrolment.id) == enrolment.id).with_for_update()).one()
    last = session.exec(select(func.max(Submission.number)).where(col(Submission.enrolment_id) == enrolment.id)).one()
    submission = Submission(
        enrolment_id=enrolment.id,
        session_id=enrolment.session_id,
        person_id=request.person,
        number=(last or 0) + 1,
        exams=list(exams),
        idempotency_key=request.key,
        request_hash=request.hash,
    )
    session.add(submission)
    session.flush()
    for position, (url, (_, ref, token)) in enumerate(zip(urls, handed.repositories, strict=True)):
        session.add(
            SubmittedRepository(submission_id=submission.id, position=position, url=url, ref=ref or None, deploy_token=token)
        )
    _attach(session, submission, handed.documents)
    _queue(session, submission, request.lane)
    record(
        session, "submission.accept", f"submission:{submission.id}", person=request.person, number=submission.number, urls=urls
    )
    return submission, True


def again(session: Session, assessment: Assessment, *, asked_by: uuid.UUID | None, lane: Lane) -> Assessment:
    """Queue a new assessment of the same submission: of its snapshot when it was fetched, else from its fetch."""
    kept = assessment.snapshot_id
    new = Assessment(
        submission_id=assessment.submission_id,
        session_id=assessment.session_id,
        enrolment_id=assessment.enrolment_id,
        snapshot_id=kept,
        state=State.QUEUED if kept else State.RECEIVED,
        lane=lane,
        asked_by=asked_by,
    )
    enqueue(session, new)
    record(session, "assessment.again", f"assessment:{new.id}", person=asked_by, before=str(assessment.id))
    return new


def latest(session: Session, enrolment: uuid.UUID) -> Submission | None:
    """Return the submission that counts: the one with the highest number."""
    return session.exec(
        select(Submission).where(col(Submission.enrolment_id) == enrolment).order_by(col(Submission.number).desc()).limit(1)
    ).first()


def _repeated(session: Session, request: Request) -> Submission | None:
    if request.key is None:
        return None
    found = session.exec(
        select(Submission).where(col(Submission.person_id) == request.person, col(Submission.idempotency_key) == request.key)
    ).first()
    if found and found.request_hash != request.hash:
        raise Conflict("idempotency-conflict")
    return found


def _must_be_open(session: Session, certification: CertificationSession, enrolment: Enrolment) -> None:
    moment = now()
    if moment < certification.opens_at:
        raise Refused("session-not-open", date=certification.opens_at.isoformat())
    if moment > certification.deadline:
        raise Refused("session-over", date=certification.deadline.isoformat())
    if minutes_of(session, enrolment.id):
        raise Conflict("grid-closed")


def _exams(certification: CertificationSession, asked: Sequence[str]) -> tuple[str, ...]:
    for exam in asked:
        if exam not in certification.exams:
            raise Refused("exam-unknown", exam=exam, exams=", ".join(certification.exams))
    return tuple(dict.fromkeys(asked))


def _attach(session: Session, submission: Submission, documents: Sequence[uuid.UUID]) -> None:
    for identity in documents:
        document = session.get(Document, identity)
        if (
            document is None
            or document.enrolment_id != submission.enrolment_id
            or document.submission_id not in (None, submission.id)
        ):
            raise Unknown("document-unknown", id=identity)
        document.submission_id = submission.id


def _queue(session: Session, submission: Submission, lane: Lane) -> None:
    enqueue(
        session,
        Assessment(
            submission_id=submission.id, session_id=submission.session_id, enrolment_id=submission.enrolment_id, lane=lane
        ),
    )

"""A candidate in a session: what they hand in, who evaluates them, what the jury decides, how their grid is closed."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Header, Request, Response, UploadFile

from api.asking import Reading, Somebody, TheService, Writing
from api.problems import language_of
from api.rates import count
from api.routes.people import After, Limit, found
from api.shapes import (
    CandidateShape,
    Closing,
    DecisionShape,
    DocumentShape,
    MinutesShape,
    NewDecision,
    NewSubmission,
    PieceOf,
    SubmissionShape,
    VerdictShape,
)
from api.views import candidate_shape, document_shape, submission_shape
from grader.errors import Unknown
from grader.handing import Asked, Hand, hand_in
from grader.store.access import Act, enrolment_for
from grader.store.candidates import Filter, candidate, candidates
from grader.store.decisions import decisions_of, minutes_of
from grader.store.documents import add_document
from grader.store.handed import submissions_of, whole
from grader.store.jury import close_grid, decide_on, verdicts_of
from grader.store.pages import Wanted
from grader.store.sessions import assign, unassign
from grader.store.tables import Lane, State
from grader.uploads import receive_upload

router = APIRouter(prefix="/api/candidates", tags=["candidates"])


@router.get("")
def mine(
    request: Request, asking: Somebody, session: Reading, after: After = None, limit: Limit = 50, assigned: bool = False
) -> PieceOf[CandidateShape]:
    """List the candidates whom one may follow, oneself included; `assigned` keeps those that one evaluates."""
    which = Filter(evaluator=asking.person.id if assigned else None)
    listed = candidates(session, asking.who, which, Wanted(after, limit))
    return PieceOf(items=[candidate_shape(c, language_of(request)) for c in listed.rows], after=listed.after)


@router.get("/{enrolment_id}")
def one(enrolment_id: uuid.UUID, request: Request, asking: Somebody, session: Reading) -> CandidateShape:
    """Tell about a candidate."""
    return candidate_shape(candidate(session, enrolment_for(session, asking.who, enrolment_id, Act.FOLLOW)), language_of(request))


@router.put("/{enrolment_id}/evaluators/{person_id}", status_code=204)
def add_evaluator(enrolment_id: uuid.UUID, person_id: uuid.UUID, asking: Somebody, session: Writing) -> None:
    """Let somebody who evaluates in the session evaluate this candidate."""
    assign(session, enrolment_for(session, asking.who, enrolment_id, Act.ASSIGN), found(session, person_id), by=asking.person.id)


@router.delete("/{enrolment_id}/evaluators/{person_id}", status_code=204)
def remove_evaluator(enrolment_id: uuid.UUID, person_id: uuid.UUID, asking: Somebody, session: Writing) -> None:
    """Take this candidate from an evaluator; what they decided stays."""
    unassign(session, enrolment_for(session, asking.who, enrolment_id, Act.ASSIGN), person_id, by=asking.person.id)


@router.post("/{enrolment_id}/submissions", status_code=202)
def hand(
    enrolment_id: uuid.UUID,
    asked: NewSubmission,
    request: Request,
    response: Response,
    asking: Somebody,
    service: TheService,
    session: Writing,
    later: BackgroundTasks,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> SubmissionShape:
    """Hand in repositories and uploaded documents. The answer acknowledges: from then on nothing is lost; `Location` tells where to follow.

    The same `Idempotency-Key` gives the same submission, however often it is sent.
    """
    count(request, "submission", str(asking.person.id))
    enrolment = enrolment_for(session, asking.who, enrolment_id, Act.SUBMIT)
    what = Asked(tuple((r.url, r.ref, r.deploy_token) for r in asked.repositories), tuple(asked.documents), tuple(asked.exams))
    hand = Hand(service.secret, service.settings.hosts, service.service_settings.samples)
    submission, is_new = hand_in(session, hand, enrolment, what, person=asking.person.id, key=idempotency_key)
    if is_new:
        later.add_task(service.queue.tell, State.RECEIVED, Lane.INTERACTIVE)
    response.headers["Location"] = f"/api/submissions/{submission.id}"
    return submission_shape(session, whole(session, submission), language_of(request))


@router.get("/{enrolment_id}/submissions")
def handed(
    enrolment_id: uuid.UUID, request: Request, asking: Somebody, session: Reading, after: After = None, limit: Limit = 20
) -> PieceOf[SubmissionShape]:
    """List what a candidate handed in, newest first."""
    listed = submissions_of(session, enrolment_for(session, asking.who, enrolment_id, Act.FOLLOW), Wanted(after, limit))
    return PieceOf(items=[submission_shape(session, w, language_of(request)) for w in listed.rows], after=listed.after)


@router.post("/{enrolment_id}/documents", status_code=201)
def upload(
    enrolment_id: uuid.UUID,
    file: UploadFile,
    exam: Annotated[str, Form(max_length=20)],
    request: Request,
    asking: Somebody,
    service: TheService,
    session: Writing,
) -> DocumentShape:
    """Upload a document for an exam, or for `all`; it counts once a submission names it. Its type is told by its content, never by its name."""
    count(request, "upload", str(asking.person.id))
    enrolment = enrolment_for(session, asking.who, enrolment_id, Act.SUBMIT)
    kept = receive_upload(service.files, file.file, name=file.filename or "", most_bytes=service.service_settings.upload_bytes)
    return document_shape(add_document(session, enrolment, kept, exam=exam, by=asking.person.id), language_of(request))


@router.get("/{enrolment_id}/decisions")
def decisions(
    enrolment_id: uuid.UUID, asking: Somebody, session: Reading, after: After = None, limit: Limit = 200
) -> PieceOf[DecisionShape]:
    """List every decision on a candidate, in the order in which they were made."""
    enrolment = enrolment_for(session, asking.who, enrolment_id, Act.DECIDE)
    listed = decisions_of(session, enrolment.id, Wanted(after, limit))
    return PieceOf(items=[DecisionShape.model_validate(d) for d in listed.rows], after=listed.after)


@router.post("/{enrolment_id}/decisions", status_code=201)
def decide(enrolment_id: uuid.UUID, asked: NewDecision, asking: Somebody, session: Writing) -> DecisionShape:
    """Decide on one criterion. A decision is only ever added: the last of a juror stands."""
    enrolment = enrolment_for(session, asking.who, enrolment_id, Act.DECIDE)
    made = decide_on(session, enrolment, asking.person.id, criterion=asked.criterion, level=asked.level, comment=asked.comment)
    return DecisionShape.model_validate(made)


@router.get("/{enrolment_id}/verdicts")
def verdicts(enrolment_id: uuid.UUID, asking: Somebody, session: Reading) -> list[VerdictShape]:
    """Tell what the decisions amount to, criterion by criterion. A proposal alone is never a verdict."""
    enrolment = enrolment_for(session, asking.who, enrolment_id, Act.DECIDE)
    return [VerdictShape.model_validate(v) for v in verdicts_of(session, enrolment).values()]


@router.post("/{enrolment_id}/minutes", status_code=201)
def close(enrolment_id: uuid.UUID, asked: Closing, asking: Somebody, session: Writing) -> MinutesShape:
    """Close a candidate's grid: its decisions are sealed, and nothing is decided or handed in after it."""
    enrolment = enrolment_for(session, asking.who, enrolment_id, Act.CLOSE)
    return MinutesShape.model_validate(close_grid(session, enrolment, by=asking.person.id, blocks=tuple(asked.blocks)))


@router.get("/{enrolment_id}/minutes")
def minutes(enrolment_id: uuid.UUID, asking: Somebody, session: Reading) -> MinutesShape:
    """Give the sealed minutes of a candidate."""
    sealed = minutes_of(session, enrolment_for(session, asking.who, enrolment_id, Act.DECIDE).id)
    if sealed is None:
        raise Unknown("unknown")
    return MinutesShape.model_validate(sealed)

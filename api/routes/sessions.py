"""Certification sessions: dates and rubric, who is enrolled, whole cohorts."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Request, UploadFile

from api.asking import Asking, Reading, Somebody, TheService, Writing
from api.problems import language_of
from api.routes.people import Administrator, After, Limit
from api.shapes import (
    CandidateShape,
    DefectShape,
    EnrolledShape,
    Flips,
    PieceOf,
    RubricText,
    SessionPlan,
    SessionShape,
    TakenNumber,
)
from api.views import candidate_shape
from grader import cohort
from grader.roster import MOST_BYTES, read_roster
from grader.rubric import available, read_rubric, rubric_text
from grader.store import cohorts
from grader.store.access import Act, session_for
from grader.store.candidates import Filter, candidates
from grader.store.database import Session
from grader.store.enrolments import Enrolled, apply_roster
from grader.store.pages import Wanted
from grader.store.rubrics import rubric_at, store_rubric
from grader.store.sessions import Plan, add_session, change_session, release, sessions_of
from grader.store.tables import CertificationSession, Lane, State

router = APIRouter(prefix="/api/sessions", tags=["sessions"])
ALL_CANDIDATES = Annotated[str, "Text that a name or an address begins with."]


def plan_of(session: Session, asked: SessionPlan) -> Plan:
    """Return the plan; a bundled rubric is stored when it is asked for the first time. Raises Unknown, Refused."""
    if asked.rubric in available():
        version = store_rubric(session, rubric_text(asked.rubric), name=asked.rubric).version
    else:
        version = rubric_at(session, asked.rubric).version
    return Plan(
        asked.name, version, asked.opens_at, asked.deadline, asked.ends_at, tuple(asked.exams), asked.keep_days, asked.legal_hold
    )


@router.get("")
def all_sessions(asking: Somebody, session: Reading, after: After = None, limit: Limit = 50) -> PieceOf[SessionShape]:
    """List the sessions that one may see, newest first."""
    found = sessions_of(session, asking.who, Wanted(after, limit))
    return PieceOf(items=[SessionShape.model_validate(s) for s in found.rows], after=found.after)


@router.post("", status_code=201)
def new_session(asked: SessionPlan, asking: Administrator, session: Writing) -> SessionShape:
    """Open a session of a certification."""
    return SessionShape.model_validate(add_session(session, plan_of(session, asked), by=asking.person.id))


@router.get("/{session_id}")
def one_session(session_id: uuid.UUID, asking: Somebody, session: Reading) -> SessionShape:
    """Tell about a session."""
    return SessionShape.model_validate(session_for(session, asking.who, session_id, None))


@router.put("/{session_id}")
def change(session_id: uuid.UUID, asked: SessionPlan, asking: Somebody, session: Writing) -> SessionShape:
    """Change a session's name, dates, exams and retention. Its rubric is changed by publishing one."""
    found = session_for(session, asking.who, session_id, Act.MANAGE)
    change_session(session, found, plan_of(session, asked), by=asking.person.id)
    return SessionShape.model_validate(found)


@router.post("/{session_id}/release", status_code=204)
def let_read(session_id: uuid.UUID, asking: Somebody, session: Writing) -> None:
    """Let candidates read their grids from now on."""
    release(session, session_for(session, asking.who, session_id, Act.RELEASE), by=asking.person.id)


def enrolled(session: Session, certification: CertificationSession, data: bytes, asking: Asking, *, dry_run: bool) -> Enrolled:
    """Apply a roster, or try it: nothing stays of a trial, nor of a roster with a defect."""
    rubric = rubric_at(session, certification.rubric_version)
    roster = read_roster(data, frozenset(b.id for b in rubric.blocks))
    done = apply_roster(session, certification, roster, by=asking.person.id)
    if dry_run or done.defects:
        session.rollback()
    return done


@router.post("/{session_id}/roster")
def roster(
    session_id: uuid.UUID, file: UploadFile, request: Request, asking: Somebody, session: Writing, dry_run: bool = True
) -> EnrolledShape:
    """Enrol the candidates of a CSV or XLSX file; `dry_run` (the default) only tells what it would do. All or nothing."""
    certification = session_for(session, asking.who, session_id, Act.ENROL)
    done = enrolled(session, certification, file.file.read(MOST_BYTES + 1), asking, dry_run=dry_run)
    said = [DefectShape(line=d.line, what=d.what.in_(language_of(request))) for d in done.defects]
    return EnrolledShape(dry_run=dry_run, new=done.new, known=done.known, defects=said)


@router.get("/{session_id}/candidates")
def in_session(
    session_id: uuid.UUID,
    request: Request,
    asking: Somebody,
    session: Reading,
    after: After = None,
    limit: Limit = 50,
    text: str = "",
) -> PieceOf[CandidateShape]:
    """List the candidates of a session whom one may follow, each with what counts of theirs."""
    session_for(session, asking.who, session_id, None)
    found = candidates(session, asking.who, Filter(session_id, text=text[:100]), Wanted(after, limit))
    return PieceOf(items=[candidate_shape(c, language_of(request)) for c in found.rows], after=found.after)


@router.post("/{session_id}/grade")
def grade_again(
    session_id: uuid.UUID, asking: Somebody, service: TheService, session: Writing, later: BackgroundTasks
) -> TakenNumber:
    """Grade once more what counts of every candidate, in the bulk lane; tells how many were queued."""
    session_for(session, asking.who, session_id, Act.RERUN)
    many = cohorts.grade_again(session, session_id, by=asking.person.id)
    for state in (State.RECEIVED, State.QUEUED):
        for _ in range(many):
            later.add_task(service.queue.tell, state, Lane.BULK)
    return TakenNumber(many=many)


@router.post("/{session_id}/pause", status_code=204)
def pause(session_id: uuid.UUID, asking: Somebody, session: Writing) -> None:
    """Hold the session's bulk gradings."""
    cohorts.set_paused(session, session_for(session, asking.who, session_id, Act.RERUN), True, by=asking.person.id)


@router.post("/{session_id}/resume", status_code=204)
def resume(session_id: uuid.UUID, asking: Somebody, session: Writing) -> None:
    """Let the session's bulk gradings go on."""
    cohorts.set_paused(session, session_for(session, asking.who, session_id, Act.RERUN), False, by=asking.person.id)


@router.post("/{session_id}/cancel")
def give_up(session_id: uuid.UUID, asking: Somebody, session: Writing) -> TakenNumber:
    """Give up the session's bulk gradings that wait or run; tells how many. What candidates wait for goes on."""
    session_for(session, asking.who, session_id, Act.RERUN)
    return TakenNumber(many=cohorts.cancel_bulk(session, session_id, by=asking.person.id))


@router.post("/{session_id}/rubric/preview")
def preview(session_id: uuid.UUID, asked: RubricText, asking: Somebody, service: TheService, session: Reading) -> Flips:
    """Tell what a changed rubric would change on the stored reports. Nothing is written, fetched or run."""
    certification = session_for(session, asking.who, session_id, Act.PUBLISH)
    rubric = read_rubric(asked.text.encode(), rubric_at(session, certification.rubric_version).id)
    effect = cohort.preview(service.database, session_id, rubric)
    flips = {c: {f"{before} → {after}": many for (before, after), many in pairs.items()} for c, pairs in effect.flips.items()}
    return Flips(version=rubric.version, assessments=effect.assessments, flips=flips)


@router.put("/{session_id}/rubric")
def publish(session_id: uuid.UUID, asked: RubricText, asking: Somebody, service: TheService) -> TakenNumber:
    """Publish a changed rubric: new proposals are made from every stored report. Decisions do not move."""
    with service.database.begin() as session:
        certification = session_for(session, asking.who, session_id, Act.PUBLISH)
        name = rubric_at(session, certification.rubric_version).id
        stored = store_rubric(session, asked.text.encode(), name=name)
        rubric = rubric_at(session, stored.version)
    return TakenNumber(many=cohort.publish(service.database, session_id, rubric, by=asking.person.id))

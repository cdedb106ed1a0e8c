"""Pages of sessions: overview, roster, evaluators, rubric; and of whoever administers: people, operations."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Depends, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, Response

from api.asking import Asking, Reading, Somebody, TheService, Writing
from api.pages.frame import ZONE, page, to
from api.problems import language_of, status_of
from api.routes.people import Administrator, found, link_for
from api.routes.rubrics import must_read_rubrics
from api.routes.service import watcher
from api.routes.sessions import enrolled
from grader import cohort
from grader.catalogue import sentence
from grader.errors import Refused
from grader.roster import COLUMNS, MOST_BYTES
from grader.rubric import available, load_rubric, read_rubric, rubric_text
from grader.store import cohorts
from grader.store.access import Act, enrolment_for, session_for
from grader.store.assessments import oldest_waiting, progress_of, tally
from grader.store.candidates import Filter, candidates
from grader.store.database import Session
from grader.store.handed import assessment_for
from grader.store.pages import Wanted
from grader.store.people import add_person, evaluators_of, find_person, grant, grants_of, people, set_active, ungrant
from grader.store.reckoning import reckon
from grader.store.rubrics import rubric_at, store_rubric
from grader.store.sessions import Plan, add_session, assign, change_session, release, sessions_of, unassign
from grader.store.submissions import again
from grader.store.tables import ENDED, CertificationSession, Lane, Role, RubricText, State

router = APIRouter(include_in_schema=False)
Word = Annotated[str, Form(max_length=300)]


@router.get("/sessions")
def all_sessions(request: Request, asking: Somebody, session: Reading) -> HTMLResponse:
    """List sessions."""
    rows = sessions_of(session, asking.who, Wanted(limit=200)).rows
    return page(request, "sessions.html", asking, rows=rows, may_add=asking.who.may(Act.MANAGE, None))


@router.get("/sessions/new")
def new_session(request: Request, asking: Administrator) -> HTMLResponse:
    """Show the form of a new session."""
    return _form(request, asking)


def _form(
    request: Request,
    asking: Asking,
    *,
    typed: dict[str, Any] | None = None,
    problem: Refused | None = None,
    one: CertificationSession | None = None,
) -> HTMLResponse:
    status = status_of(problem) if problem else 200
    said = problem.sentence(language_of(request)) if problem else None
    return page(
        request,
        "session_form.html",
        asking,
        status=status,
        rubrics=[load_rubric(name) for name in available()],
        typed=typed or {},
        problem=said,
        one=one,
        zone=ZONE,
    )


def _plan(typed: dict[str, Any], version: str) -> Plan:
    """Return what a form asks for. Raises Refused for a date that is none."""
    try:
        opens, deadline, ends = (
            datetime.datetime.fromisoformat(str(typed[n])).replace(tzinfo=ZONE) for n in ("opens_at", "deadline", "ends_at")
        )
        days = int(typed["keep_days"])
    except ValueError:
        raise Refused("session-dates") from None
    return Plan(
        str(typed["name"]),
        version,
        opens,
        deadline,
        ends,
        tuple(str(typed["exams"]).replace(",", " ").split()),
        days,
        bool(typed["legal_hold"]),
    )


def typed_session(
    name: Word,
    opens_at: Word,
    deadline: Word,
    ends_at: Word,
    exams: Word = "",
    keep_days: Word = "365",
    legal_hold: Word = "",
    rubric: Word = "",
) -> dict[str, Any]:
    """Return what was typed."""
    return {
        "name": name,
        "opens_at": opens_at,
        "deadline": deadline,
        "ends_at": ends_at,
        "exams": exams,
        "keep_days": keep_days,
        "legal_hold": legal_hold,
        "rubric": rubric,
    }


Typed = Annotated[dict[str, Any], Depends(typed_session)]


@router.post("/sessions/new")
def add(request: Request, asking: Administrator, session: Writing, typed: Typed) -> Response:
    """Open a session."""
    try:
        version = store_rubric(session, rubric_text(typed["rubric"]), name=typed["rubric"]).version
        made = add_session(session, _plan(typed, version), by=asking.person.id)
    except Refused as problem:
        session.rollback()
        return _form(request, asking, typed=typed, problem=problem)
    return to(f"/sessions/{made.id}", done="saved")


@router.get("/sessions/{session_id}/change")
def change_page(request: Request, session_id: uuid.UUID, asking: Somebody, session: Reading) -> HTMLResponse:
    """Show the form of a session."""
    return _form(request, asking, one=session_for(session, asking.who, session_id, Act.MANAGE))


@router.post("/sessions/{session_id}/change")
def change(request: Request, session_id: uuid.UUID, asking: Somebody, session: Writing, typed: Typed) -> Response:
    """Change a session."""
    one = session_for(session, asking.who, session_id, Act.MANAGE)
    try:
        change_session(session, one, _plan(typed, one.rubric_version), by=asking.person.id)
    except Refused as problem:
        session.rollback()
        return _form(request, asking, typed=typed, problem=problem, one=one)
    return to(f"/sessions/{session_id}", done="saved")


@router.get("/sessions/{session_id}")
def one(request: Request, session_id: uuid.UUID, asking: Somebody, session: Reading, after: str | None = None) -> HTMLResponse:
    """Show a session: dates, progress, candidates and their evaluators."""
    return _one(request, asking, session, session_for(session, asking.who, session_id, None), after=after)


def _one(
    request: Request,
    asking: Asking,
    session: Session,
    certification: CertificationSession,
    *,
    after: str | None = None,
    **more: Any,
) -> HTMLResponse:
    which = Filter(certification.id, others_than=asking.person.id)
    rows = candidates(session, asking.who, which, Wanted(after, 100))
    acts = {a.value: asking.who.may(a, certification.id) for a in Act}
    return page(
        request,
        "session.html",
        asking,
        one=certification,
        rubric=rubric_at(session, certification.rubric_version),
        rows=rows,
        may=acts,
        counts=progress_of(session, certification.id),
        evaluators=evaluators_of(session, certification.id),
        columns=COLUMNS,
        **{"roster": None, "tried": None, "problem": None, **more},
    )


@router.post("/sessions/{session_id}/roster")
def roster(
    request: Request,
    session_id: uuid.UUID,
    asking: Somebody,
    service: TheService,
    session: Writing,
    file: UploadFile,
    apply: Word = "",
) -> HTMLResponse:
    """Try a roster, or apply it: what it does, or each defect with its line; and the links that new people set a password by."""
    certification = session_for(session, asking.who, session_id, Act.ENROL)
    try:
        done = enrolled(session, certification, file.file.read(MOST_BYTES + 1), asking, dry_run=not apply)
    except Refused as problem:
        session.rollback()
        return _one(request, asking, session, certification, problem=problem.sentence(language_of(request)))
    language = language_of(request)
    links: list[tuple[str, str]] = []
    if apply and not done.defects:
        links = [(p.email, link_for(service.service_settings.address, session, p, asking)) for p in done.without_password]
        session.flush()
    told = {
        "new": done.new,
        "known": done.known,
        "links": links,
        "defects": [(d.line, d.what.in_(language)) for d in done.defects],
    }
    return _one(request, asking, session, session_for(session, asking.who, session_id, Act.ENROL), roster=told, tried=not apply)


@router.post("/sessions/{session_id}/{verb}")
def act(
    session_id: uuid.UUID, verb: str, asking: Somebody, service: TheService, session: Writing, later: BackgroundTasks
) -> Response:
    """Release, hold, go on, grade again or give up."""
    acts = {"release": Act.RELEASE, "pause": Act.RERUN, "resume": Act.RERUN, "grade": Act.RERUN, "cancel": Act.RERUN}
    if verb not in acts:
        raise Refused("request-malformed", detail=verb)
    certification = session_for(session, asking.who, session_id, acts[verb])
    if verb == "release":
        release(session, certification, by=asking.person.id)
    elif verb in ("pause", "resume"):
        cohorts.set_paused(session, certification, verb == "pause", by=asking.person.id)
    elif verb == "cancel":
        cohorts.cancel_bulk(session, session_id, by=asking.person.id)
    else:
        for _ in range(cohorts.grade_again(session, session_id, by=asking.person.id)):
            later.add_task(service.queue.tell, State.QUEUED, Lane.BULK)
    return to(f"/sessions/{session_id}", done="queued" if verb == "grade" else "saved")


@router.post("/candidates/{enrolment_id}/evaluators")
def add_evaluator(
    request: Request, enrolment_id: uuid.UUID, asking: Somebody, session: Writing, person: Annotated[uuid.UUID, Form()]
) -> Response:
    """Assign an evaluator."""
    enrolment = enrolment_for(session, asking.who, enrolment_id, Act.ASSIGN)
    assign(session, enrolment, found(session, person), by=asking.person.id)
    return to(f"/sessions/{enrolment.session_id}", done="saved")


@router.post("/candidates/{enrolment_id}/evaluators/{person_id}/end")
def end_evaluator(enrolment_id: uuid.UUID, person_id: uuid.UUID, asking: Somebody, session: Writing) -> Response:
    """Take a candidate from an evaluator."""
    enrolment = enrolment_for(session, asking.who, enrolment_id, Act.ASSIGN)
    unassign(session, enrolment, person_id, by=asking.person.id)
    return to(f"/sessions/{enrolment.session_id}", done="saved")


@router.post("/assessments/{assessment_id}/again")
def grade_again(
    assessment_id: uuid.UUID, asking: Somebody, service: TheService, session: Writing, later: BackgroundTasks
) -> Response:
    """Grade once more what was handed in."""
    one = assessment_for(session, asking.who, assessment_id, Act.RERUN)
    if one.state in ENDED:
        new = again(session, one, asked_by=asking.person.id, lane=Lane.INTERACTIVE)
        later.add_task(service.queue.tell, State(new.state), Lane.INTERACTIVE)
    return to(f"/submissions/{one.submission_id}", done="queued")


@router.get("/sessions/{session_id}/rubric")
def rubric(request: Request, session_id: uuid.UUID, asking: Somebody, service: TheService, session: Reading) -> HTMLResponse:
    """Show a session's rubric in words, and where one may, the form to change it."""
    certification = session_for(session, asking.who, session_id, Act.RUBRIC)
    return _rubric(request, asking, session, certification)


def _rubric(
    request: Request,
    asking: Asking,
    session: Session,
    certification: CertificationSession,
    *,
    text: str | None = None,
    effect: cohort.Effect | None = None,
    problem: Refused | None = None,
) -> HTMLResponse:
    one = rubric_at(session, certification.rubric_version)
    return page(
        request,
        "rubric.html",
        asking,
        status=422 if problem else 200,
        one=certification,
        rubric=one,
        checks=request.app.state.service.checks,
        counts=cohorts.levels_by_criterion(session, certification.id, certification.rubric_version),
        may_publish=asking.who.may(Act.PUBLISH, certification.id),
        text=session.get_one(RubricText, certification.rubric_version).text if text is None else text,
        effect=effect,
        problem=problem.sentence(language_of(request)) if problem else None,
    )


@router.post("/sessions/{session_id}/rubric")
def change_rubric(
    request: Request,
    session_id: uuid.UUID,
    asking: Somebody,
    service: TheService,
    text: Annotated[str, Form(max_length=1_000_000)],
    publish: Word = "",
) -> Response:
    """Preview a changed rubric, or publish it."""
    with service.database.begin() as session:
        certification = session_for(session, asking.who, session_id, Act.PUBLISH)
        name = rubric_at(session, certification.rubric_version).id
        try:
            changed = read_rubric(text.encode(), name)
        except Refused as problem:
            return _rubric(request, asking, session, certification, text=text, problem=problem)
        if not publish:
            effect = cohort.preview(service.database, session_id, changed)
            return _rubric(request, asking, session, certification, text=text, effect=effect)
        store_rubric(session, text.encode(), name=name)
    cohort.publish(service.database, session_id, changed, by=asking.person.id)
    return to(f"/sessions/{session_id}/rubric", done="saved")


@router.get("/checks")
def checks(request: Request, asking: Somebody, service: TheService) -> HTMLResponse:
    """List the checks."""
    must_read_rubrics(asking)
    return page(request, "checks.html", asking, checks=sorted(service.checks.values(), key=lambda c: c.id))


@router.get("/people")
def all_people(
    request: Request, asking: Administrator, session: Reading, text: str = "", after: str | None = None
) -> HTMLResponse:
    """List accounts."""
    return _people(request, asking, session, text=text, after=after)


def _people(
    request: Request, asking: Asking, session: Session, *, text: str = "", after: str | None = None, **more: Any
) -> HTMLResponse:
    rows = people(session, Wanted(after, 50), text=text[:100])
    return page(
        request,
        "people.html",
        asking,
        status=422 if more.get("problem") else 200,
        rows=rows,
        text=text,
        grants={p.id: grants_of(session, p.id) for p in rows.rows},
        sessions={s.id: s.name for s in sessions_of(session, asking.who, Wanted(limit=200)).rows},
        roles=[r.value for r in Role if r != Role.CANDIDATE],
        **{"link": None, "problem": None, "typed": {}, **more},
    )


@router.post("/people")
def add_person_(
    request: Request,
    asking: Administrator,
    service: TheService,
    session: Writing,
    email: Word,
    name: Word,
    role: Word = "",
    where: Word = "",
) -> HTMLResponse:
    """Make an account with a role, and show the link that sets its password; an account that exists gets the role too."""
    try:
        person = find_person(session, email) or add_person(session, email=email, name=name, by=asking.person.id)
        if role:
            grant(session, person, Role(role), uuid.UUID(where) if where else None, by=asking.person.id)
    except (Refused, ValueError) as problem:
        session.rollback()
        said = (
            problem.sentence(language_of(request))
            if isinstance(problem, Refused)
            else sentence("request-malformed", language_of(request), detail=role)
        )
        return _people(request, asking, session, problem=said, typed={"email": email, "name": name})
    link = link_for(service.service_settings.address, session, person, asking)
    session.flush()
    return _people(request, asking, session, link=(person.email, link))


@router.post("/people/{person_id}/{verb}")
def act_on_person(
    request: Request,
    person_id: uuid.UUID,
    verb: str,
    asking: Administrator,
    service: TheService,
    session: Writing,
    grant_id: Annotated[uuid.UUID | None, Form()] = None,
) -> Response:
    """Invite again, close, open, or take a role."""
    person = found(session, person_id)
    if verb == "invite":
        link = link_for(service.service_settings.address, session, person, asking)
        session.flush()
        return _people(request, asking, session, link=(person.email, link))
    if verb in ("close", "open"):
        set_active(session, person, verb == "open", by=asking.person.id)
    elif verb == "ungrant" and grant_id:
        ungrant(session, person.id, grant_id, by=asking.person.id)
    return to("/people", done="saved")


@router.get("/operations")
def operations(request: Request, asking: Annotated[Asking, Depends(watcher)], session: Reading) -> HTMLResponse:
    """Show the queue, and the proof that nothing is lost."""
    language = language_of(request)
    count = reckon(session)
    return page(
        request,
        "operations.html",
        asking,
        count=count,
        counts=tally(session),
        oldest=oldest_waiting(session),
        explained=[(many, code, sentence(code, language)) for code, many in sorted(count.explained.items()) if code],
        wrong=[sentence(code, language, subject=subject) for code, subject in count.wrong],
    )

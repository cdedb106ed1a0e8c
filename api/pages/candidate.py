"""A candidate's pages: what is asked, handing in, progress, receipts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import UploadFile

from api.asking import Asking, Reading, Somebody, TheService, Writing
from api.pages.frame import page, to
from api.problems import language_of
from api.rates import count
from api.service import Service
from api.views import reason_of
from grader.errors import Refused
from grader.handing import Asked, Hand, hand_in
from grader.store.access import Act, enrolment_for
from grader.store.assessments import rank
from grader.store.candidates import Filter, candidate, candidates
from grader.store.columns import now
from grader.store.database import Session
from grader.store.documents import add_document
from grader.store.handed import submission_for, submissions_of, whole
from grader.store.pages import Wanted
from grader.store.rubrics import rubric_of
from grader.store.tables import ENDED, CertificationSession, Enrolment, Lane, State
from grader.uploads import receive_upload

router = APIRouter(include_in_schema=False)
_DOCUMENT = "document-"  # then the exam: the name of a field for a file


@router.get("/")
def start(request: Request, asking: Somebody, session: Reading) -> Response:
    """Lead to what one most likely comes for."""
    mine = candidates(session, asking.who, Filter(person=asking.person.id), Wanted(limit=50)).rows
    if not mine and (asking.who.everywhere or asking.who.sessions):
        return to("/desk")
    if len(mine) == 1 and not (asking.who.everywhere or asking.who.sessions):
        return to(f"/candidates/{mine[0].enrolment.id}")
    sessions = {c.enrolment.session_id: session.get_one(CertificationSession, c.enrolment.session_id) for c in mine}
    return page(request, "start.html", asking, mine=mine, sessions=sessions)


def shown(request: Request, asking: Asking, session: Session, enrolment: Enrolment, **more: Any) -> HTMLResponse:
    """Show a candidate's page: what is asked, the form while it is open, and what was handed in."""
    certification = session.get_one(CertificationSession, enrolment.session_id)
    rubric = rubric_of(session, enrolment.session_id)
    moment = now()
    values = {"typed": {}, "problem": None, **more}
    return page(
        request,
        "candidate.html",
        asking,
        status=422 if values["problem"] else 200,
        one=candidate(session, enrolment),
        certification=certification,
        rubric=rubric,
        exams=[e for e in rubric.exams if e.id in certification.exams],
        is_mine=enrolment.person_id == asking.person.id,
        is_open=certification.opens_at <= moment <= certification.deadline,
        is_late=moment > certification.deadline,
        handed=submissions_of(session, enrolment, Wanted(limit=50)).rows,
        ended=ENDED,
        **values,
    )


@router.get("/candidates/{enrolment_id}")
def one(request: Request, enrolment_id: uuid.UUID, asking: Somebody, session: Reading) -> HTMLResponse:
    """Show a candidate's page."""
    return shown(request, asking, session, enrolment_for(session, asking.who, enrolment_id, Act.FOLLOW))


async def documents_given(request: Request) -> list[tuple[str, UploadFile]]:
    """Return the files of a form with the exam that the name of each field tells: empty fields are not counted, so their order says nothing."""
    fields = (await request.form()).multi_items()
    return [
        (name.removeprefix(_DOCUMENT), file)
        for name, file in fields
        if name.startswith(_DOCUMENT) and isinstance(file, UploadFile) and file.filename
    ]


@router.post("/candidates/{enrolment_id}/submit")
def submit(
    request: Request,
    enrolment_id: uuid.UUID,
    asking: Somebody,
    service: TheService,
    session: Writing,
    later: BackgroundTasks,
    given: Annotated[list[tuple[str, UploadFile]], Depends(documents_given)],
    url: Annotated[list[str], Form()],
    ref: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies it
    token: Annotated[list[str], Form()] = [],  # noqa: B006
    key: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Hand in, and go to the progress page; or say at the form why not, with all that was typed."""
    enrolment = enrolment_for(session, asking.who, enrolment_id, Act.SUBMIT)
    count(request, "submission", str(asking.person.id))
    try:
        documents = _uploaded(service, session, enrolment, asking, given)
        asked = Asked(_repositories(url, ref, token), documents)
        hand = Hand(service.secret, service.settings.hosts, service.service_settings.samples)
        submission, is_new = hand_in(session, hand, enrolment, asked, person=asking.person.id, key=key or None)
    except Refused as problem:
        session.rollback()
        typed = {"url": url, "ref": ref}
        return shown(request, asking, session, enrolment, typed=typed, problem=problem.sentence(language_of(request)))
    if is_new:
        later.add_task(service.queue.tell, State.RECEIVED, Lane.INTERACTIVE)
    return to(f"/submissions/{submission.id}")


def _repositories(
    urls: Sequence[str], refs: Sequence[str], tokens: Sequence[str]
) -> tuple[tuple[str, str | None, str | None], ...]:
    padded = [(u.strip(), *(v[n].strip() if n < len(v) else "" for v in (refs, tokens))) for n, u in enumerate(urls)]
    return tuple((url, ref or None, token or None) for url, ref, token in padded if url)


def _uploaded(
    service: Service, session: Session, enrolment: Enrolment, asking: Asking, given: Sequence[tuple[str, UploadFile]]
) -> tuple[uuid.UUID, ...]:
    kept = []
    for exam, file in given:
        most = service.service_settings.upload_bytes
        upload = receive_upload(service.files, file.file, name=file.filename or "", most_bytes=most)
        kept.append(add_document(session, enrolment, upload, exam=exam, by=asking.person.id).id)
    return tuple(kept)


@router.get("/submissions/{submission_id}")
def submission(
    request: Request, submission_id: uuid.UUID, asking: Somebody, service: TheService, session: Reading
) -> HTMLResponse:
    """Show where a submission stands, and its receipt once it was fetched."""
    found = whole(session, submission_for(session, asking.who, submission_id, Act.FOLLOW))
    last = found.assessments[-1] if found.assessments else None
    enrolment = session.get_one(Enrolment, found.submission.enrolment_id)
    return page(
        request,
        "submission.html",
        asking,
        whole=found,
        last=last,
        rank=rank(session, last) if last else 0,
        reason=reason_of(last.code, last.detail, language_of(request)) if last else None,
        documents=[(d, reason_of(d.code, {}, language_of(request))) for d in found.documents],
        goes_on=last is not None and last.state not in ENDED,
        enrolment=enrolment,
        certification=session.get_one(CertificationSession, enrolment.session_id),
        public_key=service.secret.public_key.hex(),
        may_read=asking.who.may(Act.READ_GRID, enrolment.session_id),
        may_rerun=asking.who.may(Act.RERUN, enrolment.session_id),
    )

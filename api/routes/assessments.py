"""Submissions and their gradings: progress, receipts, grids, evidence, exports."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.asking import Reading, Somebody, TheService, Writing
from api.exports import as_csv, as_xlsx, rows
from api.problems import language_of
from api.progress import counted, follow, must_have_room
from api.rates import count
from api.shapes import AssessmentShape, FileLines, ReceiptShape, SubmissionShape
from api.views import assessment_shape, submission_shape
from grader.errors import Conflict, Unknown
from grader.render.page import render
from grader.store.access import Act
from grader.store.assessments import cancel_one, rank
from grader.store.audit import record
from grader.store.database import Session
from grader.store.grids import grid_of, grid_text
from grader.store.handed import assessment_for, snapshot_of, submission_for, whole
from grader.store.jury import verdicts_of
from grader.store.minutes import Verdict
from grader.store.submissions import again
from grader.store.tables import ENDED, Assessment, Enrolment, Lane, State

router = APIRouter(prefix="/api", tags=["assessments"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/submissions/{submission_id}")
def submission(submission_id: uuid.UUID, request: Request, asking: Somebody, session: Reading) -> SubmissionShape:
    """Tell about a submission: what was handed in, and where its gradings stand."""
    found = submission_for(session, asking.who, submission_id, Act.FOLLOW)
    return submission_shape(session, whole(session, found), language_of(request))


@router.get("/submissions/{submission_id}/receipt")
def receipt(submission_id: uuid.UUID, asking: Somebody, service: TheService, session: Reading) -> ReceiptShape:
    """Give the signed receipt of a submission, once it was fetched."""
    found = whole(session, submission_for(session, asking.who, submission_id, Act.FOLLOW)).receipt
    if found is None:
        raise Unknown("receipt-absent")
    return ReceiptShape(
        document=found.document,
        signature=found.signature,
        key_id=found.key_id,
        public_key=service.secret.public_key.hex(),
        issued_at=found.issued_at,
    )


@router.get("/assessments/{assessment_id}")
def assessment(assessment_id: uuid.UUID, request: Request, asking: Somebody, session: Reading) -> AssessmentShape:
    """Tell where a grading stands."""
    found = assessment_for(session, asking.who, assessment_id, Act.FOLLOW)
    return assessment_shape(found, language_of(request), rank=rank(session, found) or None)


def followed(assessment_id: uuid.UUID, request: Request, asking: Somebody, session: Reading) -> uuid.UUID:
    """Return an assessment that one may follow. It is asked before the stream begins, when a refusal can still be told."""
    must_have_room(request)
    return assessment_for(session, asking.who, assessment_id, Act.FOLLOW).id


@router.get("/assessments/{assessment_id}/events", response_class=EventSourceResponse)
async def events(
    assessment_id: Annotated[uuid.UUID, Depends(followed, scope="function")], request: Request, service: TheService
) -> AsyncIterator[ServerSentEvent]:
    """Follow a grading live: an event `state` with the same body as the assessment, each time it changes, until it has ended."""
    with counted(request):
        async for state in follow(request, service, assessment_id, language_of(request)):
            yield ServerSentEvent(data=state, event="state")


@router.post("/assessments/{assessment_id}/again", status_code=202)
def grade_again(
    assessment_id: uuid.UUID, request: Request, asking: Somebody, service: TheService, session: Writing, later: BackgroundTasks
) -> AssessmentShape:
    """Grade once more what was handed in: a new assessment. Decisions do not move. Raises a conflict while one is under way."""
    found = assessment_for(session, asking.who, assessment_id, Act.RERUN)
    if found.state not in ENDED:
        raise Conflict("assessment-under-way")
    new = again(session, found, asked_by=asking.person.id, lane=Lane.INTERACTIVE)
    later.add_task(service.queue.tell, State(new.state), Lane.INTERACTIVE)
    return assessment_shape(new, language_of(request), rank=rank(session, new) or None)


@router.post("/assessments/{assessment_id}/cancel", status_code=204)
def stop(assessment_id: uuid.UUID, asking: Somebody, session: Writing) -> None:
    """Give up a grading that waits or runs. It can be asked for again."""
    found = assessment_for(session, asking.who, assessment_id, Act.RERUN)
    if not cancel_one(session, found.id):
        raise Conflict("assessment-over")
    record(session, "assessment.cancel", f"assessment:{found.id}", person=asking.person.id)


@router.get("/assessments/{assessment_id}/grid", response_class=Response, responses={200: {"content": {"application/json": {}}}})
def grid(assessment_id: uuid.UUID, asking: Somebody, session: Reading) -> Response:
    """Give the prefilled grid: the `jurygrid-grid/1` document, the same as the command line's."""
    text = grid_text(session, assessment_for(session, asking.who, assessment_id, Act.READ_GRID))
    return Response(text.encode("utf-8", "backslashreplace"), media_type="application/json")


@router.get("/assessments/{assessment_id}/files")
def file(
    assessment_id: uuid.UUID,
    asking: Somebody,
    service: TheService,
    session: Reading,
    path: Annotated[str, Query(max_length=4_000)],
    start: Annotated[int, Query(ge=1, le=10_000_000)] = 1,
    count_: Annotated[int, Query(alias="count", ge=1, le=400)] = 100,
) -> FileLines:
    """Give lines of a file of what was graded, whatever became of the repository since."""
    snapshot = snapshot_of(session, assessment_for(session, asking.who, assessment_id, Act.READ_GRID))
    found = service.viewer.lines(snapshot, path, start=start, count=count_)
    return FileLines(path=found.path, start=found.start, lines=list(found.lines), more=found.more)


def decided(session: Session, asking: Somebody, row: Assessment) -> dict[str, Verdict]:
    """Return what people decided, for those who may see it: a candidate's export holds proposals alone."""
    enrolment = session.get_one(Enrolment, row.enrolment_id)
    return {} if enrolment.person_id == asking.person.id else verdicts_of(session, enrolment)


@router.get("/assessments/{assessment_id}/export.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def csv_(assessment_id: uuid.UUID, request: Request, asking: Somebody, session: Reading) -> Response:
    """Export the grid and the decisions as CSV."""
    count(request, "export", str(asking.person.id))
    found, language = assessment_for(session, asking.who, assessment_id, Act.READ_GRID), language_of(request)
    text = as_csv(rows(grid_of(session, found), decided(session, asking, found), language), language)
    return download(text, "text/csv; charset=utf-8", found, "csv")


@router.get("/assessments/{assessment_id}/export.xlsx", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def xlsx(assessment_id: uuid.UUID, request: Request, asking: Somebody, session: Reading) -> Response:
    """Export the grid and the decisions as a workbook."""
    count(request, "export", str(asking.person.id))
    found, language = assessment_for(session, asking.who, assessment_id, Act.READ_GRID), language_of(request)
    lines = rows(grid_of(session, found), decided(session, asking, found), language)
    return download(as_xlsx(lines, "grille" if language == "fr" else "grid"), XLSX, found, "xlsx")


@router.get("/assessments/{assessment_id}/export.html", response_class=Response, responses={200: {"content": {"text/html": {}}}})
def html(assessment_id: uuid.UUID, request: Request, asking: Somebody, service: TheService, session: Reading) -> Response:
    """Export the grid as one page that needs nothing else: to be kept, printed or sent."""
    count(request, "export", str(asking.person.id))
    found = assessment_for(session, asking.who, assessment_id, Act.READ_GRID)
    return download(
        render(grid_of(session, found), language_of(request), service.checks), "text/html; charset=utf-8", found, "html"
    )


def download(body: str | bytes, media_type: str, row: Assessment, ending: str) -> Response:
    """Return a file to be saved, never shown by the browser in our own name."""
    name = f"jurygrid-{str(row.id)[-12:]}.{ending}"
    return Response(body, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})

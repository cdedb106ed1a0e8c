"""The service itself: health, metrics, the proof that nothing is lost, notifications."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.asking import Asking, Reading, Somebody, TheService, Writing
from api.measures import Measures
from api.problems import language_of
from api.shapes import Health, NotificationShape, ReckoningShape
from grader.catalogue import sentence
from grader.errors import Forbidden, Unknown
from grader.store.access import Act
from grader.store.notifications import mark_read, notifications_of
from grader.store.reckoning import reckon

router = APIRouter(tags=["service"])


@router.get("/health/live")
def live() -> Health:
    """Tell that the process answers."""
    return Health(status="ok", parts={})


@router.get("/health/ready")
def ready(service: TheService, response: Response) -> Health:
    """Tell whether the database and the files answer; 503 when one does not."""
    parts = {"database": service.database.answers(), "files": service.files.answers()}
    response.status_code = 200 if all(parts.values()) else 503
    return Health(status="ok" if all(parts.values()) else "degraded", parts=parts)


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(request: Request) -> Response:
    """Give what Prometheus reads. A proxy in front keeps it from the outside; it holds no personal data."""
    measures: Measures = request.app.state.measures
    return Response(measures.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


def watcher(asking: Somebody) -> Asking:
    """Return who asks. Raises Forbidden unless they watch over everything."""
    if not asking.who.may(Act.WATCH, None):
        raise Forbidden("not-allowed")
    asking.who.must_have_scope(Act.WATCH)
    return asking


@router.get("/api/audit")
def audit(request: Request, _asking: Annotated[Asking, Depends(watcher)], session: Reading) -> ReckoningShape:
    """Prove that nothing is lost or changed: received = ready + under way + waiting + explained."""
    found = reckon(session)
    wrong = [sentence(code, language_of(request), subject=subject) for code, subject in found.wrong]
    return ReckoningShape(
        submissions=found.submissions,
        assessments=found.assessments,
        explained=found.explained,
        entries=found.entries,
        holds=found.holds,
        wrong=wrong,
    )


@router.get("/api/notifications")
def notifications(
    request: Request, asking: Somebody, session: Reading, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> list[NotificationShape]:
    """List what there is to tell one, newest first."""
    language = language_of(request)
    return [
        NotificationShape(
            id=n.id,
            kind=n.kind,
            text=sentence(f"notice-{n.kind}", language, **n.values),
            created_at=n.created_at,
            read_at=n.read_at,
        )
        for n in notifications_of(session, asking.person.id, limit)
    ]


@router.post("/api/notifications/{notification_id}/read", status_code=204)
def read(notification_id: uuid.UUID, asking: Somebody, session: Writing) -> None:
    """Mark a notification as read."""
    if not mark_read(session, asking.person.id, notification_id):
        raise Unknown("unknown")

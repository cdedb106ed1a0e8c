"""Live progress: the state of an assessment as server-sent events, until it has ended."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api.measures import Measures
from api.service import Service
from api.views import assessment_shape
from grader.errors import TooMany
from grader.store.assessments import rank
from grader.store.tables import ENDED, Assessment

_EACH = 1.0  # seconds between two looks
_LONGEST = 1_800  # looks; a browser asks again by itself
_MOST = 300  # streams open at once in one process


def state_of(service: Service, assessment_id: uuid.UUID, language: str) -> dict[str, Any]:
    """Return what a progress page shows now."""
    with service.database.read() as session:
        row = session.get_one(Assessment, assessment_id)
        shape = assessment_shape(row, language, rank=rank(session, row) or None)
    return shape.model_dump(mode="json")


def must_have_room(request: Request) -> None:
    """Raise TooMany when too many streams are open."""
    if len(request.app.state.streams) >= _MOST:
        raise TooMany("too-many", seconds=10)


@contextlib.contextmanager
def counted(request: Request) -> Iterator[None]:
    """Count an open stream."""
    measures: Measures = request.app.state.measures
    open_now = request.app.state.streams
    mark = object()
    open_now.add(mark)
    measures.streams.set(len(open_now))
    try:
        yield
    finally:
        open_now.discard(mark)
        measures.streams.set(len(open_now))


async def follow(request: Request, service: Service, assessment_id: uuid.UUID, language: str) -> AsyncIterator[dict[str, Any]]:
    """Give each new state; the database is asked off the event loop."""
    told: dict[str, Any] | None = None
    for _ in range(_LONGEST):
        state = await run_in_threadpool(state_of, service, assessment_id, language)
        if state != told:
            told = state
            yield state
        if state["state"] in ENDED or await request.is_disconnected():
            return
        await asyncio.sleep(_EACH)

"""Grids as the command line makes them, from what is stored: a pure function of rubric and report."""

from __future__ import annotations

import json
import threading
import uuid
from collections import OrderedDict
from pathlib import Path
from types import MappingProxyType

from sqlmodel import Session

from grader.contract import as_document
from grader.errors import Unknown
from grader.fetch import Snapshot as Fetched
from grader.grid import propose
from grader.pipeline import Grid
from grader.store.reports import unpacked
from grader.store.rubrics import rubric_at
from grader.store.tables import Assessment, CertificationSession, Snapshot, StoredReport, Submission
from grader.values import History

_MOST = 200
Key = tuple[uuid.UUID, str, tuple[str, ...]]
_made: OrderedDict[Key, tuple[Grid, str]] = OrderedDict()  # pure: what is forgotten is made again
_lock = threading.Lock()


def grid_of(session: Session, assessment: Assessment) -> Grid:
    """Return the grid of an assessment that is ready. Raises Unknown when there is none yet."""
    return _known(session, assessment)[0]


def grid_text(session: Session, assessment: Assessment) -> str:
    """Return the same as its JSON document, compact. Raises Unknown."""
    return _known(session, assessment)[1]


def _known(session: Session, assessment: Assessment) -> tuple[Grid, str]:
    if assessment.report_id is None or assessment.rubric_version is None or assessment.snapshot_id is None:
        raise Unknown("grid-absent")
    certification = session.get_one(CertificationSession, assessment.session_id)
    exams = tuple(session.get_one(Submission, assessment.submission_id).exams or certification.exams)
    key = (assessment.id, assessment.rubric_version, exams)
    with _lock:
        if key in _made:
            _made.move_to_end(key)
            return _made[key]
    grid = _grid(
        session, assessment.report_id, assessment.rubric_version, exams, session.get_one(Snapshot, assessment.snapshot_id)
    )
    both = (grid, json.dumps(as_document(grid), ensure_ascii=False, separators=(",", ":")))
    with _lock:
        _made[key] = both
        while len(_made) > _MOST:
            _made.popitem(last=False)
    return both


def _grid(session: Session, report_id: uuid.UUID, version: str, exams: tuple[str, ...], snapshot: Snapshot) -> Grid:
    stored = session.get_one(StoredReport, report_id)
    rubric, report = rubric_at(session, version).for_exams(exams), unpacked(stored.body)
    return Grid(rubric, fetched(snapshot), stored.sandbox, report, propose(rubric, report), dict(stored.timings))


def fetched(snapshot: Snapshot) -> Fetched:
    """Return what was fetched as grids tell it, without its objects."""
    return Fetched(
        snapshot.url,
        snapshot.ref,
        snapshot.commit,
        snapshot.tree,
        snapshot.date,
        Path(),
        History(),
        MappingProxyType(snapshot.parts),
    )

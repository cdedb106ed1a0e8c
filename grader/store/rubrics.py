"""Rubrics as they were at each version."""

from __future__ import annotations

import uuid

from sqlmodel import Session, col, select

from grader.errors import Unknown
from grader.rubric import Rubric, read_rubric
from grader.store.columns import now
from grader.store.tables import CertificationSession, RubricText

_READ: dict[str, Rubric] = {}  # a version never changes: each is read once in a process
_MOST = 40


def store_rubric(session: Session, text: bytes, overlay: bytes | None = None, *, name: str = "") -> RubricText:
    """Store a rubric under its version, once. Raises RubricInvalid with every defect and its line."""
    rubric = read_rubric(text, name, overlay)
    if found := session.get(RubricText, rubric.version):
        return found
    stored = RubricText(
        version=rubric.version,
        rubric_id=rubric.id,
        text=text.decode(),
        overlay=overlay.decode() if overlay else None,
        created_at=now(),
    )
    session.add(stored)
    session.flush()
    return stored


def rubric_at(session: Session, version: str) -> Rubric:
    """Return a whole rubric as it was at a version. Raises Unknown."""
    if version not in _READ:
        stored = session.get(RubricText, version)
        if stored is None:
            raise Unknown("unknown")
        if len(_READ) >= _MOST:
            _READ.clear()
        _READ[version] = read_rubric(stored.text.encode(), stored.rubric_id, stored.overlay.encode() if stored.overlay else None)
    return _READ[version]


def rubric_of(session: Session, session_id: uuid.UUID) -> Rubric:
    """Return the rubric of a certification session, for the exams that it holds."""
    certification = session.get_one(CertificationSession, session_id)
    return rubric_at(session, certification.rubric_version).for_exams(tuple(certification.exams))


def all_rubrics(session: Session) -> list[RubricText]:
    """Return the stored versions, newest first."""
    return list(session.exec(select(RubricText).order_by(col(RubricText.created_at).desc()).limit(200)))

"""Rubrics as they were at each version."""

from __future__ import annotations

import uuid

from sqlmodel import Session

from grader.rubric import Rubric, read_rubric
from grader.store.columns import now
from grader.store.tables import CertificationSession, RubricText


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
    """Return a whole rubric as it was at a version."""
    stored = session.get_one(RubricText, version)
    return read_rubric(stored.text.encode(), stored.rubric_id, stored.overlay.encode() if stored.overlay else None)


def rubric_of(session: Session, session_id: uuid.UUID) -> Rubric:
    """Return the rubric of a certification session, for the exams that it holds."""
    certification = session.get_one(CertificationSession, session_id)
    return rubric_at(session, certification.rubric_version).for_exams(tuple(certification.exams))

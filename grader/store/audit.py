"""The audit: what people did and what the service acknowledged, each entry chained to the one before by its hash."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from grader.store.columns import now
from grader.store.tables import AuditEntry

_START = "0" * 64
_LOCK = 7_302_177  # of PostgreSQL: entries are numbered by one transaction at a time


def record(session: Session, act: str, subject: str, *, person: uuid.UUID | None = None, **details: Any) -> AuditEntry:
    """Add an entry in the transaction of the act itself, so that neither exists without the other.

    `act` is `noun.verb` (`submission.accept`), `subject` names the row acted on. No personal data but ids goes into `details`.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = session.exec(select(AuditEntry).order_by(col(AuditEntry.number).desc()).limit(1)).first()
    entry = AuditEntry(
        number=last.number + 1 if last else 1,
        at=now(),
        person_id=person,
        act=act,
        subject=subject,
        details=json.dumps(details, ensure_ascii=True, sort_keys=True, default=str),
        before=last.hash if last else _START,
        hash="",
    )
    entry.hash = _hash(entry)
    session.add(entry)
    session.flush()
    return entry


def broken_links(session: Session) -> Iterator[int]:
    """Give the numbers of entries that were changed, or before which one is missing; none when the chain holds."""
    before, number = _START, 0
    for entry in session.exec(select(AuditEntry).order_by(col(AuditEntry.number)).execution_options(yield_per=1000)):
        if entry.number != number + 1 or entry.before != before or entry.hash != _hash(entry):
            yield entry.number
        before, number = entry.hash, entry.number


def _hash(entry: AuditEntry) -> str:
    told = [entry.number, entry.at.isoformat(), str(entry.person_id), entry.act, entry.subject, entry.details, entry.before]
    return hashlib.sha256(json.dumps(told, ensure_ascii=True).encode()).hexdigest()

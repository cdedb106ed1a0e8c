"""Reports and proposals: what machines said. A rubric edit makes new proposals from stored reports, and touches nothing else."""

from __future__ import annotations

import json
import uuid
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select

from grader.grid import Proposal
from grader.store.tables import StoredProposal, StoredReport
from grader.values import Report

_REPORT = TypeAdapter(Report)


def packed(report: Report) -> bytes:
    """Return the report as it is stored."""
    return zlib.compress(json.dumps(asdict(report), ensure_ascii=False).encode("utf-8", "surrogatepass"), 3)


def unpacked(body: bytes) -> Report:
    """Return a stored report. It was validated when it left the sandbox."""
    return _REPORT.validate_json(zlib.decompress(body))


def find_report(session: Session, key: str) -> StoredReport | None:
    """Return the report of the same commit, code, image and stages, if there is one."""
    return session.exec(select(StoredReport).where(col(StoredReport.key) == key)).first()


def store_report(
    session: Session, key: str, report: Report, *, sandbox: str, timings: dict[str, float], anew: bool = False
) -> StoredReport:
    """Store a report under its key. When there is one already, it stays, unless this one is to replace it (`anew`).

    Two workers may have examined one commit, and store at the same moment: the report of the first stays.
    """
    found = find_report(session, key)
    if found and not anew:
        return found
    if found:
        found.key = None
        session.flush()
    stored = StoredReport(key=key, sandbox=sandbox, body=packed(report), timings=timings)
    try:
        with session.begin_nested():
            session.add(stored)
    except IntegrityError:
        return session.exec(select(StoredReport).where(col(StoredReport.key) == key)).one()
    return stored


def store_proposals(
    session: Session, assessment_id: uuid.UUID, rubric_version: str, proposals: Sequence[Proposal]
) -> dict[str, int]:
    """Store the proposals of an assessment under one version of the rubric, anew; return how many there are of each level."""
    session.execute(
        delete(StoredProposal).where(
            col(StoredProposal.assessment_id) == assessment_id, col(StoredProposal.rubric_version) == rubric_version
        )
    )
    add_proposals(session, [(assessment_id, rubric_version, p) for p in proposals])
    return counts_of(proposals)


def add_proposals(session: Session, rows: Sequence[tuple[uuid.UUID, str, Proposal]]) -> None:
    """Add (assessment, version of the rubric, proposal) rows: by COPY on PostgreSQL, where a cohort's hundred thousand take seconds."""
    values = [(a, version, p.criterion.id, p.outcome.value if p.outcome else None, p.confidence) for a, version, p in rows]
    columns = ("assessment_id", "rubric_version", "criterion", "level", "confidence")
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        connection.execute(insert(SQLModel.metadata.tables["proposals"]), [dict(zip(columns, v, strict=True)) for v in values])
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY proposals ({', '.join(columns)}) FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)


def counts_of(proposals: Sequence[Proposal]) -> dict[str, int]:
    """Return level → how many; `none` counts those without a proposal."""
    return dict(Counter(p.outcome.value if p.outcome else "none" for p in proposals))

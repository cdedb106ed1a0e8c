"""Everything about one person: given to them, or forgotten. What is sealed stays provable: it holds ids and hashes only."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, inspect, update
from sqlmodel import Session, SQLModel, col, select

from grader.errors import Conflict
from grader.store.audit import record
from grader.store.columns import now
from grader.store.tables import (
    ENDED,
    ApiToken,
    Assessment,
    Assignment,
    AuditEntry,
    CertificationSession,
    Decision,
    Document,
    Enrolment,
    Grant,
    Identity,
    Invitation,
    Minutes,
    Notification,
    Person,
    Receipt,
    SignIn,
    Snapshot,
    StoredProposal,
    StoredReport,
    Submission,
    SubmittedRepository,
)

_SECRET = frozenset({"password_hash", "token_hash", "csrf", "deploy_token", "body"})


def everything_about(session: Session, person: Person) -> dict[str, list[dict[str, Any]]]:
    """Return every row about a person, by table, secrets and packed reports aside; and the names of their files under `files`."""
    enrolments = list(session.exec(select(Enrolment.id).where(col(Enrolment.person_id) == person.id)))
    submissions = list(session.exec(select(Submission.id).where(col(Submission.enrolment_id).in_(enrolments))))
    wanted: list[tuple[type[SQLModel], Any]] = [
        (Person, col(Person.id) == person.id),
        (Grant, col(Grant.person_id) == person.id),
        (Identity, col(Identity.person_id) == person.id),
        (ApiToken, col(ApiToken.person_id) == person.id),
        (SignIn, col(SignIn.person_id) == person.id),
        (Notification, col(Notification.person_id) == person.id),
        (Enrolment, col(Enrolment.id).in_(enrolments)),
        (Assignment, col(Assignment.person_id) == person.id),
        (Submission, col(Submission.id).in_(submissions)),
        (SubmittedRepository, col(SubmittedRepository.submission_id).in_(submissions)),
        (Document, col(Document.enrolment_id).in_(enrolments)),
        (Snapshot, col(Snapshot.submission_id).in_(submissions)),
        (Receipt, col(Receipt.submission_id).in_(submissions)),
        (Assessment, col(Assessment.enrolment_id).in_(enrolments)),
        (Decision, col(Decision.enrolment_id).in_(enrolments) | (col(Decision.person_id) == person.id)),
        (Minutes, col(Minutes.enrolment_id).in_(enrolments)),
        (AuditEntry, col(AuditEntry.person_id) == person.id),
    ]
    found = {
        str(table.__tablename__): [_plain(row) for row in session.exec(select(table).where(which))] for table, which in wanted
    }
    assessments = [a["id"] for a in found["assessments"]]
    proposals = session.exec(select(StoredProposal).where(col(StoredProposal.assessment_id).in_(assessments)))
    return {**found, "proposals": [_plain(p) for p in proposals], "files": [{"sha256": n} for n in files_of(session, enrolments)]}


def _plain(row: SQLModel) -> dict[str, Any]:
    return {c.key: getattr(row, c.key) for c in inspect(type(row)).mapper.column_attrs if c.key not in _SECRET}


def files_of(session: Session, enrolments: Sequence[uuid.UUID]) -> list[str]:
    """Return the names of the files that enrolments hold: mirrors and documents."""
    submissions = select(Submission.id).where(col(Submission.enrolment_id).in_(enrolments))
    mirrors = session.exec(select(Snapshot.file).where(col(Snapshot.submission_id).in_(submissions)))
    documents = session.exec(select(Document.sha256).where(col(Document.enrolment_id).in_(enrolments)))
    return sorted({*mirrors, *documents})


def erase_work(session: Session, enrolments: Sequence[uuid.UUID]) -> list[str]:
    """Forget what was handed in and what machines and jurors said of it; return the files that nobody else needs any more.

    Minutes, the levels decided and the audit stay: they hold no word of anybody's. Raises Conflict while something is being graded.
    """
    running = select(func.count()).where(col(Assessment.enrolment_id).in_(enrolments), col(Assessment.state).not_in(ENDED))
    if session.exec(running).one():
        raise Conflict("assessment-under-way")
    files = files_of(session, enrolments)
    mine = list(session.exec(select(Assessment.id).where(col(Assessment.enrolment_id).in_(enrolments))))
    submissions = list(session.exec(select(Submission.id).where(col(Submission.enrolment_id).in_(enrolments))))
    reports = list(
        session.exec(select(Assessment.report_id).where(col(Assessment.id).in_(mine), col(Assessment.report_id).is_not(None)))
    )
    session.execute(delete(StoredProposal).where(col(StoredProposal.assessment_id).in_(mine)))
    session.execute(
        update(Assessment)
        .where(col(Assessment.id).in_(mine))
        .values(report_id=None, snapshot_id=None, counts={}, detail={}, stage_detail=None, state="cancelled", code="erased")
    )
    used = select(Assessment.report_id).where(col(Assessment.report_id).is_not(None))
    session.execute(delete(StoredReport).where(col(StoredReport.id).in_(reports), col(StoredReport.id).not_in(used)))
    for table in (Snapshot, Receipt, SubmittedRepository, Document):
        session.execute(delete(table).where(col(table.submission_id).in_(submissions)))
    session.execute(delete(Document).where(col(Document.enrolment_id).in_(enrolments)))
    session.execute(update(Submission).where(col(Submission.id).in_(submissions)).values(idempotency_key=None, request_hash=None))
    session.execute(
        update(Decision)
        .where(col(Decision.enrolment_id).in_(enrolments), col(Decision.comment_salt).is_not(None))
        .values(comment=None, comment_salt=None)
    )
    session.flush()
    return [name for name in files if not _is_used(session, name)]


def _is_used(session: Session, name: str) -> bool:
    mirrors = session.exec(select(Snapshot.id).where(col(Snapshot.file) == name).limit(1)).first()
    return bool(mirrors or session.exec(select(Document.id).where(col(Document.sha256) == name).limit(1)).first())


def erase_person(session: Session, person: Person, *, by: uuid.UUID | None) -> list[str]:
    """Forget a person; return the files to remove once this is committed. Raises Conflict under a legal hold or while something is graded."""
    enrolments = session.exec(select(Enrolment).where(col(Enrolment.person_id) == person.id)).all()
    sessions = {e.session_id for e in enrolments}
    held = select(CertificationSession.id).where(col(CertificationSession.id).in_(sessions), col(CertificationSession.legal_hold))
    if session.exec(held).first():
        raise Conflict("legal-hold")
    files = erase_work(session, [e.id for e in enrolments])
    for table in (Grant, Identity, ApiToken, SignIn, Invitation, Notification, Assignment):
        session.execute(delete(table).where(col(table.person_id) == person.id))
    session.execute(
        update(Decision)
        .where(col(Decision.person_id) == person.id, col(Decision.comment_salt).is_not(None))
        .values(comment=None, comment_salt=None)
    )
    person.email, person.name = f"erased-{person.id}@invalid", "—"
    person.password_hash, person.active, person.erased_at = None, False, now()
    record(session, "person.erase", f"person:{person.id}", person=by)
    return files

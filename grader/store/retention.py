"""What is kept too long is forgotten: per session, `keep_days` after its end, unless a legal hold says otherwise."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from grader.errors import Conflict
from grader.store.audit import record
from grader.store.columns import now
from grader.store.erasure import erase_work
from grader.store.tables import CertificationSession, Document, Enrolment, Snapshot, Submission

FORGOTTEN_UPLOADS = datetime.timedelta(days=7)  # documents that were never handed in


@dataclass(frozen=True, slots=True)
class Expired:
    """A session whose retention is over, and how many candidates' work goes."""

    session: CertificationSession
    candidates: int


def expired(session: Session) -> list[Expired]:
    """Return the sessions whose work is to be forgotten now."""
    moment = now()
    rows = session.exec(select(CertificationSession).where(col(CertificationSession.legal_hold).is_(False))).all()
    over = [s for s in rows if s.ends_at + datetime.timedelta(days=s.keep_days) < moment]
    return [e for s in over if (e := Expired(s, _with_work(session, s))).candidates]


def _with_work(session: Session, certification: CertificationSession) -> int:
    """Count the candidates of whom something is still kept."""
    held = select(Submission.enrolment_id).join(Snapshot, col(Snapshot.submission_id) == col(Submission.id))
    documents = select(Document.enrolment_id)
    mine = select(func.count()).where(
        col(Enrolment.session_id) == certification.id, col(Enrolment.id).in_(held) | col(Enrolment.id).in_(documents)
    )
    return session.exec(mine.select_from(Enrolment)).one()


def forget(session: Session, certification: CertificationSession) -> list[str]:
    """Forget the work of a session; return the files to remove once this is committed. Raises Conflict under a legal hold."""
    if certification.legal_hold:
        raise Conflict("legal-hold")
    enrolments = list(session.exec(select(Enrolment.id).where(col(Enrolment.session_id) == certification.id)))
    files = erase_work(session, enrolments)
    record(session, "session.forget", f"session:{certification.id}", candidates=len(enrolments))
    return files


def forget_uploads(session: Session) -> list[str]:
    """Forget documents that were uploaded and never handed in; return their files."""
    old = select(Document).where(col(Document.submission_id).is_(None), col(Document.created_at) < now() - FORGOTTEN_UPLOADS)
    rows = session.exec(old).all()
    names = [d.sha256 for d in rows]
    session.execute(delete(Document).where(col(Document.id).in_([d.id for d in rows])))
    session.flush()
    used = set(session.exec(select(Document.sha256).where(col(Document.sha256).in_(names))))
    return [n for n in names if n not in used]

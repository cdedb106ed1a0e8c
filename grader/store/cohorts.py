"""What is done to a whole session's assessments, in few statements."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from grader.grid import Proposal
from grader.store.assessments import cancel
from grader.store.audit import record
from grader.store.candidates import assessments_that_count
from grader.store.reports import add_proposals
from grader.store.submissions import again
from grader.store.tables import (
    ENDED,
    Assessment,
    CertificationSession,
    Enrolment,
    Lane,
    State,
    StoredProposal,
    StoredReport,
    Submission,
)


@dataclass(frozen=True, slots=True)
class Latest:
    """The report that counts for one candidate, the exams it was handed in for, and the levels proposed now."""

    assessment_id: uuid.UUID
    body: bytes
    exams: tuple[str, ...]
    levels: dict[str, str | None] = field(default_factory=dict)


def latest_reports(session: Session, session_id: uuid.UUID, *, with_levels: bool = True) -> Iterator[Latest]:
    """Give the report of every ready assessment of a session."""
    rows = session.exec(
        select(Assessment, StoredReport, Submission)
        .join(StoredReport, col(StoredReport.id) == col(Assessment.report_id))
        .join(Submission, col(Submission.id) == col(Assessment.submission_id))
        .where(col(Assessment.session_id) == session_id, col(Assessment.state) == State.READY)
        .order_by(col(Assessment.id))
    ).all()
    exams = tuple(session.get_one(CertificationSession, session_id).exams)
    levels = _levels(session, [a for a, _, _ in rows]) if with_levels else {}
    for assessment, report, submission in rows:
        yield Latest(assessment.id, report.body, tuple(submission.exams) or exams, levels.get(assessment.id, {}))


def _levels(session: Session, assessments: Sequence[Assessment]) -> dict[uuid.UUID, dict[str, str | None]]:
    found: dict[uuid.UUID, dict[str, str | None]] = defaultdict(dict)
    for start in range(0, len(assessments), 200):
        some = {a.id: a.rubric_version for a in assessments[start : start + 200]}
        for proposal in session.exec(select(StoredProposal).where(col(StoredProposal.assessment_id).in_(some))):
            if proposal.rubric_version == some[proposal.assessment_id]:
                found[proposal.assessment_id][proposal.criterion] = proposal.level
    return found


def publish_row(session: Session, session_id: uuid.UUID, version: str, *, by: uuid.UUID | None) -> None:
    """Make a stored rubric the session's."""
    certification = session.get_one(CertificationSession, session_id)
    before, certification.rubric_version = certification.rubric_version, version
    record(session, "rubric.publish", f"session:{session_id}", person=by, before=before, after=version)


def store_all(session: Session, version: str, made: Sequence[tuple[uuid.UUID, Sequence[Proposal], dict[str, int]]]) -> None:
    """Store the proposals of many assessments under a version, and show that version from now on."""
    ids = [identity for identity, _, _ in made]
    session.execute(
        delete(StoredProposal).where(col(StoredProposal.assessment_id).in_(ids), col(StoredProposal.rubric_version) == version)
    )
    add_proposals(session, [(identity, version, p) for identity, proposals, _ in made for p in proposals])
    session.execute(
        update(Assessment), [{"id": identity, "rubric_version": version, "counts": counts} for identity, _, counts in made]
    )


def grade_again(session: Session, session_id: uuid.UUID, *, by: uuid.UUID | None) -> int:
    """Queue what counts of every candidate of a session once more, in the bulk lane; return how many."""
    ids = list(session.exec(select(Enrolment.id).where(col(Enrolment.session_id) == session_id)))
    counting = [a for a in assessments_that_count(session, ids).values() if a.state in ENDED]
    for assessment in counting:
        again(session, assessment, asked_by=by, lane=Lane.BULK)
    return len(counting)


def set_paused(session: Session, certification: CertificationSession, paused: bool, *, by: uuid.UUID | None) -> None:
    """Hold a session's bulk gradings, or let them go on. Those under way end; candidates who wait at the screen are not held."""
    certification.paused = paused
    record(session, "session.pause" if paused else "session.resume", f"session:{certification.id}", person=by)


def cancel_bulk(session: Session, session_id: uuid.UUID, *, by: uuid.UUID | None) -> int:
    """Give up the bulk gradings of a session that wait or run; return how many. Interactive ones stay."""
    many = cancel(session, (col(Assessment.session_id) == session_id) & (col(Assessment.lane) == Lane.BULK), "cancelled")
    record(session, "session.cancel", f"session:{session_id}", person=by, many=many)
    return many


def levels_by_criterion(session: Session, session_id: uuid.UUID, version: str) -> dict[str, dict[str, int]]:
    """Return criterion → level → how many proposals of a session's ready assessments say so under a version of the rubric."""
    rows = session.exec(
        select(StoredProposal.criterion, StoredProposal.level, func.count())
        .join(Assessment, col(Assessment.id) == col(StoredProposal.assessment_id))
        .where(
            col(Assessment.session_id) == session_id,
            col(Assessment.state) == State.READY,
            col(StoredProposal.rubric_version) == version,
        )
        .group_by(col(StoredProposal.criterion), col(StoredProposal.level))
    ).all()
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for criterion, level, many in rows:
        found[criterion][level or "none"] = many
    return dict(found)

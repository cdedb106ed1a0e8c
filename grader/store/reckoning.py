"""The proof that nothing is lost: received = ready + waiting + under way + explained, and nothing that must stay was changed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from grader.catalogue import SENTENCES
from grader.store.assessments import tally
from grader.store.audit import broken_links
from grader.store.tables import Assessment, AuditEntry, Receipt, State, StoredProposal, Submission

_KEPT = ("audit", "decisions", "minutes")


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What was counted. `explained` is code → how many that were refused, failed or cancelled; `wrong` names what does not add up."""

    submissions: int
    assessments: dict[str, int]
    explained: dict[str, int]
    entries: int
    wrong: tuple[tuple[str, str], ...]

    @property
    def holds(self) -> bool:
        """Tell whether everything adds up."""
        return not self.wrong


def reckon(session: Session) -> Reckoning:
    """Count, and look for what does not add up."""
    counts = tally(session)
    endings = (State.REFUSED, State.FAILED, State.CANCELLED)
    rows = session.exec(
        select(Assessment.code, func.count()).where(col(Assessment.state).in_(endings)).group_by(col(Assessment.code))
    ).all()
    wrong = [
        *_without_assessment(session),
        *_unfinished_as_ready(session),
        *_unexplained(session),
        *_without_receipt(session),
        *_unguarded(session),
    ]
    wrong += [("audit-broken", str(number)) for number in broken_links(session)]
    return Reckoning(
        submissions=session.exec(select(func.count()).select_from(Submission)).one(),
        assessments=counts,
        explained={code or "": many for code, many in rows},
        entries=session.exec(select(func.count()).select_from(AuditEntry)).one(),
        wrong=tuple(wrong),
    )


def _without_assessment(session: Session) -> list[tuple[str, str]]:
    known = select(Assessment.submission_id)
    return [("submission-forgotten", str(s)) for s in session.exec(select(Submission.id).where(col(Submission.id).not_in(known)))]


def _unfinished_as_ready(session: Session) -> list[tuple[str, str]]:
    proposed = select(StoredProposal.assessment_id).distinct()
    lacking = col(Assessment.report_id).is_(None) | col(Assessment.id).not_in(proposed)
    return [
        ("ready-without-report", str(a))
        for a in session.exec(select(Assessment.id).where(col(Assessment.state) == State.READY, lacking))
    ]


def _unexplained(session: Session) -> list[tuple[str, str]]:
    rows = session.exec(
        select(Assessment.id, Assessment.code).where(col(Assessment.state).in_((State.REFUSED, State.FAILED, State.CANCELLED)))
    )
    return [("unexplained", str(identity)) for identity, code in rows if code not in SENTENCES]


def _without_receipt(session: Session) -> list[tuple[str, str]]:
    issued = select(Receipt.submission_id)
    late = select(Assessment.id).where(col(Assessment.snapshot_id).is_not(None), col(Assessment.submission_id).not_in(issued))
    return [("receipt-missing", str(a)) for a in session.exec(late)]


def _unguarded(session: Session) -> list[tuple[str, str]]:
    """Return the tables that lost the triggers by which the database refuses changes."""
    asked = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
    }[session.get_bind().dialect.name]
    found = {row[0] for row in session.execute(text(asked))}
    return [("unguarded", table) for table in _KEPT if f"{table}_are_kept" not in found]

"""The life of an assessment: each transition is one conditional UPDATE, so that two workers never both make it.

received ──claim──▶ fetching ──fetched──▶ queued ──claim──▶ running ──ready──▶ ready
             │           └──refuse──▶ refused      │              └──fail──▶ failed      (any that waits)──cancel──▶ cancelled
             └── a lease that ends goes back to the state before, MOST_ATTEMPTS times; then failed, with the cause
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, case, func, or_, update
from sqlmodel import Session, col, select

from grader.store.columns import now
from grader.store.tables import ENDED, UNDER_LEASE, WAITING, Assessment, CertificationSession, Lane, State

MOST_ATTEMPTS = 3
LEASE = datetime.timedelta(seconds=60)
TURN = datetime.timedelta(minutes=10)  # what each unfinished submission of the same candidate costs the next one
_BEFORE = {State.FETCHING: State.RECEIVED, State.RUNNING: State.QUEUED}
_UNDER = {State.RECEIVED: State.FETCHING, State.QUEUED: State.RUNNING}


@dataclass(frozen=True, slots=True)
class Claim:
    """An assessment that this worker has: `attempt` and `worker` are what later transitions must still find in the row."""

    assessment_id: uuid.UUID
    worker: str
    attempt: int
    state: State


def enqueue(session: Session, assessment: Assessment) -> Assessment:
    """Add an assessment to the queue, behind one turn for each that the same candidate still has waiting there."""
    waiting = select(func.count()).where(
        col(Assessment.enrolment_id) == assessment.enrolment_id, col(Assessment.state).not_in(ENDED)
    )
    assessment.turn_at = now() + TURN * session.exec(waiting).one()
    session.add(assessment)
    session.flush()
    return assessment


def claim(
    session: Session, worker: str, *, waiting: State, lanes: Sequence[Lane] = tuple(Lane), lease: datetime.timedelta = LEASE
) -> Claim | None:
    """Take the next assessment in the state `waiting` (received or queued): lanes in their order, then by turn. None: nothing waits."""
    for lane in lanes:
        if taken := _claim(session, worker, waiting, lane, lease):
            return taken
    return None


def _claim(session: Session, worker: str, waiting: State, lane: Lane, lease: datetime.timedelta) -> Claim | None:
    moment = now()
    next_one = select(Assessment.id).where(col(Assessment.state) == waiting, col(Assessment.lane) == lane, _due(moment))
    if lane == Lane.BULK:
        paused = select(CertificationSession.id).where(col(CertificationSession.paused))
        next_one = next_one.where(col(Assessment.session_id).not_in(paused))
    next_one = next_one.order_by(col(Assessment.turn_at), col(Assessment.id)).limit(1).with_for_update(skip_locked=True)
    taken = session.execute(
        update(Assessment)
        .where(col(Assessment.id) == next_one.scalar_subquery(), col(Assessment.state) == waiting)
        .values(
            state=_UNDER[waiting],
            worker=worker,
            attempt=Assessment.attempt + 1,
            lease_until=moment + lease,
            started_at=func.coalesce(Assessment.started_at, moment),
        )
        .returning(col(Assessment.id), col(Assessment.attempt))
        .execution_options(synchronize_session=False)
    ).first()
    return Claim(taken[0], worker, taken[1], _UNDER[waiting]) if taken else None


def beat(
    session: Session, claim: Claim, *, stage: str | None = None, detail: str | None = None, lease: datetime.timedelta = LEASE
) -> bool:
    """Prolong a lease, and tell the stage when given. False: the lease is another's or the assessment was cancelled; stop working."""
    told: dict[str, Any] = {"stage": stage, "stage_detail": (detail or "")[:300]} if stage else {}
    return _change(session, claim, lease_until=now() + lease, **told)


def fetched(session: Session, claim: Claim, snapshot_id: uuid.UUID) -> bool:
    """Say that the snapshot is kept: the assessment waits to be graded. Its attempts are counted anew."""
    return _change(
        session, claim, state=State.QUEUED, snapshot_id=snapshot_id, attempt=0, worker=None, lease_until=None, sent_at=None
    )


def ready(session: Session, claim: Claim, *, report_id: uuid.UUID, rubric_version: str, counts: dict[str, int]) -> bool:
    """Say that the report and the proposals are stored."""
    return _end(
        session, claim, State.READY, report_id=report_id, rubric_version=rubric_version, counts=counts, code=None, detail={}
    )


def refuse(session: Session, claim: Claim, code: str, detail: dict[str, Any]) -> bool:
    """End with a reason that the candidate can mend."""
    return _end(session, claim, State.REFUSED, code=code, detail=detail)


def fail(session: Session, claim: Claim, code: str, detail: dict[str, Any], *, again: bool) -> bool:
    """Say that we failed: the assessment waits again while it may be tried `again`, and else ends with the reason."""
    if not again or claim.attempt >= MOST_ATTEMPTS:
        return _end(session, claim, State.FAILED, code=code, detail=detail)
    return _change(
        session,
        claim,
        state=_BEFORE[claim.state],
        worker=None,
        lease_until=None,
        sent_at=None,
        not_before=now() + _pause(claim.attempt),
        code=code,
        detail=detail,
    )


def _pause(attempt: int) -> datetime.timedelta:
    return datetime.timedelta(seconds=5 * 4 ** (attempt - 1))


def cancel(session: Session, condition: ColumnElement[bool], code: str) -> int:
    """Cancel what waits or runs among the assessments that match; return how many. Who works on one finds its lease gone."""
    done: Any = session.execute(
        update(Assessment)
        .where(condition, col(Assessment.state).not_in(ENDED))
        .values(state=State.CANCELLED, code=code, detail={}, worker=None, lease_until=None, ended_at=now())
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)


def cancel_one(session: Session, assessment_id: uuid.UUID) -> bool:
    """Cancel one assessment. False: it has ended already."""
    return cancel(session, col(Assessment.id) == assessment_id, "cancelled") == 1


def recover(session: Session, *, lease: datetime.timedelta = LEASE) -> tuple[int, int]:
    """Repair leases that ended: back to waiting, or failed after MOST_ATTEMPTS. Return how many of each.

    Times that lie further ahead than we ever set them were written before a clock was set back: they are brought near. Whoever
    lives sets its lease anew at its next beat, and the lease of whoever does not ends as it would have.
    """
    moment = now()
    _bring_near(session, Assessment.lease_until, UNDER_LEASE, moment + 2 * lease, moment + lease)
    _bring_near(session, Assessment.not_before, WAITING, moment + 2 * _pause(MOST_ATTEMPTS), moment)
    lost = and_(col(Assessment.state).in_(UNDER_LEASE), col(Assessment.lease_until) < moment)
    ended: Any = session.execute(
        update(Assessment)
        .where(lost, col(Assessment.attempt) >= MOST_ATTEMPTS)
        .values(state=State.FAILED, code="worker-lost", worker=None, lease_until=None, ended_at=moment)
        .execution_options(synchronize_session=False)
    )
    again: Any = session.execute(
        update(Assessment)
        .where(lost)
        .values(
            state=case({str(s): str(b) for s, b in _BEFORE.items()}, value=col(Assessment.state)),
            worker=None,
            lease_until=None,
            sent_at=None,
        )
        .execution_options(synchronize_session=False)
    )
    return int(again.rowcount), int(ended.rowcount)


def _bring_near(session: Session, which: Any, states: Sequence[State], latest: datetime.datetime, to: datetime.datetime) -> None:
    session.execute(
        update(Assessment)
        .where(col(Assessment.state).in_(states), col(which) > latest)
        .values({which.key: to})
        .execution_options(synchronize_session=False)
    )


def unsent(session: Session, *, older_than: datetime.timedelta, most: int = 500) -> list[Assessment]:
    """Return what waits and was never told to the broker, or so long ago that the message may be lost; mark it as told now."""
    moment = now()
    sent = col(Assessment.sent_at)
    late = or_(
        sent.is_(None), sent < moment - older_than, sent > moment + older_than
    )  # ahead of now: before the clock was set back
    rows = session.exec(
        select(Assessment)
        .where(col(Assessment.state).in_(WAITING), late, _due(moment))
        .order_by(col(Assessment.turn_at))
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.sent_at = moment
    return list(rows)


def rank(session: Session, assessment: Assessment) -> int:
    """Return how many stand before this one in its lane, and itself: 1 is the next. 0 when it does not wait any more."""
    if assessment.state not in (State.RECEIVED, State.FETCHING, State.QUEUED):
        return 0
    before = select(func.count()).where(
        col(Assessment.state).in_((State.RECEIVED, State.FETCHING, State.QUEUED)),
        col(Assessment.lane) == assessment.lane,
        col(Assessment.turn_at) < assessment.turn_at,
    )
    return session.exec(before).one() + 1


def tally(session: Session) -> dict[str, int]:
    """Return how many assessments are in each state: what was received is their sum."""
    rows = session.exec(select(Assessment.state, func.count()).group_by(col(Assessment.state))).all()
    return {str(state): 0 for state in State} | {str(state): count for state, count in rows}


def _due(moment: datetime.datetime) -> ColumnElement[bool]:
    return or_(col(Assessment.not_before).is_(None), col(Assessment.not_before) <= moment)


def progress_of(session: Session, session_id: uuid.UUID) -> dict[str, int]:
    """Return how many assessments of a session are in each state."""
    rows = session.exec(
        select(Assessment.state, func.count()).where(col(Assessment.session_id) == session_id).group_by(col(Assessment.state))
    ).all()
    return dict(rows)


def tally_by_lane(session: Session) -> dict[tuple[str, str], int]:
    """Return how many assessments are in each (state, lane)."""
    rows = session.exec(
        select(Assessment.state, Assessment.lane, func.count()).group_by(col(Assessment.state), col(Assessment.lane))
    ).all()
    return {(state, lane): many for state, lane, many in rows}


def oldest_waiting(session: Session) -> dict[str, float]:
    """Return for each lane how many seconds its first has waited; 0 when nothing waits."""
    moment = now()
    rows = session.exec(
        select(Assessment.lane, func.min(col(Assessment.created_at)))
        .where(col(Assessment.state).in_(WAITING))
        .group_by(col(Assessment.lane))
    ).all()
    return {str(lane): 0.0 for lane in Lane} | {lane: (moment - _utc(first)).total_seconds() for lane, first in rows}


def late_leases(session: Session) -> int:
    """Return how many leases are over without having been swept."""
    late = select(func.count()).where(col(Assessment.state).in_(UNDER_LEASE), col(Assessment.lease_until) < now())
    return session.exec(late).one()


def _utc(moment: datetime.datetime) -> datetime.datetime:
    return moment.replace(tzinfo=datetime.UTC) if moment.tzinfo is None else moment


def _end(session: Session, claim: Claim, state: State, **values: Any) -> bool:
    return _change(
        session, claim, state=state, ended_at=now(), worker=None, lease_until=None, stage=None, stage_detail=None, **values
    )


def _change(session: Session, claim: Claim, **values: Any) -> bool:
    """Change the row if it is still this worker's at this attempt."""
    done: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        update(Assessment)
        .where(
            col(Assessment.id) == claim.assessment_id,
            col(Assessment.state) == claim.state,
            col(Assessment.worker) == claim.worker,
            col(Assessment.attempt) == claim.attempt,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return done.rowcount == 1

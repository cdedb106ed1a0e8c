"""Closing a grid: what the jury decided on each criterion, sealed. Only decisions of people go in; a proposal is never a verdict."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from grader.errors import Conflict, Refused
from grader.rubric import Rubric
from grader.store.audit import record
from grader.store.columns import now
from grader.store.decisions import minutes_of, standing
from grader.store.tables import Assessment, AuditEntry, Decision, Enrolment, Minutes

FORMAT = "jurygrid-minutes/1"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the decisions on one criterion amount to: a level when jurors agree, none where they differ or nobody decided.

    `is_stale` says that the proposal is no longer the one that a juror saw.
    """

    criterion: str
    level: str | None
    decisions: tuple[Decision, ...] = ()
    is_stale: bool = False

    @property
    def differs(self) -> bool:
        """Tell whether jurors decided differently."""
        return self.level is None and bool(self.decisions)


def verdicts(
    session: Session, enrolment: uuid.UUID, rubric: Rubric, levels: dict[str, str | None], *, presidents: frozenset[uuid.UUID]
) -> dict[str, Verdict]:
    """Return the verdict on every criterion of a rubric; `levels` is what is proposed now. A president's word reconciles."""
    by_criterion: dict[str, list[Decision]] = {}
    for (criterion, _), decision in standing(session, enrolment).items():
        by_criterion.setdefault(criterion, []).append(decision)
    return {c.id: _verdict(c.id, by_criterion.get(c.id, []), levels.get(c.id), presidents) for c in rubric.criteria}


def _verdict(criterion: str, decisions: list[Decision], proposed: str | None, presidents: frozenset[uuid.UUID]) -> Verdict:
    ordered = tuple(sorted(decisions, key=lambda d: (d.decided_at, d.id)))
    words = [d for d in ordered if d.person_id in presidents] or ordered
    levels = {d.level for d in words}
    level = words[-1].level if words and (len(levels) == 1 or words[-1].person_id in presidents) else None
    return Verdict(criterion, level, ordered, any(d.proposal != proposed for d in ordered))


def close(
    session: Session,
    enrolment: Enrolment,
    assessment: Assessment,
    rubric: Rubric,
    found: dict[str, Verdict],
    *,
    by: uuid.UUID,
    blocks: Sequence[str],
) -> Minutes:
    """Seal a candidate's grid: `blocks` are those that the jury grants.

    Raises Conflict when it is closed already or jurors differ, Refused when a criterion is undecided or a block unknown.
    """
    if minutes_of(session, enrolment.id):
        raise Conflict("grid-closed")
    if differing := [v.criterion for v in found.values() if v.differs]:
        raise Conflict("grid-differs", criteria=", ".join(differing))
    if undecided := [v.criterion for v in found.values() if v.level is None]:
        raise Refused("grid-undecided", count=len(undecided), criteria=", ".join(undecided[:10]))
    if unknown := [b for b in blocks if b not in {block.id for block in rubric.blocks}]:
        raise Refused("block-unknown", block=unknown[0])
    moment = now()
    last = session.exec(select(AuditEntry).order_by(col(AuditEntry.number).desc()).limit(1)).first()
    document = json.dumps(
        _told(enrolment, assessment, rubric, found, list(blocks), by, moment.isoformat(), last), ensure_ascii=True, sort_keys=True
    )
    seal = hashlib.sha256(document.encode()).hexdigest()
    minutes = Minutes(
        enrolment_id=enrolment.id, assessment_id=assessment.id, president_id=by, document=document, seal=seal, sealed_at=moment
    )
    session.add(minutes)
    session.flush()
    record(session, "minutes.seal", f"enrolment:{enrolment.id}", person=by, seal=seal)
    return minutes


def _told(
    enrolment: Enrolment,
    assessment: Assessment,
    rubric: Rubric,
    found: dict[str, Verdict],
    blocks: list[str],
    by: uuid.UUID,
    moment: str,
    last: AuditEntry | None,
) -> dict[str, object]:
    """Return what is sealed: ids and hashes only, so that forgetting a person breaks no seal."""
    return {
        "format": FORMAT,
        "enrolment": str(enrolment.id),
        "session": str(enrolment.session_id),
        "assessment": str(assessment.id),
        "rubric": {"id": rubric.id, "version": rubric.version},
        "president": str(by),
        "sealed_at": moment,
        "blocks": blocks,
        "audit": last.hash if last else None,
        "verdicts": [
            {
                "criterion": v.criterion,
                "level": v.level,
                "decisions": [
                    {"id": str(d.id), "person": str(d.person_id), "level": d.level, "comment": d.comment_hash}
                    for d in v.decisions
                ],
            }
            for v in found.values()
        ],
    }

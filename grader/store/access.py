"""Who may do what to whom. One table of acts and roles; what somebody may not even know of is unknown to them.

| act | candidate (own) | evaluator (assigned) | president (session) | instructor (session) | administrator |
|---|---|---|---|---|---|
| submit | × | | | | |
| follow (state, receipt) | × | × | × | × | × |
| read-grid | when released | × | × | | |
| decide | | × | × | | |
| close | | | × | | |
| rerun | | | × | × | × |
| enrol, manage | | | | | × |
| assign, release, watch (lists) | | | × (watch: × instructor) | | × |
| rubric (read) | | × | × | × | × |
| publish (preview and publish a rubric) | | | | × | × |
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import ColumnElement, false, or_, true
from sqlmodel import Session, col, select

from grader.errors import Forbidden, Unknown
from grader.store.tables import Assignment, CertificationSession, Enrolment, Grant, Role


class Act(StrEnum):
    """Something that a person may want to do to an enrolment or to a session."""

    SUBMIT = "submit"
    FOLLOW = "follow"
    READ_GRID = "read-grid"
    DECIDE = "decide"
    CLOSE = "close"
    RERUN = "rerun"
    ENROL = "enrol"
    ASSIGN = "assign"
    RELEASE = "release"
    WATCH = "watch"
    MANAGE = "manage"
    RUBRIC = "rubric"
    PUBLISH = "publish"


_SESSION_ROLES: dict[Act, frozenset[Role]] = {
    Act.FOLLOW: frozenset({Role.PRESIDENT, Role.INSTRUCTOR, Role.ADMINISTRATOR}),
    Act.READ_GRID: frozenset({Role.PRESIDENT}),
    Act.DECIDE: frozenset({Role.PRESIDENT}),
    Act.CLOSE: frozenset({Role.PRESIDENT}),
    Act.RERUN: frozenset({Role.PRESIDENT, Role.INSTRUCTOR, Role.ADMINISTRATOR}),
    Act.ENROL: frozenset({Role.ADMINISTRATOR}),
    Act.ASSIGN: frozenset({Role.PRESIDENT, Role.ADMINISTRATOR}),
    Act.RELEASE: frozenset({Role.PRESIDENT, Role.ADMINISTRATOR}),
    Act.WATCH: frozenset({Role.PRESIDENT, Role.INSTRUCTOR, Role.ADMINISTRATOR}),
    Act.MANAGE: frozenset({Role.ADMINISTRATOR}),
    Act.PUBLISH: frozenset({Role.INSTRUCTOR, Role.ADMINISTRATOR}),
    Act.RUBRIC: frozenset({Role.EVALUATOR, Role.PRESIDENT, Role.INSTRUCTOR, Role.ADMINISTRATOR}),
}
_OF_THE_ASSIGNED = frozenset({Act.FOLLOW, Act.READ_GRID, Act.DECIDE})
_OF_ONESELF = frozenset({Act.SUBMIT, Act.FOLLOW})
_SCOPES = {
    Act.SUBMIT: "submit",
    Act.DECIDE: "decide",
    Act.CLOSE: "decide",
    **dict.fromkeys((Act.RERUN, Act.ENROL, Act.ASSIGN, Act.RELEASE, Act.MANAGE, Act.PUBLISH), "manage"),
}


@dataclass(frozen=True, slots=True)
class Who:
    """The person who asks: roles everywhere, roles by session, and the scopes of the API token they come with (None: none needed)."""

    person: uuid.UUID
    everywhere: frozenset[Role] = frozenset()
    sessions: dict[uuid.UUID, frozenset[Role]] = field(default_factory=dict)
    scopes: frozenset[str] | None = None

    def roles(self, session_id: uuid.UUID | None) -> frozenset[Role]:
        """Return the roles held in a session."""
        return self.everywhere | (self.sessions.get(session_id, frozenset()) if session_id else frozenset())

    def may(self, act: Act, session_id: uuid.UUID | None) -> bool:
        """Tell whether the roles held in a session (None: everywhere) allow an act on it and on everybody in it."""
        return bool(_SESSION_ROLES.get(act, frozenset()) & self.roles(session_id))

    def must_have_scope(self, act: Act) -> None:
        """Raise Forbidden when the API token does not reach so far."""
        scope = _SCOPES.get(act, "read")
        if self.scopes is not None and scope not in self.scopes:
            raise Forbidden("scope-missing", scope=scope)


def who_is(session: Session, person: uuid.UUID, scopes: frozenset[str] | None = None) -> Who:
    """Return somebody with their roles."""
    grants = session.exec(select(Grant).where(col(Grant.person_id) == person)).all()
    everywhere = frozenset(Role(g.role) for g in grants if g.session_id is None)
    by_session: dict[uuid.UUID, frozenset[Role]] = {}
    for given in grants:
        if given.session_id is not None:
            by_session[given.session_id] = by_session.get(given.session_id, frozenset()) | {Role(given.role)}
    return Who(person, everywhere, by_session, scopes)


def session_for(session: Session, who: Who, session_id: uuid.UUID, act: Act | None) -> CertificationSession:
    """Return a certification session on which `who` may act, None to see it. Raises Unknown or Forbidden."""
    found = session.get(CertificationSession, session_id)
    enrolled = select(Enrolment.id).where(col(Enrolment.session_id) == session_id, col(Enrolment.person_id) == who.person)
    if found is None or not (who.roles(session_id) or session.exec(enrolled).first()):
        raise Unknown("unknown")
    if act is not None and not who.may(act, session_id):
        raise Forbidden("not-allowed")
    who.must_have_scope(act or Act.FOLLOW)
    return found


def enrolment_for(session: Session, who: Who, enrolment_id: uuid.UUID, act: Act) -> Enrolment:
    """Return an enrolment on which `who` may act. Raises Unknown when they may not even follow it, Forbidden when only not that."""
    found = session.exec(select(Enrolment).where(col(Enrolment.id) == enrolment_id, enrolments_open_to(who, Act.FOLLOW))).first()
    if found is None:
        raise Unknown("unknown")
    allowed = session.exec(select(Enrolment.id).where(col(Enrolment.id) == enrolment_id, enrolments_open_to(who, act))).first()
    if allowed is None:
        raise Forbidden("not-allowed")
    who.must_have_scope(act)
    return found


def enrolments_open_to(who: Who, act: Act) -> ColumnElement[bool]:
    """Return the condition on `enrolments` that holds for those on which `who` may act: every list and every look-up uses it."""
    if who.may(act, None):
        return true()
    allowed = [s for s in who.sessions if who.may(act, s)]
    conditions: list[ColumnElement[bool]] = [col(Enrolment.session_id).in_(allowed)] if allowed else []
    if act in _OF_THE_ASSIGNED:
        mine = select(Assignment.enrolment_id).where(col(Assignment.person_id) == who.person)
        conditions.append(col(Enrolment.id).in_(mine) & (col(Enrolment.person_id) != who.person))
    if act in _OF_ONESELF:
        conditions.append(col(Enrolment.person_id) == who.person)
    if act == Act.READ_GRID:
        released = select(CertificationSession.id).where(col(CertificationSession.released_at).is_not(None))
        conditions.append((col(Enrolment.person_id) == who.person) & col(Enrolment.session_id).in_(released))
    return or_(*conditions) if conditions else false()


def sessions_open_to(who: Who) -> ColumnElement[bool]:
    """Return the condition on `sessions` for those that `who` may see: those of their roles, assignments and enrolments."""
    if who.everywhere:
        return true()
    enrolled = select(Enrolment.session_id).where(col(Enrolment.person_id) == who.person)
    return or_(col(CertificationSession.id).in_(list(who.sessions)), col(CertificationSession.id).in_(enrolled))

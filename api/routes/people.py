"""Accounts, roles and invitations: an administrator's."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.asking import Asking, Reading, Somebody, TheService, Writing
from api.shapes import Given, Invited, NewGrant, NewPerson, PersonShape, PieceOf
from grader.errors import Forbidden, Unknown
from grader.store.access import Act
from grader.store.database import Session
from grader.store.pages import Wanted
from grader.store.people import add_person, grant, grants_of, invite, people, set_active, ungrant
from grader.store.sessions import session_known
from grader.store.tables import Person, Role

router = APIRouter(prefix="/api/people", tags=["people"])


class GrantShape(Given):
    """A role that somebody holds."""

    id: uuid.UUID
    role: str
    session_id: uuid.UUID | None


def administrator(asking: Somebody) -> Asking:
    """Return who asks. Raises Forbidden unless they administer everywhere."""
    if not asking.who.may(Act.MANAGE, None):
        raise Forbidden("not-allowed")
    asking.who.must_have_scope(Act.MANAGE)
    return asking


Administrator = Annotated[Asking, Depends(administrator)]
After = Annotated[str | None, Query(max_length=40, description="Key that the last piece ended with.")]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("")
def all_people(
    _asking: Administrator, session: Reading, after: After = None, limit: Limit = 50, text: str = ""
) -> PieceOf[PersonShape]:
    """List accounts, newest first; `text` keeps those whose address or name begins so."""
    found = people(session, Wanted(after, limit), text=text[:100])
    return PieceOf(items=[PersonShape.model_validate(p) for p in found.rows], after=found.after)


@router.post("", status_code=201)
def new_person(asked: NewPerson, asking: Administrator, service: TheService, session: Writing) -> Invited:
    """Make an account, and the link that sets its password."""
    person = add_person(session, email=asked.email, name=asked.name, language=asked.language, by=asking.person.id)
    return Invited(
        person=PersonShape.model_validate(person), link=link_for(service.service_settings.address, session, person, asking)
    )


def link_for(address: str, session: Session, person: Person, asking: Asking) -> str:
    """Return a new invitation's link."""
    return f"{address}/invitation/{invite(session, person, by=asking.person.id)}"


def found(session: Session, person_id: uuid.UUID) -> Person:
    """Return an account. Raises Unknown."""
    person = session.get(Person, person_id)
    if person is None or person.erased_at is not None:
        raise Unknown("unknown")
    return person


@router.post("/{person_id}/invitation")
def invite_again(person_id: uuid.UUID, asking: Administrator, service: TheService, session: Writing) -> Invited:
    """Make a new link for somebody; earlier ones end. It also serves who lost their password."""
    person = found(session, person_id)
    return Invited(
        person=PersonShape.model_validate(person), link=link_for(service.service_settings.address, session, person, asking)
    )


@router.post("/{person_id}/close", status_code=204)
def close(person_id: uuid.UUID, asking: Administrator, session: Writing) -> None:
    """Close an account: its sign-ins end at once."""
    set_active(session, found(session, person_id), False, by=asking.person.id)


@router.post("/{person_id}/open", status_code=204)
def reopen(person_id: uuid.UUID, asking: Administrator, session: Writing) -> None:
    """Open a closed account again."""
    set_active(session, found(session, person_id), True, by=asking.person.id)


@router.get("/{person_id}/grants")
def roles(person_id: uuid.UUID, _asking: Administrator, session: Reading) -> list[GrantShape]:
    """List the roles that somebody holds."""
    return [GrantShape.model_validate(g) for g in grants_of(session, found(session, person_id).id)]


@router.post("/{person_id}/grants", status_code=201)
def give(person_id: uuid.UUID, asked: NewGrant, asking: Administrator, session: Writing) -> GrantShape:
    """Give a role, in one session or everywhere."""
    if asked.session_id is not None:
        session_known(session, asked.session_id)
    return GrantShape.model_validate(
        grant(session, found(session, person_id), Role(asked.role), asked.session_id, by=asking.person.id)
    )


@router.delete("/{person_id}/grants/{grant_id}", status_code=204)
def take(person_id: uuid.UUID, grant_id: uuid.UUID, asking: Administrator, session: Writing) -> None:
    """Take a role from somebody."""
    if not ungrant(session, person_id, grant_id, by=asking.person.id):
        raise Unknown("unknown")

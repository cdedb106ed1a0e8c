"""Signing in and out, invitations, one's own account and tokens."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Request, Response

from api.asking import Asking, Somebody, TheService, Writing, cookie_name, must_come_from_here
from api.rates import count
from api.service import Service
from api.shapes import Credentials, Me, NewPassword, NewToken, PersonShape, SignedIn, TokenShape
from grader.errors import Forbidden, Unknown
from grader.store.database import Session
from grader.store.people import (
    accept_invitation,
    add_token,
    change_password,
    check_password,
    invited,
    revoke_token,
    sign_in,
    sign_out,
    tokens_of,
)
from grader.store.tables import Person, SignIn

router = APIRouter(prefix="/api", tags=["account"])


def start_sign_in(request: Request, response: Response, service: Service, session: Session, person: Person) -> SignIn:
    """Start a sign-in and give its cookie, whatever cookie the browser came with."""
    name = cookie_name(service)
    hours = service.service_settings.sign_in_hours
    token, row = sign_in(session, person, hours=hours, replaces=request.cookies.get(name))
    response.set_cookie(name, token, max_age=int(hours * 3600), httponly=True, secure=service.is_https, samesite="lax", path="/")
    return row


def end_sign_in(request: Request, response: Response, service: Service, session: Session) -> None:
    """End a sign-in: its secret is forgotten here, not only in the browser."""
    name = cookie_name(service)
    sign_out(session, request.cookies.get(name, ""))
    response.delete_cookie(name, path="/", secure=service.is_https, httponly=True, samesite="lax")


def checked_password(request: Request, session: Session, email: str, password: str) -> Person:
    """Return who signs in, counting the tries. Raises NotSignedIn, TooMany."""
    must_come_from_here(request)
    count(request, "sign-in")
    count(request, "sign-in-account", email.strip().lower()[:320])
    return check_password(session, email, password)


@router.post("/sign-in")
def start(credentials: Credentials, request: Request, response: Response, service: TheService, session: Writing) -> SignedIn:
    """Sign in with a password: sets the cookie, and returns the word that further requests carry in `X-CSRF-Token`."""
    person = checked_password(request, session, credentials.email, credentials.password)
    row = start_sign_in(request, response, service, session, person)
    return SignedIn(person=person.id, name=person.name, csrf=row.csrf)


@router.post("/sign-out", status_code=204)
def end(request: Request, response: Response, asking: Somebody, service: TheService, session: Writing) -> None:
    """Sign out."""
    end_sign_in(request, response, service, session)


@router.get("/me")
def me(asking: Somebody) -> Me:
    """Tell who asks, and the roles they hold."""
    person = asking.person
    return Me(
        id=person.id,
        email=person.email,
        name=person.name,
        language=person.language,
        roles=sorted(asking.who.everywhere),
        sessions={str(s): sorted(roles) for s, roles in asking.who.sessions.items()},
        csrf=asking.csrf,
    )


@router.get("/invitations/{token}")
def invitation(token: str, request: Request, session: Writing) -> PersonShape:
    """Tell whom an invitation is for."""
    count(request, "invitation")
    return PersonShape.model_validate(invited(session, token))


@router.post("/invitations/{token}", status_code=204)
def accept(token: str, asked: NewPassword, request: Request, session: Writing) -> None:
    """Set a password by an invitation, which is then used."""
    must_come_from_here(request)
    count(request, "invitation")
    accept_invitation(session, token, asked.password)


def must_be_in_person(asking: Asking) -> None:
    """Raise Forbidden for a program: an API token makes no tokens and changes no password."""
    if asking.csrf is None:
        raise Forbidden("in-person-only")


@router.post("/me/password", status_code=204)
def password(asked: NewPassword, request: Request, asking: Somebody, session: Writing) -> None:
    """Change one's password: every other sign-in ends, and so do one's API tokens."""
    must_be_in_person(asking)
    count(request, "sign-in-account", asking.person.email)
    change_password(session, session.get_one(Person, asking.person.id), asked.present or "", asked.password)


@router.get("/me/tokens")
def tokens(asking: Somebody, session: Writing) -> list[TokenShape]:
    """List one's API tokens."""
    return [TokenShape.model_validate(t) for t in tokens_of(session, asking.person.id)]


@router.post("/me/tokens", status_code=201)
def make_token(asked: NewToken, asking: Somebody, session: Writing) -> TokenShape:
    """Make an API token. Its secret is in this answer and nowhere else."""
    must_be_in_person(asking)
    secret, row = add_token(session, asking.person, name=asked.name, scopes=asked.scopes, days=asked.days)
    return TokenShape.model_validate(row).model_copy(update={"token": secret})


@router.delete("/me/tokens/{token_id}", status_code=204)
def end_token(token_id: uuid.UUID, asking: Somebody, session: Writing) -> None:
    """Revoke one of one's API tokens."""
    must_be_in_person(asking)
    if not revoke_token(session, asking.person.id, token_id):
        raise Unknown("unknown")

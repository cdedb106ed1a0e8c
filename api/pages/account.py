"""Signing in, invitations, one's own account."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.asking import Anybody, Somebody, TheService, Writing, must_come_from_here
from api.pages.frame import page, safe_next, to
from api.problems import language_of, status_of
from api.rates import count
from api.routes.sign_in import checked_password, end_sign_in, must_be_in_person, start_sign_in
from grader.errors import Refused
from grader.store.people import accept_invitation, add_token, change_password, invited, revoke_token, set_language, tokens_of
from grader.store.tables import Person

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form(max_length=500)]


@router.get("/sign-in")
def sign_in_page(request: Request, asking: Anybody, service: TheService, next: str = "/") -> Response:
    """Show the form."""
    if asking is not None:
        return to(safe_next(next))
    return _sign_in(request, service.providers, next)


def _sign_in(
    request: Request, providers: tuple[tuple[str, str], ...], next_: str, *, email: str = "", problem: Refused | None = None
) -> HTMLResponse:
    said = problem.sentence(language_of(request)) if problem else None
    status = status_of(problem) if problem else 200
    return page(
        request, "sign_in.html", None, status=status, next=safe_next(next_), email=email, problem=said, providers=providers
    )


@router.post("/sign-in")
def start(request: Request, service: TheService, session: Writing, email: Text, password: Text, next: Text = "/") -> Response:
    """Sign in, or say why not; what was typed stays, the password aside."""
    try:
        person = checked_password(request, session, email, password)
    except Refused as problem:
        return _sign_in(request, service.providers, next, email=email, problem=problem)
    answer = to(safe_next(next))
    start_sign_in(request, answer, service, session, person)
    return answer


@router.post("/sign-out")
def end(request: Request, service: TheService, session: Writing, asking: Somebody) -> Response:
    """Sign out."""
    answer = to("/sign-in", done="signed-out")
    end_sign_in(request, answer, service, session)
    return answer


@router.get("/language/{language}")
def language(request: Request, language: str, next: str = "/") -> RedirectResponse:
    """Speak another language from now on."""
    answer = to(safe_next(next))
    if language in ("fr", "en"):
        answer.set_cookie("lang", language, max_age=31_536_000, samesite="lax", httponly=True)
    return answer


@router.get("/invitation/{token}")
def invitation(request: Request, token: str, session: Writing) -> HTMLResponse:
    """Show whom an invitation is for, and the form that sets the password."""
    count(request, "invitation")
    return page(request, "invitation.html", None, person=invited(session, token), token=token, problem=None)


@router.post("/invitation/{token}")
def accept(request: Request, token: str, service: TheService, session: Writing, password: Text, again: Text) -> Response:
    """Set the password and sign in."""
    must_come_from_here(request)
    count(request, "invitation")
    person = invited(session, token)
    try:
        if password != again:
            raise Refused("password-differs")
        accept_invitation(session, token, password)
    except Refused as problem:
        said = problem.sentence(language_of(request))
        return page(request, "invitation.html", None, status=422, person=person, token=token, problem=said)
    answer = to("/", done="welcome")
    start_sign_in(request, answer, service, session, person)
    return answer


@router.get("/account")
def account(request: Request, asking: Somebody, session: Writing) -> HTMLResponse:
    """Show one's account."""
    return page(request, "account.html", asking, tokens=tokens_of(session, asking.person.id), secret=None, problem=None)


@router.post("/account/password")
def password(request: Request, asking: Somebody, session: Writing, present: Text, password: Text, again: Text) -> Response:
    """Change one's password: one signs in again."""
    must_be_in_person(asking)
    count(request, "sign-in-account", asking.person.email)
    try:
        if password != again:
            raise Refused("password-differs")
        change_password(session, session.get_one(Person, asking.person.id), present, password)
    except Refused as problem:
        said = problem.sentence(language_of(request))
        return page(
            request, "account.html", asking, status=422, tokens=tokens_of(session, asking.person.id), secret=None, problem=said
        )
    return to("/sign-in", done="password-changed")


@router.post("/account/language")
def account_language(asking: Somebody, session: Writing, language: Annotated[str, Form(pattern="^(fr|en)$")]) -> Response:
    """Choose the language of one's pages and messages."""
    set_language(session.get_one(Person, asking.person.id), language)
    answer = to("/account", done="saved")
    answer.delete_cookie("lang")
    return answer


@router.post("/account/tokens")
def make_token(
    request: Request, asking: Somebody, session: Writing, name: Text, scopes: Annotated[list[str], Form()]
) -> HTMLResponse:
    """Make an API token, shown once."""
    must_be_in_person(asking)
    secret, _ = add_token(session, asking.person, name=name, scopes=scopes, days=90)
    return page(request, "account.html", asking, tokens=tokens_of(session, asking.person.id), secret=secret, problem=None)


@router.post("/account/tokens/{token_id}/end")
def end_token(token_id: uuid.UUID, asking: Somebody, session: Writing) -> Response:
    """Revoke a token."""
    must_be_in_person(asking)
    revoke_token(session, asking.person.id, token_id)
    return to("/account", done="saved")

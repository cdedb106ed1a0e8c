"""Signing in and out, and who one is."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.asking import Somebody, TheService, Writing, cookie_name, must_come_from_here
from grader.store.people import check_password, sign_in, sign_out

router = APIRouter(prefix="/api", tags=["sign-in"])


class Credentials(BaseModel):
    """An address and its password."""

    model_config = ConfigDict(extra="forbid")
    email: str = Field(max_length=320)
    password: str = Field(max_length=200)


@router.post("/sign-in")
def start(
    credentials: Credentials, request: Request, response: Response, service: TheService, session: Writing
) -> dict[str, Any]:
    """Sign in with a password: sets the cookie, and returns the word that further requests carry in `X-CSRF-Token`."""
    must_come_from_here(request)
    person = check_password(session, credentials.email, credentials.password)
    name = cookie_name(service)
    hours = service.service_settings.sign_in_hours
    token, row = sign_in(session, person, hours=hours, replaces=request.cookies.get(name))
    response.set_cookie(name, token, max_age=int(hours * 3600), httponly=True, secure=service.is_https, samesite="lax", path="/")
    return {"person": str(person.id), "name": person.name, "csrf": row.csrf}


@router.post("/sign-out", status_code=204)
def end(request: Request, response: Response, service: TheService, session: Writing, _asking: Somebody) -> None:
    """Sign out: the cookie's secret is forgotten here, not only there."""
    name = cookie_name(service)
    sign_out(session, request.cookies.get(name, ""))
    response.delete_cookie(name, path="/", secure=service.is_https, httponly=True, samesite="lax")


@router.get("/me")
def me(asking: Somebody) -> dict[str, Any]:
    """Tell who asks, and the roles they hold."""
    person = asking.person
    return {
        "id": str(person.id),
        "email": person.email,
        "name": person.name,
        "language": person.language,
        "roles": sorted(asking.who.everywhere),
        "sessions": {str(s): sorted(roles) for s, roles in asking.who.sessions.items()},
        "csrf": asking.csrf,
    }

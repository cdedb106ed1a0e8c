"""Who asks: by a browser's cookie or by a personal API token; and that a browser's request comes from our own pages."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from api.service import Service
from grader.errors import Forbidden, NotSignedIn
from grader.store.access import Who, who_is
from grader.store.database import Session
from grader.store.people import by_token, signed_in
from grader.store.tables import Person

COOKIE = "jurygrid"
_SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Asking:
    """The person who asks, what they may do, and the word that their forms must carry (None with an API token)."""

    person: Person
    who: Who
    csrf: str | None


def service_of(request: Request) -> Service:
    """Return the parts of the service."""
    service: Service = request.app.state.service
    return service


TheService = Annotated[Service, Depends(service_of)]


def reading(service: TheService) -> Iterator[Session]:
    """Open a database session that only reads."""
    with service.database.read() as session:
        yield session


def writing(service: TheService) -> Iterator[Session]:
    """Open a database session; it is committed when the answer is ready, before it is sent."""
    with service.database.begin() as session:
        yield session


Reading = Annotated[Session, Depends(reading, scope="function")]
Writing = Annotated[Session, Depends(writing, scope="function")]


def anybody(request: Request, service: TheService) -> Asking | None:
    """Return who asks, or None for somebody who is not signed in. Raises NotSignedIn for a token that does not hold.

    The database is asked and let go: a request holds one connection at a time.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    cookie = request.cookies.get(cookie_name(service), "")
    with service.database.read() as session:
        asking = _by_token(session, token.strip()) if scheme.lower() == "bearer" else _by_cookie(session, cookie)
    if asking is not None:
        request.state.language = asking.person.language
    return asking


def _by_token(session: Session, token: str) -> Asking:
    found = by_token(session, token)
    if found is None:
        raise NotSignedIn("not-signed-in")
    row, person = found
    return Asking(person, who_is(session, person.id, frozenset(row.scopes)), None)


def _by_cookie(session: Session, cookie: str) -> Asking | None:
    held = signed_in(session, cookie) if cookie else None
    return Asking(held[1], who_is(session, held[1].id), held[0].csrf) if held else None


Anybody = Annotated[Asking | None, Depends(anybody, scope="function")]


async def somebody(request: Request, asking: Anybody) -> Asking:
    """Return who asks. Raises NotSignedIn, and Forbidden for a change that does not come from our own pages."""
    if asking is None:
        raise NotSignedIn("not-signed-in")
    if request.method not in _SAFE and asking.csrf is not None:
        await _must_be_ours(request, asking.csrf)
    return asking


Somebody = Annotated[Asking, Depends(somebody, scope="function")]


def cookie_name(service: Service) -> str:
    """Return the cookie's name: over https, one that only this very host can set."""
    return f"__Host-{COOKIE}" if service.is_https else COOKIE


def must_come_from_here(request: Request) -> None:
    """Raise Forbidden when the browser says that another site sends this request."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    ours = urlsplit(service_of(request).service_settings.address).netloc
    if site not in ("same-origin", "none") or (origin is not None and urlsplit(origin).netloc not in (ours, request.url.netloc)):
        raise Forbidden("request-forged")


async def _must_be_ours(request: Request, csrf: str) -> None:
    must_come_from_here(request)
    given = request.headers.get("x-csrf-token", "")
    if not given and request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        given = str((await request.form()).get("csrf", ""))
    if not hmac.compare_digest(given.encode(), csrf.encode()):
        raise Forbidden("request-forged")

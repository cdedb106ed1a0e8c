"""Errors as problem+json (RFC 9457): a code, and a sentence in the caller's language."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from grader.catalogue import sentence
from grader.errors import (
    Conflict,
    Forbidden,
    JurygridError,
    NotSignedIn,
    OurFailure,
    Refused,
    TooLarge,
    TooMany,
    Unknown,
)
from grader.store.database import DatabaseFailed

log = logging.getLogger("jurygrid.api")
MEDIA_TYPE = "application/problem+json"
STATUS: Mapping[type[JurygridError], int] = {
    NotSignedIn: 401,
    Forbidden: 403,
    Unknown: 404,
    Conflict: 409,
    TooLarge: 413,
    Refused: 422,
    TooMany: 429,
    OurFailure: 503,
}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable name of the reason."},
        "detail": {"type": "string", "description": "One sentence in the caller's language."},
        "fields": {"type": "array", "items": {"type": "object"}, "description": "Malformed fields, with their place."},
    },
}


def language_of(request: Request) -> str:
    """Return the language to speak: the one chosen by hand (`?lang=`, then the cookie), the account's, else the browser's first of two."""
    asked = request.query_params.get("lang") or request.cookies.get("lang") or getattr(request.state, "language", "")
    if asked in ("fr", "en"):
        return asked
    accepted = request.headers.get("accept-language", "fr").lower()
    ranked = [part.split(";")[0].strip()[:2] for part in accepted.split(",")]
    return next((language for language in ranked if language in ("fr", "en")), "fr")


def status_of(error: JurygridError) -> int:
    """Return the HTTP status of an error, by the nearest of its kinds."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(status: int, code: str, detail: str, **more: Any) -> JSONResponse:
    """Return a problem as a response."""
    titles = {
        401: "Unauthorized",
        403: "Forbidden",
        404: "Not Found",
        409: "Conflict",
        413: "Content Too Large",
        429: "Too Many Requests",
    }
    body = {"type": "about:blank", "title": titles.get(status, "Refused" if status < 500 else "Failed"), "status": status}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse({**body, "code": code, "detail": detail, **more}, status, headers, MEDIA_TYPE)


Shown = Callable[[Request, int, str, str], Response]


def install(app: FastAPI, *, wants_page: Callable[[Request], bool], shown: Shown) -> None:
    """Answer every error of the application as a problem, or as a page (`shown`) where a person's browser asks for one."""

    def told(request: Request, status: int, code: str, detail: str, **more: Any) -> Response:
        return shown(request, status, code, detail) if wants_page(request) else problem(status, code, detail, **more)

    @app.exception_handler(JurygridError)
    async def known(request: Request, error: JurygridError) -> Response:
        response = told(request, status_of(error), error.code, error.sentence(language_of(request)))
        if isinstance(error, TooMany):
            response.headers["Retry-After"] = str(error.values.get("seconds", 60))
        return response

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> Response:
        fields = [{"place": [str(p) for p in e["loc"]], "what": str(e["msg"])} for e in error.errors()[:20]]
        named = ", ".join(".".join(f["place"][1:]) or f["place"][0] for f in fields) or "?"
        said = sentence("request-malformed", language_of(request), detail=named)
        return told(request, 422, "request-malformed", said, fields=fields)

    @app.exception_handler(HTTPException)
    async def plain(request: Request, error: HTTPException) -> Response:
        code = "unknown" if error.status_code in (404, 405) else "request-malformed"
        detail = sentence(code, language_of(request), detail=str(error.detail))
        response = told(request, error.status_code, code, detail)
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(DatabaseFailed)
    async def database(request: Request, error: DatabaseFailed) -> Response:
        log.error("database", exc_info=error)
        return told(request, 503, "unavailable", sentence("unavailable", language_of(request)))

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        log.error("unexpected", exc_info=error)
        return told(request, 500, "unexpected", sentence("unavailable", language_of(request)))

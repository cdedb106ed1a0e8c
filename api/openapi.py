"""The OpenAPI document: every route says how one signs in and what its problems look like."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.asking import COOKIE
from api.problems import MEDIA_TYPE, PROBLEM

OPEN = frozenset({"/health/live", "/health/ready", "/metrics", "/api/sign-in", "/api/invitations/{token}"})
_MEANING = {
    "401": "Nobody knows who asks.",
    "403": "This person may not do that.",
    "404": "There is nothing there, or it is not the caller's to know of.",
    "409": "It contradicts what was done before.",
    "413": "It is too large.",
    "422": "It cannot be done as asked; the sentence says why.",
    "429": "Too many requests; `Retry-After` says when to try again.",
    "503": "The service cannot answer now.",
}


def document(app: FastAPI) -> dict[str, Any]:
    """Return the document of an application."""
    made = get_openapi(title=app.title, version=app.version, routes=app.routes, description=_ABOUT)
    parts = made.setdefault("components", {})
    parts.setdefault("schemas", {})["Problem"] = PROBLEM
    parts["securitySchemes"] = {
        "cookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": COOKIE,
            "description": "With `X-CSRF-Token` on what changes something.",
        },
        "token": {"type": "http", "scheme": "bearer", "description": "A personal API token."},
    }
    for path, operations in made["paths"].items():
        for operation in operations.values():
            is_open = path in OPEN
            operation["security"] = [] if is_open else [{"cookie": []}, {"token": []}]
            said = operation.setdefault("responses", {})
            for status, meaning in _MEANING.items():
                if not (is_open and status == "403"):
                    said[status] = {
                        "description": meaning,
                        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                    }
    return made


_ABOUT = """Submissions in, prefilled grids out. Lists come in pieces: ask again with `after`. Errors are problem+json, each with a stable `code`
and a sentence in the caller's language (`Accept-Language`, or `?lang=fr`). A program comes with `Authorization: Bearer jg_…`."""

"""Finds the application's OpenAPI document: at the addresses that frameworks use, then where its documentation page points."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from checks.limits import Overtime, deadline
from checks.prober.asked import Clock
from checks.prober.calls import Answer, Caller
from checks.prober.documents import MOST_BYTES, Unreadable, closed, read_document

PATHS = (
    "/openapi.json",
    "/api/openapi.json",
    "/api/v1/openapi.json",
    "/swagger.json",
    "/api/schema/",
    "/apispec.json",
    "/apispec_1.json",
    "/v3/api-docs",
)
PAGES = ("/docs", "/docs/", "/redoc", "/apidocs/", "/api/docs", "/api/docs/", "/swagger/", "/")
ACCEPTED = "application/json, application/vnd.oai.openapi+json;q=0.9, */*;q=0.5"
VALIDATION_SECONDS = 5.0
_NAMED = re.compile(r"""(?:\burl|spec-url|specUrl|"url")["']?\s*[:=]\s*["'](/(?!/)[^"'\s<>]{1,200})["']""")


@dataclass(frozen=True, slots=True)
class Found:
    """The document, closed over itself, and the path it came from; `valid` is None when its validation did not end.

    `trouble` is the code of why there is none: `not-found`, `timeout`, or what Unreadable says.
    """

    document: dict[str, Any] | None = None
    path: str | None = None
    valid: bool | None = None
    trouble: str | None = None


def find_openapi(caller: Caller, clock: Clock) -> Found:
    """Return the first OpenAPI document that the application serves."""
    trouble = "not-found"
    for path in _paths(caller, clock):
        if not clock.left():
            return Found(trouble="timeout")
        found = _read(_fetch(caller, path), path)
        if found.document is not None:
            return found
        trouble = found.trouble or trouble
    return Found(trouble=trouble)


def _fetch(caller: Caller, path: str) -> Answer:
    answer = caller.get(path, most=MOST_BYTES, accept=ACCEPTED)
    onward = answer.local_redirect()
    return caller.get(onward, most=MOST_BYTES, accept=ACCEPTED) if onward else answer


def _paths(caller: Caller, clock: Clock) -> Iterator[str]:
    """Yield the usual paths, then those that the pages of documentation name."""
    yield from PATHS
    seen = set(PATHS)
    for page in PAGES:
        if not clock.left():
            return
        answer = _fetch(caller, page)
        for path in _NAMED.findall(answer.text) if answer.fine else ():
            if path not in seen and len(seen) < len(PATHS) + 6:
                seen.add(path)
                yield path


def _read(answer: Answer, path: str) -> Found:
    if answer.status != 200 or answer.body.lstrip().startswith(b"<"):
        return Found()
    if answer.error:
        return Found(trouble=answer.error)
    try:
        document = closed(read_document(answer.body))
    except Unreadable as why:
        return Found(trouble=str(why))
    if not isinstance(document.get("paths"), dict) or not {"openapi", "swagger"} & document.keys():
        return Found()
    return Found(document, path, is_valid(document))


def is_valid(document: dict[str, Any]) -> bool | None:
    """Tell whether the document obeys the OpenAPI specification that it names; None when that took too long to know."""
    import schemathesis

    try:
        with deadline(VALIDATION_SECONDS):
            schemathesis.openapi.from_dict(with_whole_addresses(document)).validate()
    except Overtime:
        return None
    except Exception:  # its errors are many, and a stranger's document provokes others
        return False
    return True


def with_whole_addresses(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with the addresses of its OAuth flows made whole.

    OpenAPI lets them be relative, and FastAPI writes them so; the published schema, by which validators judge, does not.
    """
    components = document.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else None
    if not isinstance(components, dict) or not isinstance(schemes, dict):
        return document
    return {**document, "components": {**components, "securitySchemes": {name: _whole(s) for name, s in schemes.items()}}}


def _whole(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _whole(inner, key) for key, inner in value.items()}
    relative = isinstance(value, str) and name in ("tokenUrl", "authorizationUrl", "refreshUrl") and "://" not in value
    return f"http://localhost/{value.lstrip('/')}" if relative else value

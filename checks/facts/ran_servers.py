"""One application that was started, as the prober saw it from its own sandbox."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping

from checks.facts.hostile_json import Fields
from checks.facts.ran_values import Exchange, Server, Step, Surprise
from checks.facts.routing import shape

MOST_SCREENSHOT = 700_000  # characters of base64: the prober's pictures have at most 400 kB
_PNG = b"\x89PNG\r\n\x1a\n"
_METHODS = ("get", "post", "put", "patch", "delete")


def server(made: Step, said: Fields, probe: Fields) -> Server:
    """Return what was seen. Whether it was ready is the runner's word, everything else the prober's."""
    metrics, fuzz = probe.inner("metrics"), probe.inner("fuzz")
    before, after = _numbers(metrics, "before"), _numbers(metrics, "after")
    return Server(
        made,
        said.flag("ready"),
        probe.flag("reached"),
        tuple(map(_exchange, probe.objects("exchanges", 600))),
        probe.text("openapi_path", 300) or None,
        probe.flag("openapi_valid") if probe.has("openapi_valid") else None,
        frozenset(_documented(probe.inner("openapi"))),
        metrics.text("path", 300) or None,
        tuple(after or before),
        tuple(name for name, value in after.items() if value != before.get(name, 0.0)),
        fuzz.count("cases"),
        tuple(map(_surprise, fuzz.objects("failures", 100))),
        probe.whole("limited_after"),
        _picture(probe.raw("screenshot", MOST_SCREENSHOT)),
        said.text("prepared_schema", 10) == "ok",
        said.texts("made_folders", 6, 200),
    )


def _exchange(given: Fields) -> Exchange:
    headers = {name.lower(): str(value)[:300] for name, value in given.items("headers", 60)}
    return Exchange(
        given.text("purpose", 40),
        given.text("method", 10),
        given.text("route", 300),
        given.text("path", 300),
        given.whole("status"),
        given.code("error"),
        headers,
        given.text("body", 500),
    )


def _surprise(given: Fields) -> Surprise:
    return Surprise(
        given.text("method", 10),
        given.text("route", 300),
        given.whole("status"),
        given.code("what") or "unknown",
        given.text("sent", 300),
    )


def _documented(document: Fields) -> Iterator[tuple[str, str]]:
    for path, operations in document.items("paths", 2_000):
        for method in _METHODS:
            if isinstance(operations, dict) and method in operations:
                yield method.upper(), shape(path)


def _numbers(metrics: Fields, name: str) -> Mapping[str, float]:
    return {n: float(v) for n, v in metrics.items(name, 2_000) if isinstance(v, int | float) and not isinstance(v, bool)}


def _picture(text: str | None) -> str | None:
    """Return the picture when it is base64 of a PNG."""
    try:
        return text if text and base64.b64decode(text[:16], validate=True).startswith(_PNG) and _is_base64(text) else None
    except (binascii.Error, ValueError):
        return None


def _is_base64(text: str) -> bool:
    base64.b64decode(text, validate=True)
    return text.isascii()

"""Makes one small valid value of a JSON schema, always the same: what the document gives as example first, else the least."""

from __future__ import annotations

import math
from typing import Any

from checks.prober.documents import follow

DEEPEST = 8
MOST_VALUES = 500
FORMATS = {
    "date": "2026-01-15",
    "date-time": "2026-01-15T12:00:00Z",
    "time": "12:00:00",
    "duration": "P1D",
    "email": "a@example.org",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "uri": "http://localhost/a",
    "url": "http://localhost/a",
    "hostname": "localhost",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "byte": "YQ==",
    "password": "wrong-password",
}


class Instances:
    """Makes values of the schemas of one document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._made = 0

    def of(self, schema: Any, depth: int = 0) -> Any:
        """Return a value of the schema; None when it is too deep or too large."""
        self._made += 1
        if depth > DEEPEST or self._made > MOST_VALUES:
            return None
        schema = self._merged(follow(self._document, schema), depth)
        found, value = given(schema)
        if found:
            return value
        if options := _options(schema):
            return self.of(_first_real(options), depth + 1)
        return self._of_type(_kind(schema), schema, depth)

    def _merged(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        """Return the schema with its `allOf` poured into it."""
        parts = schema.get("allOf")
        if not isinstance(parts, list):
            return schema
        merged = {k: v for k, v in schema.items() if k != "allOf"}
        for part in parts[:10]:
            inner = self._merged(follow(self._document, part), depth + 1) if depth < DEEPEST else {}
            properties = {**_mapping(merged.get("properties")), **_mapping(inner.get("properties"))}
            required = [*_list(merged.get("required")), *_list(inner.get("required"))]
            merged = {**inner, **merged, "properties": properties, "required": required}
        return merged

    def _of_type(self, kind: str, schema: dict[str, Any], depth: int) -> Any:
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            least = min(max(_whole(schema.get("minItems"), 1), 1), 50)
            return [self.of(schema.get("items", {}), depth + 1) for _ in range(least)]
        if kind in ("integer", "number"):
            return _number(schema, whole=kind == "integer")
        return {"boolean": True, "null": None}.get(kind, _text(schema) if kind == "string" else None)

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties = _mapping(schema.get("properties"))
        required = [name for name in _list(schema.get("required")) if isinstance(name, str)]
        # Nothing required, and yet something described: an empty body would show little.
        names = required or (list(properties) if depth < 2 else [])
        return {name: self.of(properties.get(name, {}), depth + 1) for name in names[:60]}


def given(schema: dict[str, Any]) -> tuple[bool, Any]:
    """Return whether the schema itself gives a value, and that value."""
    for name in ("example", "const", "default"):
        if schema.get(name) is not None:
            return True, schema[name]
    for name in ("examples", "enum"):
        listed = schema.get(name)
        if isinstance(listed, list) and listed:
            return True, listed[0]
    return False, None


def _options(schema: dict[str, Any]) -> list[Any]:
    return _list(schema.get("oneOf")) or _list(schema.get("anyOf"))


def _first_real(options: list[Any]) -> Any:
    return next((o for o in options if not (isinstance(o, dict) and o.get("type") == "null")), {})


def _kind(schema: dict[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((k for k in kind if isinstance(k, str) and k != "null"), "null")
    if isinstance(kind, str):
        return kind
    if "properties" in schema or "required" in schema:
        return "object"
    return "array" if "items" in schema else "string"


def _number(schema: dict[str, Any], *, whole: bool) -> int | float:
    """Return 1, or the nearest number that the bounds allow."""
    low, high = _bound(schema, "minimum", "exclusiveMinimum"), _bound(schema, "maximum", "exclusiveMaximum")
    step = schema.get("multipleOf")
    value: float = 1
    if low is not None and value < low[0] + low[1]:
        value = low[0] + (1 if whole else 0.5) * low[1] if low[1] else low[0]
    if high is not None and value > high[0] - high[1]:
        value = high[0] - (1 if whole else 0.01) * high[1] if high[1] else high[0]
    if low is not None and high is not None and not low[0] <= value <= high[0]:
        value = (low[0] + high[0]) / 2
    if isinstance(step, int | float) and step > 0:
        value = math.ceil(value / step) * step
    return math.ceil(value) if whole else value


def _bound(schema: dict[str, Any], name: str, exclusive: str) -> tuple[float, int] | None:
    """Return a bound and 1 when it is itself left out (both the 3.0 and the 3.1 way of saying so)."""
    limit, strict = schema.get(name), schema.get(exclusive)
    if isinstance(strict, int | float) and not isinstance(strict, bool):
        return float(strict), 1
    return (float(limit), int(strict is True)) if isinstance(limit, int | float) else None


def _text(schema: dict[str, Any]) -> str:
    made = FORMATS.get(str(schema.get("format")), "a")
    least, most = _whole(schema.get("minLength"), 0), _whole(schema.get("maxLength"), 1_000)
    return (made + "a" * (min(least, 1_000) - len(made)))[: max(most, 0)]


def wrong(value: Any) -> Any:
    """Return a body of the wrong types for a schema whose valid value is given."""
    if isinstance(value, dict) and value:
        return {name: {"wrong": True} if not isinstance(inner, dict) else "wrong" for name, inner in value.items()}
    return "wrong" if not isinstance(value, str) else {"wrong": True}


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _whole(value: Any, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else default

"""Opens a stranger's JSON or YAML: bounded in bytes, depth and nodes, with plain values only and no reference that leaves it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import yaml

MOST_BYTES = 2_000_000
MOST_NODES = 100_000
DEEPEST = 60
LONGEST_TEXT = 20_000

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Unreadable(ValueError):
    """A document that is not opened; its text is a code: `malformed`, `too-large`, `too-deep`, `aliases`."""


def read_document(data: bytes) -> dict[str, Any]:
    """Return the mapping in JSON or YAML bytes. Raises Unreadable."""
    if len(data) >= MOST_BYTES:
        raise Unreadable("too-large")
    text = data.decode("utf-8", "replace").lstrip("\ufeff")
    try:
        found = json.loads(text) if text.lstrip().startswith(("{", "[")) else _yaml(text)
    except RecursionError:
        raise Unreadable("too-deep") from None
    except Unreadable:
        raise
    except Exception:  # whatever a parser says of hostile bytes
        raise Unreadable("malformed") from None
    plain = Plain().of(found, 0)
    if not isinstance(plain, dict):
        raise Unreadable("malformed")
    return plain


def _yaml(text: str) -> Any:
    """Load YAML after its events were counted: they come one by one, so nothing deep or multiplied is ever built."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable("aliases")
        if depth > DEEPEST:
            raise Unreadable("too-deep")
        if count > MOST_NODES * 2:
            raise Unreadable("too-large")
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader


class Plain:
    """Rebuilds a value from plain ones: names are text, texts are short, numbers are finite; counts as it goes."""

    def __init__(self) -> None:
        self._nodes = 0

    def of(self, value: Any, depth: int) -> Any:
        """Return the plain value. Raises Unreadable when it is too deep or too large."""
        self._nodes += 1
        if depth > DEEPEST:
            raise Unreadable("too-deep")
        if self._nodes > MOST_NODES:
            raise Unreadable("too-large")
        if isinstance(value, dict):
            return {str(k)[:300]: self.of(v, depth + 1) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [self.of(v, depth + 1) for v in value]
        return self._scalar(value)

    def _scalar(self, value: Any) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return value if abs(value) < 1 << 63 else None
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        # Lone surrogates cannot be written as UTF-8: a child's file is.
        return str(value)[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")


def closed(value: Any) -> Any:
    """Return the document with every reference that leaves it (a file, another host) replaced by the schema of anything."""
    if isinstance(value, dict):
        if isinstance(ref := value.get("$ref"), str) and not ref.startswith("#"):
            return {}
        dropped = ("$id", "$schema", "$dynamicRef", "$recursiveRef", "externalValue", "jsonSchemaDialect")
        return {k: closed(v) for k, v in value.items() if not (k in dropped and isinstance(v, str))}
    return [closed(v) for v in value] if isinstance(value, list) else value


def follow(document: dict[str, Any], value: Any) -> dict[str, Any]:
    """Return the mapping that `value` is or that its local `$ref` names; an empty one when there is none."""
    for _ in range(10):
        if not isinstance(value, dict):
            return {}
        ref = value.get("$ref")
        if not isinstance(ref, str):
            return value
        value = _at(document, ref)
    return {}


def _at(document: dict[str, Any], ref: str) -> Any:
    if not ref.startswith("#/") or len(ref) > 500:
        return None
    value: Any = document
    for part in ref[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~").replace("%7B", "{").replace("%7D", "}")
        value = value.get(name) if isinstance(value, dict) else None
    return value


def mappings(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the mappings in a list; nothing for any other value."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))

"""Reads values out of a stranger's JSON: each is of the type that was asked for, bounded, and free of control characters."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

DEEPEST = 40
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def read_object(data: bytes) -> dict[str, Any] | None:
    """Return the object in JSON bytes; None when it is anything else, too deep or malformed."""
    if _depth(data) > DEEPEST:
        return None
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _depth(data: bytes) -> int:
    """Return an upper bound of the nesting, brackets in texts included: a linear look before a recursive parser starts."""
    deepest = now = 0
    for mark in re.findall(rb'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', data):
        if mark in b"[{":
            now += 1
            deepest = max(deepest, now)
        elif mark in b"]}":
            now -= 1
    return deepest


def clean(text: str, most: int) -> str:
    """Return the beginning of a text without what a terminal or a page would obey."""
    return _UNSEEN.sub("\ufffd", text[:most])


def clean_tail(text: str, most: int) -> str:
    """Return the end of a text without what a terminal or a page would obey."""
    return _UNSEEN.sub("\ufffd", text[-most:])


class Fields:
    """An object whose fields are asked for by type; what is absent or of another type gives an empty value."""

    def __init__(self, given: Any) -> None:
        """Take the object; anything else counts as an empty one."""
        self._given: Mapping[str, Any] = given if isinstance(given, dict) else {}

    def __bool__(self) -> bool:
        """Tell whether there is any field."""
        return bool(self._given)

    def has(self, name: str) -> bool:
        """Tell whether the field is there and not null."""
        return self._given.get(name) is not None

    def text(self, name: str, most: int = 300) -> str:
        """Return a text, cut at `most` characters."""
        value = self._given.get(name)
        return clean(value, most) if isinstance(value, str) else ""

    def tail(self, name: str, most: int = 8_000) -> str:
        """Return the last `most` characters of a text."""
        value = self._given.get(name)
        return clean_tail(value, most) if isinstance(value, str) else ""

    def raw(self, name: str, most: int) -> str | None:
        """Return a text as it is, for a parser of its own; None when it is absent or longer than `most`."""
        value = self._given.get(name)
        return value if isinstance(value, str) and len(value) <= most else None

    def code(self, name: str) -> str | None:
        """Return a short code such as `out-of-memory`; None when it is absent."""
        value = self.text(name, 60)
        return re.sub(r"[^A-Za-z0-9_:.-]", "", value) or None

    def number(self, name: str) -> float:
        """Return a finite number that is not negative."""
        value = self._given.get(name)
        fine = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12 and math.isfinite(value)
        return float(value) if fine and value >= 0 else 0.0  # type: ignore[arg-type, operator]

    def whole(self, name: str) -> int | None:
        """Return an integer; None when it is absent."""
        value = self._given.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53 else None

    def count(self, name: str) -> int:
        """Return an integer that is not negative, 0 when it is absent."""
        return max(self.whole(name) or 0, 0)

    def flag(self, name: str) -> bool:
        """Tell whether the field is true."""
        return self._given.get(name) is True

    def is_false(self, name: str) -> bool:
        """Tell whether the field is there and false."""
        return self._given.get(name) is False

    def inner(self, name: str) -> Fields:
        """Return an object of the object."""
        return Fields(self._given.get(name))

    def objects(self, name: str, most: int = 2_000) -> Iterator[Fields]:
        """Yield the objects of a list."""
        value = self._given.get(name)
        for item in value[:most] if isinstance(value, list) else ():
            if isinstance(item, dict):
                yield Fields(item)

    def texts(self, name: str, most: int = 500, longest: int = 300) -> tuple[str, ...]:
        """Return the texts of a list."""
        value = self._given.get(name)
        return tuple(clean(v, longest) for v in value[:most] if isinstance(v, str)) if isinstance(value, list) else ()

    def items(self, name: str, most: int = 5_000) -> Iterator[tuple[str, Any]]:
        """Yield the (name, value) pairs of an object of the object."""
        value = self._given.get(name)
        for key, item in list(value.items())[:most] if isinstance(value, dict) else ():
            yield clean(str(key), 400), item

    def line(self, name: str = "line") -> int | None:
        """Return the number of a line, from 1."""
        value = self.whole(name)
        return value if value is not None and 0 < value < 10_000_000 else None

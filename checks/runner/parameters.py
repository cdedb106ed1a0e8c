"""The parameters of a query written in code, replaced by values that any query accepts."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"(?P<kept>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\$\$.*?\$\$|::\w+|:=)"
    r"|(?P<given>%\(\w+\)s|%s|(?<![\w:]):[A-Za-z_]\w*|\?(?![|&])|\$\d+|@[A-Za-z_]\w*|\{\{?[^{}]{0,200}\}?\})",
    re.S,
)
_COUNT = re.compile(r"\b(limit|offset|top|fetch\s+first|fetch\s+next)\s*\(?\s*$", re.I)
_INTERVAL = re.compile(r"\binterval\s*$", re.I)


def filled(text: str) -> tuple[str, int]:
    """Return the query with its parameters as NULL, as 1 where a count stands, and how many there were."""
    count = 0

    def value(found: re.Match[str]) -> str:
        nonlocal count
        if found.group("kept"):
            return found.group("kept").replace("%%", "%")
        count += 1
        before = text[max(0, found.start() - 40) : found.start()]
        return "1" if _COUNT.search(before) else "'1 day'" if _INTERVAL.search(before) else "NULL"

    return _TOKEN.sub(value, text), count

"""Version constraints of Poetry and Pipenv, written as PEP 440 says them."""

from __future__ import annotations

import re
from collections.abc import Callable

_NUMBER = re.compile(r"^v?(\d{1,9}(?:\.\d{1,9}){0,4})([\w.+-]*)$")


def specifier(constraint: str) -> str:
    """Translate a constraint (`^1.2`, `~1.2.3`, `1.*`, `>=1,<2`, `*`); of alternatives (`||`) the last. Raises ValueError."""
    last = constraint.rsplit("||", maxsplit=1)[-1].strip()
    pieces = [p for p in re.split(r"\s*,\s*|\s+(?=[<>=!~^])", re.sub(r"([<>=!~^])\s+", r"\1", last)) if p]
    return ",".join(s for s in map(_one, pieces) if s)


def _one(piece: str) -> str:
    if piece in ("*", "latest"):
        return ""
    if piece.startswith("^"):
        return _between(piece[1:], _next_breaking)
    if piece.startswith("~") and not piece.startswith("~="):
        return _between(piece[1:], _next_minor)
    if piece[0] in "<>=!~":
        return piece if not re.match(r"^=[^=]", piece) else f"={piece}"
    if _NUMBER.match(piece) or re.match(r"^\d[\d.]*\.\*$", piece):
        return f"=={piece}"
    raise ValueError(piece)


def _between(version: str, upper: Callable[[list[int]], list[int]]) -> str:
    found = _NUMBER.match(version.strip())
    if not found:
        raise ValueError(version)
    numbers = [int(n) for n in found.group(1).split(".")]
    return f">={found.group(1)}{found.group(2)},<{'.'.join(map(str, upper(numbers)))}"


def _next_breaking(numbers: list[int]) -> list[int]:
    """Return the first version after `^`: the leftmost number that is not 0 grows, the last one written when all are 0."""
    at = next((i for i, n in enumerate(numbers) if n), len(numbers) - 1)
    return [*numbers[:at], numbers[at] + 1, *(0 for _ in numbers[at + 1 :])]


def _next_minor(numbers: list[int]) -> list[int]:
    at = min(1, len(numbers) - 1)
    return [*numbers[:at], numbers[at] + 1, *(0 for _ in numbers[at + 1 :])]

"""The rules by which failures are sorted, read from `rubrics/lexicons/failures.yaml`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from grader.values import Text

WHOSE = ("sandbox", "candidate", "undetermined")
ASKS = (
    "",
    "absent-file",
    "left-out-package",
    "unknown-module",
    "own-module",
    "own-name",
    "other-driver",
    "connection",
    "library-frame",
    "own-frame",
    "names-a-variable",
)
_KEYS = {"code", "whose", "exceptions", "says", "near", "asks", "fr", "en"}


@dataclass(frozen=True, slots=True)
class Phrase:
    """Pieces that stand on one line in this order, in lower case."""

    pieces: tuple[str, ...]

    def within(self, text: str) -> bool:
        """Tell whether a text in lower case holds the phrase: linear in its length."""
        if len(self.pieces) == 1:
            return self.pieces[0] in text
        return any(self._on(line) for line in text.splitlines() if self.pieces[0] in line)

    def _on(self, line: str) -> bool:
        at = 0
        for piece in self.pieces:
            at = line.find(piece, at)
            if at < 0:
                return False
            at += len(piece)
        return True


@dataclass(frozen=True, slots=True)
class FailureRule:
    """One rule: whose a failure is when it fits, and what is said then."""

    code: str
    whose: str
    exceptions: frozenset[str]
    says: tuple[Phrase, ...]
    near: tuple[Phrase, ...]
    asks: str
    text: Text


@lru_cache(maxsize=1)
def failure_rules() -> tuple[FailureRule, ...]:
    """Read the rules. Raises ValueError that names the defect."""
    return tuple(_rule(n, given) for n, given in enumerate(_document()["failures"], 1))


@lru_cache(maxsize=1)
def imported_as() -> dict[str, frozenset[str]]:
    """Return imported name → the packages that may provide it."""
    found: dict[str, set[str]] = defaultdict(set)
    for pair in _document()["imports"]:
        name, package = str(pair).split()
        found[name].add(package)
    return {name: frozenset(packages) for name, packages in found.items()}


def _document() -> dict[str, Any]:
    text = files("rubrics").joinpath("lexicons").joinpath("failures.yaml").read_text("utf-8")
    return dict(yaml.load(text, yaml.CSafeLoader))


def _rule(number: int, given: dict[str, Any]) -> FailureRule:
    code, whose, asks = str(given.get("code", "")), str(given.get("whose", "")), str(given.get("asks", ""))
    if set(given) - _KEYS or not code or whose not in WHOSE or asks not in ASKS:
        raise ValueError(f"failures.yaml: rule {number} ({code}): unknown key, whose or asks")
    return FailureRule(
        code,
        whose,
        frozenset(map(str, given.get("exceptions", []))),
        _phrases(given.get("says", [])),
        _phrases(given.get("near", [])),
        asks,
        Text(str(given["fr"]), str(given["en"])),
    )


def _phrases(given: list[Any]) -> tuple[Phrase, ...]:
    return tuple(Phrase(tuple(p.strip() for p in str(text).lower().split("…"))) for text in given)

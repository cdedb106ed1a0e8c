"""Names of packages one letter away from a popular one: shown to the juror, never refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml

from checks.recipes.names import WINDOWS_ONLY, canonical

MOST_NAMES = 1_000
SHORTEST = 5  # below, too many honest names are one letter apart


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A name asked for, and the popular package that may have been meant."""

    name: str
    meant: str


def lookalikes(names: Iterable[str]) -> tuple[Lookalike, ...]:
    """Return the names that are one letter away from a popular package, in the order given, each once."""
    given = tuple(dict.fromkeys(canonical(n) for n in names))[:MOST_NAMES]
    return tuple(Lookalike(name, meant) for name in given if (meant := _imitated(name)))


def _imitated(name: str) -> str:
    popular, known = _popular()
    if name in known or name in WINDOWS_ONLY:
        return ""
    return next((p for p in popular if len(p) >= SHORTEST and one_letter_away(name, p)), "")


@lru_cache(maxsize=1)
def _popular() -> tuple[tuple[str, ...], frozenset[str]]:
    """Read the lists of `rubrics/lexicons/packages.yaml`: the popular names, and every name that imitates none."""
    data = yaml.load(files("rubrics").joinpath("lexicons", "packages.yaml").read_text("utf-8"), yaml.CSafeLoader)
    popular = tuple(str(n) for n in data["popular"])
    return popular, frozenset(popular) | frozenset(str(n) for n in data["neighbours"])


def one_letter_away(one: str, other: str) -> bool:
    """Tell whether one letter added, lost, replaced or swapped with its neighbour makes `other` of `one`."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    left, right = one[start:], other[start:]
    swapped = len(left) > 1 and len(right) > 1 and left[:2] == right[1::-1] and left[2:] == right[2:]
    return swapped or left[1:] == right[1:] or left[1:] == right or left == right[1:]

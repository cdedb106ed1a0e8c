"""Why the resolver refused: which packages its words blame, and for what."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .asked import canonical

_NAME = r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?(?:\{[^}]*\})?"
_VERSIONS = r"(?:[<>=!~][^\s,]*(?:,[<>=!~][^\s,]*)*)?"
_ABSENT = re.compile(rf"{_NAME}{_VERSIONS} was not found in the")
_NO_WHEEL = re.compile(rf"{_NAME}{_VERSIONS} ha(?:s|ve) no (?:usable wheels|wheels with)")
_NO_VERSION = re.compile(rf"(?:there (?:is|are) no versions? of|only) {_NAME}{_VERSIONS}(?= and | is available|,)")
_BELOW = re.compile(rf"depends? on (?:one of: )?{_NAME}{_VERSIONS}")
_FILTERED = re.compile(r"`([A-Za-z0-9._-]+)` was filtered by `exclude-newer`")
_UNDATED = re.compile(r"`([A-Za-z0-9][A-Za-z0-9._]*)-[^`\s]+\.whl` is missing an upload date")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a refusal blames, as canonical names in the order in which they are named.

    `absent`: unknown to the index; `no_wheel`: nothing built for this Python and platform; `no_version`: no such version;
    `below`: what others depend on; `filtered`: newer than the day asked for; `undated`: the index tells no date;
    `mentioned`: every word that might be a package; `cause` is the whole of it.
    """

    absent: tuple[str, ...]
    no_wheel: tuple[str, ...]
    no_version: tuple[str, ...]
    below: tuple[str, ...]
    filtered: tuple[str, ...]
    undated: tuple[str, ...]
    mentioned: tuple[str, ...]
    cause: str

    def reason_for(self, name: str) -> str:
        """Return why a package was refused: its own trouble, else that of what it needs, else a conflict."""
        kinds = (("not-found", self.absent), ("no-wheel", self.no_wheel), ("not-found", self.no_version))
        own = next((reason for reason, named in kinds if name in named), "")
        return own or next((reason for reason, named in kinds[:2] if named), "conflict")


def complaint(words: str) -> Complaint:
    """Read what uv said when nothing satisfied the requirements."""
    told, _, hints = words.partition("\nhint:")
    cause = re.sub(r"\s+", " ", told[told.find("cause:") :])

    def found(expression: re.Pattern[str], text: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(canonical(m) for m in expression.findall(text)))

    return Complaint(
        absent=found(_ABSENT, cause),
        no_wheel=found(_NO_WHEEL, cause),
        no_version=found(_NO_VERSION, cause),
        below=found(_BELOW, cause),
        filtered=found(_FILTERED, hints),
        undated=found(_UNDATED, words),
        mentioned=found(_WORD, cause),
        cause=cause,
    )

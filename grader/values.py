"""The values that travel between the stages: frozen, plain, and free of behaviour that touches the world."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """What a check concludes."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"
    INCONCLUSIVE = "inconclusive"


class Source(StrEnum):
    """Where a piece of evidence comes from, strongest first."""

    RAN = "ran"
    DECLARED = "declared"
    READ = "read"
    MENTIONED = "mentioned"


STRENGTH = {Source.RAN: 3, Source.DECLARED: 2, Source.READ: 1, Source.MENTIONED: 0}


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence in the two languages of the service."""

    fr: str
    en: str

    def in_(self, language: str) -> str:
        """Return the sentence in `language` (`fr` or `en`)."""
        return self.fr if language == "fr" else self.en


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place in the submission that a juror can open: `line` counts from 1, None for binaries."""

    source: Source
    path: str
    line: int | None = None
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check observed. `reason` is the code of an inconclusive or not applicable outcome."""

    check: str
    outcome: Outcome
    why: Text
    evidence: tuple[Evidence, ...] = ()
    reason: str | None = None
    measures: dict[str, float] = field(default_factory=dict)
    question: Text | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A path that was left out of the examination, with the code of the reason."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Suppression:
    """A mark by which the submission asks a tool to look away: reported, never obeyed."""

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of the history: `date` is ISO 8601 in UTC, `parents` are 40-hex hashes."""

    sha: str
    author: str
    date: str
    subject: str
    parents: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """What Git remembers: commits newest first, branch names, and whether the record is complete."""

    commits: tuple[Commit, ...] = ()
    branches: tuple[str, ...] = ()
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """The only document that leaves the examination sandbox."""

    nonce: str
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    claims: tuple[str, ...] = ()

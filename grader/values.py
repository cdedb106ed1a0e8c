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
    """What one check observed. `reason` is the code of an inconclusive or not applicable outcome, or of a doubt."""

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
class Influence:
    """Something in the submission that acts on a grader or on a test's outcome: listed, and without effect on any proposal."""

    path: str
    line: int
    what: Text
    text: str


@dataclass(frozen=True, slots=True)
class FailedTest:
    """A test that failed when it ran: `whose` is `candidate`, `sandbox` or `undetermined`, `code` the reason's."""

    path: str
    line: int | None
    name: str
    whose: str
    code: str
    why: Text


@dataclass(frozen=True, slots=True)
class Tried:
    """One thing that was run. `kind` is `tests`, `serve`, `migrate` or `mutate` (`plan`: nothing could be); `command` does it again by hand, in the repository.

    `how` is how it ended (`exit`, `signal`, `timeout`, `not-run`…), `reason` the code of what kept it from ending well.
    """

    kind: str
    part: str
    what: str
    command: str
    how: str
    reason: str | None
    seconds: float
    summary: Text
    path: str = ""
    line: int | None = None
    counts: dict[str, int] = field(default_factory=dict)
    failures: tuple[FailedTest, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOutRequirement:
    """A declared requirement that was not installed, with the code of the reason."""

    text: str
    part: str
    reason: str


@dataclass(frozen=True, slots=True)
class Screenshot:
    """A page of a started application: `png` is base64."""

    part: str
    what: str
    png: str


@dataclass(frozen=True, slots=True)
class RunService:
    """A service that steps asked for: `kind` is that of the plan; `state` is `started`, `absent` (not in the sandbox) or `failed`."""

    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class Run:
    """What was run, for people: steps in order, what was not installed, services that it asked for, pages that were seen."""

    sandbox: str
    steps: tuple[Tried, ...] = ()
    left_out: tuple[LeftOutRequirement, ...] = ()
    relaxed: tuple[str, ...] = ()
    services: tuple[RunService, ...] = ()
    screenshots: tuple[Screenshot, ...] = ()


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
    """What Git remembers: commits newest first, branch names, and whether the record is complete.

    `elsewhere` names the branches that hold more files which the graded commit lacks than the graded commit holds.
    """

    commits: tuple[Commit, ...] = ()
    branches: tuple[str, ...] = ()
    complete: bool = False
    elsewhere: tuple[Skipped, ...] = ()


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
    influences: tuple[Influence, ...] = ()
    run: Run | None = None

"""Incidents that documents tell: symptom, cause, repair, reproduction, prevention, and what they point to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from checks.facts.chronicle import folded
from checks.facts.documents import Document, Documents, Section
from checks.facts.topics import Topics
from checks.facts.zones import CHANGES, Explanations

PARTS = ("symptom", "reproduction", "cause", "repair", "prevention")
ENOUGH_WORDS = 60
OPENING_WORDS = 15
PROSE_WORDS = 120
LONG_WORDS = 200
LABELLED = 3  # parts under labels of their own, from which even a list of changes tells an incident
_TEMPLATE = re.compile(
    r"(^|[/_. -])(template|gabarit|modele|canevas|trame|exemple_vierge)([/_. -]|$)|\bNNN\b|AAAA-MM-JJ|YYYY-MM-DD", re.I
)
_LABEL = re.compile(r"^\W{0,6}(?:\d{1,2}[.)]\s*)?([^:|\n]{3,90}?)\s*(?::|—| - )")
_NUMBERING = re.compile(r"^[\W\d_]*(?:[A-Z]\d?[.)]\s)?")
_CONCRETE = re.compile(
    r"\b[\w-]{1,80}\.(py|ya?ml|html|js|tsx?|jsx|sql|toml|ini|json|cfg|conf|sh|txt|env|csv|ipynb|service|log|lock|Dockerfile)\b"
    r"|\b[A-Z]\w*(Error|Exception|Warning|Timeout)\b|\b(HTTP\s*)?[45]\d\d\b|\b\w{1,80}_\w{1,80}\b|\b\w{1,80}\(\)|--\w+|\bDockerfile\b"
)
_HASH = re.compile(r"(?<![\w-])(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}(?![\w-])")
_TICKET = re.compile(
    r"\b(issues?|tickets?|pull[ -]requests?|merge[ -]requests?|PR|MR)\b\s*(n°|n o|no\.?|number)?\s*:?\s*\(?[#!]?\d{1,6}\b"
    r"|/(issues|pull|merge_requests)/\d+|\b(ticket|jira|issue)\b.{0,20}\b[A-Z]{2,8}-\d+",
    re.I,
)
_BRANCH = re.compile(r"\b[bB]ranche?s?\s+(?:de fix\s+|dédiée\s+)?[`«\"']?\s?([\w./-]{4,60})")
_FILE = re.compile(
    r"\b[\w-]{1,80}\.(?:py|ya?ml|html|js|tsx?|jsx|sql|toml|ini|json|cfg|conf|sh|txt|ipynb|service)\b|\bDockerfile\b"
)


@dataclass(frozen=True)
class Incident:
    """A problem told in a document. `parts` maps symptom, cause, repair… to the line where it starts.

    `kind` is `report` (a problem, its cause and its repair, told), `brief` (repairs listed or said in a sentence), `method` (how
    incidents are dealt with in general) or `troubleshooting` (advice for whoever meets a problem).
    """

    kind: str
    path: str
    line: int
    heading: str
    parts: dict[str, int] = field(default_factory=dict)
    words: int = 0
    text: str = ""
    tickets: tuple[tuple[int, str], ...] = ()
    hashes: tuple[tuple[int, str], ...] = ()
    branches: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def listed(self) -> bool:
        """Tell whether it is a group of a list of changes: it lists repairs, each a line, and tells no incident."""
        return self.kind == "brief" and bool(CHANGES.search(self.path))

    @property
    def weight(self) -> tuple[int, int, int]:
        """Order of telling: reports first, then the number of parts, then length."""
        return {"report": 3, "brief": 2, "method": 1}.get(self.kind, 0), len(self.parts), self.words


@dataclass(frozen=True)
class Incidents:
    """All incidents told, the best told first."""

    all: tuple[Incident, ...] = ()

    @property
    def told(self) -> tuple[Incident, ...]:
        """Real incidents, in full or in brief."""
        return tuple(i for i in self.all if i.kind in ("report", "brief"))

    @property
    def reports(self) -> tuple[Incident, ...]:
        """Incidents told with their cause and their repair."""
        return tuple(i for i in self.all if i.kind == "report")

    @property
    def advice(self) -> tuple[Incident, ...]:
        """Methods and troubleshooting guides."""
        return tuple(i for i in self.all if i.kind in ("method", "troubleshooting"))


def _bare(heading: str) -> str:
    return _NUMBERING.sub("", heading).strip()


class _Reading:
    def __init__(self, topics: Topics) -> None:
        self.topics = topics

    def part(self, text: str) -> str:
        """Return the part of an incident that a label or a heading names, or ""."""
        found = [
            p for p in ("repair", "reproduction", "prevention", "cause", "symptom") if self.topics.in_text(f"incident-{p}", text)
        ]
        return found[0] if found else ""

    def starts(self, section: Section) -> bool:
        """Tell whether a section's own heading announces an incident or advice on problems."""
        return self.topics.in_text("incident", section.heading) or self.topics.in_text("incident-advice", section.heading)

    def is_part(self, section: Section) -> bool:
        """Tell whether the heading is only a label such as "Symptôme" or "Cause racine"."""
        bare = _bare(section.heading)
        if self.topics.in_text("incident", bare.split(" ", 1)[0]) and self.topics.in_text("incident-repaired", bare):
            return False  # "Bugs corrigés" announces, "Correction du bug" labels
        return len(bare.split()) <= 7 and bool(self.part(bare)) and not self.topics.in_text("incident-title", bare)

    def chapters(self, document: Document) -> Iterator[list[Section]]:
        """Yield the runs of sections that each tell one incident."""
        run: list[Section] = []
        counted = [s for s in document.sections if s.counts]
        announced = [s.level for s in counted[1:] if self.starts(s) and not self.is_part(s)]
        siblings = any(announced.count(level) > 1 for level in announced)  # a title above several incidents tells none itself
        for section in counted[1:] if siblings and counted and counted[0].level <= 1 else counted:
            deeper = bool(run) and section.level > run[0].level
            if run and ((deeper and not self.starts(section)) or self.is_part(section)):
                run.append(section)
                continue
            if run:
                yield run
            run = [section] if self.starts(section) else []
        if run:
            yield run

    def parts(self, run: list[Section]) -> tuple[dict[str, int], int]:
        """Return the parts found with their lines, and how many of them headings or labels name."""
        named: dict[str, int] = {}
        said: dict[str, int] = {}
        for number, section in enumerate(run):
            part = self.part(_bare(section.heading)) if number else ""
            if part and (section.text.strip() != section.heading.strip() or section.code or section.tables):
                named.setdefault(part, section.line)
            for line, text in section.lines:
                if text == section.heading:
                    continue
                self._line(line, text, named, said)
            for table in section.tables:
                for cell in table.header:
                    if table.rows and (part := self.part(cell)):
                        named.setdefault(part, table.line)
        if len(run[0].text.split()) >= OPENING_WORDS:
            said.setdefault("symptom", run[0].line)  # what stands right under the title of an incident tells what happened
        return {**said, **named}, len(named)

    def _line(self, line: int, text: str, named: dict[str, int], said: dict[str, int]) -> None:
        label = _LABEL.match(text)
        if label and (part := self.part(" ".join(label.group(1).split()[:5]))):
            named.setdefault(part, line)
        if len(text) >= 60:
            for part in PARTS:
                if self.topics.in_text(f"incident-{part}", text):
                    said.setdefault(part, line)

    def incident(self, run: list[Section]) -> Incident | None:
        """Return what a run tells, or None when it tells nothing."""
        head = run[0]
        text = "\n".join([*(f"{s.heading}\n{s.text}" for s in run), *(c.text for s in run for c in s.code)])
        if _TEMPLATE.search(folded(head.path)) or _TEMPLATE.search(text[:4000]):
            return None
        parts, labelled = self.parts(run)
        words = len(text.split())
        kind = self._kind(head, parts, labelled, words, bool(_CONCRETE.search(text)))
        named = self.topics.in_text("incident-title", head.heading) or labelled >= LABELLED
        if kind == "report" and CHANGES.search(head.path) and not named:
            kind = "brief"  # words of several lines, each of another repair, make no story
        return _filled(kind, run, parts, words, text) if kind else None

    def _kind(self, head: Section, parts: dict[str, int], labelled: int, words: int, concrete: bool) -> str:
        if self.topics.in_text("incident-advice", head.heading) and not self.topics.in_text("incident-title", head.heading):
            return "troubleshooting" if words >= 12 and parts else ""
        if self.topics.in_text("incident-method", head.heading):
            return "method"
        told = "repair" in parts and "cause" in parts and ("symptom" in parts or "reproduction" in parts)
        developed = labelled >= 2 and words >= LONG_WORDS
        if told and (concrete or developed) and words >= (ENOUGH_WORDS if labelled >= 2 else PROSE_WORDS):
            return "report"
        repaired = "repair" in parts or self.topics.in_text("incident-repaired", head.heading)
        if repaired and words >= 12 and (concrete or labelled):
            return "brief"
        return "method" if "cause" in parts and "repair" in parts else ""


def _filled(kind: str, run: list[Section], parts: dict[str, int], words: int, text: str) -> Incident:
    lines = [pair for s in run for pair in s.lines]
    links = [(link.line, link.target) for s in run for link in s.links]
    return Incident(
        kind,
        run[0].path,
        run[0].line,
        run[0].heading,
        parts,
        words,
        text[:20_000],
        tuple(_found(_TICKET, [*lines, *links])),
        tuple(_found(_HASH, lines)),
        tuple(dict.fromkeys(m.group(1).strip("./-") for m in _BRANCH.finditer(text))),
        tuple(dict.fromkeys(m.group().lower() for m in _FILE.finditer(text))),
    )


def _found(pattern: re.Pattern[str], lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    for line, text in lines:
        for match in pattern.finditer(text):
            yield line, match.group()


def incidents(documents: Documents, topics: Topics, explanations: Explanations) -> Incidents:
    """Find the incidents that the documents tell."""
    reading = _Reading(topics)
    found = [
        i
        for d in documents.counted
        if d.path not in explanations.copies
        for run in reading.chapters(d)
        if (i := reading.incident(run))
    ]
    return Incidents(tuple(sorted(found, key=lambda i: (*(-w for w in i.weight), i.path, i.line))))


FACTS = (incidents,)

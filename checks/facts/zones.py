"""A zone: the sections that documents give to one subject, and the parts of the subject that can be found there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from checks.facts.documents import Documents, Section
from checks.facts.instructions import Command, commands
from checks.facts.topics import Topics
from checks.findings import evidence
from grader.values import Evidence

_TASK = re.compile(r"^\W*\[ \]")
_LINK_ONLY = re.compile(r"^[\W\d]*\S+\.(md|pdf|html|rst|docx|ya?ml)\W*$", re.I)
CHANGES = re.compile(r"(^|/)(change[-_ ]?log[^/]*|release[-_ ]?notes[^/]*|changes|history|releases|news)(\.\w{1,8})?$", re.I)
# What tells a coding assistant how to write is not what tells a reader how the application is made.
_FOR_ASSISTANTS = re.compile(
    r"(^|/)(\.github/(copilot-instructions|instructions|prompts|agents|skills|chatmodes)\b|\.(cursor|claude|windsurf|clinerules|aider)\b)",
    re.I,
)
_CHAIN_KEY = re.compile(r"^\s*(on|jobs|stages|steps|runs-on)\s*:")
_COMPETENCY = re.compile(r"^\W*C\d{1,2}\b")
SUBSTANCE = 25
FEWEST_CRITERIA = 3


def body(section: Section) -> list[tuple[int, str]]:
    """Return the lines of a section without its heading, open tasks and bare links."""
    return [(n, t) for n, t in section.lines if _counts(section, t)]


def _counts(section: Section, text: str) -> bool:
    return bool(text.strip()) and text != section.heading and not _TASK.match(text) and not _LINK_ONLY.match(text.strip())


def has_substance(section: Section) -> bool:
    """Tell whether something stands under the heading: prose, a table, a block of code."""
    lines = body(section)
    return bool(section.code or section.tables) or len(lines) > 1 or sum(len(t) for _, t in lines) >= SUBSTANCE


@dataclass(frozen=True)
class Zone:
    """Sections about one subject, best first."""

    sections: tuple[Section, ...]
    topics: Topics

    def __bool__(self) -> bool:
        """Tell whether any section speaks of the subject."""
        return bool(self.sections)

    def narrowed(self, keep: Callable[[Section], bool]) -> Zone:
        """Return the zone with only the sections to keep."""
        return Zone(tuple(s for s in self.sections if keep(s)), self.topics)

    def in_file(self, path: str) -> Zone:
        """Return the part of the zone that stands in one file."""
        return self.narrowed(lambda s: s.path == path)

    @property
    def paths(self) -> tuple[str, ...]:
        """Files of the zone, best first."""
        return tuple(dict.fromkeys(s.path for s in self.sections))

    def named(self, topic: str) -> tuple[Section, ...]:
        """Return the sections with substance whose own heading names `topic`."""
        return tuple(s for s in self.sections if s.heading and self.topics.in_text(topic, s.heading) and has_substance(s))

    def headed(self, topic: str) -> Evidence | None:
        """Return the first section with substance whose own heading names `topic`."""
        return next((evidence(s.path, s.line, s.heading) for s in self.named(topic)), None)

    def said(self, topic: str) -> tuple[Evidence, ...]:
        """Return the lines that use a term of `topic`, headings aside."""
        found = ((s, hit) for s in self.sections for hit in self.topics.hits(topic, (s,)))
        return tuple(evidence(hit.path, hit.line, hit.text) for s, hit in found if _counts(s, hit.text))

    def commands(self, *kinds: str, in_code: bool = False) -> tuple[Command, ...]:
        """Return the commands of these kinds, those in code blocks first."""
        found = [c for s in self.sections for c in commands(s) if c.kind in kinds and (c.in_code or not in_code)]
        return tuple(sorted(found, key=lambda c: not c.in_code))

    def command(self, *kinds: str, in_code: bool = False) -> Evidence | None:
        """Return the first command of one of these kinds."""
        found = self.commands(*kinds, in_code=in_code)
        return evidence(found[0].path, found[0].line, found[0].text) if found else None


@dataclass(frozen=True)
class Explanations:
    """The sections that explain something: plans, lists of features, skills or changes and tables of contents are left out."""

    sections: tuple[Section, ...]
    topics: Topics
    copies: frozenset[str] = frozenset()  # files that copy the grid, in part at least

    @property
    def everything(self) -> Zone:
        """All of them."""
        return Zone(self.sections, self.topics)

    def apart_from(self, topic: str, area: Zone) -> Zone:
        """Leave out of `area` the sections that stand under a heading about another topic; a document's title does not count."""
        known: dict[str, bool] = {}
        for heading in {h for s in area.sections for h in (s.heading, *s.trail[1:])}:
            known[heading] = bool(heading) and self.topics.in_text(topic, heading)
        return area.narrowed(lambda s: not any(known[h] for h in (s.heading, *s.trail[1:])))

    def zone(self, topic: str, *, count: int = 3, only: tuple[str, ...] = ("heading", "trail", "body")) -> Zone:
        """Return the zone of a topic; a section whose headings do not name it needs `count` lines that do."""
        kept = {id(s) for s in self.sections}
        found = (p.section for p in self.topics.about(topic, body=count) if p.where in only)
        return Zone(tuple(s for s in found if id(s) in kept), self.topics)


class _Promises:
    def __init__(self, topics: Topics) -> None:
        self.topics = topics
        self.seen: dict[tuple[str, str], bool] = {}

    def _says(self, topic: str, heading: str) -> bool:
        key = (topic, heading)
        if key not in self.seen:
            self.seen[key] = bool(heading) and self.topics.in_text(topic, heading)
        return self.seen[key]

    def restates(self, section: Section) -> bool:
        """Tell whether a section is made of sentences of the certification's grid, copied without anything of its own."""
        if len(section.lines) < FEWEST_CRITERIA or section.code or section.tables or section.images:
            return False
        worded = {hit.line for hit in self.topics.hits("criterion-wording", (section,))}
        return len(worded) >= FEWEST_CRITERIA and 2 * len(worded) >= len(section.lines)

    def is_promise(self, section: Section) -> bool:
        """Tell whether a section speaks of what is planned, lists features or skills, or is a table of contents."""
        if self.restates(section):
            return True
        above = section.trail[0] if section.trail else section.heading
        return (
            self._says("promise-claim", section.heading)
            or self._says("promise-document", above)
            or any(self._says("promise-plan", h) for h in (section.heading, *section.trail[1:]))
        )


def explanations(documents: Documents, topics: Topics) -> Explanations:
    """Leave out the sections that promise or claim rather than explain."""
    promises = _Promises(topics)
    copies = frozenset(s.path for s in documents.sections if promises.restates(s))
    away = frozenset(s.path for s in documents.sections if _is_put_away(s))
    away |= {d.path for d in documents.counted if CHANGES.search(d.path) or _FOR_ASSISTANTS.search(d.path)}
    kept = (s for s in documents.sections if s.path not in away and not promises.is_promise(s))
    return Explanations(tuple(s for s in kept if s.path not in copies or not _is_of_a_grid(s)), topics, copies)


def _is_put_away(section: Section) -> bool:
    """Tell whether a file among the workflows is a chain under another extension, and not a page that explains the chains."""
    among = "/workflows/" in f"/{section.path}"
    return among and any(_CHAIN_KEY.match(line) for _, text in section.lines for line in text.splitlines())


def _is_of_a_grid(section: Section) -> bool:
    """Tell whether a section of a file that copies the grid is headed by a competency and holds prose only."""
    return bool(_COMPETENCY.match(section.heading)) and not (section.code or section.tables or section.images)


def first(*found: Evidence | tuple[Evidence, ...] | None) -> Evidence | None:
    """Return the first piece of evidence among candidates in order of strength."""
    for candidate in found:
        if isinstance(candidate, Evidence):
            return candidate
        if candidate:
            return candidate[0]
    return None


FACTS = (explanations,)

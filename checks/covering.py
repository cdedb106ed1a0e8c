"""A subject that documents cover in several parts: the documents about it, and what of it stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.facts.documents import Documents
from checks.facts.topics import Topics
from checks.facts.zones import Zone
from checks.findings import evidence, met, partly, unshown
from checks.parts import Part, missing, present, sentence
from grader.values import Evidence, Finding, Text

# What tells a coding assistant how to write, and what the school asks for.
NOT_THE_PROJECT = re.compile(
    r"(^|/)(CLAUDE|AGENTS|GEMINI|copilot-instructions)\.md$|(^|/)([ée]nonc[ée]s?|consignes?|sujets?)([/_\-. ]|$)", re.I
)
WORDS = 4  # a line with fewer is a label, not a statement


@dataclass(frozen=True)
class Subject:
    """What is to be covered: its name in sentences, the topics of its parts with their names, and what to ask of the candidate."""

    name: Text
    parts: tuple[tuple[str, Text], ...]
    ask: Text


def whole(documents: Documents, topics: Topics) -> Zone:
    """Return all that documents say, plans for later included: a plan of governance is one."""
    return Zone(tuple(s for s in documents.sections if not NOT_THE_PROJECT.search(s.path)), topics)


def about(area: Zone, *topics: str) -> Zone:
    """Return what stands under a heading, a title or a file's name that is about one of these topics."""

    def names(text: str) -> bool:
        return bool(text) and any(area.topics.in_text(topic, text) for topic in topics)

    files = {path for path in area.paths if names(re.sub(r"[_\-./]+", " ", path.rsplit("/", 1)[-1]))}
    return area.narrowed(lambda s: s.path in files or any(names(h) for h in (s.heading, *s.trail)))


def best_first(area: Zone, subject: Subject) -> Zone:
    """Return an area with the document that holds most parts of a subject, in chapters of their own, before the others."""

    def held(path: str) -> int:
        one = area.in_file(path)
        return sum((place(one, topic) is not None) + (one.headed(topic) is not None) for topic, _ in subject.parts)

    rank = {path: held(path) for path in area.paths}
    return Zone(tuple(sorted(area.sections, key=lambda s: -rank[s.path])), area.topics)


def covered(subject: Subject, area: Zone, otherwise: Zone | None = None) -> Finding:
    """Return how much of a subject the documents about it cover: all parts is met, none is an open question.

    Where no document is about it, chapters of `otherwise` that are headed by a part count, where it is given.
    """
    fit, where = (place, best_first(area, subject)) if area else (Zone.headed, otherwise or area)
    return told(subject, tuple(Part(name, fit(where, topic)) for topic, name in subject.parts))


def told(subject: Subject, parts: tuple[Part, ...]) -> Finding:
    """Return the finding of a subject whose parts were looked for."""
    fr, en = sentence(parts)
    if not present(parts):
        return unshown(
            f"{subject.name.fr} : rien dans les documents du dépôt.",
            f"{subject.name.en}: nothing in the documents of the repository.",
            question=subject.ask,
        )
    finding = partly if missing(parts) else met
    return finding(f"{subject.name.fr} : {fr}.", f"{subject.name.en}: {en}.", present(parts), question=subject.ask)


def place(area: Zone, topic: str, words: int = WORDS) -> Evidence | None:
    """Return the best place of a part: a chapter of its own, a column of a table, else a line of so many words."""
    return chapter(area, topic) or next((e for e in area.said(topic) if len(e.excerpt.split()) >= words), None)


def chapter(area: Zone, topic: str) -> Evidence | None:
    """Return the chapter or the table that a part has."""
    return area.headed(topic) or next(_columns(area, topic), None)


def _columns(area: Zone, topic: str) -> Iterator[Evidence]:
    for section in area.sections:
        for table in section.tables:
            if table.rows and any(area.topics.in_text(topic, cell) for cell in table.header):
                yield evidence(section.path, table.line, " | ".join(table.header))

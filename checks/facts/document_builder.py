"""Gathers what a reader meets, in order, into sections."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from checks.facts.documents import AccessibilityIssue, CodeBlock, Document, Link, Section, Table

TODO = re.compile(r"^\s*\[ \]")
LONGEST_LINE = 4_000
_WORD = re.compile(r"[^\W\d_]+")
_FRENCH = frozenset(
    [
        "le",
        "la",
        "les",
        "des",
        "du",
        "un",
        "une",
        "et",
        "est",
        "pour",
        "dans",
        "que",
        "qui",
        "sur",
        "par",
        "avec",
        "au",
        "aux",
        "ce",
        "cette",
        "sont",
        "pas",
        "plus",
        "nous",
        "vous",
        "ou",
    ]
)
_ENGLISH = frozenset(
    [
        "the",
        "of",
        "and",
        "to",
        "in",
        "is",
        "for",
        "with",
        "that",
        "this",
        "are",
        "on",
        "by",
        "an",
        "be",
        "as",
        "from",
        "it",
        "or",
        "not",
        "we",
        "you",
        "at",
    ]
)


@dataclass
class _Open:
    heading: str
    level: int
    line: int
    trail: tuple[str, ...]
    lines: list[tuple[int, str]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    code: list[CodeBlock] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    images: list[Link] = field(default_factory=list)

    def closed(self, path: str) -> Section:
        return Section(
            path,
            self.heading,
            self.level,
            self.line,
            self.trail,
            tuple(self.lines),
            tuple(self.tables),
            tuple(self.code),
            tuple(self.links),
            tuple(self.images),
        )


class Builder:
    """Receives headings, prose, tables, code, links and images in reading order."""

    def __init__(self, path: str) -> None:
        """Start before the first heading."""
        self.path = path
        self.issues: list[AccessibilityIssue] = []
        self._open = [_Open("", 0, 1, ())]
        self._above: list[tuple[int, str]] = []

    @property
    def level(self) -> int:
        """Level of the section being filled, 0 before the first heading."""
        return self._open[-1].level

    def heading(self, text: str, level: int, line: int) -> None:
        """Start a section."""
        text = " ".join(text.split())[:300]
        while self._above and self._above[-1][0] >= level:
            self._above.pop()
        self._open.append(_Open(text, level, line, tuple(t for _, t in self._above)))
        self._above.append((level, text))

    def prose(self, text: str, line: int) -> None:
        """Add a line of prose; an unticked task is a plan, not evidence, and is left out."""
        text = " ".join(text[:LONGEST_LINE].split())
        if text and not TODO.match(text):
            self._open[-1].lines.append((line, text))

    def table(self, table: Table) -> None:
        """Add a table; its cells are prose too, row by row by the reader."""
        self._open[-1].tables.append(table)

    def code(self, line: int, language: str, text: str) -> None:
        """Add a block of code."""
        self._open[-1].code.append(CodeBlock(line, language.lower(), text))

    def link(self, line: int, target: str, text: str) -> None:
        """Add a link."""
        self._open[-1].links.append(Link(line, target.strip(), " ".join(text.split())))

    def image(self, line: int, target: str, text: str) -> None:
        """Add an image with its alternative text."""
        self._open[-1].images.append(Link(line, target.strip(), " ".join(text.split())))

    def issue(self, rule: str, line: int, detail: str = "") -> None:
        """Note a defect of accessibility."""
        self.issues.append(AccessibilityIssue(rule, line, detail))

    def document(
        self, kind: str, *, title: str = "", language: str = "", pages: int = 0, metadata: dict[str, str] | None = None
    ) -> Document:
        """Close everything and return the document."""
        sections = tuple(
            s.closed(self.path) for s in self._open if s.heading or s.lines or s.tables or s.code or s.links or s.images
        )
        title = title or next((s.heading for s in sections if s.heading), "")
        spoken = language or language_of(s.text for s in sections)
        return Document(self.path, kind, title, spoken, sections, tuple(self.issues), True, pages, metadata or {})


def language_of(texts: object) -> str:
    """Return `fr` or `en` by the commonest words, "" when there are too few."""
    french = english = 0
    for text in texts:  # type: ignore[attr-defined]
        for word in _WORD.findall(text.lower()):
            french += word in _FRENCH
            english += word in _ENGLISH
        if french + english > 2_000:
            break
    if french + english < 5:
        return ""
    return "fr" if french >= english else "en"

"""Where the documents speak of a topic. Topics are lists of words in `rubrics/lexicons/*.yaml`, which instructors edit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from checks.facts.documents import Documents, Section
from checks.facts.lexicons import Term, keys_of, load_topics, words

HEADING, TRAIL, BODY = "heading", "trail", "body"


@dataclass(frozen=True, slots=True)
class Hit:
    """A line of prose that uses a term of the topic."""

    path: str
    line: int
    text: str
    term: str


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """A section that speaks of a topic: `where` is `heading` (its own heading names it), `trail` (a heading above, or the
    document's title, does) or `body` (several of its lines do). `score` orders passages, best first."""

    section: Section
    where: str
    hits: tuple[Hit, ...]
    score: float


@dataclass(frozen=True, slots=True)
class _Text:
    """A searchable text: key → positions of its words."""

    positions: dict[str, list[int]]

    def uses(self, terms: Iterable[Term]) -> str | None:
        return next((t.shown for t in terms if t.keys and t.keys[0] in self.positions and self._has(t.keys)), None)

    def _has(self, keys: tuple[str, ...]) -> bool:
        starts = self.positions.get(keys[0], ()) if keys else ()
        return any(all(start + i in self.positions.get(key, ()) for i, key in enumerate(keys)) for start in starts)


@lru_cache(maxsize=200_000)
def _index(text: str) -> _Text:
    positions: dict[str, list[int]] = {}
    for position, word in enumerate(words(text)):
        for key in keys_of(word):
            positions.setdefault(key, []).append(position)
    return _Text(positions)


Place = tuple[int, int]  # (index of the section, index of its line)


class Topics:
    """The interface that document checks use. Grid copies and self-assessments (`counts` False) never appear."""

    def __init__(self, documents: Documents) -> None:
        """Index every counted section once."""
        self._terms = load_topics()
        self._sections = documents.sections
        self._titles = {
            d.path: _index(f"{d.title} {d.path.rsplit('/', 1)[-1].replace('_', ' ').replace('-', ' ')}")
            for d in documents.counted
        }
        self._headings = {id(s): _index(s.heading) for s in self._sections}
        self._trails = {id(s): _index(" . ".join(s.trail)) for s in self._sections}
        self._where: dict[str, list[Place]] = defaultdict(list)  # key → lines that have it, in order
        for index, section in enumerate(self._sections):
            for row, (_, text) in enumerate(section.lines):
                for key in _index(text).positions:
                    self._where[key].append((index, row))
        self._hits: dict[str, dict[int, tuple[Hit, ...]]] = {}

    def terms(self, topic: str) -> tuple[Term, ...]:
        """Return the terms of a topic. Raises KeyError for one that no lexicon has."""
        return self._terms[topic]

    def about(self, topic: str, *, body: int = 3) -> tuple[Passage, ...]:
        """Return the sections about `topic`, best first; a section whose headings do not name it needs `body` hits."""
        hits = self._hits_of(topic)
        found = [p for s in self._sections if (p := self._passage(topic, s, hits.get(id(s), ()), body))]
        return tuple(sorted(found, key=lambda p: (-p.score, p.section.path, p.section.line)))

    def _passage(self, topic: str, section: Section, hits: tuple[Hit, ...], body: int) -> Passage | None:
        terms = self._terms[topic]
        density = len(hits) / (len(section.lines) or 1)
        if self._headings[id(section)].uses(terms):
            return Passage(section, HEADING, hits, 20 + len(hits) + density + min(len(section.lines), 10) / 10)
        if self._trails[id(section)].uses(terms) or self._titles[section.path].uses(terms):
            return Passage(section, TRAIL, hits, 8 + len(hits) + density)
        if len(hits) >= body:
            return Passage(section, BODY, hits, len(hits) + density)
        return None

    def hits(self, topic: str, sections: tuple[Section, ...] | None = None) -> tuple[Hit, ...]:
        """Return the lines that use a term of `topic`, in all counted sections or only in `sections`."""
        found = self._hits_of(topic)
        return tuple(hit for section in (self._sections if sections is None else sections) for hit in found.get(id(section), ()))

    def in_text(self, topic: str, text: str) -> bool:
        """Tell whether `text` uses a term of `topic`."""
        return _index(text).uses(self._terms[topic]) is not None

    def _hits_of(self, topic: str) -> dict[int, tuple[Hit, ...]]:
        """Return id of section → its hits; only lines that have the first word of a term are looked at."""
        if topic not in self._hits:
            terms = self._terms[topic]
            near = sorted({place for term in terms if term.keys for place in self._where.get(term.keys[0], ())})
            found: dict[int, list[Hit]] = defaultdict(list)
            for index, row in near:
                section = self._sections[index]
                line, text = section.lines[row]
                used = _index(text).uses(terms)
                if used:
                    found[id(section)].append(Hit(section.path, line, text, used))
            self._hits[topic] = {key: tuple(hits) for key, hits in found.items()}
        return self._hits[topic]


def topics(documents: Documents) -> Topics:
    """Index the documents for the topics of the lexicons."""
    return Topics(documents)


FACTS = (topics,)

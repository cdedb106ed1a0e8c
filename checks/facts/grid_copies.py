"""Recognises copies of the official grid, self-assessments, check-lists of criteria and copied briefs: they count for nothing."""

from __future__ import annotations

import re
from dataclasses import replace

from checks.facts.documents import Document, Section
from checks.facts.lexicons import Term, keys_of, load_topics, words

_CRITERION = re.compile(r"\b(?:C(?:[1-9]|1\d|2[01])(?:\.\d{1,2})?|BC0?[1-4](?:\.\d)?|E[1-5])\b")
_COMPETENCY = re.compile(r"\bC(?:[1-9]|1\d|2[01])(?:\.\d{1,2})?\b")
_TICK = re.compile(
    r"[✅☑✔✓❌✗✘☐⬜🟢🟠🔴🟡⚠]|\[[xX]\]|\b(valid[ée]e?s?|conforme|couverte?s?|satisfaite?s?|atteinte?s?|acquise?s?|\d\s?/\s?\d)\b",
    re.I,
)
LEAST_LINES = 3
LEAST_COMPETENCIES = 4
MOST_OF_THE_GRID = 12
RULES_LINES = 8
WORDED_LINES = 6
WORDED_SHARE = 0.4
LONGEST_GRID = 400  # lines; the certification has 142 criteria


def mark_copies(document: Document) -> Document:
    """Return the document with `counts` False on what restates or ticks the certification's criteria."""
    if _is_copy(document):
        return replace(document, counts=False, sections=tuple(replace(s, counts=False) for s in document.sections))
    sections = []
    below: int | None = None  # level of the copied section that we are inside
    for section in document.sections:
        if below is not None and section.level <= below:
            below = None
        if below is None and _is_copied(section):
            below = section.level
        sections.append(replace(section, counts=False) if below is not None else section)
    return replace(document, sections=tuple(sections))


def _is_copy(document: Document) -> bool:
    lines = [text for s in document.sections for _, text in s.lines]
    about = _names_a_grid(f"{document.title} {document.path.rsplit('/', 1)[-1]}")
    criteria = [text for text in lines if _COMPETENCY.search(text)]
    named = {m for text in criteria for m in _COMPETENCY.findall(text)} | {
        m for s in document.sections for m in _COMPETENCY.findall(s.heading)
    }
    ticks = sum(bool(_TICK.search(text)) for text in lines)
    if about and len(named) >= LEAST_COMPETENCIES:
        return True
    if len(named) >= MOST_OF_THE_GRID and sum(_speaks_of_rules(text) for text in lines) >= RULES_LINES:
        return True  # the certifier's own text names most competencies and speaks of candidates, juries and exams
    if _restates_criteria(document):
        return True
    return len(criteria) >= 8 and len(criteria) >= 0.4 * len(lines) and ticks >= 0.3 * len(criteria)


def _restates_criteria(document: Document) -> bool:
    """Tell whether the lines of a document, headings aside, are sentences of the grid with little of the author's own."""
    if any(s.code or s.tables for s in document.sections):
        return False
    lines = [text for s in document.sections for _, text in s.lines if text != s.heading]
    if len(lines) > LONGEST_GRID:
        return False
    least = max(WORDED_LINES, WORDED_SHARE * len(lines))
    worded = 0
    for seen, text in enumerate(lines):
        worded += _uses("criterion-wording", text)
        if worded + len(lines) - seen - 1 < least:
            return False  # too few lines are left to reach the share
    return worded >= least


def _is_copied(section: Section) -> bool:
    lines = [text for _, text in section.lines]
    criteria = [text for text in lines if _CRITERION.search(text)]
    ticked = [text for text in criteria if _TICK.search(text)]
    if _names_a_grid(section.heading):
        return len(criteria) >= LEAST_LINES - 1 or sum(bool(_TICK.search(t)) for t in lines) >= LEAST_LINES
    return len(ticked) >= LEAST_LINES and len(ticked) >= 0.5 * len(lines)


def _speaks_of_rules(text: str) -> bool:
    return _uses("certification-rules", text)


def _names_a_grid(text: str) -> bool:
    return _uses("grid-copy", text.replace("_", " ").replace("-", " "))


def _uses(topic: str, text: str) -> bool:
    keys = [set(keys_of(word)) for word in words(text)]
    return any(_follows(term, keys) for term in load_topics()[topic])


def _follows(term: Term, keys: list[set[str]]) -> bool:
    size = len(term.keys)
    return any(all(term.keys[i] in keys[start + i] for i in range(size)) for start in range(len(keys) - size + 1))

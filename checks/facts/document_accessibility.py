"""Accessibility of a document itself: order of headings, alternative texts, headers of tables, texts of links, language, tags."""

from __future__ import annotations

import re
from itertools import pairwise

from checks.facts.documents import AccessibilityIssue, Document, Section

SERIOUS = frozenset(("untagged", "image-alt", "heading-order", "no-heading", "table-header"))
_FILE_NAME = re.compile(r"^[\w\s().-]+\.(png|jpe?g|svg|gif|webp)$|^(image|img|screenshot|capture|picture|photo)[\s_-]*\d*$", re.I)
_EMPTY_LINK = frozenset(("ici", "cliquez ici", "cliquer ici", "lien", "here", "click here", "link", "voir", "this"))


def issues_of(document: Document) -> tuple[AccessibilityIssue, ...]:
    """Return the defects of a document, those that its reader saw first."""
    found = list(document.issues)
    found += _headings(document)
    for section in document.sections:
        found += _content(section)
    return tuple(found)


def _headings(document: Document) -> list[AccessibilityIssue]:
    levels = [(s.level, s.line, s.heading) for s in document.sections if s.level]
    if not levels:
        long = sum(len(s.lines) for s in document.sections) > 20
        return [AccessibilityIssue("no-heading", 1)] if long and document.format != "csv" else []
    skipped = [
        AccessibilityIssue("heading-order", line, heading)
        for (before, _, _), (level, line, heading) in pairwise(levels)
        if level > before + 1
    ]
    return skipped if document.format in ("md", "html", "docx", "odt") else []


def _content(section: Section) -> list[AccessibilityIssue]:
    found = []
    for image in section.images:
        if not image.text.strip() or _FILE_NAME.match(image.text.strip()):
            found.append(AccessibilityIssue("image-alt", image.line, image.target))
    for table in section.tables:
        if table.rows and not all(cell.strip() for cell in table.header[1:]):
            found.append(AccessibilityIssue("table-header", table.line))
    for link in section.links:
        if link.text.strip().lower() in _EMPTY_LINK:
            found.append(AccessibilityIssue("link-text", link.line, link.text))
    return found

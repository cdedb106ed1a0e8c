"""PDF: text page by page, sections by outline or by the look of the lines; a line number is a page number."""

from __future__ import annotations

import io
import logging
import re
from typing import Any

from checks.facts.document_builder import Builder
from checks.facts.documents import Document
from checks.workspace import File

MOST_CHARACTERS = 20_000  # a page
_NUMBERED = re.compile(r"^(\d{1,2}(\.\d{1,2}){0,3}\.?|[IVX]{1,4}\.|[A-E]\.|Annexe \w+|C\d{1,2}(\.\d+)?)\s*[-–.:]?\s+\S")
_SUBNUMBER = re.compile(r"^\d{1,2}\.\d{1,2}(\.\d{1,2})*\.? ")
_LEADERS = re.compile(r"\.{4,}|…{2,}|(\s\.){4,}|\s\d{1,3}\s*$")


def read(file: File, most_pages: int = 100) -> Document:
    """Read the first pages of a PDF: one, for its properties, when its text stands in another document of the same name.

    Raises ValueError when it is encrypted or no PDF at all.
    """
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = PdfReader(io.BytesIO(file.data), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise ValueError("encrypted")
    builder = Builder(file.path)
    titles = _outline(reader) if most_pages > 1 else {}
    pages = min(len(reader.pages), most_pages)
    for number in range(1, pages + 1):
        _read_page(builder, (reader.pages[number - 1].extract_text() or "")[:MOST_CHARACTERS], number, titles)
    metadata = _metadata(reader)
    if metadata.get("tagged") != "yes":
        builder.issue("untagged", 1)
    if not metadata.get("language"):
        builder.issue("language", 1)
    if not metadata.get("title"):
        builder.issue("title", 1)
    return builder.document(
        "pdf", title=metadata.get("title", ""), language=metadata.get("language", "")[:2].lower(), pages=pages, metadata=metadata
    )


def _outline(reader: Any) -> dict[int, list[tuple[str, int]]]:
    """Return page → (title, level) of the outline."""
    found: dict[int, list[tuple[str, int]]] = {}

    def walk(items: list[Any], level: int) -> None:
        for item in items[:500]:
            if isinstance(item, list):
                if level < 6:
                    walk(item, level + 1)
            else:
                page = reader.get_destination_page_number(item)
                if page is not None and item.title:
                    found.setdefault(page + 1, []).append((" ".join(str(item.title).split()), level))

    try:
        walk(list(reader.outline), 1)
    except Exception:
        return {}
    return found


def _read_page(builder: Builder, text: str, number: int, titles: dict[int, list[tuple[str, int]]]) -> None:
    waiting = {_key(title): (title, level) for title, level in titles.get(number, [])}
    for raw in text.splitlines():
        line = " ".join(raw.split())
        title = waiting.pop(_key(line), None)
        if title:
            builder.heading(title[0], title[1], number)
        elif not titles and _looks_like_heading(line):
            builder.heading(line, 1 + line.split()[0].strip(".").count(".") if line[0].isdigit() else 2, number)
        elif not re.search(r"\.{5,}", line):
            builder.prose(line, number)
    for heading, level in waiting.values():
        builder.heading(heading, level, number)


def _key(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()


def _looks_like_heading(line: str) -> bool:
    letters = [c for c in line if c.isalpha()]
    if line.endswith(":") and (_SUBNUMBER.match(line) or "".join(letters).isupper()):  # a title, not the head of a list
        line = line.rstrip(": ")
    if not 4 <= len(line) <= 90 or line.endswith((".", ",", ";", ":")) or _LEADERS.search(line):
        return False
    return len(letters) >= 4 and bool(_NUMBERED.match(line)) and len(line.split()) <= 12 and letters[0].isupper()


def _metadata(reader: Any) -> dict[str, str]:
    root = reader.trailer["/Root"]
    found: dict[str, str] = {}
    mark = root.get("/MarkInfo")
    if "/StructTreeRoot" in root and (mark is None or mark.get_object().get("/Marked", True)):
        found["tagged"] = "yes"
    if root.get("/Lang"):
        found["language"] = str(root["/Lang"])
    if reader.metadata and reader.metadata.title:
        found["title"] = str(reader.metadata.title)[:300]
    return found

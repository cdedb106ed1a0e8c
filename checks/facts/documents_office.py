"""DOCX, ODT, PPTX and ODP, opened only after their archive was found to be bounded. A line is a paragraph, or a slide."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

from checks.facts.document_builder import Builder
from checks.facts.documents import Document, Table
from checks.workspace import File

MOST_ENTRIES = 2_000
MOST_INFLATED = 200_000_000
MOST_RATIO = 200
MOST_PARAGRAPHS = 8_000


def check_archive(data: bytes) -> None:
    """Refuse an archive that could inflate beyond bounds. Headers lie, so bytes are counted while inflating. Raises ValueError."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if len(entries) > MOST_ENTRIES:
            raise ValueError("too many entries")
        total = 0
        for entry in entries:
            if entry.flag_bits & 1:
                raise ValueError("encrypted")
            size = 0
            with archive.open(entry) as stream:
                while block := stream.read(1 << 20):
                    size += len(block)
                    total += len(block)
                    if total > MOST_INFLATED or size > max(MOST_RATIO * max(entry.compress_size, 1), 5_000_000):
                        raise ValueError("a bomb")


def read_docx(file: File) -> Document:
    """Read a Word document: heading styles, bold lines as headings, tables, pictures."""
    from docx import Document as Open
    from docx.table import Table as WordTable

    check_archive(file.data)
    source = Open(io.BytesIO(file.data))
    builder = Builder(file.path)
    for number, block in enumerate(source.iter_inner_content(), 1):
        if number > MOST_PARAGRAPHS:
            break
        if isinstance(block, WordTable):
            _table(builder, [[cell.text for cell in row.cells] for row in block.rows], number)
        else:
            _word_paragraph(builder, block, number)
    if not any(s.tag.endswith("}lang") for s in source.styles.element.iter()):
        builder.issue("language", 1)
    title = source.core_properties.title or ""
    return builder.document("docx", title=title)


def _word_paragraph(builder: Builder, paragraph: Any, number: int) -> None:
    text = paragraph.text.strip()
    style = (paragraph.style.name or "") if paragraph.style is not None else ""
    heading = re.match(r"(?:heading|titre)\s*(\d)", style, re.I)
    for picture in paragraph._p.iter("{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"):
        alternative = picture.get("descr") or ""
        builder.image(number, picture.get("name") or "", alternative)
    if not text:
        return
    runs = [r for r in paragraph.runs if r.text.strip()]
    if heading:
        builder.heading(text, int(heading[1]), number)
    elif style.lower() in ("title", "titre"):
        builder.heading(text, 1, number)
    elif runs and all(r.bold for r in runs) and len(text) <= 90 and not text.endswith((".", ",", ";")):
        builder.heading(text.rstrip(" :"), min(6, builder.level + 1 if builder.level < 3 else 3), number)
    else:
        builder.prose(text, number)


def _table(builder: Builder, rows: list[list[str]], line: int) -> None:
    plain = [tuple(" ".join(c.split()) for c in row) for row in rows[:500]]
    for row in plain:
        builder.prose(" | ".join(row), line)
    if plain:
        builder.table(Table(line, plain[0], tuple(plain[1:])))


def read_odf(file: File) -> Document:
    """Read an OpenDocument text or presentation."""
    from odfdo import Document as Open

    check_archive(file.data)
    body = Open(io.BytesIO(file.data)).body
    builder = Builder(file.path)
    if file.suffix == ".odp":
        for number, page in enumerate(body.get_elements("//draw:page"), 1):
            _slide(builder, [t for p in page.get_elements("descendant::text:p") if (t := p.text_recursive.strip())], number)
        return builder.document("odp")
    for number, block in enumerate(body.get_elements("//text:h|//text:p|//table:table"), 1):
        if number > MOST_PARAGRAPHS:
            break
        if block.tag == "text:h":
            builder.heading(block.text_recursive, int(block.get_attribute("text:outline-level") or 1), number)
        elif block.tag == "table:table":
            builder.table(_odf_table(block, number))
        else:
            builder.prose(block.text_recursive, number)
        for frame in block.get_elements("descendant::draw:frame") if block.tag == "text:p" else []:
            titles = frame.get_elements("svg:title|svg:desc")
            builder.image(number, str(frame.get_attribute("draw:name") or ""), " ".join(t.text_recursive for t in titles))
    return builder.document("odt")


def _odf_table(block: Any, line: int) -> Table:
    rows = [
        tuple(c.text_recursive.strip() for c in row.get_elements("table:table-cell"))
        for row in block.get_elements("descendant::table:table-row")[:500]
    ]
    return Table(line, rows[0] if rows else (), tuple(rows[1:]))


def _slide(builder: Builder, texts: list[str], number: int) -> None:
    if texts:
        builder.heading(texts[0][:200], 2, number)
        for text in texts[1:]:
            builder.prose(text, number)


def read_pptx(file: File) -> Document:
    """Read a presentation: one section a slide, its notes included."""
    from pptx import Presentation

    check_archive(file.data)
    builder = Builder(file.path)
    for number, slide in enumerate(Presentation(io.BytesIO(file.data)).slides, 1):
        title = slide.shapes.title.text if slide.shapes.title is not None else ""
        builder.heading(title or f"{number}", 2, number)
        if not title:
            builder.issue("slide-title", number)
        for shape in slide.shapes:
            _shape(builder, shape, number, title)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            builder.prose(slide.notes_slide.notes_text_frame.text, number)
    return builder.document("pptx")


def _shape(builder: Builder, shape: Any, number: int, title: str) -> None:
    if shape.has_text_frame and shape.text_frame.text.strip() != title.strip():
        for paragraph in shape.text_frame.paragraphs:
            builder.prose("".join(run.text for run in paragraph.runs), number)
    if getattr(shape, "has_table", False) and shape.has_table:
        _table(builder, [[cell.text for cell in row.cells] for row in shape.table.rows], number)
    if shape.shape_type == 13:  # a picture
        description = shape._element._nvXxPr.cNvPr.get("descr") or ""
        builder.image(number, shape.name, description)


READERS: dict[str, Callable[[File], Document]] = {".docx": read_docx, ".odt": read_odf, ".odp": read_odf, ".pptx": read_pptx}

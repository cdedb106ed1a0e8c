"""Grids as sheets: CSV and XLSX, in which no text from outside becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from grader.pipeline import Grid
from grader.render import labels
from grader.store.minutes import Verdict

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_HEADS = {
    "fr": ("critère", "intitulé", "proposition", "confiance", "pourquoi", "question", "preuves", "décision", "commentaires"),
    "en": ("criterion", "text", "proposal", "confidence", "why", "question", "evidence", "decision", "comments"),
}


def rows(grid: Grid, verdicts: Mapping[str, Verdict], language: str) -> Iterator[tuple[str | float, ...]]:
    """Give the lines of a grid, heads first: what is proposed, and what people decided."""
    yield _HEADS[language]
    for p in grid.proposals:
        verdict = verdicts.get(p.criterion.id)
        decided = labels.decision(verdict.level, language) if verdict and verdict.level else ""
        comments = " | ".join(d.comment for d in verdict.decisions if d.comment) if verdict else ""
        places = "; ".join(f"{e.path}:{e.line}" if e.line else e.path for e in p.evidence[:8])
        yield (
            p.criterion.id,
            p.criterion.text.in_(language),
            labels.outcome_of(p.outcome, p.criterion.decide, language),
            p.confidence,
            p.why.in_(language),
            p.question.in_(language) if p.question else "",
            places,
            decided,
            comments,
        )


def as_csv(lines: Iterator[tuple[str | float, ...]], language: str) -> str:
    """Return lines as CSV, as spreadsheets of the language open it; a cell that would be a formula begins with an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if language == "fr" else ",", quoting=csv.QUOTE_ALL)
    for line in lines:
        writer.writerow([_harmless(cell) for cell in line])
    return "\ufeff" + out.getvalue()


def _harmless(cell: str | float) -> str | float:
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA) else cell


def as_xlsx(lines: Iterator[tuple[str | float, ...]], title: str) -> bytes:
    """Return lines as a workbook: every text is a text."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(title[:31])
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        for number, line in enumerate(lines):
            for place, cell in enumerate(line):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell[:32_000], wrap if number else head)
                else:
                    sheet.write_number(number, place, cell, wrap)
        sheet.freeze_panes(1, 1)
        for place, width in enumerate((10, 50, 14, 10, 60, 50, 40, 14, 40)):
            sheet.set_column(place, place, width)
    return out.getvalue()

"""Rosters: who is enrolled, from a CSV or XLSX file. Every defect is told with its line; nothing is taken from a defective one."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.errors import Refused
from grader.store.people import clean_email
from grader.store.tables import WayIn
from grader.values import Text

COLUMNS = ("email", "name", "cohort", "way_in", "blocks", "evaluator", "url", "ref")
_SAYS = {
    "courriel": "email",
    "adresse": "email",
    "mail": "email",
    "nom": "name",
    "promotion": "cohort",
    "voie": "way_in",
    "blocs": "blocks",
    "évaluateur": "evaluator",
    "evaluateur": "evaluator",
    "dépôt": "url",
    "depot": "url",
    "branche": "ref",
}
MOST_ROWS, MOST_BYTES, MOST_CELL = 5_000, 5_000_000, 500


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate of a roster; `line` counts from 1, the header included."""

    line: int
    email: str
    name: str
    cohort: str = ""
    way_in: WayIn = WayIn.INITIAL
    blocks: tuple[str, ...] = ()
    evaluators: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class Defect:
    """What is wrong with a line."""

    line: int
    what: Text


@dataclass(frozen=True, slots=True)
class Roster:
    """A roster: rows when there is no defect, defects else."""

    rows: tuple[Row, ...] = ()
    defects: tuple[Defect, ...] = field(default=())


def read_roster(data: bytes, blocks: frozenset[str], *, with_url: bool = False) -> Roster:
    """Read a roster whose first line names its columns. Raises Refused when it is no CSV or XLSX, too large or has no e-mail column."""
    if len(data) > MOST_BYTES:
        raise Refused("too-large", most=MOST_BYTES)
    lines = list(_xlsx(data) if data[:2] == b"PK" else _csv(data))
    if not lines:
        raise Refused("roster-empty")
    heads = [_SAYS.get(h.strip().casefold(), h.strip().casefold().replace(" ", "_")) for h in lines[0][1]]
    needed = ("email", "url") if with_url else ("email",)
    for name in needed:
        if name not in heads:
            raise Refused("roster-column", column=name, columns=", ".join(COLUMNS))
    return _checked([(number, dict(zip(heads, cells, strict=False))) for number, cells in lines[1:]], blocks, with_url=with_url)


def _checked(lines: list[tuple[int, dict[str, str]]], blocks: frozenset[str], *, with_url: bool) -> Roster:
    rows: list[Row] = []
    defects: list[Defect] = []
    seen: dict[str, int] = {}
    for line, cells in lines:
        try:
            row = _row(line, cells, blocks)
        except Refused as refusal:
            defects.append(Defect(line, Text(refusal.sentence("fr"), refusal.sentence("en"))))
            continue
        if row.email in seen:
            first = seen[row.email]
            defects.append(
                Defect(line, Text(f"{row.email} est déjà à la ligne {first}.", f"{row.email} is already on line {first}."))
            )
        elif with_url and not row.urls:
            defects.append(Defect(line, Text("Il manque l'adresse du dépôt.", "The address of the repository is missing.")))
        seen.setdefault(row.email, line)
        rows.append(row)
    return Roster((), tuple(defects)) if defects else Roster(tuple(rows))


def _row(line: int, cells: dict[str, str], blocks: frozenset[str]) -> Row:
    plain = {key: " ".join(value.split())[:MOST_CELL] for key, value in cells.items()}
    email = clean_email(plain.get("email", ""))
    way = plain.get("way_in", "").casefold().replace(" ", "_") or WayIn.INITIAL
    way = _WAYS.get(way, way)
    if way not in set(WayIn):
        raise Refused("roster-way-in", way=way, ways=", ".join(WayIn))
    sought = tuple(plain.get("blocks", "").replace(",", " ").replace(";", " ").split())
    if unknown := [b for b in sought if b not in blocks]:
        raise Refused("block-unknown", block=unknown[0])
    evaluators = tuple(clean_email(e) for e in plain.get("evaluator", "").replace(";", " ").replace(",", " ").split())
    urls = tuple(plain.get("url", "").split())
    return Row(
        line,
        email,
        plain.get("name", "") or email,
        plain.get("cohort", ""),
        WayIn(way),
        sought,
        evaluators,
        urls,
        plain.get("ref") or None,
    )


_WAYS = {
    "initiale": WayIn.INITIAL,
    "formation_initiale": WayIn.INITIAL,
    "continue": WayIn.CONTINUING,
    "formation_continue": WayIn.CONTINUING,
    "apprentissage": WayIn.APPRENTICESHIP,
    "contrat_de_professionnalisation": WayIn.PROFESSIONAL_CONTRACT,
    "individuelle": WayIn.INDIVIDUAL,
    "candidature_individuelle": WayIn.INDIVIDUAL,
    "vae": WayIn.EXPERIENCE,
}


def _csv(data: bytes) -> Iterator[tuple[int, list[str]]]:
    text = data.decode("utf-8-sig", "strict") if _is_utf8(data) else data.decode("cp1252", "replace")
    first = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
            if reader.line_num > MOST_ROWS:
                raise Refused("roster-too-long", most=MOST_ROWS)
    except csv.Error as error:
        raise Refused("roster-unreadable", detail=error) from None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _xlsx(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Read the first sheet's values. The archive is bounded before it is opened: an administrator may be handed a bomb too."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > 500 or sum(i.file_size for i in archive.infolist()) > 20 * MOST_BYTES:
                raise Refused("too-large", most=20 * MOST_BYTES)
        sheet = load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
        for number, values in enumerate(sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 2, max_col=50), 1):
            cells = ["" if value is None else str(value) for value in values]
            if number > MOST_ROWS + 1:
                raise Refused("roster-too-long", most=MOST_ROWS)
            if any(cell.strip() for cell in cells):
                yield number, cells
    except Refused:
        raise
    except Exception as error:
        raise Refused("roster-unreadable", detail=type(error).__name__) from None

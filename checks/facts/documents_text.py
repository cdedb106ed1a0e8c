"""Plain text, reStructuredText, HTML pages that are documents, backlogs as CSV, diagram sources."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

from checks.facts.document_builder import Builder
from checks.facts.documents import Document, Table
from checks.facts.documents_markdown import HtmlReader, feed
from checks.workspace import File

DIAGRAMS = {
    ".puml": "plantuml",
    ".plantuml": "plantuml",
    ".dbml": "dbml",
    ".mcd": "mocodo",
    ".mocodo": "mocodo",
    ".dot": "dot",
    ".gv": "dot",
}
MOST_ROWS = 400
MOST_TEXT_BYTES = 200_000
_NOT_PROSE = re.compile(r"(require|constraint|robots|license|licence|vocab|stopword|labels?|classes|log|output|result)", re.I)
_DOCUMENT_NAME = re.compile(r"doc|rapport|report|read.?me|veille|benchmark|spec|accessib|livrable|(^|/)E[1-5][/_-]", re.I)
_TEMPLATE = re.compile(r"{%|{{|<\?php|ng-app|v-if|data-reactroot")
_APPLICATION_FOLDERS = frozenset(
    ["templates", "template", "static", "public", "src", "app", "assets", "views", "components", "dist", "build", "www"]
)
_UNDERLINE = re.compile(r"^([=\-~^*#+\"'.])\1{2,}\s*$")
_NUMBERED = re.compile(r"^\s{0,3}(\d+(\.\d+)*[.)]|[IVX]+[.)]|[A-Z][.)])\s+\S")
_BACKLOG_COLUMNS = re.compile(
    r"(story|stories|sprint|priorit|statut|status|epic|backlog|assign|story ?points?|tâche|tache|task|ticket|label)", re.I
)
_SETTING = re.compile(r"\s*(?:export )?[A-Z][A-Z0-9_]*=")


def reader(file: File) -> Callable[[File], Document] | None:
    """Return the function that reads this file as a document, or None when it is none."""
    if file.suffix in DIAGRAMS:
        return read_diagram
    if file.suffix == ".rst":
        return read_text
    if file.suffix == ".txt" or (file.suffix == "" and file.name.lower() in ("readme", "lisezmoi")):
        return read_text if _is_prose(file) else None
    if file.suffix in (".html", ".htm"):
        return read_html if _is_document(file) else None
    if file.suffix == ".csv" and _is_backlog(file):
        return read_csv
    return None


def _is_prose(file: File) -> bool:
    named = bool(re.search(r"read.?me|lisez|doc|notes?|rapport|veille|mcd|mpd|mld|rgpd|register|registre", file.name, re.I))
    return named or (file.size < MOST_TEXT_BYTES and not _NOT_PROSE.search(file.name) and _has_sentences(file.text))


def _has_sentences(text: str) -> bool:
    lines = [line for line in text[:20_000].splitlines() if line.strip()]
    worded = sum(len(re.findall(r"[^\W\d_]{2,}", line)) >= 4 for line in lines)
    settings = sum(bool(_SETTING.match(line)) for line in lines)  # commented, a model of an environment file has sentences too
    return bool(lines) and worded >= max(3, len(lines) // 4) and settings < len(lines) // 4


def _is_document(file: File) -> bool:
    folders = set(file.path.lower().split("/")[:-1])
    head = file.text[:200_000]
    named = bool(_DOCUMENT_NAME.search(file.path))
    return (
        named and not folders & _APPLICATION_FOLDERS and not _TEMPLATE.search(head) and bool(re.search(r"<h[1-3]\b", head, re.I))
    )


def _is_backlog(file: File) -> bool:
    head = file.text[:2_000].split("\n", 1)[0]
    return len(_BACKLOG_COLUMNS.findall(head)) >= 2


def read_diagram(file: File) -> Document:
    """Read a diagram's source as one block of code."""
    builder = Builder(file.path)
    builder.code(1, DIAGRAMS[file.suffix], file.text)
    return builder.document(file.suffix[1:], title=file.name)


def read_text(file: File) -> Document:
    """Read plain text: Markdown where it looks like it, else headings by underline, numbering or capitals."""
    builder = Builder(file.path)
    if re.search(r"^(#{1,4} \S|```)", file.text, re.M):
        feed(builder, file.text, 0)
        return builder.document("txt")
    block: list[str] = []
    for number, line in enumerate(file.lines, 1):
        below = file.lines[number] if number < len(file.lines) else ""
        stripped = line.strip()
        if file.suffix == ".rst" and block and (line.startswith((" ", "\t")) or not stripped):
            block.append(line)
            continue
        if block:
            builder.code(number - len(block), block[0], "\n".join(block[1:]))
            block = []
        if stripped.startswith(".. code") or stripped.startswith(".. mermaid"):
            block = [stripped.split("::")[-1].strip() or stripped.split("::")[0].removeprefix(".. ")]
        elif stripped and _UNDERLINE.match(below) and not _UNDERLINE.match(stripped):
            builder.heading(stripped, 1 + (below[0] != "="), number)
        elif _UNDERLINE.match(stripped):
            continue
        elif _looks_like_heading(stripped):
            builder.heading(stripped.rstrip(" :"), 2, number)
        else:
            builder.prose(stripped, number)
    return builder.document(file.suffix[1:] or "txt")


def _looks_like_heading(line: str) -> bool:
    if not 3 <= len(line) <= 80 or line.endswith((".", ",", ";")):
        return False
    letters = [c for c in line if c.isalpha()]
    capital = len(letters) >= 4 and all(c.isupper() for c in letters)
    return capital or (bool(_NUMBERED.match(line)) and len(line.split()) <= 9) or (line.endswith(":") and len(line.split()) <= 6)


def read_html(file: File) -> Document:
    """Read an HTML page, with its language and the defects that its structure shows."""
    builder = Builder(file.path)
    page = HtmlReader(builder, 1, own_lines=True)
    page.feed(file.text)
    page.close()
    page.flush()
    if not page.lang:
        builder.issue("language", 1)
    return builder.document("html", title=" ".join(page.title.split()), language=page.lang[:2].lower())


def read_csv(file: File) -> Document:
    """Read a backlog or a board exported as CSV: one table."""
    builder = Builder(file.path)
    head = file.text.split("\n", 1)[0]
    rows = list(csv.reader(io.StringIO(file.text[:500_000]), delimiter=";" if head.count(";") > head.count(",") else ","))[
        :MOST_ROWS
    ]
    builder.heading(file.name.rsplit(".", 1)[0].replace("_", " "), 1, 1)
    for number, cells in enumerate(rows, 1):
        builder.prose(" | ".join(cells), number)
    if rows:
        builder.table(Table(1, tuple(rows[0]), tuple(tuple(r) for r in rows[1:])))
    return builder.document("csv")

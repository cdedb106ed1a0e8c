"""Documents read as sections, tables, links, images and code, with the lines to open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial

from checks.workspace import File, Workspace


@dataclass(frozen=True, slots=True)
class Table:
    """A table: header cells and rows of plain text."""

    line: int
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A link or an image: `target` as written, `text` its label or alternative text."""

    line: int
    target: str
    text: str


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A fenced or indented block: `language` is the fence's first word in lower case (`mermaid`, `bash`, `sql`, "")."""

    line: int
    language: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A heading and what stands under it, down to the next heading of any level.

    `lines` are (line number, plain text) pairs of the prose: headings, table cells and list items included, code excluded.
    Line numbers are those of the file; for paged formats they are page numbers.
    """

    path: str
    heading: str
    level: int
    line: int
    trail: tuple[str, ...] = ()  # headings above, outermost first
    lines: tuple[tuple[int, str], ...] = ()
    tables: tuple[Table, ...] = ()
    code: tuple[CodeBlock, ...] = ()
    links: tuple[Link, ...] = ()
    images: tuple[Link, ...] = ()
    counts: bool = True  # False in a copy of the official grid, a self-assessment or a check-list of criteria

    @property
    def text(self) -> str:
        """All the prose as one string."""
        return "\n".join(text for _, text in self.lines)


@dataclass(frozen=True, slots=True)
class AccessibilityIssue:
    """A defect of the document itself. `rule` is a code such as `heading-order`, `image-alt`, `table-header`, `untagged`, `language`."""

    rule: str
    line: int
    detail: str = ""


@dataclass(frozen=True, eq=False)
class Document:
    """One document of the submission. `format` is md, rst, txt, html, ipynb, pdf, docx, odt, pptx, odp…"""

    path: str
    format: str
    title: str
    language: str  # "fr", "en" or "" when it cannot be told
    sections: tuple[Section, ...]
    issues: tuple[AccessibilityIssue, ...] = ()
    counts: bool = True
    pages: int = 0
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Documents:
    """All documents of a submission, vendored ones left out."""

    all: tuple[Document, ...]

    @cached_property
    def counted(self) -> tuple[Document, ...]:
        """Documents that may count as evidence."""
        return tuple(d for d in self.all if d.counts)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Sections that may count as evidence, in path order."""
        return tuple(s for d in self.counted for s in d.sections if s.counts)

    def get(self, path: str) -> Document | None:
        """Return the document at `path`, or None."""
        return next((d for d in self.all if d.path == path), None)


_MAY_BE_DATA = frozenset((".pdf", ".docx", ".odt", ".pptx", ".odp", ".txt", ".html", ".htm", ".csv"))
_DATA_FOLDERS = frozenset(
    [
        "data",
        "dataset",
        "datasets",
        "raw",
        "rag",
        "corpus",
        "uploads",
        "upload",
        "media",
        "fixtures",
        "input",
        "inputs",
        "knowledge",
        "knowledge_base",
        "kb",
        "test",
        "tests",
        "samples",
        "scraped",
        "html",
        "pages",
        "downloads",
        "tmp",
        "output",
        "outputs",
        "logs",
    ]
)
PAPER_SECONDS = 60.0  # a safety net: what bounds the work is the number of pages, so that results never depend on the clock
MOST_PAGES, MOST_PAGES_IN_ALL = 100, 300
MOST_TEXT = 1_000_000


def documents(workspace: Workspace) -> Documents:
    """Read every document of the candidate, and mark what may not count as evidence."""
    from checks.facts.grid_copies import mark_copies

    found = []
    left = MOST_PAGES_IN_ALL
    for file in workspace.own:
        read = None if _is_data(file) else _reader(file, workspace, min(left, MOST_PAGES))
        if read is None:
            continue
        document = workspace.attempt(file, read, seconds=PAPER_SECONDS)
        left -= document.pages if document is not None else 0
        if document is not None and document.sections:
            found.append(mark_copies(document))
    return Documents(tuple(found))


def _is_data(file: File) -> bool:
    """Tell whether a file that looks like a document is what the project works on: a corpus, an upload, a fixture."""
    folders = set(file.path.lower().split("/")[:-1])
    return (
        file.suffix in _MAY_BE_DATA and bool(folders & _DATA_FOLDERS) and not file.name.lower().startswith(("readme", "lisezmoi"))
    )


def _reader(file: File, workspace: Workspace, most_pages: int) -> Callable[[File], Document] | None:
    """Return the function that reads this format; heavy libraries are imported only when one is met."""
    if file.suffix == ".pdf":
        from checks.facts import documents_pdf

        stem = file.path[: -len(file.suffix)]
        twin = any(workspace.get(f"{stem}{suffix}") for suffix in (".md", ".docx", ".odt"))
        return partial(documents_pdf.read, most_pages=1 if twin else max(most_pages, 1))
    if file.suffix in (".docx", ".odt", ".pptx", ".odp"):
        from checks.facts import documents_office

        return documents_office.READERS[file.suffix]
    if file.size > MOST_TEXT or file.is_binary:
        return None
    if file.suffix in (".md", ".markdown", ".mdx", ".mmd", ".ipynb"):
        from checks.facts import documents_markdown

        return documents_markdown.read_notebook if file.suffix == ".ipynb" else documents_markdown.read
    from checks.facts import documents_text

    return documents_text.reader(file)


FACTS = (documents,)

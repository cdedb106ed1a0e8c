"""Markdown, and the text cells of notebooks."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

from checks.facts.document_builder import Builder
from checks.facts.documents import Document, Table
from checks.facts.python_code import cell_rows, notebook_cells
from checks.workspace import File

LONGEST_PSEUDO_HEADING = 90
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?\n(---|\.\.\.)[ \t]*(\n|\Z)", re.S)
_COMMENT = re.compile(r"<!--.*?(-->|\Z)", re.S)


def read(file: File) -> Document:
    """Read a Markdown file; a .mmd file is one Mermaid diagram."""
    builder = Builder(file.path)
    if file.suffix == ".mmd":
        builder.code(1, "mermaid", file.text)
        return builder.document("mmd", title=file.name)
    feed(builder, file.text, 0)
    return builder.document("md")


def read_notebook(file: File) -> Document:
    """Read the text cells of a notebook; lines are those of the .ipynb file."""
    builder = Builder(file.path)
    cursor = 0
    for cell in notebook_cells(file, "markdown"):
        rows, cursor = cell_rows(file, cell, cursor)
        feed(builder, cell, 0, rows)
    return builder.document("ipynb")


def feed(builder: Builder, text: str, offset: int, rows: list[int] | None = None) -> None:
    """Read Markdown into `builder`; line N of `text` opens at `rows[N - 1]`, or at N + offset."""
    text = _FRONT_MATTER.sub(lambda m: "\n" * m.group().count("\n"), text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _COMMENT.sub(lambda m: "\n" * m.group().count("\n"), text)
    tokens = MarkdownIt("commonmark", {"html": True, "maxNesting": 20}).enable("table").parse(text)
    _Feeder(builder, offset, rows).walk(tokens)


class _Feeder:
    def __init__(self, builder: Builder, offset: int, rows: list[int] | None) -> None:
        self.builder, self.offset, self.rows = builder, offset, rows
        self.heading_level = 0
        self.cells: list[str] = []
        self.table: list[tuple[int, tuple[str, ...]]] = []
        self.in_table = False

    def line(self, index: int) -> int:
        if self.rows:
            return self.rows[min(index, len(self.rows) - 1)]
        return index + 1 + self.offset

    def walk(self, tokens: list[Token]) -> None:
        for position, token in enumerate(tokens):
            row = token.map[0] if token.map else 0
            match token.type:
                case "heading_open":
                    self.heading_level = int(token.tag[1])
                case "inline":
                    self.inline(token, tokens[position - 1].type)
                case "fence" | "code_block":
                    info = token.info.strip().split()
                    self.builder.code(self.line(row), info[0].strip("{}.") if info else "", token.content)
                case "html_block":
                    self.html(token.content, row)
                case "table_open":
                    self.in_table, self.table = True, []
                case "tr_open":
                    self.cells = []
                case "tr_close":
                    self.row(tokens, position)
                case "table_close":
                    self.close_table()

    def row(self, tokens: list[Token], position: int) -> None:
        row = next((t.map[0] for t in reversed(tokens[:position]) if t.type == "tr_open" and t.map), 0)
        self.table.append((self.line(row), tuple(self.cells)))
        self.builder.prose(" | ".join(self.cells), self.line(row))

    def close_table(self) -> None:
        self.in_table = False
        if self.table:
            (line, header), *rows = self.table
            self.builder.table(Table(line, header, tuple(cells for _, cells in rows)))

    def inline(self, token: Token, before: str) -> None:
        row = token.map[0] if token.map else 0
        children = token.children or []
        self.collect(children, self.line(row))
        lines = _plain_lines(children)
        if self.in_table:
            self.cells.append(" ".join(lines))
        elif before == "heading_open":
            self.builder.heading(" ".join(lines), self.heading_level, self.line(row))
        elif (
            before == "paragraph_open"
            and _is_bold(children)
            and len(lines) == 1
            and len(lines[0]) <= LONGEST_PSEUDO_HEADING
            and token.level <= 1
        ):
            self.builder.heading(lines[0].rstrip(" :"), min(6, max(self.heading_level, 1) + 1), self.line(row))
        else:
            for index, text in enumerate(lines):
                self.builder.prose(text, self.line(row + index))

    def collect(self, children: list[Token], line: int) -> None:
        target = ""
        words: list[str] = []
        for child in children:
            if child.type in ("softbreak", "hardbreak"):
                line += not self.rows  # a notebook's rows are not consecutive
            elif child.type == "link_open":
                target, words = str(child.attrs.get("href", "")), []
            elif child.type == "link_close":
                self.builder.link(line, target, "".join(words))
            elif child.type == "image":
                self.builder.image(line, str(child.attrs.get("src", "")), child.content)
            elif child.type == "html_inline":
                self.html(child.content, line - 1 - self.offset, prose=False)
            if child.content:
                words.append(child.content)

    def html(self, content: str, row: int, *, prose: bool = True) -> None:
        reader = HtmlReader(self.builder, self.line(row), prose=prose)
        reader.feed(content)
        reader.close()
        reader.flush()


def _is_bold(children: list[Token]) -> bool:
    shown = [c for c in children if c.type != "text" or c.content.strip(" :")]
    return (
        len(shown) >= 3
        and shown[0].type == "strong_open"
        and shown[-1].type == "strong_close"
        and sum(c.type == "strong_open" for c in shown) == 1
    )


def _plain_lines(children: list[Token]) -> list[str]:
    lines = [""]
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            lines.append("")
        elif child.type == "image":
            lines[-1] += f" {child.content} "
        elif child.type != "html_inline":
            lines[-1] += child.content
    return [line.strip() for line in lines]


class HtmlReader(HTMLParser):
    """Reads HTML into a builder: headings, prose, tables, links, images; scripts and styles are passed over."""

    def __init__(self, builder: Builder, line: int, *, prose: bool = True, own_lines: bool = False) -> None:
        """Open every piece at `line`, or at the parser's own line numbers."""
        super().__init__(convert_charrefs=True)
        self.builder, self.at, self.prose, self.own_lines = builder, line, prose, own_lines
        self.words: list[str] = []
        self.heading_level = 0
        self.silent = 0
        self.href: str | None = None
        self.link_words: list[str] = []
        self.rows: list[list[str]] = []
        self.lang = ""
        self.title = ""
        self.in_title = False

    @property
    def here(self) -> int:
        """Line to open for what is being read."""
        return self.getpos()[0] if self.own_lines else self.at

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what opens."""
        given = {k: v or "" for k, v in attrs}
        if tag in ("script", "style"):
            self.silent += 1
        elif tag == "html":
            self.lang = given.get("lang", "")
        elif tag == "title":
            self.in_title = True
        elif tag == "img":
            self.builder.image(self.here, given.get("src", ""), given.get("alt", ""))
        elif tag == "a":
            self.href, self.link_words = given.get("href"), []
        elif tag in ("td", "th", "tr"):
            self._table_tag(tag)
        elif tag in ("p", "div", "li", "br", "summary", "section", "h1", "h2", "h3", "h4", "h5", "h6"):
            self.flush()
            self.heading_level = int(tag[1]) if tag[0] == "h" and tag[1:].isdigit() else 0

    def _table_tag(self, tag: str) -> None:
        if tag == "tr":
            self.rows.append([])
        else:
            self.words.append(" | ")
            if self.rows:
                self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        """Note what closes."""
        if tag in ("script", "style"):
            self.silent = max(0, self.silent - 1)
        elif tag == "title":
            self.in_title = False
        elif tag == "a" and self.href is not None:
            self.builder.link(self.here, self.href, "".join(self.link_words))
            self.href = None
        elif tag == "table":
            rows, self.rows = [tuple(r) for r in self.rows if r], []
            if rows:
                self.builder.table(Table(self.here, rows[0], tuple(rows[1:])))
        elif tag in ("p", "div", "li", "tr", "summary", "section", "h1", "h2", "h3", "h4", "h5", "h6"):
            self.flush()

    def handle_data(self, data: str) -> None:
        """Keep the words."""
        if self.in_title:
            self.title += data
        elif not self.silent:
            self.words.append(data)
            self.link_words.append(data)
            if self.rows and self.rows[-1]:
                self.rows[-1][-1] += data

    def flush(self) -> None:
        """Give the builder what was read since the last piece."""
        text, self.words = " ".join("".join(self.words).split()).strip(" |"), []
        if text and self.heading_level:
            self.builder.heading(text, self.heading_level, self.here)
        elif text and self.prose:
            self.builder.prose(text, self.here)
        self.heading_level = 0

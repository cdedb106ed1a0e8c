"""Commands that documents give: what they install, start, test or measure, in code blocks and in the middle of sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from checks.facts.documents import CodeBlock, Section

_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("coverage", re.compile(r"--cov\b|--cov[=-]|--coverage\b|\bcoverage (run|report|html|xml)\b|\b(cov|coverage)\s*$")),
    (
        "test",
        re.compile(
            r"(^|[\s`(&;/])(pytest|tox|nox)(?=$|[\s`),;&.])(?! ?[=<>~])|-m (unittest|pytest)\b|manage\.py test\b"
            r"|\b(npm|pnpm|yarn)( run)? test|\bmake (test|check|coverage)\w*|\b(vitest|jest|ctest)\b|\bgo test\b"
            r"|\bpython3? (\S{0,120}[/\\])?(run_(all_)?tests|tests?_\w+|tests)\.py"
        ),
    ),
    (
        "install",
        re.compile(
            r"\bpip3? install|\bpoetry install|\buv (sync|pip install|add)|\bpipenv (install|sync)"
            r"|\bconda (env create|install|create)"
            r"|\b(npm|pnpm|yarn) (install|ci|add)\b|\byarn$|\bp?npm i\b|\bdocker(-| )compose\b.*\b(up|build|pull)\b"
            r"|\bdocker (build|pull)\b|\bapt(-get)? install|\bbrew install|\bmake (install|setup|build|up|init)\b"
            r"|\bhelm (install|upgrade)|\bkubectl apply|\bchoco install"
            r"|\bpip-sync\b|-m pip install|-m venv\b|\bvirtualenv\b"
        ),
    ),
    (
        "start",
        re.compile(
            r"\buvicorn\b \S|\bgunicorn\b \S|\bstreamlit run|\bflask (--app \S+ )?run|manage\.py (runserver|migrate)"
            r"|\bdocker(-| )compose\b.*\b(up|start|run)\b|\bdocker run\b|\b(npm|pnpm|yarn)( run)? (start|dev|serve)"
            r"|\b(python3?|py)( -\d[\d.]*)? (-m \S+|\S+\.py)|\bfastapi (dev|run)|\bmlflow (ui|server)|\bchainlit run|\buv run\b|\bpoetry run\b"
            r"|\bsystemctl (start|enable|restart)|\bgradio \S|\bairflow (standalone|webserver)|\bjournalctl\b"
            r"|\b(jupyter[ -](notebook|lab|execute|nbconvert)|papermill)\b.{0,80}\.ipynb\b"
            r"|\bmake (run|start|serve|dev)\b|\bprometheus --config|\bdagster dev|\bprefect \S|\bnode \S+\.js|\bjava -jar"
        ),
    ),
    ("clone", re.compile(r"\bgit clone\b")),
    (
        "settings",
        re.compile(
            r"\bcp\b.*\.env|\bcopy\b.*\.env|^\s*(export |set |\$env:)?[A-Z][A-Z0-9_]{3,}\s*=\s*\S|\.env(\.\w+)?\b.{0,20}(→|->|=>)"
        ),
    ),
    (
        "request",
        re.compile(
            r"\bcurl\b|\bhttpie?\b (GET|POST)|\bInvoke-(RestMethod|WebRequest)|\bwget\b|requests\.(get|post|put)\(|\bfetch\("
        ),
    ),
    ("crontab", re.compile(r"\bcrontab\b|^\s*(?=[\d/, -]{0,12}\*)(?:[\d*/,-]+ ){5}\S*[a-z/]")),
)
_SHELL = frozenset(
    {
        "",
        "bash",
        "sh",
        "shell",
        "zsh",
        "console",
        "cmd",
        "powershell",
        "ps1",
        "bat",
        "batch",
        "text",
        "txt",
        "terminal",
        "makefile",
    }
)
_TREE = re.compile(r"[├└│]|^\|--|\s←\s")
_LONGEST = 2_000
# Words without which no pattern above can match: most lines of prose stop here.
_LIKELY = re.compile(
    r"pip|cov|test|tox|nox|jest|npm|yarn|make|poetry|uv\b|conda|docker|apt|brew|helm|kubectl|choco|venv|virtualenv|corn|streamlit|flask|manage\.py"
    r"|python|\bpy |ipynb"
    r"|fastapi|mlflow|chainlit|systemctl|gradio|airflow|journalctl|prometheus|dagster|prefect|node|java|git|\.env|=|curl|http|wget|request|fetch"
    r"|Invoke|cron|\*"
)


@dataclass(frozen=True, slots=True)
class Command:
    """A command given in a document: `kind` is install, start, test, coverage, clone, settings, request or crontab."""

    kind: str
    path: str
    line: int
    text: str
    in_code: bool


@lru_cache(maxsize=50_000)
def kinds_of(text: str) -> tuple[str, ...]:
    """Return the kinds of command that a line of text holds; a command that measures coverage also tests."""
    if not _LIKELY.search(text[:_LONGEST]):
        return ()
    found = [kind for kind, pattern in _KINDS if pattern.search(text[:_LONGEST])]
    return tuple(dict.fromkeys(found))


def code_line(section: Section, block: CodeBlock, offset: int) -> int:
    """Return the line to open for line `offset` (from 0) of a block: a fence in Markdown takes a line of its own."""
    return block.line + offset + section.path.lower().endswith((".md", ".markdown", ".mdx"))


def _code_lines(section: Section) -> Iterator[tuple[int, str]]:
    for block in section.code:
        if block.language in _SHELL or block.language in ("env", "ini", "dotenv"):
            for offset, text in enumerate(block.text.splitlines()):
                stripped = text.strip()
                if (
                    stripped
                    and not _TREE.search(stripped)
                    and not stripped.startswith(("#", "//", "REM ", "RUN ", "CMD ", "FROM ", "COPY "))
                ):
                    yield code_line(section, block, offset), stripped


def commands(section: Section) -> tuple[Command, ...]:
    """Return the commands of a section in reading order, code blocks first."""
    found = [Command(k, section.path, line, text, True) for line, text in _code_lines(section) for k in kinds_of(text)]
    prose = [(line, text) for line, text in section.lines if text != section.heading]
    found += [
        Command(k, section.path, line, text, False)
        for line, text in prose
        for k in kinds_of(text)
        if k in ("install", "start", "test", "coverage", "request", "crontab") or (k == "settings" and "=" in text)
    ]
    return tuple(found)


def first_command(sections: Iterable[Section], *kinds: str, in_code: bool = False) -> Command | None:
    """Return the first command of one of `kinds`, one in a code block first."""
    found = [c for s in sections for c in commands(s) if c.kind in kinds]
    return next((c for c in found if c.in_code), None) or (None if in_code or not found else found[0])

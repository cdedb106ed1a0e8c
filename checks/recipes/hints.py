"""Commands that start an application, as Dockerfiles, compose files, scripts and guides write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.recipes.declarations import folder_of
from checks.workspace import File, Workspace
from grader.plan import Place

MOST_HINTS = 60
MOST_LINES = 3000
_FILES = (
    "dockerfile*",
    "*.dockerfile",
    "*compose*.y*ml",
    "procfile",
    "*.sh",
    "makefile",
    "*.bat",
    "*.ps1",
    "readme*",
    "*.md",
    "*.rst",
)
_SEPARATOR = r"(?:[\"',\s\]]+)"
_ASGI = re.compile(r"\b(?:uvicorn|gunicorn|hypercorn|daphne)\b[^\n]{0,200}?([A-Za-z_][\w.]*):([A-Za-z_]\w*)(\(\))?")
_FLASK = re.compile(rf"\bflask{_SEPARATOR}(?:--app|-A)(?:{_SEPARATOR}|=)([A-Za-z_][\w./]*)(?::([A-Za-z_]\w*))?")
_SCRIPT = re.compile(
    rf"\b(streamlit{_SEPARATOR}run|fastapi{_SEPARATOR}(?:run|dev)|chainlit{_SEPARATOR}run|python[\d.]*){_SEPARATOR}"
    r"(?:-u[\"',\s]+)?((?:[\w.-]+[/\\])*[\w-]+\.py)\b"
)


@dataclass(frozen=True, slots=True)
class Hint:
    """A start command: `target` is a dotted module or the path of a script, `variable` the application's name or ""."""

    target: str
    variable: str
    tool: str
    factory: bool
    place: Place

    def names(self, path: str) -> bool:
        """Tell whether the command starts the module at `path`, from its root or a folder on the way."""
        wanted = self.target.removeprefix("./") if self.target.endswith(".py") else self.target.replace(".", "/") + ".py"
        return path == wanted or path.endswith("/" + wanted) or (wanted.endswith("/" + path) and "/" in path)

    def folder(self, path: str) -> str:
        """Return the folder from which the command finds the module at `path`."""
        depth = (
            self.target.replace("\\", "/").removeprefix("./").count("/")
            if self.target.endswith(".py")
            else self.target.count(".")
        )
        return "/".join(path.split("/")[: max(path.count("/") - depth, 0)])


def hints(workspace: Workspace) -> tuple[Hint, ...]:
    """Read the start commands, those of containers first, guides last."""
    files = sorted(workspace.named(*_FILES), key=_rank)
    found = (h for f in files if f.size < 300_000 and not f.is_binary for h in _in_file(f))
    return tuple(h for h, _ in zip(found, range(MOST_HINTS), strict=False))


def _rank(file: File) -> tuple[int, int, str]:
    name = file.name.lower()
    order = 0 if "docker" in name or "compose" in name else 2 if name.endswith((".md", ".rst")) or "readme" in name else 1
    return order, file.path.count("/"), file.path


def _in_file(file: File) -> Iterator[Hint]:
    for number, line in enumerate(file.lines[:MOST_LINES], 1):
        text, place = line[:500], Place(file.path, number)
        if not re.search(r"corn|daphne|flask|streamlit|fastapi|chainlit|python", text):
            continue
        for found in _ASGI.finditer(text):
            yield Hint(found.group(1), found.group(2), "asgi", bool(found.group(3)) or "--factory" in text, place)
        for found in _FLASK.finditer(text):
            yield Hint(found.group(1).replace("/", "."), found.group(2) or "", "flask", False, place)
        for found in _SCRIPT.finditer(text):
            yield Hint(found.group(2).replace("\\", "/"), "", found.group(1).split()[0].split('"')[0], False, place)


def near(found: tuple[Hint, ...], path: str, variable: str = "") -> Hint | None:
    """Return the first command that starts the module at `path`, one written beside it before the others."""
    fitting = [h for h in found if h.names(path) and (not variable or not h.variable or h.variable == variable)]
    return min(fitting, key=lambda h: not path.startswith(folder_of(h.place.path)), default=None)

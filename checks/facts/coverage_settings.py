"""Coverage targets in configuration files, read where the tools read them: a target in another section has no effect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.workspace import File, Workspace

_OPTION = re.compile(r"--cov-fail-under[= ]\s*['\"]?(\d+)")
_KEY = re.compile(r"^\s*fail_under\s*[=:]\s*(\d+)")
_SECTION = re.compile(r"^\s*\[+([^\]]{1,80})\]+\s*$")
# Where pytest reads its options, and where coverage reads its target, by file.
_OPTIONS = {
    "pytest.ini": ("pytest",),
    ".pytest.ini": ("pytest",),
    "tox.ini": ("pytest", "testenv"),
    "setup.cfg": ("tool:pytest",),
    "pyproject.toml": ("tool.pytest", "tool.tox", "tool.hatch", "tool.poe", "tool.taskipy", "tool.pdm"),
}
_TARGETS = {
    ".coveragerc": ("report",),
    "tox.ini": ("coverage:report",),
    "setup.cfg": ("coverage:report",),
    "pyproject.toml": ("tool.coverage.report",),
}
_SCRIPTED = re.compile(r"^(package\.json|(jest|vitest|vite)\.config\.\w+)$")
_SCRIPT_TARGET = re.compile(r"[\"']?(coverageThreshold|thresholds)[\"']?\s*:")


@dataclass(frozen=True, slots=True)
class Setting:
    """A line about coverage: `target` demands a figure, `alone` needs no other setting to be measured, `outside` is judged by a
    service that receives the report."""

    path: str
    line: int
    text: str
    target: bool
    alone: bool = False
    sound: bool = True
    outside: bool = False


def settings(workspace: Workspace) -> Iterator[Setting]:
    """Yield the lines about coverage of the files that tools read, comments left out."""
    for file in workspace.own:
        if file.size > 200_000:
            continue
        if file.name in _OPTIONS or file.name in _TARGETS:
            yield from _of_sections(file)
        elif file.name == "Makefile":
            yield from (_option(file, n, line) for n, line in enumerate(file.lines, 1) if line.startswith("\t"))
        elif _SCRIPTED.match(file.name):
            yield from _of_scripts(file)
        elif file.name in ("codecov.yml", ".codecov.yml"):
            goals = ((n, line) for n, line in enumerate(file.lines, 1) if re.match(r"\s*target:\s*[1-9]\d*%?\s*$", line))
            yield from (Setting(file.path, n, line.strip(), True, alone=True, outside=True) for n, line in goals)


def _of_sections(file: File) -> Iterator[Setting]:
    section = ""
    for number, line in enumerate(file.lines, 1):
        if line.lstrip().startswith(("#", ";")):
            continue
        head = _SECTION.match(line)
        section = head[1].strip() if head else section
        key = _KEY.match(line)
        if key and section.startswith(_TARGETS.get(file.name, ())):
            yield Setting(file.path, number, line.strip(), key[1] != "0")
        elif section.startswith(_OPTIONS.get(file.name, ())):
            yield _option(file, number, line)


def _option(file: File, number: int, line: str) -> Setting:
    wanted = _OPTION.search(line.split(" #", maxsplit=1)[0])
    return Setting(file.path, number, line.strip(), bool(wanted and int(wanted[1])), alone=True)


def _of_scripts(file: File) -> Iterator[Setting]:
    for number, line in enumerate(file.lines, 1):
        if not line.lstrip().startswith(("//", "*")):
            yield Setting(file.path, number, line.strip()[:200], bool(_SCRIPT_TARGET.search(line)), alone=True)

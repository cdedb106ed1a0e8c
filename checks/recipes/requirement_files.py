"""`requirements.txt` and its likes, with the files that they name, inside the repository only."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from checks.recipes.requirement_lines import Item, name_of, sort_requirement
from checks.workspace import File, Workspace, decode
from grader.plan import LeftOut, Place, Requirement

NAME = re.compile(r"^[\w.-]*(requirements?|reqs)[\w.-]*\.(txt|in)$", re.I)
IN_FOLDER = re.compile(r"(^|/)requirements/[\w.-]+\.(txt|in)$", re.I)
MOST_LINES = 3000
MOST_FILES = 20
_OTHER = re.compile(r"^(?:-r|--requirement|-c|--constraint)(?:\s+|=|(?=[\w./]))\s*(.+?)\s*(?:\s#.*)?$")


@dataclass
class _Reading:
    workspace: Workspace
    seen: set[str] = field(default_factory=set)
    constraints: dict[str, str] = field(default_factory=dict)


def is_requirements(file: File) -> bool:
    """Tell whether a file is a list of requirements by its name."""
    return bool(NAME.match(file.name) or IN_FOLDER.search(file.path)) and file.size < 500_000


def requirements_in(workspace: Workspace, file: File) -> list[Item]:
    """Return what a requirements file asks for, `-r` and `-c` followed inside the repository."""
    reading = _Reading(workspace)
    items = list(_items(reading, file))
    return [_constrained(i, reading.constraints) for i in items]


def _items(reading: _Reading, file: File) -> Iterator[Item]:
    if file.path in reading.seen or len(reading.seen) >= MOST_FILES:
        return
    reading.seen.add(file.path)
    for number, line in _logical_lines(file):
        place = Place(file.path, number)
        if other := _OTHER.match(line):
            yield from _named(reading, line, other.group(1), place)
        else:
            yield from sort_requirement(line, place)


def _named(reading: _Reading, line: str, written: str, place: Place) -> Iterator[Item]:
    path = posixpath.normpath(posixpath.join(posixpath.dirname(place.path), written.strip("\"'").replace("\\", "/")))
    file = None if path.startswith(("/", "..")) else reading.workspace.get(path)
    if file is None:
        yield LeftOut(line[:200], "outside" if path.startswith(("/", "..")) or "://" in written else "absent", place)
    elif line.startswith(("-c", "--constraint")):
        reading.constraints |= {
            name_of(i.text): i.text for i in _items(reading, file) if isinstance(i, Requirement) and ";" not in i.text
        }
    else:
        yield from _items(reading, file)


def _constrained(item: Item, constraints: dict[str, str]) -> Item:
    """Give the version of a constraints file to a requirement that names none."""
    if isinstance(item, Requirement) and item.text in constraints:
        return Requirement(constraints[item.text], item.place)
    return item


def _logical_lines(file: File) -> Iterator[tuple[int, str]]:
    """Yield (line, text) with continuation lines joined."""
    pending, start = "", 0
    for number, raw in enumerate(_lines(file)[:MOST_LINES], 1):
        start = start or number
        text = raw.strip()
        pending += text.removesuffix("\\")
        if text.endswith("\\") and len(pending) < 20_000:
            continue
        yield start, pending.strip()
        pending, start = "", 0
    if pending:
        yield start, pending.strip()


def _lines(file: File) -> list[str]:
    """Return the lines; UTF-16 written without its mark is told by its NUL bytes."""
    if b"\0" in file.data[:200] and not file.data.startswith((b"\xff\xfe", b"\xfe\xff")):
        mark = b"\xfe\xff" if file.data[:1] == b"\0" else b"\xff\xfe"
        return decode(mark + file.data).splitlines()
    return file.lines

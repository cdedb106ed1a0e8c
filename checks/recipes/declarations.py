"""Which folders of the repository are parts of their own, and what each declares."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from packaging.requirements import Requirement as Parsed

from checks.recipes.manifests import Declared, package_json, reader_of
from checks.recipes.node_packages import as_locked, locked_versions
from checks.recipes.requirement_files import is_requirements, requirements_in
from checks.recipes.requirement_lines import Item, name_of
from checks.workspace import File, Workspace
from grader.plan import LeftOut, Place, Requirement

MOST_PARTS = 12
MOST_REQUIREMENTS = 400
MOST_LEFT_OUT = 200
_ORDER = ("requirements.txt", "requirements", "pyproject.toml", "pipfile", "setup.cfg", "setup.py", "")


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the files of one folder declare together; `place` is the first of them."""

    folder: str
    language: str
    requirements: tuple[Requirement, ...]
    left_out: tuple[LeftOut, ...]
    python: str
    place: Place


def folder_of(path: str) -> str:
    """Return the folder of a path, "" for the root."""
    return posixpath.dirname(path)


def inside(path: str, folder: str) -> bool:
    """Tell whether a path is in a folder or is the folder; "" holds everything."""
    return not folder or path == folder or path.startswith(folder + "/")


def ancestors(folder: str) -> Iterator[str]:
    """Yield a folder, then those above it up to the root (`""`)."""
    while folder:
        yield folder
        folder = folder_of(folder)
    yield ""


def declarations(workspace: Workspace) -> tuple[Declaration, ...]:
    """Read every declaration of dependencies, one value for each folder and language, nearest to the root first."""
    with_code = {f for file in workspace.with_suffix(".py", ".ipynb") for f in ancestors(folder_of(file.path))} | {""}
    python: dict[str, list[tuple[File, Declared]]] = {}
    node: dict[str, list[tuple[File, Declared]]] = {}
    for file in sorted(workspace.own, key=_rank):
        declared = _read(workspace, file)
        if declared is not None and file.name.lower() == "package.json":
            node.setdefault(folder_of(file.path), []).append((file, _as_locked(workspace, file, declared)))
        elif declared is not None:
            python.setdefault(_home(folder_of(file.path), with_code), []).append((file, declared))
    found = [_joined(f, "python", read) for f, read in python.items()] + [_joined(f, "node", read) for f, read in node.items()]
    found.sort(key=lambda d: (d.folder.count("/") if d.folder else -1, d.folder, d.language != "python"))
    return tuple(found[:MOST_PARTS])


def _as_locked(workspace: Workspace, file: File, declared: Declared) -> Declared:
    """Give the exact versions of the lock file beside a package.json."""
    lock = workspace.get((folder_of(file.path) + "/package-lock.json").lstrip("/"))
    versions = (workspace.attempt(lock, locked_versions) if lock else None) or {}
    return Declared(tuple(as_locked(item, versions) for item in declared.items), declared.python)


def _rank(file: File) -> tuple[int, int, str]:
    name = file.name.lower()
    lists = 1 if is_requirements(file) else len(_ORDER)
    return file.path.count("/"), _ORDER.index(name) if name in _ORDER else lists, file.path


def _read(workspace: Workspace, file: File) -> Declared | None:
    if is_requirements(file):
        compiled = file.path.removesuffix(".in") + ".txt"
        if file.suffix == ".in" and workspace.get(compiled) is not None:
            return None  # the same list, before its versions were fixed
        items = workspace.attempt(file, lambda f: requirements_in(workspace, f))
        return Declared(tuple(items)) if items else None
    reader = reader_of(file)
    declared = workspace.attempt(file, reader) if reader else None
    kept = declared is not None and (declared.items or declared.python or reader is package_json)
    return declared if kept else None


def _home(folder: str, with_code: set[str]) -> str:
    """Return the folder whose code the declaration is for: lists kept apart (`requirements/`, `.github/`, `tests/`) join it."""
    for candidate in ancestors(folder):
        words = candidate.lower().split("/")
        apart = any(w.startswith(".") or w in ("requirements", "tests", "test") for w in words)
        if candidate in with_code and not (candidate and apart):
            return candidate
    return ""


def _joined(folder: str, language: str, read: list[tuple[File, Declared]]) -> Declaration:
    items = [item for _, declared in read for item in declared.items]
    requirements, left_out = joined(items)
    python = next((d.python for _, d in read if d.python), "")
    return Declaration(folder, language, requirements, left_out, python[:100], Place(read[0][0].path, 1))


def joined(items: Iterable[Item]) -> tuple[tuple[Requirement, ...], tuple[LeftOut, ...]]:
    """Join what several files ask for. A package asked for again otherwise keeps its first words; the others are `repeated`."""
    kept: dict[str, Requirement] = {}
    left_out: dict[tuple[str, str], LeftOut] = {}
    for item in items:
        if isinstance(item, LeftOut):
            left_out.setdefault((item.text, item.reason), item)
            continue
        marker = item.text.partition(" ; ")[2]
        key = f"{name_of(item.text)} ; {marker}"
        first = kept.setdefault(key, item)
        bare = item.text == name_of(item.text)
        if first.text == name_of(first.text) and not bare:
            kept[key] = item  # a bare name says less than a version
        elif first.text != item.text and not bare and not _satisfied(first, item):
            left_out.setdefault((item.text, "repeated"), LeftOut(item.text, "repeated", item.place))
    return tuple(kept.values())[:MOST_REQUIREMENTS], tuple(left_out.values())[:MOST_LEFT_OUT]


def _satisfied(first: Requirement, other: Requirement) -> bool:
    """Tell whether the exact version that `first` names also answers `other`."""
    pinned = re.search(r"===?([^,;*\s]+)", first.text)
    specifier = Parsed(other.text).specifier
    return bool(pinned) and specifier.contains(pinned.group(1) if pinned else "", prereleases=True)

"""Declared dependencies: which packages each part of the repository asks for, and whether their versions are fixed."""

from __future__ import annotations

import ast
import configparser
import json
import posixpath
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from checks.facts.newer_syntax import parse
from checks.facts.yaml_files import as_items, as_mapping, load_yaml
from checks.workspace import File, Workspace

REQUIREMENTS = re.compile(
    r"^(requirements?|reqs?|dev-requirements|constraints)[\w.-]*\.(txt|in)$|(^|/)requirements/[\w-]+\.txt$", re.I
)
REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]{0,200}\])?\s*([=<>!~^@][^;#]*)?")
EXACT = re.compile(r"^\s*={2,3}\s*[\w.!+-]+|^\s*@\s*(git\+|https?:|file:)|^\d[\w.+-]*$")
LOCKS = (
    "poetry.lock",
    "uv.lock",
    "pdm.lock",
    "Pipfile.lock",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "conda-lock.yml",
    "pixi.lock",
)


@dataclass(frozen=True, slots=True)
class Package:
    """A declared package: `name` in lower case with `-`, `version` as written, `pinned` when only one version can be
    installed."""

    name: str
    version: str
    pinned: bool
    path: str
    line: int


@dataclass(frozen=True)
class Dependencies:
    """Declarations by file, in path order, and the lock files beside them."""

    packages: tuple[Package, ...]
    files: tuple[str, ...]
    locks: tuple[str, ...]

    @cached_property
    def by_name(self) -> dict[str, Package]:
        """Name → its first declaration."""
        found: dict[str, Package] = {}
        for package in self.packages:
            found.setdefault(package.name, package)
        return found

    def declares(self, *names: str) -> Package | None:
        """Return the first declaration of one of the names, None when there is none."""
        return next((self.by_name[n] for n in names if n in self.by_name), None)

    @property
    def pinned_share(self) -> float:
        """Share of packages with a single version; those beside a lock file count as fixed."""
        locked = {posixpath.dirname(p) for p in self.locks}
        fixed = [p for p in self.packages if p.pinned or posixpath.dirname(p.path) in locked]
        return len(fixed) / len(self.packages) if self.packages else 0.0


def _package(path: str, line: int, name: str, version: str) -> Package:
    version = version.strip()
    return Package(re.sub(r"[._-]+", "-", name).lower(), version, bool(EXACT.match(version)), path, line)


def _requirements(file: File) -> Iterator[Package]:
    for number, text in enumerate(file.lines, 1):
        if text.strip().startswith(("#", "-")) or not text.strip() or len(text) > 500:
            continue
        match = REQUIREMENT.match(text)
        if match:
            yield _package(file.path, number, match.group(1), match.group(2) or "")


def _line(file: File, name: str) -> int:
    return next((n for n, t in enumerate(file.lines, 1) if name in t), 1)


def _requirement(file: File, text: str) -> Iterator[Package]:
    match = REQUIREMENT.match(text)
    if match:
        yield _package(file.path, _line(file, match.group(1)), match.group(1), match.group(2) or "")


def _table(file: File, table: Any) -> Iterator[Package]:
    for name, value in table.items() if isinstance(table, dict) else ():
        version = value if isinstance(value, str) else str(value.get("version", "")) if isinstance(value, dict) else ""
        if name.lower() != "python":
            yield _package(file.path, _line(file, name), name, "" if version == "*" else version)


def _pyproject(file: File) -> Iterator[Package]:
    document = tomllib.loads(file.text)
    project = document.get("project", {})
    lists = [project.get("dependencies", []), *project.get("optional-dependencies", {}).values()]
    lists += list(document.get("dependency-groups", {}).values())
    for group in lists:
        for text in group:
            if isinstance(text, str):
                yield from _requirement(file, text)
    tool = document.get("tool", {})
    poetry = tool.get("poetry", {})
    yield from _table(file, poetry.get("dependencies", {}))
    yield from _table(file, poetry.get("dev-dependencies", {}))
    for group in poetry.get("group", {}).values():
        yield from _table(file, group.get("dependencies", {}))
    for group in tool.get("pdm", {}).get("dev-dependencies", {}).values():
        for text in group:
            yield from _requirement(file, str(text))


def _pipfile(file: File) -> Iterator[Package]:
    document = tomllib.loads(file.text)
    yield from _table(file, document.get("packages", {}))
    yield from _table(file, document.get("dev-packages", {}))


def _setup_cfg(file: File) -> Iterator[Package]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(file.text)
    for text in parser.get("options", "install_requires", fallback="").splitlines():
        yield from _requirement(file, text)


def _setup_py(file: File) -> Iterator[Package]:
    for node in ast.walk(parse(file.text)):
        if isinstance(node, ast.keyword) and node.arg == "install_requires":
            for item in getattr(node.value, "elts", []):
                if isinstance(item, ast.Constant) and isinstance(item.value, str):
                    yield from _requirement(file, item.value)


def _conda(file: File) -> Iterator[Package]:
    for document in load_yaml(file):
        for item, line in as_items(as_mapping(document).get("dependencies")):
            if isinstance(item, str):
                name, _, version = item.partition("=")
                yield _package(file.path, line, name, "==" + version.strip("=") if version else "")
            for text, at in as_items(as_mapping(item).get("pip")):
                match = REQUIREMENT.match(str(text))
                if match:
                    yield _package(file.path, at, match.group(1), match.group(2) or "")


def _node(file: File) -> Iterator[Package]:
    document = json.loads(file.text)
    for key in ("dependencies", "devDependencies"):
        yield from _table(file, document.get(key, {}) if isinstance(document, dict) else {})


def _reader(file: File) -> Any:
    name = file.name.lower()
    exact = {
        "pyproject.toml": _pyproject,
        "pipfile": _pipfile,
        "setup.cfg": _setup_cfg,
        "setup.py": _setup_py,
        "package.json": _node,
    }
    if name in exact:
        return exact[name]
    if re.match(r"^(environment|conda|env)[\w-]*\.ya?ml$", name):
        return _conda
    return _requirements if REQUIREMENTS.search(file.path) or REQUIREMENTS.search(file.name) else None


def dependencies(workspace: Workspace) -> Dependencies:
    """Read every declaration of dependencies of the candidate."""
    packages: list[Package] = []
    files = []
    for file in workspace.own:
        reader = _reader(file)
        if reader is not None and not file.is_binary and file.size < 500_000:
            read = workspace.attempt(file, lambda f, r=reader: list(r(f)))  # type: ignore[misc]
            if read:
                packages.extend(read)
                files.append(file.path)
    locks = tuple(f.path for f in workspace.files if f.name in LOCKS and "node_modules/" not in f.path)
    return Dependencies(tuple(packages), tuple(files), locks)


FACTS = (dependencies,)

"""Dependencies declared by other files than requirements.txt: pyproject, Pipfile, setup.cfg, setup.py, conda, package.json."""

from __future__ import annotations

import ast
import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from checks.facts.newer_syntax import parse
from checks.facts.python_code import dotted_name
from checks.facts.syntax import walk
from checks.facts.yaml_files import as_items, as_mapping, load_yaml
from checks.recipes.names import canonical
from checks.recipes.node_packages import node_packages
from checks.recipes.requirement_lines import Item, name_of, sort_conda, sort_requirement
from checks.recipes.versions import specifier
from checks.workspace import File
from grader.plan import LeftOut, Place, Requirement

CONDA = re.compile(r"^(environment|conda|env)[\w.-]*\.ya?ml$", re.I)
MOST_BYTES = 500_000


@dataclass(frozen=True, slots=True)
class Declared:
    """What one file declares, and the Python it asks for."""

    items: tuple[Item, ...]
    python: str = ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _table(value: Any) -> dict[str, Any]:
    return {str(k): v for k, v in value.items()} if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


class _Places:
    """Finds the line that declares a package in a file whose parser tells no lines."""

    def __init__(self, file: File) -> None:
        self.file = file
        self._lines = [line.lower() for line in file.lines[:5000]]

    def of(self, text: str) -> Place:
        """Return the place of the first line that names the package of `text`."""
        name = re.split(r"[\s\[<>=!~;@]", text.strip(), maxsplit=1)[0].lower()
        word = re.compile(rf"(^|[\s\"'\[,]){re.escape(name)}($|[\s\"'\[<>=!~;@,])")
        return Place(self.file.path, next((n for n, line in enumerate(self._lines, 1) if name in line and word.search(line)), 1))

    def sort(self, texts: list[Any]) -> Iterator[Item]:
        for text in texts:
            if isinstance(text, str):
                yield from sort_requirement(text, self.of(text))


def pyproject(file: File) -> Declared:
    """Read a pyproject.toml: PEP 621 with its extras and groups, Poetry, PDM, uv, Hatch. Raises TOMLDecodeError."""
    document = tomllib.loads(file.text)
    places = _Places(file)
    project, tool = _table(document.get("project")), _table(document.get("tool"))
    poetry = _table(tool.get("poetry"))
    own = canonical(_text(project.get("name")) or _text(poetry.get("name")) or "-")
    items = [*_standard(document, project, tool, places), *_poetry(poetry, places)]
    python = _text(project.get("requires-python")) or _quiet(_text(_table(poetry.get("dependencies")).get("python")))
    return Declared(tuple(i for i in items if name_of(canonical(i.text)) != own), python)


def _standard(document: dict[str, Any], project: dict[str, Any], tool: dict[str, Any], places: _Places) -> Iterator[Item]:
    lists = [_list(project.get("dependencies"))]
    lists += _groups(project.get("optional-dependencies")) + _groups(document.get("dependency-groups"))
    lists += _groups(_table(tool.get("pdm")).get("dev-dependencies"))
    lists.append(_list(_table(tool.get("uv")).get("dev-dependencies")))
    lists += [_list(_table(e).get("dependencies")) for e in _table(_table(tool.get("hatch")).get("envs")).values()]
    elsewhere = {canonical(n): s for n, s in _table(_table(tool.get("uv")).get("sources")).items() if not _table(s).get("index")}
    for item in places.sort([text for texts in lists for text in texts]):
        source = _table(elsewhere.get(name_of(item.text)))
        yield LeftOut(item.text, _reason(source), item.place) if source and isinstance(item, Requirement) else item


def _groups(value: Any) -> list[list[Any]]:
    return [_list(v) for name, v in _table(value).items() if name.lower() not in ("doc", "docs")]


def _poetry(poetry: dict[str, Any], places: _Places) -> Iterator[Item]:
    tables = [poetry.get("dependencies"), poetry.get("dev-dependencies")]
    tables += [_table(g).get("dependencies") for n, g in _table(poetry.get("group")).items() if n != "docs"]
    for table in tables:
        for name, value in _table(table).items():
            if name.lower() != "python":
                yield from _versioned(name, value, places)


def _versioned(name: str, value: Any, places: _Places) -> Iterator[Item]:
    """Read `name = "^1.2"`, `name = {version = …, extras = […]}`, or a list of these."""
    for given in _list(value)[:5] or [value]:
        table = _table(given) or {"version": given}
        if reason := _reason(table):
            yield LeftOut(name, reason, places.of(name))
            continue
        extras = ",".join(e for e in _list(table.get("extras")) if isinstance(e, str))
        marker = _text(table.get("markers"))
        try:
            version = specifier(_text(table.get("version")) or "*")
        except (ValueError, IndexError):
            yield LeftOut(f"{name} {table.get('version')}"[:200], "malformed", places.of(name))
            continue
        yield from sort_requirement(
            name + (f"[{extras}]" if extras else "") + version + (f" ; {marker}" if marker else ""), places.of(name)
        )


def _reason(table: dict[str, Any]) -> str:
    if any(k in table for k in ("git", "url", "hg", "svn")):
        return "url"
    return "local-path" if any(k in table for k in ("path", "file", "workspace")) else ""


def _quiet(constraint: str) -> str:
    try:
        return specifier(constraint) if constraint else ""
    except (ValueError, IndexError):
        return ""


def pipfile(file: File) -> Declared:
    """Read a Pipfile. Raises TOMLDecodeError."""
    document = tomllib.loads(file.text)
    places = _Places(file)
    items = [
        item
        for section in ("packages", "dev-packages")
        for name, value in _table(document.get(section)).items()
        for item in _versioned(name, value, places)
    ]
    version = _text(_table(document.get("requires")).get("python_version"))
    return Declared(tuple(items), f"=={version}.*" if re.match(r"^\d+\.\d+$", version) else "")


def setup_cfg(file: File) -> Declared:
    """Read the options of a setup.cfg. Raises configparser.Error."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(file.text)
    texts = parser.get("options", "install_requires", fallback="").splitlines()
    if parser.has_section("options.extras_require"):
        texts += [line for _, value in parser.items("options.extras_require") for line in value.splitlines()]
    return Declared(tuple(_Places(file).sort(list(texts))), parser.get("options", "python_requires", fallback=""))


def setup_py(file: File) -> Declared:
    """Read the lists given to `setup()`, from the syntax tree: the file is never run. Raises SyntaxError."""
    tree = parse(file.text)
    nodes = walk(tree)
    lists = {dotted_name(n.targets[0]): n.value for n in nodes if isinstance(n, ast.Assign)}
    given = {n.arg: n.value for n in nodes if isinstance(n, ast.keyword) and n.arg}
    texts: list[str] = []
    for name in ("install_requires", "extras_require", "tests_require"):
        value = given.get(name)
        value = lists.get(dotted_name(value), value) if value is not None else None
        texts += _strings(value)
    python = given.get("python_requires")
    known = python.value if isinstance(python, ast.Constant) and isinstance(python.value, str) else ""
    return Declared(tuple(_Places(file).sort(list(texts))), known)


def _strings(node: ast.expr | None) -> list[str]:
    if isinstance(node, ast.Dict):
        return [s for v in node.values for s in _strings(v)]
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [e.value for e in node.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]
    return []


def conda(file: File) -> Declared:
    """Read a conda environment: its pip part, and the conda packages that the package index is likely to have. Raises ValueError."""
    items: list[Item] = []
    for document in load_yaml(file):
        for item, line in as_items(as_mapping(document).get("dependencies")):
            if isinstance(item, str):
                items += sort_conda(item, Place(file.path, line))
            for text, at in as_items(as_mapping(item).get("pip")):
                items += sort_requirement(str(text), Place(file.path, at))
    return Declared(tuple(items))


def package_json(file: File) -> Declared:
    """Read the dependencies of a package.json as `name@range`. Raises ValueError."""
    return Declared(tuple(node_packages(_table(json.loads(file.text)), _Places(file).of)))


READERS: dict[str, Callable[[File], Declared]] = {
    "pyproject.toml": pyproject,
    "pipfile": pipfile,
    "setup.cfg": setup_cfg,
    "setup.py": setup_py,
    "package.json": package_json,
}


def reader_of(file: File) -> Callable[[File], Declared] | None:
    """Return what reads the declarations of a file, None when it declares nothing."""
    if file.size > MOST_BYTES:
        return None
    return READERS.get(file.name.lower()) or (conda if CONDA.match(file.name) else None)

"""Secrets in clear: keys, passwords and private files that anybody who reads the repository holds."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.facts.containers import Containers
from checks.facts.python_code import Module, PythonCode, dotted_name
from checks.facts.secrets_catalogue import (
    ENV_FILE,
    ENV_LINE,
    FORMATS,
    KEY_FILE,
    LOCAL_HOST,
    NOT_A_SECRET,
    PERSONAL,
    PERSONAL_ROWS,
    SAMPLE,
    SECRET_NAME,
    SIGNING_NAME,
    TEXT_SUFFIXES,
    entropy,
    is_placeholder,
    is_trivial,
)
from checks.workspace import File, Workspace

MOST_TEXT = 400_000


@dataclass(frozen=True, slots=True)
class Secret:
    """Something secret that is readable. `kind` names it; `grave` is False for a trivial default or a fallback."""

    kind: str
    path: str
    line: int
    name: str
    grave: bool

    @property
    def shown(self) -> str:
        """What may be quoted: the name, never the value."""
        return f"{self.name} = ***" if self.name else self.kind


@dataclass(frozen=True)
class Secrets:
    """Secrets in clear and committed exports of personal data, in path order."""

    all: tuple[Secret, ...]
    personal: tuple[tuple[str, tuple[str, ...]], ...]  # (path, columns)

    @property
    def grave(self) -> tuple[Secret, ...]:
        """Secrets that are real, as far as reading tells."""
        return tuple(s for s in self.all if s.grave)


def _looks_secret(name: str, value: str) -> bool:
    if not SECRET_NAME.search(name) or NOT_A_SECRET.search(name) or " " in value.strip() or len(value) > 400:
        return False
    return not is_placeholder(value) and not value.startswith(("http://", "https://", "/", "./", "os."))


def _by_format(file: File) -> Iterator[Secret]:
    seen = set()
    text = file.text[:MOST_TEXT]
    for kind, hints, expression in FORMATS:
        if not any(h in text for h in hints):
            continue
        for match in expression.finditer(text):
            value = match.group()
            if kind == "connection-string":
                password, host = match.group(1), match.group(2)
                if is_placeholder(password) or is_placeholder(host) or password.startswith("$"):
                    continue
                grave = not is_trivial(password) and not LOCAL_HOST.match(host)
            elif kind == "private-key":
                grave = "..." not in file.text[match.end() : match.end() + 40] and len(file.text) - match.end() > 200
            else:
                grave = (
                    not re.search(r"x{4,}|your|votre|example|exemple|1234567|abcdef|test|fake|dummy|\.\.\.", value, re.I)
                    and entropy(value) > 3.0
                )
                if not grave:
                    continue
            line = text.count("\n", 0, match.start()) + 1
            if (kind, line) not in seen:
                seen.add((kind, line))
                yield Secret(kind, file.path, line, kind, grave)


def _env_file(file: File) -> Iterator[Secret]:
    for number, text in enumerate(file.lines[:500], 1):
        match = ENV_LINE.match(text[:600]) if not text.lstrip().startswith("#") else None
        if match is None:
            continue
        name, value = match.group(1), match.group(2).strip("\"'").split(" #")[0]
        if _looks_secret(name, value):
            yield Secret("env-file", file.path, number, name, not is_trivial(value))


class _Code:
    """Literals given to names of secrets, in modules that are not tests."""

    def __init__(self, module: Module) -> None:
        self.module = module

    def secrets(self) -> Iterator[Secret]:
        settings = self._settings()
        for node in self.module.nodes:
            if isinstance(node, ast.Assign | ast.AnnAssign):
                if id(node) in settings:
                    yield from self._setting(node)
                    continue
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    yield from self._given(_name_of(target), node.value, node)
            elif isinstance(node, ast.Call):
                for k in node.keywords:
                    if k.arg:
                        yield from self._given(k.arg, k.value, k.value)
            elif isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        yield from self._given(key.value, value, value)

    def _settings(self) -> frozenset[int]:
        """Identities of the fields of classes that the environment fills: their values are defaults."""
        classes = [c for c in self.module.classes.values() if any("Settings" in self.module.resolve(b) for b in c.bases)]
        return frozenset(id(n) for c in classes for n in c.body if isinstance(n, ast.Assign | ast.AnnAssign))

    def _setting(self, node: ast.Assign | ast.AnnAssign) -> Iterator[Secret]:
        name = _name_of(node.targets[0] if isinstance(node, ast.Assign) else node.target)
        known = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str) and len(node.value.value) > 2
        if known and SECRET_NAME.search(name) and not NOT_A_SECRET.search(name):
            yield Secret("fallback", self.module.path, self.module.line(node), name, False)

    def _given(self, name: str, value: ast.expr | None, node: ast.AST) -> Iterator[Secret]:
        line = self.module.line(node)
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
            text = value.value
            if SIGNING_NAME.match(name.rsplit(".", 1)[-1]) and " " not in text.strip():
                yield Secret("signing-key", self.module.path, line, name, not text.startswith(("$", "{", "<")))
            elif _looks_secret(name, text):
                strong = not is_trivial(text) and (len(text) >= 12 or (any(c.isdigit() for c in text) and len(text) >= 6))
                yield Secret(
                    "literal",
                    self.module.path,
                    line,
                    name,
                    (strong and not text.isidentifier()) or (strong and entropy(text) > 3.4),
                )
        elif isinstance(value, ast.Call | ast.BoolOp):
            yield from self._fallback(name, value, line)

    def _fallback(self, name: str, value: ast.expr, line: int) -> Iterator[Secret]:
        """A default beside `os.getenv`: published, though another value may be set."""
        if isinstance(value, ast.Call) and re.search(r"getenv|environ\.get|config$|env$|Field$", self.module.resolve(value.func)):
            texts = [*value.args[1:], *(k.value for k in value.keywords if k.arg == "default")]
        elif isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
            texts = value.values[1:]
        else:
            return
        for text in texts:
            if (
                isinstance(text, ast.Constant)
                and isinstance(text.value, str)
                and len(text.value) > 2
                and SECRET_NAME.search(name)
                and not NOT_A_SECRET.search(name)
            ):
                yield Secret("fallback", self.module.path, line, name, False)


def _name_of(target: ast.expr) -> str:
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        return str(target.slice.value)
    return dotted_name(target).rsplit(".", 1)[-1]


def _composed(containers: Containers) -> Iterator[Secret]:
    for service in containers.services:
        for variable in service.environment:
            if "$" not in variable.value and _looks_secret(variable.name, variable.value):
                yield Secret(
                    "compose",
                    service.path,
                    variable.line,
                    variable.name,
                    not is_trivial(variable.value) and len(variable.value) >= 8,
                )


def _personal(file: File) -> tuple[str, tuple[str, ...]] | None:
    if file.suffix not in (".csv", ".tsv") or file.data[:2_000_000].count(b"\n") < PERSONAL_ROWS:
        return None
    first = file.text[:4000].splitlines()[0]
    header = next(csv.reader([first], delimiter=max(",;\t|", key=first.count)), [])
    columns = tuple(c for c in header if re.sub(r"\W+", "_", c.strip().lower()) in PERSONAL)
    return (file.path, columns) if len(columns) >= 2 else None


def _files(workspace: Workspace) -> Iterator[Secret]:
    for file in workspace.own:
        if file.is_binary or file.size > 3_000_000:
            continue
        if ENV_FILE.match(file.name) and not SAMPLE.search(file.name.lower()):
            yield from workspace.attempt(file, lambda f: list(_env_file(f))) or ()
        elif (file.suffix in TEXT_SUFFIXES or KEY_FILE.match(file.name)) and not re.search(r"(^|/)tests?/", file.path):
            yield from workspace.attempt(file, lambda f: list(_by_format(f))) or ()


def secrets(workspace: Workspace, python_code: PythonCode, containers: Containers) -> Secrets:
    """Find secrets in clear in files, code and compose files, and committed exports of personal data."""
    found = [*_files(workspace), *_composed(containers)]
    for module in python_code.application:
        if not module.notebook:
            found.extend(_Code(module).secrets())
    unique = {(s.path, s.line): s for s in sorted(found, key=lambda s: (s.path, s.line, s.grave, s.kind))}
    personal = [
        p for f in workspace.own if f.suffix in (".csv", ".tsv") for p in (workspace.attempt(f, _personal),) if p is not None
    ]
    return Secrets(tuple(unique[k] for k in sorted(unique)), tuple(personal))


FACTS = (secrets,)

"""Measures against the risks that OWASP lists, each with its place; and weaknesses, each with its place too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from checks.facts.containers import Containers
from checks.facts.protections_catalogue import (
    BOUND,
    BY_CALL,
    BY_NAME,
    CONSTRAINTS,
    DJANGO_SETTINGS,
    ENVIRONMENT,
    EXECUTE,
    HEADER_NAME,
    SCANNERS,
    SQL_TEXT,
)
from checks.facts.python_code import Call, Module, PythonCode, dotted_name, keyword
from checks.facts.reach import Reach
from checks.facts.secrets_catalogue import SECRET_NAME
from checks.workspace import File, Workspace


@dataclass(frozen=True, slots=True)
class Measure:
    """A protection in place: `kind` such as `hashing`, `rate-limit`, `headers`; at its place."""

    kind: str
    path: str
    line: int
    excerpt: str


@dataclass(frozen=True, slots=True)
class Weakness:
    """A hole a juror would raise: `kind` such as `debug`, `cors-open`, `sql-built`; `grave` when it alone forbids a full mark."""

    kind: str
    path: str
    line: int
    excerpt: str
    grave: bool


@dataclass(frozen=True)
class Protections:
    """Measures and weaknesses, in path order."""

    measures: tuple[Measure, ...]
    weaknesses: tuple[Weakness, ...]

    @cached_property
    def kinds(self) -> dict[str, Measure]:
        """Kind of measure → its first place, kinds in alphabetical order."""
        found: dict[str, Measure] = {}
        for measure in sorted(self.measures, key=lambda m: (m.kind, m.path, m.line)):
            found.setdefault(measure.kind, measure)
        return found


class _Reading:
    def __init__(self, module: Module) -> None:
        self.module = module

    def measures(self) -> Iterator[Measure]:
        for call in self.module.calls:
            yield from self._called(call)
        yield from self._named()
        yield from self._settings()
        yield from self._strings()

    def _measure(self, kind: str, node: ast.AST) -> Measure:
        return Measure(kind, self.module.path, self.module.line(node), self.module.excerpt(node))

    def _called(self, call: Call) -> Iterator[Measure]:
        for kind, expression in BY_CALL:
            if expression.search(call.name):
                yield self._measure(kind, call.node)
        last = call.name.rsplit(".", 1)[-1]
        if last in ("Field", "Query", "Path", "Form", "Body") and CONSTRAINTS & {k.arg for k in call.node.keywords}:
            yield self._measure("validation", call.node)
        if last in ("add_middleware", "CORSMiddleware", "CORS") and _origins(self.module, call) == "narrow":
            yield self._measure("cors", call.node)
        if last in ("set_cookie", "SessionMiddleware", "add_middleware") and any(
            _true(k.value) for k in call.node.keywords if k.arg in ("httponly", "secure", "https_only")
        ):
            yield self._measure("cookies", call.node)
        if ENVIRONMENT.search(call.name) and call.node.args and SECRET_NAME.search(self.module.text_of(call.node.args[0]) or ""):
            yield self._measure("secrets-outside", call.node)
        if EXECUTE.search(call.name) and _bound(self.module, call):
            yield self._measure("sql-bound", call.node)

    def _named(self) -> Iterator[Measure]:
        for node in self.module.nodes:
            name = ""
            if isinstance(node, ast.Subscript) and ENVIRONMENT.search(self.module.resolve(node)):
                if SECRET_NAME.search(self.module.text_of(node.slice) or ""):
                    yield self._measure("secrets-outside", node)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = node.name
            elif isinstance(node, ast.Name | ast.Attribute):
                name = node.id if isinstance(node, ast.Name) else node.attr
            if not name:
                continue
            for kind, expression in BY_NAME:
                if expression.search(name):
                    yield self._measure(kind, node)
            if name == "EmailStr":
                yield self._measure("validation", node)
            if isinstance(node, ast.ClassDef):
                yield from self._class(node)

    def _class(self, node: ast.ClassDef) -> Iterator[Measure]:
        bases = [self.module.resolve(b) for b in node.bases]
        if any(b.endswith(("Settings", "BaseSettings")) for b in bases):
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and SECRET_NAME.search(dotted_name(field.target)):
                    yield self._measure("secrets-outside", field)
        if any(re.search(r"(serializers\.(Model)?Serializer|forms\.(Model)?Form|FlaskForm)$", b) for b in bases):
            yield self._measure("validation", node)
        if any(b.endswith(("ScopedRateThrottle", "UserRateThrottle", "AnonRateThrottle")) for b in bases):
            yield self._measure("rate-limit", node)

    def _settings(self) -> Iterator[Measure]:
        for name, value in self.module.assigned.items():
            kind = DJANGO_SETTINGS.get(name.rsplit(".", 1)[-1])
            if kind and not (isinstance(value, ast.Constant) and not value.value):
                yield self._measure(kind, value)
        listed = self.module.assigned.get("MIDDLEWARE")
        for item in getattr(listed, "elts", []):
            if isinstance(item, ast.Constant) and str(item.value).endswith("CsrfViewMiddleware"):
                yield self._measure("csrf", item)

    def _strings(self) -> Iterator[Measure]:
        for text, node in self.module.strings:
            if HEADER_NAME.match(text):
                yield self._measure("headers", node)
            elif text in DJANGO_SETTINGS:
                yield self._measure(DJANGO_SETTINGS[text], node)

    def weaknesses(self) -> Iterator[Weakness]:
        for call in self.module.calls:
            last = call.name.rsplit(".", 1)[-1]
            if last == "run" and _true(keyword(call.node, "debug")) and "flask" in self.module.imported:
                yield self._weakness("debug", call.node, True)
            if last in ("add_middleware", "CORSMiddleware", "CORS") and _origins(self.module, call) == "open":
                yield self._weakness("cors-open", call.node, False)
            if EXECUTE.search(call.name) and _built(self.module, call):
                yield self._weakness("sql-built", call.node, False)
            if (
                call.name in ("jwt.decode", "jose.jwt.decode")
                and "verify_signature" in ast.unparse(call.node)
                and "False" in ast.unparse(call.node)
            ):
                yield self._weakness("token-unchecked", call.node, True)
        if re.search(r"(^|/)settings(/\w+)?\.py$", self.module.path):
            yield from self._django()

    def _django(self) -> Iterator[Weakness]:
        debug = self.module.assigned.get("DEBUG")
        if _true(debug) and debug is not None:
            yield self._weakness("debug", debug, True)
        hosts = self.module.assigned.get("ALLOWED_HOSTS")
        if isinstance(hosts, ast.List) and any(isinstance(h, ast.Constant) and h.value == "*" for h in hosts.elts):
            yield self._weakness("hosts-open", hosts, False)

    def _weakness(self, kind: str, node: ast.AST, grave: bool) -> Weakness:
        return Weakness(kind, self.module.path, self.module.line(node), self.module.excerpt(node), grave)


def _true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _origins(module: Module, call: Call) -> str:
    if call.name.rsplit(".", 1)[-1] == "add_middleware" and not any("CORS" in ast.unparse(a) for a in call.node.args):
        return ""
    value = next((v for k in ("allow_origins", "origins", "resources") if (v := keyword(call.node, k)) is not None), None)
    if value is None:
        regex = keyword(call.node, "allow_origin_regex")
        return "open" if call.name.endswith("CORS") and regex is None else "narrow" if regex is not None else ""
    name = dotted_name(value)
    written = ast.unparse(module.assigned[name]) if name in module.assigned else ast.unparse(value)
    return "open" if "'*'" in written or '"*"' in written else "narrow"


def _bound(module: Module, call: Call) -> bool:
    first = call.node.args[0] if call.node.args else None
    if isinstance(first, ast.Call):  # text("… :name")
        first = first.args[0] if first.args else None
    text = module.text_of(first) or ""
    given = len(call.node.args) > 1 or any(k.arg in ("params", "parameters", "vars") for k in call.node.keywords)
    return given and bool(SQL_TEXT.search(text[:3000])) and bool(BOUND.search(text))


def _built(module: Module, call: Call) -> bool:
    """Tell whether a statement is put together with values: f-string or `%`; generated placeholders and table names aside."""
    if len(call.node.args) > 1 and call.name.rsplit(".", 1)[-1] in ("execute", "executemany"):
        return False  # values are bound; what is written in is a list of placeholders or a clause
    first = call.node.args[0] if call.node.args else None
    if isinstance(first, ast.Call) and first.args and not (isinstance(first.func, ast.Attribute) and first.func.attr == "format"):
        first = first.args[0]
    name = dotted_name(first)
    if name in module.assigned:
        first = module.assigned[name]
    if isinstance(first, ast.JoinedStr):
        text = "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in first.values)
        return bool(SQL_TEXT.search(text[:3000])) and bool(
            re.search(r"(=|<|>|LIKE|VALUES\s*\(|IN\s*\()\s*['\"%]{0,2}\{\}", text, re.I)
        )
    if isinstance(first, ast.BinOp) and isinstance(first.op, ast.Mod):
        return bool(SQL_TEXT.search((module.text_of(first.left) or "")[:3000]))
    return False


def _outside_code(workspace: Workspace, containers: Containers) -> Iterator[Measure]:
    for file in workspace.own:
        folder = file.path.startswith((".github/", ".circleci/")) or file.name in (
            ".gitlab-ci.yml",
            ".pre-commit-config.yaml",
            "azure-pipelines.yml",
        )
        if file.name in ("dependabot.yml", "dependabot.yaml", "renovate.json"):
            yield Measure("scanning", file.path, 1, file.line(1))
        elif folder and file.suffix in (".yml", ".yaml"):
            yield from _lines(file, "scanning", SCANNERS)
        elif file.suffix == ".conf" or "nginx" in file.name.lower() or file.name.lower() == "caddyfile":
            yield from _lines(file, "https", re.compile(r"^\s*(listen\s+443|ssl_certificate\s|tls\s)", re.I))
            yield from _lines(
                file, "headers", re.compile(r"add_header\s+(X-Frame|X-Content|Content-Security|Strict-Transport)", re.I)
            )
            yield from _lines(file, "rate-limit", re.compile(r"^\s*limit_req\s", re.I))
    for built in containers.dockerfiles:
        user = built.last("USER")
        rooted = any(s.name == "USER" and s.text.strip() == "root" for s in built.steps)  # then USER only gives rights back
        if user is not None and not rooted and user.text.split(":")[0].strip() not in ("root", "0"):
            yield Measure("container-user", built.path, user.line, f"USER {user.text}")


def _lines(file: File, kind: str, expression: re.Pattern[str]) -> Iterator[Measure]:
    for number, text in enumerate(file.lines, 1):
        if len(text) < 500 and not text.lstrip().startswith("#") and expression.search(text):
            yield Measure(kind, file.path, number, text.strip())
            return


def protections(workspace: Workspace, python_code: PythonCode, reach: Reach, containers: Containers) -> Protections:
    """Read measures and weaknesses from the code that serves, the chain, and the containers."""
    measures: list[Measure] = list(_outside_code(workspace, containers))
    weaknesses: list[Weakness] = []
    for module in python_code.application:
        if module.notebook or module.path not in reach.all:
            continue
        reading = _Reading(module)
        measures.extend(reading.measures())
        weaknesses.extend(reading.weaknesses())
    unique = {(m.kind, m.path): m for m in sorted(measures, key=lambda m: (m.path, -m.line))}
    kept = tuple(sorted(unique.values(), key=lambda m: (m.path, m.line, m.kind)))
    return Protections(kept, tuple(sorted(set(weaknesses), key=lambda w: (w.path, w.line, w.kind))))


FACTS = (protections,)

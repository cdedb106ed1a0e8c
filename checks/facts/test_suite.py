"""The tests by their syntax: what each asserts, whether it can fail, which routes and which code it exercises."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from checks.facts.call_graph import CallGraph
from checks.facts.python_code import Function, Module, PythonCode, dotted_name
from checks.facts.routing import Route, Routes
from checks.facts.syntax import walk
from checks.facts.test_access import tests_access
from checks.facts.test_asserts import asks_its_double, assertions
from checks.facts.test_requests import reached, requests_of, route_names
from checks.workspace import File, Workspace

_FILE = re.compile(r"(^|/)(test[^/]*|[^/]*_tests?)\.py$", re.I)
_INSPECTS = re.compile(
    r"(^|\.)(assert(?!_?raises)\w*|callable|isinstance|issubclass|hasattr|signature|iscoroutinefunction)$", re.I
)
_JS = re.compile(
    r"(\.(test|spec|cy)\.(js|jsx|ts|tsx|mjs)$)|(^|/)(__tests__|cypress)/.*\.(js|jsx|ts|tsx)$|(^|/)tests?\.(js|ts|mjs)$"
)


@dataclass(frozen=True, slots=True)
class Test:
    """One test. `teeth` tells whether it can fail; `skipped` why it does not run; `code` (path, function) that it may call."""

    __test__ = False  # so that pytest does not take this class for a test of ours

    path: str
    line: int
    name: str
    teeth: bool
    skipped: str | None
    framework: str
    routes: tuple[Route, ...] = ()
    code: tuple[tuple[str, str], ...] = ()
    imports: tuple[str, ...] = ()
    mocks: bool = False
    refusal: bool = False  # asserts that strangers are refused, or exercises signing in
    requests: int = 0
    started: tuple[str, ...] = ()  # scripts that it starts by their path

    @property
    def counts(self) -> bool:
        """Tell whether the test runs and can fail."""
        return self.teeth and self.skipped is None


@dataclass(frozen=True)
class TestSuite:
    """Every test of the repository; `scripts` are tests of other languages (path, line, what they assert)."""

    __test__ = False

    all: tuple[Test, ...]
    scripts: tuple[tuple[str, int, bool], ...] = ()

    @cached_property
    def sound(self) -> tuple[Test, ...]:
        """Tests that run and can fail."""
        return tuple(t for t in self.all if t.counts)

    def reaching(self, route: Route) -> tuple[Test, ...]:
        """Return the tests that reach a route, sound ones first, those that are refused last."""
        found = [t for t in self.all if any(_same(route, r) for r in t.routes) or (route.module, route.handler) in t.code]
        return tuple(sorted(found, key=lambda t: (not t.counts, t.refusal, t.path, t.line)))


def _same(one: Route, other: Route) -> bool:
    return one is other or (one.module, one.handler, one.path) == (other.module, other.handler, other.path)


def test_suite(workspace: Workspace, python_code: PythonCode, routes: Routes, call_graph: CallGraph) -> TestSuite:
    """Read every test."""
    around = _Around(
        python_code,
        routes,
        call_graph,
        _fixtures(workspace, python_code),
        route_names(python_code),
        frozenset(f.path for f in workspace.with_suffix(".py")),
    )
    found = [t for m in python_code.modules if _FILE.search(m.path) or m.is_test for t in _read(workspace, m, around)]
    scripts = [s for f in workspace.own if _JS.search(f.path) for s in workspace.attempt(f, _scripts) or ()]
    return TestSuite(tuple(found), tuple(scripts))


Fixtures = dict[str, tuple[Module, Function]]


def _read(workspace: Workspace, module: Module, around: _Around) -> list[Test]:
    file = workspace.get(module.path)
    return (workspace.attempt(file, lambda _: list(_tests(module, around))) if file else None) or []


def _fixtures(workspace: Workspace, code: PythonCode) -> Fixtures:
    """Return fixture name → where it is defined, those of conftest files last so that they win."""
    found: Fixtures = {}
    for module in sorted(code.modules, key=lambda m: "conftest" in m.path):
        file = workspace.get(module.path)
        if file is not None and b"fixture" in file.data:
            for name in workspace.attempt(file, lambda _, m=module: _fixtures_of(m)) or ():  # type: ignore[misc]
                found[name.rsplit(".", 1)[-1]] = (module, module.functions[name])
    return found


def _fixtures_of(module: Module) -> list[str]:
    return [n for n, f in module.functions.items() if any("fixture" in ast.unparse(d) for d in f.decorator_list)]


@dataclass(frozen=True)
class _Around:
    """What tests are matched with."""

    code: PythonCode
    routes: Routes
    graph: CallGraph
    fixtures: Fixtures
    names: dict[str, str]
    files: frozenset[str]


def _tests(module: Module, around: _Around) -> Iterator[Test]:
    cases = {name for name, node in module.classes.items() if _is_case(node, module)}
    module_skip = _module_skip(module)
    for name, function in module.functions.items():
        owner, _, last = name.rpartition(".")
        if not last.startswith("test") or (owner and owner not in cases and "." in owner):
            continue
        if any("fixture" in ast.unparse(d) for d in function.decorator_list):
            continue
        if owner in cases or not owner or owner.startswith("Test"):
            yield _test(module, name, function, around, module_skip)


def _is_case(node: ast.ClassDef, module: Module) -> bool:
    return (
        node.name.startswith("Test")
        or node.name.endswith(("Test", "Tests", "TestCase"))
        or any("TestCase" in dotted_name(b) or "Test" in dotted_name(b) for b in node.bases)
    )


def _test(module: Module, name: str, function: Function, around: _Around, module_skip: str | None) -> Test:
    parts = [(module, function), *_prepared(module, name, function, around.fixtures)]
    asked = [r for m, f in parts for r in requests_of(m, f)]
    hit = tuple(dict.fromkeys(route for request in asked for route in reached(request, around.routes, around.names)))
    patched = [t for m, f in parts for t in _patched(m, f)]
    used = {m.path for m in _imported(module, around.code)} | {p for t in patched if (p := _patched_path(t, around.code, module))}
    code = tuple(_code_of(parts, name, around))
    started = _named_files(module, parts, around.files)
    return Test(
        module.path,
        module.line(function),
        name,
        _has_teeth(parts) and (bool(code) or not asks_its_double(module, function, patched)),
        module_skip or _skipped(function, module, name),
        "unittest" if "." in name and _framework(module, name) else "pytest",
        hit,
        code,
        tuple(sorted(used | started)),
        bool(patched) or "monkeypatch" in [a.arg for a in function.args.args],
        tests_access(function, name, hit, code, asking=bool(asked)),
        len(asked),
        tuple(sorted(started)),
    )


def _has_teeth(parts: list[tuple[Module, Function]]) -> bool:
    """Tell whether the test, or a helper of its own named after what it verifies, makes a real assertion."""
    verifying = [(m, f) for m, f in parts[1:] if f.name.lstrip("_").startswith(("check", "assert"))]
    return any(True for m, f in (parts[0], *verifying) for _ in assertions(m, f))


def _code_of(parts: list[tuple[Module, Function]], name: str, around: _Around) -> Iterator[tuple[str, str]]:
    """Yield (path, function) of the repository's code that the test and what prepares it may call."""
    seen = set()
    for index, (module, function) in enumerate(parts):
        called = name if index == 0 else next((n for n, f in module.functions.items() if f is function), "")
        for place in _called_places(module, called, function, around) if called else ():
            if place not in seen:
                seen.add(place)
                yield place


def _called_places(module: Module, name: str, function: Function, around: _Around) -> Iterator[tuple[str, str]]:
    """Follow what a test calls; a function that is only handed to an assertion (`callable(f)`) is not exercised."""
    only_named = _only_named(module, name, function, around.graph)
    for root, root_name in around.graph.called(module, name):
        if (root.path, root_name) in only_named:
            continue
        for inner, reached_name in around.graph.closure(root, root_name):
            if not _FILE.search(inner.path) and not inner.is_test:
                yield inner.path, reached_name


def _only_named(module: Module, name: str, function: Function, graph: CallGraph) -> set[tuple[str, str]]:
    called: set[tuple[str, str]] = set()
    named: set[tuple[str, str]] = set()
    for call in module.calls_under(function):
        called |= {(m.path, f) for m, f in graph.places(module, call.name, name)}
        if _INSPECTS.search(call.name):
            texts = [module.resolve(a) for a in call.node.args if isinstance(a, ast.Name | ast.Attribute)]
            named |= {(m.path, f) for text in texts if text for m, f in graph.places(module, text, name, strict=True)}
    return named - called


def _named_files(module: Module, parts: list[tuple[Module, Function]], files: frozenset[str]) -> set[str]:
    """Return the scripts that a test starts by their path, as Streamlit's AppTest does."""
    texts = [
        n.value
        for m, f in parts
        for n in walk(f)
        if isinstance(n, ast.Constant) and isinstance(n.value, str) and n.value.endswith(".py")
    ]
    texts += [text for text, _ in module.strings if text.endswith(".py")]
    return {p for t in texts for p in files if p == t.lstrip("./") or (p.endswith("/" + t.rsplit("/", 1)[-1]) and "/" not in t)}


def _framework(module: Module, name: str) -> bool:
    node = module.classes.get(name.split(".", maxsplit=1)[0])
    return node is not None and any("TestCase" in dotted_name(b) for b in node.bases)


def _prepared(module: Module, name: str, function: Function, fixtures: Fixtures) -> list[tuple[Module, Function]]:
    """Return what runs with the test: its fixtures, setUp, and helpers of its own file."""
    found = [fixtures[a.arg] for a in function.args.args if a.arg in fixtures]
    owner = name.rpartition(".")[0]
    found += [
        (module, module.functions[n])
        for n in (f"{owner}.setUp", f"{owner}.setup_method", f"{owner}.setUpTestData")
        if owner and n in module.functions
    ]
    for node in walk(function):
        if isinstance(node, ast.Call):
            called = dotted_name(node.func).rsplit(".", 1)[-1]
            helper = module.functions.get(called) or module.functions.get(f"{owner}.{called}")
            if helper is not None and helper is not function and len(found) < 8:
                found.append((module, helper))
    return found


def _imported(module: Module, code: PythonCode) -> Iterator[Module]:
    for dotted in sorted(set(module.imports.values()) | module.imported):
        for target in (dotted, dotted.rpartition(".")[0]):
            found = code.module_named(target, module.path) if target else None
            if found is not None and not _FILE.search(found.path):
                yield found
                break


def _patched(module: Module, function: Function) -> Iterator[str]:
    """Yield the dotted names that a test replaces."""
    for node in (*function.decorator_list, function):
        for call in walk(node):
            if isinstance(call, ast.Call) and re.search(
                r"(^|\.)(patch(\.object|\.dict)?|setattr|MagicMock|Mock|AsyncMock)$", dotted_name(call.func)
            ):
                text = module.text_of(call.args[0]) if call.args else None
                owner, name = (
                    dotted_name(call.args[0]) if call.args else "",
                    module.text_of(call.args[1]) if len(call.args) > 1 else None,
                )
                yield text or (f"{owner}.{name}" if owner and name else dotted_name(call.func))


def _patched_path(target: str, code: PythonCode, module: Module) -> str | None:
    parts = target.split(".")
    for cut in range(len(parts), 0, -1):
        found = code.module_named(".".join(parts[:cut]), module.path) if "." in target else None
        if found is not None and not found.is_test:
            return found.path
    return None


def _module_skip(module: Module) -> str | None:
    for node in module.tree.body:
        text = ast.unparse(node)[:300] if isinstance(node, ast.Assign | ast.Expr) else ""
        if re.match(r"pytestmark\s*=.*mark\.(skip\b|xfail)", text) or re.match(r"pytest\.skip\(.*allow_module_level", text):
            return "skipped"
    return None


def _skipped(function: Function, module: Module, name: str) -> str | None:
    owner = module.classes.get(name.split(".", maxsplit=1)[0]) if "." in name else None
    marks = [ast.unparse(d)[:200] for d in (*function.decorator_list, *(owner.decorator_list if owner else []))]
    if any(re.search(r"mark\.(skip\b|xfail)|unittest\.skip\b|^skip\b|unittest\.expectedFailure", m) for m in marks):
        return "skipped"
    if any(re.search(r"skipif|skipUnless|skipIf", m) for m in marks):
        return "skipped-sometimes" if not any("True" in m for m in marks) else "skipped"
    body = [s for s in function.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    first = ast.unparse(body[0])[:80] if body else ""
    return "skipped" if re.match(r"(pytest\.skip|self\.skipTest)\(", first) else None


def _scripts(file: File) -> tuple[tuple[str, int, bool], ...]:
    """Read the tests of a JavaScript or TypeScript file by its syntax."""
    from ast_grep_py import SgRoot

    language = "tsx" if file.suffix in (".ts", ".tsx") else "javascript"
    root = SgRoot(file.text, language).root()
    found = []
    for call in root.find_all(kind="call_expression"):
        callee = call.field("function")
        if callee is not None and callee.text() in ("it", "test"):
            body = call.text()
            sound = bool(re.search(r"expect\(|assert|should\(|cy\.|\bt\.\w+\(", body)) and "expect(true).toBe(true)" not in body
            found.append((file.path, call.range().start.line + 1, sound))
    return tuple(found)


FACTS = (test_suite,)

"""The HTTP requests that tests make, and the routes they reach."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.facts.http_calls import same_path
from checks.facts.python_code import Function, Module, PythonCode, argument, dotted_name, keyword
from checks.facts.routing import Route, Routes, shape
from checks.facts.syntax import walk

VERBS = frozenset(("get", "post", "put", "delete", "patch", "head", "options", "request", "open", "generic", "websocket_connect"))
_CLIENT = re.compile(
    r"(client|session|requests|httpx|http|api|app|page|browser|tester|server|web|c|ac)(\(\))?$|(^|_|\.)client(_|$)", re.I
)
_BASE = re.compile(r"^(\{\}|https?://[^/{}]+|https?://\{\}(:\d+|:\{\})?)(?=/|$|\{)")


@dataclass(frozen=True, slots=True)
class Request:
    """A request: `path` as written with `{}` for what is not known, or `name:` and a Django route's name."""

    method: str
    path: str
    line: int


def requests_of(module: Module, function: Function) -> Iterator[Request]:
    """Yield the requests in a function's body."""
    spread = _spread_paths(function)
    for node in walk(function):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in VERBS:
            continue
        receiver = ast.unparse(node.func.value)[:80]
        if not _CLIENT.search(receiver.split("(")[0].rsplit(".", 1)[-1].strip("_")) and not _CLIENT.search(
            module.resolve(node.func.value)
        ):
            continue
        position = 1 if node.func.attr in ("request", "generic") else 0
        method = _verb(module, node) if position else node.func.attr.upper()
        target = argument(node, position, "url") or argument(node, position, "path")
        for path in _paths(module, target, function) or spread:
            yield Request("GET" if method == "OPEN" else method, path, module.line(node))


def _verb(module: Module, call: ast.Call) -> str:
    return (module.text_of(argument(call, 0, "method")) or "GET").upper()


def _paths(module: Module, target: ast.expr | None, function: Function) -> list[str]:
    if isinstance(target, ast.Call) and getattr(target.func, "attr", getattr(target.func, "id", "")) in (
        "reverse",
        "url_for",
        "reverse_lazy",
    ):
        name = module.text_of(target.args[0]) if target.args else None
        return [f"name:{name.rsplit(':', 1)[-1]}"] if name else []
    local = _local(module, function, target)
    text = module.text_of(local if local is not None else target)
    if isinstance(local, ast.Call):
        return _paths(module, local, ast.parse("def f(): pass").body[0]) if local is not target else []  # type: ignore[arg-type]
    if text is None:
        return []
    plain = _BASE.sub("", text)
    return [plain if plain.startswith("/") or not plain else f"/{plain}"] if plain or text else []


def _local(module: Module, function: Function, target: ast.expr | None) -> ast.expr | None:
    """Return what was last assigned, in this function, or in this module, to the name given as address."""
    named = dotted_name(target)
    if "." in named:
        return module.assigned.get(named)  # `self.url`, given in setUp
    if not isinstance(target, ast.Name):
        return None
    values = [
        n.value
        for n in walk(function)
        if isinstance(n, ast.Assign)
        for t in n.targets
        if isinstance(t, ast.Name) and t.id == target.id
    ]
    return values[-1] if values else module.assigned.get(target.id)


def _spread_paths(function: Function) -> list[str]:
    """Return the addresses of a parametrised or looping test: strings that begin with `/` in its decorators and loops."""
    places: list[ast.AST] = [*function.decorator_list, *(n.iter for n in walk(function) if isinstance(n, ast.For))]
    found = [
        n.value
        for p in places
        for n in walk(p)
        if isinstance(n, ast.Constant) and isinstance(n.value, str) and n.value.startswith("/")
    ]
    return list(dict.fromkeys(found))


def route_names(code: PythonCode) -> dict[str, str]:
    """Return the names that Django's `path(…, name=…)` gives → the last part of the view's name."""
    found = {}
    for module in code.application:
        for call in module.calls:
            name = module.text_of(keyword(call.node, "name"))
            view = call.node.args[1] if len(call.node.args) > 1 else None
            if name and view is not None and call.name.rsplit(".", 1)[-1] in ("path", "re_path", "url"):
                inner = view.func.value if isinstance(view, ast.Call) and isinstance(view.func, ast.Attribute) else view
                found[name] = dotted_name(inner).rsplit(".", 1)[-1]
    return found


def reached(request: Request, routes: Routes, names: dict[str, str]) -> tuple[Route, ...]:
    """Return the routes that a request reaches."""
    if request.path.startswith("name:"):
        view = names.get(request.path[5:], request.path[5:])
        found = [r for r in routes.all if view in (r.handler, r.handler.split(".")[0])]
        return tuple([r for r in found if r.method in (request.method, "ANY", "*", "")] or found)
    asked = shape(request.path)
    spoken = [r for r in routes.all if r.method in (request.method, "ANY", "*", "") or r.html]
    exact = tuple(r for r in spoken if asked == shape(r.path))
    if exact or asked == "/":
        return exact
    return tuple(r for r in spoken if same_path(asked, shape(r.path)))

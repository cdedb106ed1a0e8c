"""Requests that applications send: from Python, JavaScript and templates, with their address and what they do with refusals."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property

from checks.facts.python_code import Call, Module, PythonCode, argument, dotted_name, keyword
from checks.facts.routing import Route, shape
from checks.facts.syntax import walk
from checks.facts.web_calls import REFUSAL_IN_SCRIPT, calls_in_csharp, calls_in_script
from checks.workspace import Workspace

MOST_HELPERS = 3  # helpers that call helpers
CLIENTS = frozenset(["requests", "httpx", "aiohttp", "urllib", "urllib3", "http"])
SENDING = re.compile(
    r"^(requests|httpx|aiohttp|urllib3?|urllib\.request|requests_cache)(\.\w+)?"
    r"(\.(Session|Client|AsyncClient|ClientSession|PoolManager|CachedSession)\(\))?\.(get|post|put|patch|delete|request|urlopen|stream|head)$",
    re.I,
)
INTERFACES = frozenset(
    [
        "streamlit",
        "gradio",
        "dash",
        "chainlit",
        "nicegui",
        "flet",
        "tkinter",
        "customtkinter",
        "PyQt5",
        "PyQt6",
        "PySide6",
        "kivy",
        "reflex",
        "panel",
        "shiny",
        "taipy",
        "mesop",
        "discord",
        "telegram",
        "textual",
    ]
)
CREDENTIAL = re.compile(r"authorization|x-api-key|api[-_]key|^bearer\b|x-auth|access_token|apikey|x-token|cookie", re.I)
REFRESH = re.compile(
    r"refresh[-_]?token|token/refresh|/refresh\b|expires?_(at|in)|token_exp|is_token_valid|token_expired|rotate", re.I
)

_PLATFORMS = re.compile(
    r"^https?://[^/]*(onrender|herokuapp|azurewebsites|railway|fly\.dev|run\.app|vercel|amazonaws|azurecontainer|hf\.space|cloudfunctions"
    r"|deta\.dev|koyeb|scw\.cloud|clever-cloud|cleverapps|pythonanywhere|ngrok|netlify|ondigitalocean)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One outgoing request. `url` has `{}` for what is not known; `interface` says that a user interface leads to it.

    `credential`: something secret goes with it; `refusal`: the caller deals with 401/403 or renews its credential.
    """

    path: str
    line: int
    method: str
    url: str
    language: str
    interface: bool
    credential: bool
    refusal: bool
    excerpt: str
    hint: str = ""  # name of the variable that holds an address read from the environment

    @property
    def target(self) -> str:
        """Path part of the address, its variable base left out."""
        plain = re.sub(r"^(?:https?:)?//[^/]*|^\{\}(?=[/{]|$)|^\$?\{[^{}]*\}", "", self.url.strip())
        return shape("/" + plain.lstrip("/"))

    @property
    def foreign(self) -> bool:
        """Tell whether the address is plainly another organisation's."""
        host = re.match(r"https?://([^/:{}]+)", self.url)
        return bool(host) and "." in host[1] and not re.match(r"(localhost|127\.|0\.0\.0\.0|10\.|192\.168\.|172\.)", host[1])  # type: ignore[index]

    @property
    def ours(self) -> bool:
        """Tell whether the address may be the project's own: it is not foreign, or on a platform where anybody puts applications."""
        return not self.foreign or bool(_PLATFORMS.search(self.url))


@dataclass(frozen=True)
class HttpCalls:
    """All outgoing requests of the applications, and the modules that are user interfaces."""

    all: tuple[HttpCall, ...]
    interfaces: tuple[str, ...]  # paths of user interfaces written in Python (Streamlit, Gradio…)
    behind: tuple[str, ...] = ()  # paths of the Python modules that user interfaces and pages lead to, themselves included

    @cached_property
    def from_interfaces(self) -> tuple[HttpCall, ...]:
        """Requests that a user interface makes."""
        return tuple(c for c in self.all if c.interface)

    def to(self, route: Route) -> tuple[HttpCall, ...]:
        """Return the requests whose address is the route's."""
        return tuple(c for c in self.all if same_path(c.target, shape(route.path)) and c.method in ("", route.method))


def same_path(called: str, routed: str) -> bool:
    """Tell whether a called path means a routed one: `{}` stands for a segment, and one may lack a base such as `/api/v1`."""
    left, right = called.strip("/").split("/"), routed.strip("/").split("/")
    short, long = (left, right) if len(left) <= len(right) else (right, left)
    if len(long) - len(short) > 2 or not any(s and s != "{}" for s in short):
        return False
    tail = long[len(long) - len(short) :]
    fixed = sum(a == b and a != "{}" for a, b in zip(short, tail, strict=True))
    return fixed > 0 and all(a == b or "{}" in (a, b) for a, b in zip(short, tail, strict=True))


def address(module: Module, node: ast.expr | None, depth: int = 0) -> str:
    """Return a URL's text, environment defaults included, `{}` for what is not known."""
    if node is None or depth > 8:
        return "{}"
    if isinstance(node, ast.Constant):
        return str(node.value) if isinstance(node.value, str) else "{}"
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else address(module, v.value, depth + 1) for v in node.values)  # type: ignore[attr-defined]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return address(module, node.left, depth + 1) + address(module, node.right, depth + 1)
    if isinstance(node, ast.BoolOp):
        return address(module, node.values[-1], depth + 1)
    if isinstance(node, ast.Call):
        return _called_address(module, node, depth)
    name = dotted_name(node)
    if name in module.assigned and dotted_name(module.assigned[name]) != name:
        return address(module, module.assigned[name], depth + 1)
    return "{}"


def _called_address(module: Module, node: ast.Call, depth: int) -> str:
    last = dotted_name(node.func).rsplit(".", 1)[-1] or (node.func.attr if isinstance(node.func, ast.Attribute) else "")
    if last in ("getenv", "get", "config", "str", "URL") and node.args:
        default = node.args[1] if len(node.args) > 1 else keyword(node, "default")
        return (
            address(module, default if last != "str" else node.args[0], depth + 1)
            if default is not None or last == "str"
            else "{}"
        )
    if last in ("rstrip", "strip") and isinstance(node.func, ast.Attribute):
        return address(module, node.func.value, depth + 1)
    if last == "urljoin" and len(node.args) > 1:
        return address(module, node.args[0], depth + 1).rstrip("/") + "/" + address(module, node.args[1], depth + 1).lstrip("/")
    return "{}"


def sends(call: Call) -> bool:
    """Tell whether a call sends an HTTP request."""
    return bool(SENDING.match(call.name))


class PythonRequests:
    """Reads the requests of Python modules; a helper that takes the path as a parameter is read where it is called."""

    def __init__(self, code: PythonCode) -> None:
        """Find interfaces, what they import, and the helpers."""
        self.code = code
        self.modules = [m for m in code.application if not m.notebook]
        self.interfaces = tuple(m.path for m in self.modules if m.imported & INTERFACES)
        self.reached = self._closure([m for m in self.modules if m.imported & INTERFACES or _answers_pages(m)])
        self.caught = {m.path: _caught(m) for m in self.modules if m.path in self.reached}

    def _closure(self, roots: list[Module]) -> frozenset[str]:
        seen = {m.path for m in roots}
        frontier = list(roots)
        while frontier:
            module = frontier.pop()
            for origin in sorted(set(module.imports.values())):
                parts = origin.split(".")
                for cut in (len(parts), len(parts) - 1):
                    found = self.code.module_named(".".join(parts[:cut]), module.path) if cut > 0 else None
                    if found is not None and found.path not in seen and not found.is_test:
                        seen.add(found.path)
                        frontier.append(found)
        return frozenset(seen)

    def all(self) -> Iterator[HttpCall]:
        """Yield the requests of every module."""
        helpers: dict[str, str] = {}
        for module in self.modules:
            for call in module.calls:
                if sends(call):
                    first = argument(call.node, 1 if call.name.endswith(".request") else 0, "url")
                    url = address(module, _with_defaults(module, call.function, first))
                    if not _leads_somewhere(url):
                        helpers[call.function.rsplit(".", 1)[-1]] = self._verb(module, call)
                    yield self._made(module, call, self._verb(module, call), url, first)
        known = frozenset(helpers)
        for _ in range(MOST_HELPERS):
            found, helpers = self._through(helpers)
            yield from found
            helpers = {name: verb for name, verb in helpers.items() if name not in known}
            known |= frozenset(helpers)

    def _through(self, helpers: dict[str, str]) -> tuple[list[HttpCall], dict[str, str]]:
        """Return the requests made through helpers, and the functions that hand a path of their own callers to a helper."""
        found: list[HttpCall] = []
        further: dict[str, str] = {}
        for module in self.modules if helpers else ():
            for call in module.calls:
                last = call.name.rsplit(".", 1)[-1]
                if last not in helpers or not last:
                    continue
                verb = _spoken_verb(call.node) or helpers[last]
                given = [*call.node.args, *(k.value for k in call.node.keywords)]
                text = next((t for a in given if _leads_somewhere(t := address(module, a)) and "/" in t), "")
                if text:
                    found.append(self._made(module, call, verb, text))
                elif _hands_over(module, call.function, given):
                    further[call.function.rsplit(".", 1)[-1]] = verb
        return found, further

    def _caught_elsewhere(self, module: Module) -> frozenset[str]:
        """Return the errors that the pages and interfaces catch, this module left out."""
        return frozenset(name for path, names in self.caught.items() if path != module.path for name in names)

    @staticmethod
    def _verb(module: Module, call: Call) -> str:
        last = call.name.rsplit(".", 1)[-1]
        if last in ("request", "stream"):
            return (module.text_of(argument(call.node, 0, "method")) or "").upper()
        return "" if last in ("urlopen", "Request") else last.upper()

    def _made(self, module: Module, call: Call, verb: str, url: str, first: ast.expr | None = None) -> HttpCall:
        credential, refusal = _module_manners(module)
        refusal = refusal or bool(_refusals_raised(module) & self._caught_elsewhere(module))
        return HttpCall(
            module.path,
            call.line,
            verb if verb in ("GET", "POST", "PUT", "PATCH", "DELETE") else "",
            url,
            "python",
            module.path in self.reached,
            credential and (_carries(module, call.node) or _session_with_headers(call)),
            refusal,
            module.excerpt(call.node),
            "" if url.strip("{}/") else dotted_name(first),
        )


def _leads_somewhere(url: str) -> bool:
    """Tell whether an address has a path, its host aside."""
    return bool(re.search(r"[a-z]{3}", re.sub(r"https?://[^/]*", "", url), re.I))


def _with_defaults(module: Module, function: str, node: ast.expr | None) -> ast.expr | None:
    """Put the paths that a function has by default in an address: `def ask(route="/estimer")` asks /estimer."""
    definition = module.functions.get(function)
    if node is None or definition is None or not definition.args.defaults:
        return node
    last = definition.args.args[-len(definition.args.defaults) :]
    pairs = zip(last, definition.args.defaults, strict=False)
    paths = {a.arg: d for a, d in pairs if isinstance(d, ast.Constant) and isinstance(d.value, str) and d.value[:1] == "/"}
    return _Defaults(paths).visit(deepcopy(node)) if paths else node


class _Defaults(ast.NodeTransformer):
    """Writes paths in the place of names."""

    def __init__(self, paths: dict[str, ast.Constant]) -> None:
        self.paths = paths

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.paths.get(node.id, node)


def _hands_over(module: Module, function: str, given: list[ast.expr]) -> bool:
    """Tell whether a function passes one of its own parameters on."""
    definition = module.functions.get(function)
    names = {a.arg for a in definition.args.args + definition.args.kwonlyargs} - {"self"} if definition else set()
    return any(isinstance(n, ast.Name) and n.id in names for n in given)


def _spoken_verb(call: ast.Call) -> str:
    for node in call.args:
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value.upper() in ("GET", "POST", "PUT", "PATCH", "DELETE")
        ):
            return node.value.upper()
    return ""


def _carries(module: Module, call: ast.Call) -> bool:
    return (
        any(k.arg in ("headers", "auth", "cookies", None) for k in call.keywords)
        or len(call.args) > 1
        or "_headers" in ast.dump(call.func)
    )


def _session_with_headers(call: Call) -> bool:
    return "()" in call.name or "self." in call.name or call.name.split(".")[0] not in CLIENTS


def _module_manners(module: Module) -> tuple[bool, bool]:
    """Tell whether a module puts a credential in its requests, and whether it deals with refusals."""
    credential = any(CREDENTIAL.search(text) for text, _ in module.strings)
    refusal = False
    for node in module.nodes:
        if (
            (
                isinstance(node, ast.Compare)
                and any(isinstance(n, ast.Constant) and n.value in (401, 403) for c in node.comparators for n in walk(c))
            )
            or (
                isinstance(node, ast.Attribute)
                and node.attr in ("unauthorized", "UNAUTHORIZED", "HTTP_401_UNAUTHORIZED", "FORBIDDEN")
            )
            or (
                isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                and re.search(r"refresh.*token|renew|token.*refresh", node.name, re.I)
            )
        ):
            refusal = True
    return credential, refusal


def _caught(module: Module) -> frozenset[str]:
    handlers = [n.type for n in module.nodes if isinstance(n, ast.ExceptHandler) and n.type is not None]
    types = [t for h in handlers for t in (h.elts if isinstance(h, ast.Tuple) else [h])]
    return frozenset(dotted_name(t).rsplit(".", 1)[-1] for t in types)


def _refusals_raised(module: Module) -> frozenset[str]:
    """Return the errors of its own that a module raises with the status of an answer that is not a success."""
    found = set()
    for node in module.nodes:
        if isinstance(node, ast.If) and re.search(r"\.ok$|status_code$|is_error$|is_success$", _tested(node.test)):
            for inner in walk(ast.Module(body=node.body, type_ignores=[])):
                if isinstance(inner, ast.Raise) and isinstance(inner.exc, ast.Call):
                    name = dotted_name(inner.exc.func)
                    if name in module.classes and any(dotted_name(n).endswith("status_code") for n in walk(inner.exc)):
                        found.add(name)
    return frozenset(found)


def _tested(test: ast.expr) -> str:
    inner = test.operand if isinstance(test, ast.UnaryOp) else test.left if isinstance(test, ast.Compare) else test
    return dotted_name(inner)


def _answers_pages(module: Module) -> bool:
    names = set(module.imports.values())
    return bool(
        names
        & {
            "django.shortcuts.render",
            "flask.render_template",
            "django.views.generic.TemplateView",
            "fastapi.templating.Jinja2Templates",
            "django.views.View",
            "django.shortcuts.redirect",
        }
    )


def http_calls(workspace: Workspace, python_code: PythonCode) -> HttpCalls:
    """Find the requests of Python modules, scripts and templates."""
    reader = PythonRequests(python_code)
    found = list(reader.all())
    for file in workspace.with_suffix(
        ".js", ".jsx", ".ts", ".tsx", ".mjs", ".vue", ".svelte", ".html", ".htm", ".jinja", ".jinja2", ".j2"
    ):
        if file.size > 400_000 or re.search(
            r"(^|/)(tests?|__tests__|e2e|cypress|dist|build|coverage|htmlcov)/|\.(test|spec|config)\.", file.path
        ):
            continue
        for line, method, url, credential in workspace.attempt(file, lambda f: list(calls_in_script(f.text, f.suffix))) or ():
            refusal = bool(REFUSAL_IN_SCRIPT.search(file.text))
            found.append(HttpCall(file.path, line, method, url, "javascript", True, credential, refusal, file.line(line)))
    for file in workspace.with_suffix(".cs", ".cshtml", ".razor"):
        for line, method, url, credential in workspace.attempt(file, lambda f: list(calls_in_csharp(f.text))) or ():
            refusal = "HttpStatusCode.Unauthorized" in file.text or "HttpStatusCode.Forbidden" in file.text
            found.append(HttpCall(file.path, line, method, url, "csharp", True, credential, refusal, file.line(line)))
    found.sort(key=lambda c: (c.path, c.line, c.url))
    return HttpCalls(tuple(dict.fromkeys(found)), reader.interfaces, tuple(sorted(reader.reached)))


FACTS = (http_calls,)

"""Login and restricted spaces of applications: pages behind a guard, gates of Streamlit and others, guarded views of scripts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.facts.call_graph import CallGraph
from checks.facts.http_calls import INTERFACES
from checks.facts.published import published_value
from checks.facts.python_code import Module, PythonCode, dotted_name, keyword
from checks.facts.routing import Route, Routes
from checks.facts.syntax import walk
from checks.workspace import Workspace

_GATE = re.compile(r"log(ged)?_?in|auth|connect[eé]|token|jeton|user|role|jwt|api_?key", re.I)
_SCRIPT_GUARD = re.compile(
    r"\b(ProtectedRoute|PrivateRoute|RequireAuth|AuthGuard|canActivate|beforeEnter|requiresAuth|withAuth|useRequireAuth|AuthProvider"
    r"|isAuthenticated|isLoggedIn)\b"
)
_SCRIPT_LOGIN = re.compile(r"(type=[\"']password[\"']|/login\b|signIn\w*\(|loginUser|/token\b)", re.I)


@dataclass(frozen=True, slots=True)
class Gate:
    """A place where an application asks who somebody is (`login`), keeps strangers out (`restricts`) or sorts by role."""

    path: str
    line: int
    kind: str  # login, restricts, role
    what: str
    excerpt: str = ""
    default: str | None = None
    routed: bool = False  # seen on a route of a server


@dataclass(frozen=True)
class AccessControl:
    """Gates of applications with a user interface, and how many pages they keep."""

    gates: tuple[Gate, ...]
    pages: int
    restricted: int

    def of_kind(self, kind: str) -> tuple[Gate, ...]:
        """Return the gates of a kind."""
        return tuple(g for g in self.gates if g.kind == kind)


def _of_routes(routes: Routes) -> Iterator[Gate]:
    for application, own in routes.by_application.items():
        if not any(r.kind == "page" for r in own):
            continue
        for route in own:
            if route.kind == "auth" and re.search(r"log-?in|signin|connexion|token", route.path + route.handler, re.I):
                yield Gate(route.module, route.line, "login", application, route.excerpt, routed=True)
            elif route.protected and route.kind in ("page", "data", "model", "other"):
                yield Gate(route.module, route.line, "restricts", application, route.excerpt, route.published_key, routed=True)
                if any(g.role for g in route.guards):
                    yield Gate(route.module, route.line, "role", application, route.excerpt, routed=True)


def _of_interface(module: Module, graph: CallGraph) -> Iterator[Gate]:
    """Yield the gates of an interface that keeps its state in a session: Streamlit and its like."""
    for call in module.calls:
        last = call.name.rsplit(".", 1)[-1]
        if re.search(r"streamlit_authenticator|dash_auth|streamlit\.login|password_auth_callback|auth0|keycloak|msal", call.name):
            yield Gate(module.path, call.line, "login", call.name, module.excerpt(call.node))
            yield Gate(module.path, call.line, "restricts", call.name, module.excerpt(call.node))
        elif last == "launch" and keyword(call.node, "auth") is not None:
            default = published_value(graph, module, keyword(call.node, "auth"))
            yield Gate(module.path, call.line, "login", "launch(auth=…)", module.excerpt(call.node), default)
            yield Gate(module.path, call.line, "restricts", "launch(auth=…)", module.excerpt(call.node), default)
        elif last == "text_input" and _is_password(keyword(call.node, "type")):
            yield Gate(module.path, call.line, "login", "text_input", module.excerpt(call.node), _compared_default(graph, module))
    for name, function in module.functions.items():
        if any("auth_callback" in dotted_name(d.func if isinstance(d, ast.Call) else d) for d in function.decorator_list):
            yield Gate(module.path, module.line(function), "login", name, module.excerpt(function))
            yield Gate(module.path, module.line(function), "restricts", name, module.excerpt(function))
    asking = {name for name, function in module.functions.items() if _answers_for_the_session(function)}
    for node in module.nodes:
        if isinstance(node, ast.If) and (_asks_session(node.test) or _calls_one(node.test, asking)):
            kind = "role" if re.search(r"role|admin", ast.dump(node.test), re.I) else "restricts"
            yield Gate(module.path, module.line(node), kind, "session_state", module.excerpt(node))


def _is_password(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value == "password"


def _answers_for_the_session(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether a function returns what the session says of somebody: `return "token" in st.session_state`."""
    returned = [n.value for n in walk(function) if isinstance(n, ast.Return) and n.value is not None]
    return any(_asks_session(value) for value in returned)


def _calls_one(test: ast.expr, names: set[str]) -> bool:
    return any(isinstance(n, ast.Call) and dotted_name(n.func) in names for n in walk(test))


def _asks_session(test: ast.expr) -> bool:
    about = False
    keys = ""
    for node in walk(test):
        name = dotted_name(node) if isinstance(node, ast.Attribute | ast.Name) else ""
        about = about or "session_state" in name or name.endswith(("user.is_logged_in", "experimental_user"))
        keys += " " + (node.attr if isinstance(node, ast.Attribute) else "")
        keys += " " + (str(node.value) if isinstance(node, ast.Constant) else "")
    return about and bool(_GATE.search(keys))


def _compared_default(graph: CallGraph, module: Module) -> str | None:
    for node in module.nodes:
        if not isinstance(node, ast.Compare) or len(node.comparators) != 1 or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
            continue
        if re.search(r"pass(word)?|pwd|mdp|mot_de_passe", dotted_name(node.left), re.I):
            return published_value(graph, module, node.comparators[0])
    return None


def _of_scripts(workspace: Workspace) -> Iterator[Gate]:
    for file in workspace.with_suffix(".jsx", ".tsx", ".vue", ".js", ".ts", ".svelte"):
        if file.size > 300_000 or re.search(r"(^|/)(tests?|__tests__|dist|build)/|\.(test|spec)\.", file.path):
            continue
        for number, line in enumerate(file.lines, 1):
            if len(line) < 2000 and _SCRIPT_GUARD.search(line):
                yield Gate(file.path, number, "restricts", "script", line.strip())
                break
        for number, line in enumerate(file.lines, 1):
            if len(line) < 2000 and _SCRIPT_LOGIN.search(line):
                yield Gate(file.path, number, "login", "script", line.strip())
                break


def _of_csharp(workspace: Workspace) -> Iterator[Gate]:
    for file in workspace.with_suffix(".cs", ".razor", ".cshtml"):
        for kind, pattern in (("login", "SignInAsync("), ("restricts", "[Authorize"), ("role", "[Authorize(Roles")):
            number = next((n for n, line in enumerate(file.lines, 1) if pattern in line and not line.strip().startswith("//")), 0)
            if number:
                yield Gate(file.path, number, kind, "ASP.NET", file.line(number))


def _pages(routes: Routes) -> list[Route]:
    return [r for r in routes.all if r.kind == "page" and r.path != "/"]


def access_control(workspace: Workspace, python_code: PythonCode, call_graph: CallGraph, routes: Routes) -> AccessControl:
    """Find logins and restricted spaces in the applications."""
    gates = [*_of_routes(routes), *_of_scripts(workspace), *_of_csharp(workspace)]
    for module in python_code.application:
        if module.imported & INTERFACES and not module.notebook:
            gates += _of_interface(module, call_graph)
    pages = _pages(routes)
    gates.sort(key=lambda g: (g.kind, g.path, g.line))
    return AccessControl(tuple(dict.fromkeys(gates)), len(pages), sum(r.protected for r in pages))


FACTS = (access_control,)

"""Does a piece of Python refuse callers, and does it compare what they present? Read from its body, calls followed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.facts.call_graph import CallGraph
from checks.facts.published import published_value
from checks.facts.python_code import Module, argument, dotted_name, keyword
from checks.facts.syntax import walk

REFUSAL_CODE = re.compile(r"^(?:HTTP_)?(?:401|403)(?:_|$)|^UNAUTHORIZED$|^FORBIDDEN$")
REFUSAL_NAME = re.compile(
    r"unauthori[sz]ed|forbidden|not_?authenticated|authentication|credential|permission_?denied|auth_?error|auth_?exception"
    r"|invalid_?token|jwt_?error|access_?denied",
    re.I,
)
LOGIN = re.compile(r"log[-_]?in|sign[-_]?in|connexion|se[-_]?connecter|auth", re.I)
VERIFYING = re.compile(
    r"^(compare_digest|authenticate\w*|verify_id_token|verify_jwt\w*|verify_and_\w+|check_password\w*|verify_password|checkpw"
    r"|verify_token|verify_access_token|decode_token|decode_jwt|introspect\w*|get_jwt_identity|verify_oauth2_token|loads|user_loader)$"
)
IDENTITY = re.compile(r"(^|\.)(is_authenticated|is_staff|is_superuser|is_admin|is_active)$")
LOOKUPS = frozenset(
    [
        "query",
        "filter",
        "filter_by",
        "find_one",
        "execute",
        "scalar",
        "scalars",
        "exec",
        "get_by_id",
        "select",
        "where",
        "fetchone",
    ]
)
CLAIMS = re.compile(r"user|token|key|cl[eé]|auth|session|login|email|role|secret|password|credential|hash|sub|payload", re.I)
NOT_A_VALUE = re.compile(
    r"(^|[._])(method|path|scheme|url|token_type|type|env|environment|debug|mode|status_code|host|platform)$", re.I
)
PRESENTED = re.compile(r"token|api_?key|x_key|credential|authorization|password|secret|(^|_)key$|(^|_)cl[eé](_|$)|username", re.I)


@dataclass(frozen=True, slots=True)
class Guard:
    """What stands before a route. `refuses` callers without a credential; `checks` the credential's value.

    `default` is the published value it compares with, when there is one; `role` tells that it also sorts callers by role;
    `documented` that a generated OpenAPI document shows it as a security scheme.
    """

    name: str
    path: str
    line: int
    refuses: bool
    checks: bool
    default: str | None = None
    role: bool = False
    documented: bool = False

    @property
    def holds(self) -> bool:
        """Tell whether it really keeps strangers out."""
        return self.refuses and self.checks


def trusted(name: str, path: str, line: int, *, role: bool = False) -> Guard:
    """Return the guard of a library that is known to refuse and to verify."""
    return Guard(name, path, line, True, True, None, role)


def guard_of(graph: CallGraph, module: Module, function: str, *, depth: int = 4, name: str = "") -> Guard | None:
    """Return the guard that a function amounts to, None when it never refuses anybody."""
    places = graph.closure(module, function, depth)
    refuses = checks = role = False
    default: str | None = None
    for where, inner in places:
        body = where.functions[inner]
        refuses = refuses or any(_refusals(where, body))
        for published in _verifications(graph, where, body):
            checks, default = True, default or published
        role = role or _sorts_by_role(body)
    if not refuses:
        return None
    definition = module.functions[function]
    return Guard(name or function, module.path, module.line(definition), refuses, checks, default, role)


def guard_in_body(graph: CallGraph, module: Module, function: str) -> Guard | None:
    """Return the guard that a route's own body holds: a refusal under a test of what the caller presents."""
    found = _own_guard(graph, module, function)
    if found is not None:
        return found
    for where, inner in graph.called(module, function):
        if not re.search(r"auth|token|key|session|require|verify|check|login|user|permission|role", inner, re.I):
            continue
        guard = guard_of(graph, where, inner, depth=3)
        if guard is not None and guard.checks:
            return guard
    return None


def _own_guard(graph: CallGraph, module: Module, function: str) -> Guard | None:
    body = module.functions[function]
    for node in walk(body):
        if not isinstance(node, ast.If):
            continue
        inside = ast.Module(body=node.body, type_ignores=[])
        if not (any(_refusals(module, inside)) or any(_sent_away(inside))):
            continue
        names = " ".join(_names(node.test))
        session = _about_session(node.test) or _session_behind(graph, module, function, node.test)
        if not (session or PRESENTED.search(names) or CLAIMS.search(names)):
            continue
        published = list(_verifications(graph, module, node.test)) or list(_verifications(graph, module, body))
        checks = bool(published) or session
        default = next((p for p in published if p), None)
        return Guard(function, module.path, module.line(node), True, checks, default, _sorts_by_role(node.test))
    return None


def _names(node: ast.AST) -> Iterator[str]:
    for child in walk(node):
        if isinstance(child, ast.Name):
            yield child.id
        elif isinstance(child, ast.Attribute):
            yield child.attr
        elif isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value[:60]


def _about_session(test: ast.AST) -> bool:
    """Tell whether a test looks at the signed session or the framework's user: being there is being known."""
    for node in walk(test):
        name = dotted_name(node) if isinstance(node, ast.Attribute | ast.Name) else ""
        if name.endswith("session") or IDENTITY.search(name) or name in ("current_user", "g.user", "request.user"):
            return True
    return False


def _session_behind(graph: CallGraph, module: Module, function: str, test: ast.AST) -> bool:
    """Tell whether a tested name comes from a function that reads the session: `headers = session_headers()`."""
    names = {n.id for n in walk(test) if isinstance(n, ast.Name)}
    for node in walk(module.functions[function]):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and names & {dotted_name(t) for t in node.targets}:
            for where, inner in graph.places(module, module.resolve(node.value.func), function, strict=True):
                if any(
                    dotted_name(n).endswith("session")
                    for n in walk(where.functions[inner])
                    if isinstance(n, ast.Name | ast.Attribute)
                ):
                    return True
    return False


def _status(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return node.value in (401, 403)
    name = dotted_name(node)
    return bool(name) and any(REFUSAL_CODE.search(part) for part in name.split(".")[-2:])


def _carries_refusal(node: ast.AST | None) -> bool:
    """Tell whether an expression builds an answer or an error of refusal."""
    if isinstance(node, ast.Tuple):
        return any(_status(e) for e in node.elts[1:]) or _carries_refusal(node.elts[0] if node.elts else None)
    if isinstance(node, ast.Await):
        return _carries_refusal(node.value)
    if not isinstance(node, ast.Call):
        return False
    name = dotted_name(node.func).rsplit(".", 1)[-1]
    values = [*node.args, *(k.value for k in node.keywords if k.arg in ("status", "status_code", "code"))]
    return any(_status(v) for v in values) or bool(REFUSAL_NAME.search(name)) or _login_redirect(node)


def _login_redirect(node: ast.Call) -> bool:
    name = dotted_name(node.func).rsplit(".", 1)[-1]
    if name in ("redirect_to_login", "handle_no_permission", "login_manager.unauthorized", "unauthorized"):
        return True
    return name.lower() in ("redirect", "redirectresponse", "httpresponseredirect") and any(LOGIN.search(n) for n in _names(node))


def _sent_away(body: ast.AST) -> Iterator[ast.AST]:
    """Yield the redirections, and Streamlit's stops: refusals only where the test is about the session."""
    for node in walk(body):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Call) and _login_redirect(node.value):
            yield node


def _refusals(module: Module, root: ast.AST) -> Iterator[ast.AST]:
    for node in walk(root):
        if isinstance(node, ast.Raise) and node.exc is not None:
            error = node.exc
            name = dotted_name(error.func if isinstance(error, ast.Call) else error)
            raised = module.assigned.get(name) if isinstance(error, ast.Name) else None
            if _carries_refusal(error) or _carries_refusal(raised) or REFUSAL_NAME.search(name.rsplit(".", 1)[-1]):
                yield node
        elif (isinstance(node, ast.Return) and _carries_refusal(node.value)) or (
            isinstance(node, ast.Call) and dotted_name(node.func).rsplit(".", 1)[-1] == "abort" and _carries_refusal(node)
        ):
            yield node


def _verifications(graph: CallGraph, module: Module, root: ast.AST) -> Iterator[str | None]:
    """Yield, for each place that verifies a presented value, the published default it is compared with, or None."""
    for node in walk(root):
        if isinstance(node, ast.Compare):
            yield from _comparison(graph, module, node)
        elif isinstance(node, ast.Call):
            name = module.resolve(node.func).replace("()", "")
            last = name.rsplit(".", 1)[-1] or (node.func.attr if isinstance(node.func, ast.Attribute) else "")
            if last == "decode" and re.search(r"jwt|jose|JWT", name):
                if not _signature_ignored(node):
                    yield published_value(graph, module, argument(node, 1, "key"))
            elif last == "compare_digest":
                yield next((d for a in node.args if (d := published_value(graph, module, a))), None)
            elif VERIFYING.match(last) or last == "verify":
                if not graph.places(module, name):
                    yield None
            elif (last in LOOKUPS and any(CLAIMS.search(n) for n in _names(node))) or (last == "get" and _reads_session(node)):
                yield None
        elif isinstance(node, ast.Attribute) and IDENTITY.search(dotted_name(node)):
            yield None


def _reads_session(node: ast.Call) -> bool:
    owner = dotted_name(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    return owner.endswith("session") and any(CLAIMS.search(n) for n in _names(node))


def _signature_ignored(call: ast.Call) -> bool:
    options = keyword(call, "options")
    for node in (options, keyword(call, "verify")):
        for child in walk(node) if node is not None else ():
            if isinstance(child, ast.Dict):
                for key, value in zip(child.keys, child.values, strict=True):
                    named = isinstance(key, ast.Constant) and key.value == "verify_signature"
                    if named and isinstance(value, ast.Constant) and value.value is False:
                        return True
    return isinstance(keyword(call, "verify"), ast.Constant) and keyword(call, "verify").value is False  # type: ignore[union-attr]


def _comparison(graph: CallGraph, module: Module, node: ast.Compare) -> Iterator[str | None]:
    if not all(isinstance(o, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for o in node.ops):
        return
    sides = [node.left, *node.comparators]
    if any(_trivial(side) for side in sides):
        return
    names = [n for side in sides for n in _names(side)]
    if not any(CLAIMS.search(n) for n in names):
        return
    if len(sides) == 2 and all(isinstance(s, ast.Constant) for s in sides):
        return
    presented = any(PRESENTED.search(n) for side in sides for n in _names(side))
    yield next((d for s in sides if (d := published_value(graph, module, s))), None) if presented else None


def _trivial(side: ast.expr) -> bool:
    if isinstance(side, ast.Constant):
        text = side.value
        return not isinstance(text, str) or text.strip().lower() in (
            "",
            "bearer",
            "basic",
            "token",
            "api_key",
            "access",
            "refresh",
        )
    if isinstance(side, ast.Call):
        name = dotted_name(side.func) or (side.func.attr if isinstance(side.func, ast.Attribute) else "")
        return name == "len" or bool(NOT_A_VALUE.search(dotted_name(side.func).rsplit(".", 1)[0]))
    if isinstance(side, ast.Tuple | ast.List | ast.Set):
        return all(_trivial(e) for e in side.elts)
    return bool(NOT_A_VALUE.search(dotted_name(side)))


def _sorts_by_role(root: ast.AST) -> bool:
    return any(
        re.search(r"(^|_)(roles?|is_admin|is_staff|is_superuser|permissions?|scopes?|groups?)($|_)", n) for n in _names(root)
    )

"""Is a test about access management? It demands a refusal, or it exercises signing in, roles or permissions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from checks.facts.python_code import Function, dotted_name
from checks.facts.routing import Route

_REFUSED = frozenset((401, 403))
_TURNED_AWAY = frozenset((401, 403, 302, 307))
_NAMES = frozenset(("HTTP_401_UNAUTHORIZED", "HTTP_403_FORBIDDEN", "assertRedirects"))
_SIGNING = frozenset(("login", "force_login", "is_authenticated", "force_authenticate"))
_ACCESS = re.compile(
    r"login|logout|connexion|auth(?!or)|(?<!count_)(?<!max_)token(?!i[sz]|s|_count|_usage)|permission|(^|_)roles?(_|$)|forbidden|"
    r"unauthori[sz]ed|register_user|user_regist|test_register(_|$)|sign_?up|inscription|password|mot_de_passe|protected|anonymous|"
    r"credentials|api_?key|jwt",
    re.I,
)


def tests_access(
    function: Function, name: str, hit: tuple[Route, ...], code: tuple[tuple[str, str], ...], *, asking: bool
) -> bool:
    """Tell whether a test exercises access management. A status that the test itself invents is no refusal."""
    if any(r.kind == "auth" for r in hit):
        return True
    guarding = any(_ACCESS.search(f"{path.rsplit('/', 1)[-1]} {called}") for path, called in code)
    if not (hit or asking or guarding):
        return False
    demanded = [n for a in _demands(function) for n in ast.walk(a)]
    codes = {n.value for n in demanded if isinstance(n, ast.Constant) and isinstance(n.value, int)}
    attributes = {n.attr for n in ast.walk(function) if isinstance(n, ast.Attribute)}
    if codes & _REFUSED or attributes & _NAMES:
        return True
    return bool(_ACCESS.search(name)) and bool(hit or codes & _TURNED_AWAY or attributes & _SIGNING or guarding)


def _demands(function: Function) -> Iterator[ast.AST]:
    for node in ast.walk(function):
        asserting = isinstance(node, ast.Call) and dotted_name(node.func).rsplit(".", 1)[-1].startswith("assert")
        if asserting or isinstance(node, ast.Assert):
            yield node

"""Can a test fail? Assertions that a test really makes, and those that cannot fail."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from checks.facts.python_code import Function, Module, dotted_name
from checks.facts.syntax import children, walk

_ASSERTING = re.compile(
    r"(^|\.)(assert\w*|fail|fail(if|unless)\w*|raises|warns|deprecated_call|raise_for_status|approx|to_be_visible|to_have_\w+|expect|"
    r"check_model|assert_frame_equal|assert_array_equal|assert_allclose|assert_almost_equal)$",
    re.I,
)
_ALWAYS_TRUE = frozenset(("assertTrue", "assertIsNotNone", "assertFalse", "assertEqual", "assertIn"))
DEEPEST = 3


def assertions(module: Module, function: Function, depth: int = 0) -> Iterator[ast.AST]:
    """Yield what makes the test fail when the code is wrong; helpers of the same file are followed."""
    for node, swallowed in _walk(function, False):
        if swallowed:
            continue
        if isinstance(node, ast.Assert) and not is_constant(node.test):
            yield node
        elif isinstance(node, ast.Call):
            yield from _from_call(module, node, depth)
        elif isinstance(node, ast.If) and _fails(node):
            yield node


def asks_its_double(module: Module, function: Function, patched: list[str]) -> bool:
    """Tell whether a test calls what it has just replaced, and nothing else could answer: it verifies its own double."""
    return bool({c.name for c in module.calls_under(function)} & {p for p in patched if "." in p})


def _from_call(module: Module, call: ast.Call, depth: int) -> Iterator[ast.AST]:
    name = dotted_name(call.func) or (call.func.attr if isinstance(call.func, ast.Attribute) else "")
    last = name.rsplit(".", 1)[-1]
    if _ASSERTING.search(name):
        constant = last in _ALWAYS_TRUE and bool(call.args) and all(is_constant(a) for a in call.args[:2])
        if not constant:
            yield call
    elif depth < DEEPEST:
        helper = module.functions.get(last) or next((f for n, f in module.functions.items() if n.endswith(f".{last}")), None)
        if helper is not None and not last.startswith("test"):
            yield from assertions(module, helper, depth + 1)


def _walk(node: ast.AST, swallowed: bool) -> Iterator[tuple[ast.AST, bool]]:
    for child in children(node):
        if isinstance(child, ast.Try):
            inside = swallowed or any(_swallows(handler) for handler in child.handlers)
            for statement in child.body:
                yield statement, inside
                yield from _walk(statement, inside)
            for other in (*child.handlers, *child.orelse, *child.finalbody):
                yield other, swallowed
                yield from _walk(other, swallowed)
            continue
        yield child, swallowed
        yield from _walk(child, swallowed)


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler catches a failed assertion and lets the test pass."""
    caught = {
        dotted_name(t).rsplit(".", 1)[-1]
        for t in (handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type])
        if t
    }
    broad = handler.type is None or caught & {"Exception", "BaseException", "AssertionError"}
    ends = [n for n in walk(handler) if isinstance(n, ast.Raise | ast.Assert) or (isinstance(n, ast.Call) and _is_failure(n))]
    return bool(broad) and not ends


def _is_failure(call: ast.Call) -> bool:
    return dotted_name(call.func) in ("pytest.fail", "self.fail", "sys.exit", "exit")


def _fails(node: ast.If) -> bool:
    return any(isinstance(n, ast.Raise) or (isinstance(n, ast.Call) and _is_failure(n)) for s in node.body for n in walk(s))


def is_constant(node: ast.expr) -> bool:
    """Tell whether an expression is known without running anything: `True`, `1 == 1`, `x or True`, `len([1]) > 0`."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        return any(isinstance(v, ast.Constant) and bool(v.value) for v in node.values) or all(is_constant(v) for v in node.values)
    if isinstance(node, ast.Compare):
        return is_constant(node.left) and all(is_constant(c) for c in node.comparators)
    if isinstance(node, ast.UnaryOp):
        return is_constant(node.operand)
    if isinstance(node, ast.BinOp):
        return is_constant(node.left) and is_constant(node.right)
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return all(is_constant(e) for e in node.elts)
    if isinstance(node, ast.Call):
        return dotted_name(node.func) in ("len", "bool", "isinstance", "callable", "str", "int") and all(
            is_constant(a) or (isinstance(a, ast.Name) and a.id in ("str", "int", "list", "dict")) for a in node.args
        )
    return False

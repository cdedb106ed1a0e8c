"""Small changes to Python code that a test of its behaviour should notice."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
}
_TALK = ("print", "log", "logger", "logging", "_logger", "_log", "warnings")
_NOT_BEHAVIOUR = ("annotation", "returns", "decorator_list", "type_comment", "type_params")


@dataclass(frozen=True)
class Change:
    """One change: where, what it says, and what makes it in the tree."""

    line: int
    text: str
    apply: Callable[[], None]


def changes(tree: ast.Module) -> list[Change]:
    """Return the changes of the code inside functions, in the order of the source."""
    found = [c for node in tree.body for c in _within(node, inside=False)]
    return sorted(found, key=lambda c: c.line)


def mutated(source: bytes, number: int) -> str:
    """Return the source with one change made."""
    tree = ast.parse(source)
    changes(tree)[number].apply()
    return ast.unparse(ast.fix_missing_locations(tree))


def harmless(source: bytes, name: str) -> str:
    """Return the source written anew with a change in each function that no test of its behaviour can notice: a name that nobody reads."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            after = 1 if ast.get_docstring(node, clean=False) is not None else 0
            node.body.insert(after, ast.Assign([ast.Name(name, ast.Store())], ast.Constant(0)))
    return ast.unparse(ast.fix_missing_locations(tree))


def _within(node: ast.AST, *, inside: bool) -> Iterator[Change]:
    if _is_talk(node) or isinstance(node, ast.Assert | ast.Import | ast.ImportFrom | ast.JoinedStr):
        return
    within = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    for name, value in ast.iter_fields(node):
        if name in _NOT_BEHAVIOUR or (isinstance(node, ast.arguments) and "default" in name):
            continue
        children = value if isinstance(value, list) else [value]
        for at, child in enumerate(children):
            if not isinstance(child, ast.AST):
                continue
            if within and (new := _changed(child)) is not None:
                yield _change(node, name, at if isinstance(value, list) else None, child, new)
            yield from _within(child, inside=within)


def _change(parent: ast.AST, name: str, at: int | None, old: ast.AST, new: ast.AST) -> Change:
    def apply() -> None:
        if at is None:
            setattr(parent, name, new)
        else:
            getattr(parent, name)[at] = new

    return Change(getattr(old, "lineno", 0), f"{_said(old)} → {_said(new)}", apply)


def _said(node: ast.AST) -> str:
    return ast.unparse(node).split("\n")[0][:80]


def _is_talk(node: ast.AST) -> bool:
    """Tell whether a statement only says something: a docstring, a print, a line of log."""
    if not isinstance(node, ast.Expr):
        return False
    value = node.value
    if isinstance(value, ast.Call):
        first: Any = value.func
        while isinstance(first, ast.Attribute | ast.Call):
            first = first.value if isinstance(first, ast.Attribute) else first.func
        return isinstance(first, ast.Name) and first.id.lower() in _TALK
    return isinstance(value, ast.Constant)


def _changed(node: ast.AST) -> ast.AST | None:
    """Return what to put in the place of a node, None for a node that is left as it is."""
    made = _statement(node) if isinstance(node, ast.stmt) else _expression(node)
    return None if made is None else ast.copy_location(made, node)


def _statement(node: ast.AST) -> ast.AST | None:
    if isinstance(node, ast.Return) and node.value is not None:
        empty = isinstance(node.value, ast.Constant) and node.value.value is None
        return None if empty else ast.Return(ast.Constant(None))
    if isinstance(node, ast.Raise) and node.exc is not None:
        return ast.Pass()
    if isinstance(node, ast.AugAssign) and type(node.op) in _COMPUTED and not _is_text(node.value):
        return ast.AugAssign(node.target, _COMPUTED[type(node.op)](), node.value)
    return None


def _expression(node: ast.AST) -> ast.AST | None:
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and not _is_main(node):
        return ast.Compare(node.left, [_COMPARED[type(node.ops[0])]()], node.comparators)
    if isinstance(node, ast.BoolOp):
        return ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return node.operand
    if isinstance(node, ast.BinOp) and type(node.op) in _COMPUTED and not _is_text(node.left) and not _is_text(node.right):
        return ast.BinOp(node.left, _COMPUTED[type(node.op)](), node.right)
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return ast.Constant(not node.value)
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return ast.Constant(node.value + 1)
    return None


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))


def _is_main(node: ast.Compare) -> bool:
    return isinstance(node.left, ast.Name) and node.left.id == "__name__"

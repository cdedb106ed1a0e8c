"""The folders that a module adds to its own search path: `sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))`."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator

from checks.facts.python_code import Module, dotted_name
from checks.facts.syntax import walk

DEEPEST = 8
_EDITS = ("sys.path.insert", "sys.path.append")


def added_folders(module: Module) -> Iterator[str]:
    """Yield the folders of the repository that a module puts into `sys.path`, when they are told from its own path."""
    if "sys" not in module.imported:
        return
    for call in module.calls:
        if call.name in _EDITS and call.node.args:
            folder = _folder(module, call.node.args[-1])
            if folder is not None:
                yield folder


def _folder(module: Module, node: ast.expr) -> str | None:
    """Evaluate a path built from `__file__`: each `dirname`, `parent` and `..` goes up, each other text goes down."""
    pieces = list(_written_out(module, node, 0))
    if not any(isinstance(n, ast.Name) and n.id == "__file__" for n in pieces):
        return None
    up = sum(_steps_up(n) for n in pieces)
    path = posixpath.join(module.path, *[".."] * up, *(n.value for n in pieces if _is_text(n)))  # type: ignore[attr-defined]
    folder = posixpath.normpath(path)
    return None if folder.startswith("..") else "" if folder == "." else folder


def _written_out(module: Module, node: ast.expr, depth: int) -> Iterator[ast.AST]:
    """Yield the nodes of an expression with the names that it uses replaced by what was assigned to them."""
    for inner in walk(node):
        if isinstance(inner, ast.Name) and inner.id in module.assigned and depth < DEEPEST:
            yield from _written_out(module, module.assigned[inner.id], depth + 1)
        else:
            yield inner


def _steps_up(node: ast.AST) -> int:
    if isinstance(node, ast.Call):
        return dotted_name(node.func).rsplit(".", 1)[-1] == "dirname"
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "parents":
        return node.slice.value + 1 if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int) else 0
    return isinstance(node, ast.Attribute) and node.attr == "parent"


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(re.match(r"^[\w./ -]{1,100}$", node.value))

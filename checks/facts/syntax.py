"""Walks through syntax trees, in the order of `ast.walk` and several times faster: facts walk every module many times.

Contexts and operators (`Load`, `Add`, `Eq`…) are left out: they are read where they stand, as `node.op` and the like.
"""

from __future__ import annotations

import ast

_NO_NODES = frozenset(
    (
        *("ctx", "op", "ops", "id", "attr", "arg", "name", "module", "level", "asname", "kind", "type_comment", "conversion"),
        *("simple", "is_async", "type_ignores", "kwd_attrs", "rest"),
    )
)


class _Fields(dict[type[ast.AST], tuple[str, ...]]):
    """Class of a node → its fields that may hold nodes, worked out once for each class."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        fields = () if kind is ast.Constant else tuple(f for f in kind._fields if f not in _NO_NODES)
        self[kind] = fields
        return fields


_FIELDS = _Fields()


def children(node: ast.AST) -> list[ast.AST]:
    """Return the nodes directly below `node`, in source order of its fields."""
    found: list[ast.AST] = []
    for name in _FIELDS[node.__class__]:
        value = getattr(node, name, None)
        if value.__class__ is list:
            found += [v for v in value if isinstance(v, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(root: ast.AST) -> list[ast.AST]:
    """Return `root` and every node below it, those near the root first."""
    nodes = [root]
    for node in nodes:  # grows while it is read
        for name in _FIELDS[node.__class__]:
            value = getattr(node, name, None)
            if value.__class__ is list:
                nodes += [v for v in value if isinstance(v, ast.AST)]
            elif isinstance(value, ast.AST):
                nodes.append(value)
    return nodes

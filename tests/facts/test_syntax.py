"""The walk sees what `ast.walk` sees, in the same order, contexts and operators aside."""

from __future__ import annotations

import ast

import pytest

from checks.facts.syntax import children, walk

SOURCES = (
    "def releve(a, *, b, c=1):\n    global total\n    return {**a, 'capteur': b}[c] if a else not b\n",
    "match mesure:\n    case {'valeur': v, **reste}:\n        pass\n    case Capteur(nom=n) | [n, *_]:\n        pass\n",
    "async def lire():\n    async with ouvrir() as f:\n        return [x async for x in f if x > 1 and x < 9]\n",
    "try:\n    import pandas as pd\nexcept* (OSError, ValueError) as e:\n    raise SystemExit(f'{e!r:>{10}}') from e\n",
    "@route('/a', methods=['GET'])\nclass A(B, metaclass=C):\n    x: int = 1\n    y = lambda s, /, t=2, *u, **w: (yield)\n",
)
_LEFT_OUT = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)


@pytest.mark.parametrize("source", SOURCES)
def test_the_walk_is_that_of_the_standard_library(source: str) -> None:
    tree = ast.parse(source)
    assert walk(tree) == [n for n in ast.walk(tree) if not isinstance(n, _LEFT_OUT)]


@pytest.mark.parametrize("source", SOURCES)
def test_children_come_in_the_order_of_the_standard_library(source: str) -> None:
    for node in ast.walk(ast.parse(source)):
        assert children(node) == [n for n in ast.iter_child_nodes(node) if not isinstance(n, _LEFT_OUT)]


def test_a_node_without_nodes_has_no_children() -> None:
    assert children(ast.parse("a").body[0].value) == []  # type: ignore[attr-defined]

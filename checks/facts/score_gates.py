"""Gates on the score of a model: conditions that end a script in failure, and assertions that demand a figure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

_METRIC = re.compile(
    r"(^|[^a-z])(f1|f05|f2|fbeta|accuracy|acc|exactitude|precision|recall|rappel|auc|rmse|mse|mae|mape|r2|wape|macro|bleu|rouge|scores?|loss)([^a-z]|$)",
    re.I,
)
_LIMIT = re.compile(r"(^|[^a-z])(seuil|threshold|metrics?|min|target|gate)([^a-z]|$)", re.I)
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def gates(tree: ast.Module, *, judges: bool = False) -> Iterator[ast.AST]:
    """Yield the conditions on a score that end a script in failure; a script that `judges` a model may name a limit alone."""
    codes = _exit_functions(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and _compares_score(node.test, judges):
            yield node
        elif isinstance(node, ast.If) and _compares_score(node.test, judges):
            if any(_stops(s, codes) for s in (*node.body, *node.orelse)):
                yield node
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _collected(node, codes, judges)


def _collected(function: ast.FunctionDef | ast.AsyncFunctionDef, codes: frozenset[ast.AST], judges: bool) -> Iterator[ast.If]:
    """Yield the conditions that only note a failure, in a function that stops on what was noted: `errors.append(…)`, then `raise`."""
    for node in function.body:
        if (
            isinstance(node, ast.If)
            and _compares_score(node.test, judges)
            and _notes(node)
            and _stops_later(function, node, codes)
        ):
            yield node


def _notes(node: ast.If) -> bool:
    calls = (n for s in node.body for n in ast.walk(s) if isinstance(n, ast.Call))
    return any(isinstance(c.func, ast.Attribute) and c.func.attr == "append" for c in calls)


def _stops_later(function: ast.FunctionDef | ast.AsyncFunctionDef, node: ast.If, codes: frozenset[ast.AST]) -> bool:
    later = (s for s in function.body if isinstance(s, ast.If) and s.lineno > node.lineno)
    return any(_stops(inner, codes) for statement in later for inner in statement.body)


def demands(node: ast.AST, *, strictly: bool = False) -> bool:
    """Tell whether an assertion demands a figure of a metric: `assert r2 > 0.55`, not the bounds that every score has.

    `strictly` leaves out what is only called a score or a loss: one prediction has a score too.
    """
    if not isinstance(node, ast.Assert):
        return False
    for compare in ast.walk(node.test):
        if isinstance(compare, ast.Compare) and isinstance(compare.ops[0], _ORDER):
            sides = [compare.left, *compare.comparators]
            words = [_words(s) for s in sides if not isinstance(s, ast.Constant)]
            if any(_METRIC.search(re.sub(r"scores?|loss", "", w) if strictly else w) for w in words) and any(
                _is_figure(s) for s in sides
            ):
                return True
    return False


def computes_score(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether a function works out a metric itself, as a ratio: `recall = found / (found + missed)`."""
    return any(
        isinstance(node, ast.Assign)
        and any(isinstance(t, ast.Name) and _METRIC.search(t.id.replace("_", " ")) for t in node.targets)
        and any(isinstance(n, ast.BinOp) and isinstance(n.op, ast.Div) for n in ast.walk(node.value))
        for node in ast.walk(function)
    )


def _words(node: ast.expr) -> str:
    return ast.unparse(node)[:200].replace("_", " ")


def _is_figure(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value not in (0, 1, True, False, 100)
    return bool(re.search(r"min|max|seuil|threshold|target|objecti", ast.unparse(node)[:100], re.I)) and isinstance(
        node, ast.Name | ast.Attribute
    )


def _compares_score(test: ast.expr, judges: bool) -> bool:
    words = [
        _words(n)
        for n in ast.walk(test)
        if (isinstance(n, ast.Compare) and any(isinstance(op, _ORDER) for op in n.ops)) or (isinstance(n, ast.Name) and n is test)
    ]
    negated = isinstance(test, ast.UnaryOp) and bool(
        re.search(r"gate|score|threshold|seuil|promot", ast.unparse(test)[:100], re.I)
    )
    return negated or any(_METRIC.search(w) or (judges and _LIMIT.search(w)) for w in words)


def _exit_functions(tree: ast.Module) -> frozenset[ast.AST]:
    """Return the `return` statements whose value becomes the exit code: `sys.exit(main())`, `raise SystemExit(main())`."""
    handed = {
        ast.unparse(argument.func)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and re.search(r"(^|\.)(exit|_exit|SystemExit)$", ast.unparse(call.func)[-40:])
        for argument in call.args
        if isinstance(argument, ast.Call)
    }
    named = (f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) and f.name in handed)
    return frozenset(n for f in named for n in ast.walk(f) if isinstance(n, ast.Return))


def _stops(statement: ast.stmt, codes: frozenset[ast.AST]) -> bool:
    for node in ast.walk(statement):
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Return) and node in codes:
            value = node.value
            return isinstance(value, ast.Constant) and bool(value.value)
        if isinstance(node, ast.Call) and re.search(r"(^|\.)(exit|_exit)$", ast.unparse(node.func)[-40:]):
            return bool(node.args) and not (isinstance(node.args[0], ast.Constant) and not node.args[0].value)
    return False

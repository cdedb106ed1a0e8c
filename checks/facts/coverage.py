"""Coverage and score targets: what is measured, and what stops a chain."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.facts.python_code import PythonCode
from checks.facts.workflows import Workflows
from checks.findings import evidence
from checks.workspace import Workspace
from grader.values import Evidence

_TARGET = re.compile(r"--?(?:cov-)?fail[-_]under[= ]\s*['\"]?(\d+)|^\s*fail_under\s*[=:]\s*(\d+)|coverageThreshold")
_MEASURE = re.compile(r"--cov\b|--cov=|coverage run|coverage report|--coverage\b")
_SCORE = re.compile(r"f1|f05|fbeta|accuracy|precision|recall|auc|rmse|mae|mape|r2|score|seuil|threshold|loss|metric|min_", re.I)
_FILES = (
    "pytest.ini",
    "pyproject.toml",
    "setup.cfg",
    "tox.ini",
    ".coveragerc",
    "Makefile",
    "package.json",
    "jest.config.js",
    "vitest.config.ts",
)


@dataclass(frozen=True)
class Coverage:
    """Places where a target stops the run, and places where coverage is measured without one."""

    enforced: tuple[Evidence, ...]
    measured: tuple[Evidence, ...]


def coverage(workspace: Workspace, workflows: Workflows, python_code: PythonCode) -> Coverage:
    """Read test configuration, chains, and the scripts that chains start."""
    enforced: list[Evidence] = []
    measured: list[Evidence] = []
    for path, line, text, neutral in _lines(workspace, workflows):
        if _TARGET.search(text) and not neutral and not _is_zero(text):
            enforced.append(evidence(path, line, text))
        elif _MEASURE.search(text):
            measured.append(evidence(path, line, text))
    started = {did.script for did in workflows.sound("train", "evaluate", "data-test", "test", "other") if did.script}
    for module in python_code.modules:
        if module.path in started:
            enforced += [evidence(module.path, module.line(node), module.excerpt(node)) for node in gates(module.tree)]
    return Coverage(tuple(enforced), tuple(measured))


def _is_zero(text: str) -> bool:
    found = _TARGET.search(text)
    return bool(found) and any(g is not None and int(g) == 0 for g in (found.groups() if found else ()))


def _lines(workspace: Workspace, workflows: Workflows) -> Iterator[tuple[str, int, str, bool]]:
    for file in workspace.own:
        if file.name in _FILES and file.size < 200_000:
            yield from ((file.path, number, line.strip(), False) for number, line in enumerate(file.lines, 1))
    for did in workflows.done("test", "lint", "other", "set-up"):
        yield did.path, did.line, did.text, not did.sound


def gates(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the conditions on a score that end a script in failure."""
    for node in ast.walk(tree):
        if (isinstance(node, ast.Assert) and _compares_score(node.test)) or (
            isinstance(node, ast.If) and _compares_score(node.test) and any(_stops(s) for s in (*node.body, *node.orelse))
        ):
            yield node


def _compares_score(test: ast.expr) -> bool:
    return any(isinstance(n, ast.Compare) and _SCORE.search(ast.unparse(n)[:300]) for n in ast.walk(test)) or (
        isinstance(test, ast.UnaryOp | ast.Name)
        and bool(re.search(r"gate|score|threshold|seuil|promot", ast.unparse(test), re.I))
    )


def _stops(statement: ast.stmt) -> bool:
    for node in ast.walk(statement):
        if isinstance(node, ast.Raise):
            return True
        if (
            isinstance(node, ast.Call)
            and re.search(r"(^|\.)(exit|_exit)$", ast.unparse(node.func))
            and ast.unparse(node)[-3:] not in ("(0)", "t()")
        ):
            return True
    return False


FACTS = (coverage,)

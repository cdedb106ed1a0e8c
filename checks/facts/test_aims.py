"""What the tests of a repository aim at: the model, the routes of its API, the business code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from checks.facts.ai_code import AiCode
from checks.facts.data_code import DataCode
from checks.facts.model_pipelines import ModelPipelines
from checks.facts.python_code import PythonCode
from checks.facts.routing import Route, Routes
from checks.facts.served import Served
from checks.facts.shell_catalogue import DATA_TEST, OTHER, TRAIN
from checks.facts.test_suite import Test, TestSuite
from checks.facts.workflows import Workflows

BUSINESS = ("data", "model", "page", "other")
_WORD = re.compile(r"[^\W\d_]{2,}")
TELLING = 4  # words of a docstring that the test's name does not hold, from which it says more than the name


def beside_the_model(served: Served, routes: Routes) -> tuple[Route, ...]:
    """Return the other routes for programs that stand beside the model's own: same application, same files."""
    if served.model is None:
        return ()
    files = {r.module for r in served.model.routes}
    same = routes.by_application.get(served.model.application.id, ())
    kept = (r for r in same if not r.html and r.kind in ("data", "model", "other") and r.module in files)
    return tuple(r for r in kept if r not in served.model.routes)


def untested(routes: Iterable[Route], suite: TestSuite) -> list[Route]:
    """Return the routes that no sound test reaches; two paths of one handler are one endpoint to a reader."""
    asked = list(routes)
    covered = {(r.module, r.handler) for r in asked if any(t.counts for t in suite.reaching(r))}
    return [r for r in asked if (r.module, r.handler) not in covered]


def tests_of_the_model(suite: TestSuite, ai: AiCode) -> tuple[list[Test], list[Test]]:
    """Return the sound tests that aim at AI code, and those that reach it by the API alone."""
    aimed: list[Test] = []
    through_api: list[Test] = []
    for test in suite.sound:
        places = {path for path, _ in test.code} | set(test.imports)
        direct = bool(set(test.code) & ai.functions) or (test.path, test.name) in ai.in_tests
        if direct or (places & ai.modules and not test.requests):
            aimed.append(test)
        elif any(r.model for r in test.routes):
            through_api.append(test)
    return aimed, through_api


def tests_of_the_data(suite: TestSuite, data: DataCode, workflows: Workflows, pipelines: ModelPipelines) -> list[Test]:
    """Return the sound tests of the code that prepares data in a chain or a pipeline which also trains."""
    training = {d.workflow.path for d in workflows.sound(TRAIN)}
    done = (d for d in workflows.sound(DATA_TEST, OTHER, TRAIN) if d.workflow.path in training)
    scripts = {d.script for d in done if d.script}
    learnt = [p for p in pipelines.all if p.trains]
    prepared = {(path, name) for path, name in data.functions if path in scripts or any(p.runs(path, name) for p in learnt)}
    return [t for t in suite.sound if set(t.code) & prepared]


def described(tests: Iterable[Test], code: PythonCode) -> list[tuple[Test, str]]:
    """Return the tests whose docstring says what they verify, beyond their name, with its first line."""
    return [(test, text) for test in tests for text in _said(test, code)]


def _said(test: Test, code: PythonCode) -> Iterator[str]:
    module = code.by_path.get(test.path)
    function = module.functions.get(test.name) if module is not None else None
    text = (ast.get_docstring(function) or "")[:2000] if function is not None else ""
    named = {word.lower() for word in _WORD.findall(test.name.replace("_", " "))}
    if len({word.lower() for word in _WORD.findall(text)} - named) >= TELLING:
        yield text.strip().splitlines()[0]


def share_reached(tests: Iterable[Test], routes: Routes, code: PythonCode) -> float:
    """Return the share of business handlers, or of modules with functions, that the tests reach: the greater of the two."""
    reaching = list(tests)
    wanted = {(r.module, r.handler) for r in routes.all if r.kind in BUSINESS}
    hit = {(r.module, r.handler) for t in reaching for r in t.routes} | {place for t in reaching for place in t.code}
    modules = {m.path for m in code.application if not m.notebook and m.functions}
    touched = {path for t in reaching for path, _ in t.code} & modules
    by_route = len(wanted & hit) / len(wanted) if wanted else 0.0
    return max(by_route, len(touched) / len(modules) if modules else 0.0)

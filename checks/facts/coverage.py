"""Coverage and score targets: what is measured, and what stops a run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.facts.coverage_settings import Setting, settings
from checks.facts.python_code import Module, PythonCode, dotted_name
from checks.facts.score_gates import computes_score, demands, gates
from checks.facts.test_asserts import assertions
from checks.facts.workflows import Workflows
from checks.findings import evidence
from checks.workspace import Workspace
from grader.values import Evidence

_TARGET = re.compile(
    r"--cov-fail-under[= ]\s*['\"]?(\d+)|coverage\s+report\b.{0,80}--fail-under[= ]\s*['\"]?(\d+)|coverageThreshold"
)
_MEASURE = re.compile(r"--cov\b|--cov=|coverage (run|report|html|xml)|--coverage\b|run --cov")
_JUDGING = re.compile(r"(^|[._])(score|\w+_score|evaluat\w*|cross_val\w*|classification_report|\w*_error)$")
_PREDICTING = re.compile(r"(^|[._])predict\w*$")
_LOADING = re.compile(r"^(joblib|pickle|cloudpickle|dill|skops|torch|mlflow|keras|tensorflow)\b.*\.(load|load_model)$")
_SAVING = re.compile(r"\.(dump|save|save_model)$")


@dataclass(frozen=True)
class Coverage:
    """Places where a target stops the run, and places where coverage is measured or a target is only written.

    `scores` are the targets among `enforced` that judge a model rather than a coverage.
    """

    enforced: tuple[Evidence, ...]
    measured: tuple[Evidence, ...]
    scores: tuple[Evidence, ...] = ()


def coverage(workspace: Workspace, workflows: Workflows, python_code: PythonCode) -> Coverage:
    """Read test configuration, chains, the scripts that chains start, and the tests that judge a score."""
    found = [*settings(workspace), *_commands(workflows)]
    measures = [s for s in found if _MEASURE.search(s.text) and not s.target]
    uploaded = any(True for w in workflows.triggered for j in w.jobs for s in j.steps if "codecov" in s.uses.lower())
    kept = [s for s in found if s.target and s.sound and (s.alone or measures) and (uploaded or not s.outside)]
    scores = tuple(dict.fromkeys(_scores(workspace, workflows, python_code)))
    weak = [s for s in found if s.target and s not in kept]
    return Coverage(
        (*(evidence(s.path, s.line, s.text) for s in kept), *scores),
        tuple(evidence(s.path, s.line, s.text) for s in (*weak, *measures)),
        scores,
    )


def _commands(workflows: Workflows) -> Iterator[Setting]:
    """Yield the commands of triggered chains as settings: a neutralised one enforces nothing."""
    for did in workflows.done("test", "lint", "other", "set-up"):
        wanted = _TARGET.search(did.text)
        given = [g for g in wanted.groups() if g] if wanted else []
        yield Setting(did.path, did.line, did.text, bool(wanted) and given != ["0"], alone=True, sound=did.sound)


def _scores(workspace: Workspace, workflows: Workflows, code: PythonCode) -> Iterator[Evidence]:
    done = workflows.sound("train", "evaluate", "data-test", "test", "other")
    started = {did.script for did in done if did.script}
    judging = {did.script for did in done if did.kind in ("train", "evaluate")}
    for module in code.modules:
        file = workspace.get(module.path)
        if file is not None and module.is_test:
            yield from workspace.attempt(file, lambda _, m=module: list(_test_gates(m, code))) or ()  # type: ignore[misc]
        elif file is not None and module.path in started:
            judges = module.path in judging
            yield from workspace.attempt(file, lambda _, m=module, j=judges: list(_script_gates(m, j))) or ()  # type: ignore[misc]


def _script_gates(module: Module, judges: bool) -> Iterator[Evidence]:
    yield from (evidence(module.path, module.line(n), module.excerpt(n)) for n in gates(module.tree, judges=judges))


def _test_gates(module: Module, code: PythonCode) -> Iterator[Evidence]:
    """Yield the assertions of tests that demand a score of a model which the test judges."""
    for name, function in module.functions.items():
        if not name.rsplit(".", 1)[-1].startswith("test"):
            continue
        called = [dotted_name(c.node.func) or c.name for c in module.calls_under(function)]
        judging = any(_JUDGING.search(n) for n in called) or computes_score(function)
        if (judging or any(_PREDICTING.search(n) for n in called)) and _own_model(module, code):
            demanded = (node for node in assertions(module, function) if demands(node, strictly=not judging))
            yield from (evidence(module.path, module.line(node), module.excerpt(node)) for node in demanded)


def _own_model(module: Module, code: PythonCode) -> bool:
    """Tell whether a test judges the project's own model: the project's code is imported, or a saved model is loaded."""
    own = any(
        found and not found.is_test for found in (_module_of(n, module, code) for n in sorted(set(module.imports.values())))
    )
    saving = {c.function for c in module.calls if _SAVING.search(c.name)}
    return own or any(_LOADING.search(c.name) and c.function not in saving for c in module.calls)


def _module_of(dotted: str, module: Module, code: PythonCode) -> Module | None:
    return code.module_named(dotted, module.path) or code.module_named(dotted.rpartition(".")[0], module.path)


FACTS = (coverage,)

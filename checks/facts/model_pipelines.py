"""Pipelines outside CI services that really handle the model: what they train, evaluate and control, and when they run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.facts.call_graph import CallGraph
from checks.facts.models import Models, Use
from checks.facts.python_code import Module, PythonCode
from checks.facts.score_gates import gates
from checks.facts.shell_catalogue import DATA_TEST, EVALUATE, TEST, TRAIN
from checks.facts.syntax import walk
from checks.facts.workflows import LocalChain, Workflows
from checks.findings import evidence
from checks.workspace import Workspace
from grader.values import Evidence

_SCRIPT = re.compile(r"[\w./-]*\b[\w-]+\.py")
LONGEST = 300  # characters of a text that may be a command
_PROCESSES = ("subprocess.", "os.system", "os.popen", "asyncio.create_subprocess", "runpy.")


# The calls by which libraries made for it test data: they say what is expected, and can refuse it.
_TESTS_DATA = re.compile(
    r"^(great_expectations|pandera|soda|pydeequ|deepchecks)\b.*\.(validate|run|run_checkpoint|execute|expect_\w+)$"
    r"|^evidently\b.*\bTestSuite\(\)\.run$"
)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline that concerns the model, with a place for each thing it does, None where it does not."""

    chain: LocalChain
    trains: Evidence | None = None
    evaluates: Evidence | None = None
    controls: Evidence | None = None  # a score below its threshold stops it
    tests: Evidence | None = None
    tests_data: Evidence | None = None
    code: frozenset[str | tuple[str, str]] = frozenset()  # scripts run as a whole, and functions that its tasks may call

    def runs(self, path: str, function: str) -> bool:
        """Tell whether the pipeline runs a function, or the whole script that defines it."""
        return path in self.code or (path, function) in self.code

    @property
    def head(self) -> Evidence:
        """Where the pipeline is declared, or where it says when it runs."""
        return evidence(self.chain.path, self.chain.schedule or self.chain.line, self.chain.tool)

    @property
    def places(self) -> list[Evidence]:
        """Places of what it does to the model."""
        return [place for place in (self.trains, self.evaluates, self.controls) if place]


@dataclass(frozen=True)
class ModelPipelines:
    """Pipelines that train, evaluate or control the model, in path order; `of_data` is where any pipeline tests data."""

    all: tuple[Pipeline, ...]
    of_data: tuple[Evidence, ...] = ()

    @property
    def scheduled(self) -> tuple[Pipeline, ...]:
        """Pipelines that say themselves when they run."""
        return tuple(p for p in self.all if p.chain.schedule)


def model_pipelines(
    workspace: Workspace, workflows: Workflows, models: Models, python_code: PythonCode, call_graph: CallGraph
) -> ModelPipelines:
    """Keep the local chains whose code or commands handle the model."""
    own = tuple(u for u in models.uses if not u.service)
    controls = _Controls(workspace, python_code)
    read = [_pipeline(chain, own, call_graph, controls) for chain in workflows.local if chain.tool != "pre-commit"]
    orchestrated = [chain for chain in workflows.local if chain.path.endswith(".py")]
    of_data = [place for chain in orchestrated for place in _data_tests(_places(chain, python_code, call_graph), python_code)]
    return ModelPipelines(tuple(p for p in read if p.places), tuple(dict.fromkeys(of_data)))


def _data_tests(places: set[str | tuple[str, str]], code: PythonCode) -> Iterator[Evidence]:
    """Yield where the code of a pipeline tests data by a library made for it."""
    paths = {place if isinstance(place, str) else place[0] for place in places}
    for module in (code.by_path[path] for path in sorted(paths & code.by_path.keys())):
        for call in module.calls:
            if (module.path in places or (module.path, call.function) in places) and _TESTS_DATA.search(call.name):
                yield evidence(module.path, call.line, module.excerpt(call.node))


def _pipeline(chain: LocalChain, uses: tuple[Use, ...], graph: CallGraph, controls: _Controls) -> Pipeline:
    places = _places(chain, graph.code, graph)
    touched = [u for u in uses if (u.path, u.function) in places or u.path in places]
    return Pipeline(
        chain,
        _did(chain, TRAIN) or _used(touched, "train"),
        _did(chain, EVALUATE) or _used(touched, "evaluate"),
        next(controls.among(places), None),
        _did(chain, TEST) or _tried(touched),
        _did(chain, DATA_TEST),
        frozenset(places),
    )


def _places(chain: LocalChain, code: PythonCode, graph: CallGraph) -> set[str | tuple[str, str]]:
    """Return the scripts that a chain runs as a whole, and the functions that its tasks may call."""
    found: set[str | tuple[str, str]] = {c.script for c in chain.commands if c.script}
    found |= {chain.path} if chain.path.endswith(".py") else set()
    for word in chain.calls:
        found |= {m.path for m in code.modules if m.path.endswith(".py") and m.path in word} if " " in word else set()
        definition = code.definition(word, chain.path) if "." in word and " " not in word else None
        if definition is not None and not definition[0].is_test:
            found |= {(module.path, name) for module, name in graph.closure(*definition)}
    own = code.by_path.get(chain.path)
    if own is not None:  # tasks that make an object of the project and call it
        found |= {(module.path, called) for name in own.functions for module, called in graph.closure(own, name)}
    return found | set(_started(found, code))


def _started(places: set[str | tuple[str, str]], code: PythonCode) -> Iterator[str]:
    """Yield the scripts that the functions of a pipeline start as processes: `subprocess.run(["python", str(SRC / "train.py")])`."""
    paths = {place if isinstance(place, str) else place[0] for place in places}
    for module in (code.by_path[path] for path in sorted(paths & code.by_path.keys())):
        for name, function in module.functions.items():
            inside = module.path in places or (module.path, name) in places
            if inside and any(call.name.startswith(_PROCESSES) for call in module.calls_under(function)):
                texts = (n.value for n in walk(function) if isinstance(n, ast.Constant) and isinstance(n.value, str))
                named = (script for text in texts if len(text) < LONGEST for script in _SCRIPT.findall(text))
                yield from (path for script in named if (path := _script_named(script, code)))


def _script_named(script: str, code: PythonCode) -> str:
    """Return the only script of the repository that a command can mean, "" where there is none or several."""
    tail = script.lstrip("./")
    meant = [m.path for m in code.application if m.path == tail or m.path.endswith(f"/{tail}")]
    return meant[0] if len(meant) == 1 else ""


def _did(chain: LocalChain, kind: str) -> Evidence | None:
    return next((evidence(c.path, c.line, c.text) for c in chain.commands if c.kind == kind and not c.neutral), None)


def _used(uses: list[Use], kind: str) -> Evidence | None:
    return next((evidence(u.path, u.line, u.excerpt) for u in uses if u.kind == kind), None)


def _tried(uses: list[Use]) -> Evidence | None:
    """A pipeline that loads the saved model and calls it tries it."""
    return _used(uses, "call") if any(u.kind == "load" for u in uses) else None


@dataclass(frozen=True)
class _Controls:
    """Finds the gates of the scripts that run as a whole, and of the functions that tasks call."""

    workspace: Workspace
    code: PythonCode

    def among(self, places: set[str | tuple[str, str]]) -> Iterator[Evidence]:
        for path in sorted({place if isinstance(place, str) else place[0] for place in places}):
            module, file = self.code.by_path.get(path), self.workspace.get(path)
            if module is not None and file is not None:
                yield from self.workspace.attempt(file, lambda _, m=module: _gates_of(m, places)) or ()  # type: ignore[misc]


def _gates_of(module: Module, places: set[str | tuple[str, str]]) -> list[Evidence]:
    called: list[ast.stmt] = [f for name, f in module.functions.items() if (module.path, name) in places]
    body = module.tree if module.path in places else ast.Module(called, [])
    return [evidence(module.path, module.line(node), module.excerpt(node)) for node in gates(body)]


FACTS = (model_pipelines,)

"""Which code is the model's: functions that reach a model or an AI service, that train, evaluate or prepare its data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.facts.call_graph import CallGraph
from checks.facts.models import Models, uses_in
from checks.facts.python_code import PythonCode

_PREPARES = re.compile(
    r"(^|_)(preprocess\w*|pretrait\w*|prepare\w*|feature\w*|clean\w*|nettoy\w*|tokeniz\w*|embed\w*|vectori[sz]\w*|split|transform\w*|predict\w*|infer\w*|train\w*|evaluat\w*|classif\w*|score\w*|drift\w*|prompt\w*|rag|retriev\w*)($|_)",
    re.I,
)


@dataclass(frozen=True)
class AiCode:
    """`functions` (path, name) that are the model's; `modules` that hold a use of it; `clients` modules that call an AI service.

    `in_tests` are (path, function) of tests that load a saved model themselves.
    """

    functions: frozenset[tuple[str, str]]
    modules: frozenset[str]
    clients: frozenset[str]
    in_tests: frozenset[tuple[str, str]] = frozenset()


def ai_code(python_code: PythonCode, models: Models, call_graph: CallGraph) -> AiCode:
    """Find the code of the model, of its data and of the AI service, tests left out."""
    modules = {u.path for u in models.uses}
    functions = {(u.path, u.function) for u in models.uses if u.function}
    for module in python_code.application:
        if module.path not in modules:
            continue
        for name in module.functions:
            if _PREPARES.search(name.rsplit(".", 1)[-1]) or any(
                (m.path, f) in functions for m, f in call_graph.called(module, name)
            ):
                functions.add((module.path, name))
    clients = frozenset(u.path for u in models.uses if u.service)
    return AiCode(frozenset(functions), frozenset(modules), clients, frozenset(_loading(python_code)))


def _loading(code: PythonCode) -> Iterator[tuple[str, str]]:
    """Yield the tests that load a model that they have not just saved."""
    for module in code.modules:
        uses = [u for u in uses_in(module) if u.function] if module.is_test else []
        saving = (
            {c.function for c in module.calls if c.name.rsplit(".", 1)[-1] in ("dump", "save", "save_model")} if uses else set()
        )
        loading = {u.function for u in uses if u.kind == "load" and u.function not in saving}
        given = {n for n, f in module.functions.items() if loading & {a.arg for a in f.args.args}} if loading else set()
        yield from ((module.path, name) for name in sorted(loading | given))  # `given` take the model from a fixture


FACTS = (ai_code,)

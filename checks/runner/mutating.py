"""Do the tests have teeth? Change the covered code a little, many times, and see whether they notice."""

from __future__ import annotations

import json
import secrets
import time
from hashlib import blake2b
from pathlib import Path
from typing import Any

from .inside.lines import heard
from .junit import MOST, read_text
from .python_suites import Conditions, Outcome, prepare, pytest_arguments, run_once
from .running import Running
from .surroundings import INSIDE, has_package, has_python, python

MOST_SECONDS = 60.0
MOST_SURVIVED = 60


def mutate(running: Running) -> None:
    """Run a step of kind `mutate`: the tests as they are, then mutants in a sample that the seed decides."""
    suite = dict(running.step.suite or {})
    running.put(seed=running.step.seed)
    reason = _missing(running, suite)
    if reason:
        running.trouble(reason)
        return
    baseline = _baseline(running, suite)
    running.put(baseline={"passed": len(baseline.record.passed), "failed": len(baseline.record.failed)})
    told = _contexts(baseline.conditions.contexts or Path(), baseline.record.contexts)
    if baseline.how == "timeout" or not baseline.record.passed or told is None:
        running.trouble("baseline-timeout" if baseline.how == "timeout" else "no-baseline")
        return
    _try(running, suite, baseline, told)


def _baseline(running: Running, suite: dict[str, Any]) -> Outcome:
    """Run the tests as they are, without the plan's variables unless more pass with them; a slow suite is stopped early."""
    most = running.step.time_left / 2  # a suite that takes longer leaves no time to try enough mutants
    bare = run_once(running, suite, Conditions(contexts=running.new("contexts.json")), seconds=most)
    if bare.is_sound or bare.how == "timeout" or not (running.step.variables or suite.get("before")):
        return bare
    prepare(running, suite)
    given = Conditions(bare=False, contexts=running.new("contexts.json"))
    other = run_once(running, suite, given, seconds=min(most, running.step.time_left / 2))
    return other if len(other.record.passed) > len(bare.record.passed) else bare


def _missing(running: Running, suite: dict[str, Any]) -> str:
    if not has_python(running.step):
        return "no-environment"
    if suite.get("runner") not in ("pytest", "unittest"):
        return "another-runner"
    if not has_package(running.step, "pytest"):
        return "no-pytest"
    if not has_package(running.step, "coverage"):
        return "no-coverage"
    return "" if running.step.part.get("code") else "no-code"


def _contexts(path: Path, signature: str) -> dict[str, Any] | None:
    text = read_text(path, 8 * MOST) or ""
    if blake2b(text.encode(), digest_size=16).hexdigest() != signature:  # nobody else may say which lines to change
        return None
    try:
        told = json.loads(text)
        return told if isinstance(told["lines"], dict) and isinstance(told["modules"], list) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _try(running: Running, suite: dict[str, Any], baseline: Outcome, told: dict[str, Any]) -> None:
    folder = running.step.folder(str(suite.get("folder", "")))
    seconds = max(min(MOST_SECONDS, running.step.time_left - 5), 1.0)
    record, key = running.new("mutants"), secrets.token_hex(16)
    took = {name: baseline.record.tests[name].seconds for name in baseline.record.passed}
    django = bool(suite.get("settings"))
    request = running.request(
        record=str(record),
        key=key,
        arguments=pytest_arguments(running, {**suite, "targets": ["."]}, folder)[:-1],
        code=[str(running.step.tree / p) for p in running.step.part["code"]],
        lines=told["lines"],
        # With Django, packages load the submission's settings: only what does not is loaded before the forks.
        modules=["pytest", "django"] if django else ["pytest", *map(str, told["modules"])],
        seconds_of=took,
        control_seconds=3 * sum(took.values()) + 20,
        seconds=seconds,
        seed=running.step.seed,
    )
    began = time.monotonic()
    argv = (python(running.step), str(INSIDE / "with_mutants.py"), str(request))
    variables = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    if django:
        variables["DJANGO_SETTINGS_MODULE"] = str(suite["settings"])
    running.command(
        argv, folder, seconds=seconds + 3 * sum(took.values()) + 40, variables=variables, bare=baseline.conditions.bare
    )
    running.put(**_counted(running, record, key), seconds=round(time.monotonic() - began, 3))


def _counted(running: Running, record: Path, key: str) -> dict[str, Any]:
    """Count what the mutants came to, since it was last seen that tests fail by themselves."""
    by_outcome: dict[str, list[dict[str, Any]]] = {"caught": [], "survived": [], "timeout": []}
    unsteady = False
    for told in heard(read_text(record) or "", key):
        if "unsteady" in told:
            unsteady = True
            for outcome in by_outcome.values():
                outcome.clear()
        elif told.get("outcome") in by_outcome:
            one = {"path": running.step.relative(told["mutant"]), "line": told["line"], "change": told["change"][:200]}
            by_outcome[told["outcome"]].append(one)
    if unsteady and not any(by_outcome.values()):
        running.trouble("unsteady-tests")
    return {
        "mutants": sum(map(len, by_outcome.values())),
        "caught": len(by_outcome["caught"]),
        "timeouts": len(by_outcome["timeout"]),
        "survived": by_outcome["survived"][:MOST_SURVIVED],
    }

"""The candidate's Python tests: pytest with our own options, Django's runner, unittest; JUnit and coverage out."""

from __future__ import annotations

import ast
import os
import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import accounts, empty_folders, own_server, pytest_options
from .junit import Record, as_junit, joined, read_record, read_text
from .running import Running
from .surroundings import INSIDE, has_package, has_python, python

MOST_AGAIN = 200
MOST_SAID = 1_000_000  # characters of what failed
MOST_BEFORE = 45.0  # seconds of one program that the chain runs before the tests
MOST_STUCK = 8  # tests that may stand still before a suite is given up
LEAST_AGAIN = 5.0
# A function and a class: what acts on the one need not act on the other.
_FAILS = """import unittest


class TestThatFails(unittest.TestCase):
    def test_that_fails(self):
        raise AssertionError("this test can only fail")

    def test_that_compares(self):
        self.assertEqual(1, 2)


def test_that_fails():
    raise AssertionError("this test can only fail")
"""


@dataclass(frozen=True)
class Conditions:
    """How to run a suite: without the plan's variables or with, and the tests and files to keep, all when there are none."""

    bare: bool = True
    tests: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    contexts: Path | None = None  # where to write which test ran which line
    done: tuple[str, ...] = ()  # tests that ran before one stood still
    alone: str = ""  # a module whose tests alone run, when all are loaded


@dataclass(frozen=True)
class Outcome:
    """What one run of a suite left: JUnit, its record, and coverage by path."""

    conditions: Conditions
    junit: str | None
    record: Record
    coverage: dict[str, list[int]] | None
    how: str = "exit"  # how its command ended
    tail: str = ""
    command: int = 0  # which of the document's commands it was, from 0

    @property
    def is_sound(self) -> bool:
        """Tell whether it came to its end and nothing failed."""
        return self.record.finished is not None and not self.record.failed and not self.record.errors

    @property
    def said(self) -> str:
        """What the tests that did not pass say, and the end of what was printed."""
        tests = (*self.record.tests.values(), *self.record.errors)
        return "\n".join([*(f"{t.message}\n{t.text}" for t in tests if t.state not in ("passed", "skipped")), self.tail])[
            :MOST_SAID
        ]

    @property
    def wanting(self) -> str:
        """What its tests say when each failed for want of a role or a database of PostgreSQL; "" when one did not."""
        tests = (*self.record.tests.values(), *self.record.errors)
        told = [f"{t.message}\n{t.text}" for t in tests if t.state != "skipped"] or [self.tail]
        return "\n".join(told) if all(map(accounts.absent, told)) else ""


def run_python_suite(running: Running, suite: dict[str, Any]) -> None:
    """Run a suite of Python tests, then once more those that failed; where none did, look whether one could."""
    if not has_python(running.step):
        running.trouble("no-environment")
        return
    last = _run(running, suite)
    if last.is_sound and last.record.passed and not last.record.turned and running.step.time_left > LEAST_AGAIN:
        running.put(unfailing=_passes_anything(running, suite, last.conditions))


def _run(running: Running, suite: dict[str, Any]) -> Outcome:
    """Run a suite, then once more what failed; return the outcome that was told."""
    wanted = min(running.step.seconds, suite.get("seconds") or running.step.seconds)
    first = _run_provided(running, suite, Conditions(), seconds=wanted)
    _put(running, first)
    if first.is_sound or running.step.time_left < LEAST_AGAIN:
        return first
    # A checkout has no `.env`: tests that pass as they are must not meet our values. Those that fail may be waiting for them.
    made = empty_folders.provide(running, first.said, running.step.folder(str(suite.get("folder", ""))))
    more = bool(running.step.variables or suite.get("before") or made)
    prepare(running, suite)
    second = run_once(running, suite, _failed(first, bare=not more))
    if more and (second.record.passed or not first.record.tests) and running.step.time_left > LEAST_AGAIN:
        whole = _run_provided(running, suite, Conditions(bare=False))
        if len(whole.record.passed) > len(first.record.passed):
            first = whole
            _put(running, first)
        if first.is_sound or running.step.time_left < LEAST_AGAIN:
            return first
        second = run_once(running, suite, _failed(first, bare=first.conditions.bare))
    if (beside := _beside_their_server(running, suite, first)) is not None:
        return beside
    running.put(again=second.junit if first.record.failed else None)
    return first


def _beside_their_server(running: Running, suite: dict[str, Any], first: Outcome) -> Outcome | None:
    """Run a suite beside the application that it calls; return the outcome when more passes than without, else None."""
    port = own_server.port_called(first.said, running.step.folder(str(suite.get("folder", ""))))
    for app in own_server.candidates(running) if port else ():
        if running.step.time_left < own_server.LEAST:
            break
        with own_server.served(running, app, port) as is_up:
            whole = _run_provided(running, suite, Conditions(bare=False)) if is_up else None
        if whole is not None and len(whole.record.passed) > len(first.record.passed):
            _put(running, whole)
            running.put(served={"target": str(app.get("target", ""))[:200], "port": port}, again=None)
            return whole
    return None


def prepare(running: Running, suite: dict[str, Any]) -> None:
    """Run what the chain of the submission runs before its tests, whatever comes of it: it makes a database, or trains a model."""
    for one in suite.get("before") or ():
        words = [str(w) for w in one.get("words") or ()]
        if words and running.step.time_left > 2 * LEAST_AGAIN:
            name = words[0].rsplit("/", 1)[-1]
            tool = python(running.step) if name.startswith("python") else str(Path(python(running.step)).with_name(name))
            seconds = min(MOST_BEFORE, running.step.time_left / 4)
            running.command((tool, *words[1:]), running.step.folder(str(one.get("folder", ""))), seconds=seconds)


def _passes_anything(running: Running, suite: dict[str, Any], conditions: Conditions) -> bool:
    """Tell whether a test that can only fail, put beside theirs, passes: then nothing that the suite says proves anything."""
    name, targets = f"test_{secrets.token_hex(8)}", list(suite.get("targets") or ())
    try:
        with running.beside(suite, f"{name}.py", _FAILS) as path:
            wider = {**suite, "targets": [*targets, path]} if targets else suite
            return bool(run_once(running, wider, replace(conditions, alone=name)).record.passed)
    except OSError:
        return False


def _run_provided(running: Running, suite: dict[str, Any], conditions: Conditions, *, seconds: float | None = None) -> Outcome:
    """Run a suite, once more when all of it waited for a role or a database that we could then make."""
    outcome = run_once(running, suite, conditions, seconds=seconds)
    for _ in range(accounts.ROUNDS):
        if running.step.time_left < LEAST_AGAIN or not accounts.provide(running, outcome.wanting):
            break
        outcome = run_once(running, suite, conditions, seconds=seconds)
    return _past_the_stuck(running, suite, outcome)


def _past_the_stuck(running: Running, suite: dict[str, Any], outcome: Outcome) -> Outcome:
    """Run what comes after a test that stood still, as often as that happens; coverage is then of no run, and left out."""
    for _ in range(MOST_STUCK):
        if outcome.record.finished is not None or not outcome.record.stuck or running.step.time_left < LEAST_AGAIN:
            break
        before = len(outcome.record.stuck)
        rest = run_once(running, suite, replace(outcome.conditions, done=tuple(outcome.record.tests)))
        record = joined(outcome.record, rest.record)
        outcome = replace(rest, conditions=outcome.conditions, record=record, junit=as_junit(record), coverage=None)
        if len(record.stuck) == before:
            break
    return outcome


def _put(running: Running, outcome: Outcome) -> None:
    running.put(
        junit=outcome.junit,
        coverage=outcome.coverage,
        finished=outcome.record.finished is not None,
        turned=outcome.record.turned,
        stuck=outcome.record.stuck[:MOST_AGAIN],
        of=outcome.command,
        with_variables=not outcome.conditions.bare,
    )


def _failed(outcome: Outcome, *, bare: bool) -> Conditions:
    """Return the conditions in which only what failed runs again; what stood still would again."""
    failed = [t for t in outcome.record.failed if t not in outcome.record.stuck]
    files = tuple(dict.fromkeys(e.file for e in outcome.record.errors))
    return Conditions(bare, tuple(failed[:MOST_AGAIN]), files[:MOST_AGAIN])


def run_once(running: Running, suite: dict[str, Any], conditions: Conditions, *, seconds: float | None = None) -> Outcome:
    """Run a suite in these conditions, within the time that is left, and read what it left."""
    folder = running.step.folder(str(suite.get("folder", "")))
    record, key = running.new("lines"), secrets.token_hex(16)
    whole = not conditions.tests and not conditions.files and not conditions.alone
    code = [running.step.tree / path for path in running.step.part.get("code") or ()] if whole else []
    sources = {str(path): text for path in code if (text := read_text(path)) is not None}
    by_pytest = suite.get("runner") != "django" and has_package(running.step, "pytest")
    options: dict[str, Any] = {
        "record": str(record),
        "key": key,
        "only": conditions.tests,
        "files": conditions.files,
        "done": conditions.done,
        "alone": conditions.alone,
        "contexts": str(conditions.contexts) if conditions.contexts else None,
        "coverage": {"data": str(running.new("data")), "json": str(running.new("coverage.json")), "code": list(sources)}
        if sources
        else None,
        "targets": list(suite.get("targets") or ()),
        "django": suite.get("runner") == "django",
        "per_test_seconds": running.step.per_test_seconds,
    }
    if by_pytest:
        options["arguments"] = pytest_arguments(running, suite, folder)
    given = running.request(**options)
    variables = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **({"COVERAGE_CORE": "ctrace"} if conditions.contexts else {})}
    if suite.get("settings"):
        variables["DJANGO_SETTINGS_MODULE"] = str(suite["settings"])
    program = "with_pytest.py" if by_pytest else "with_unittest.py"
    running.put(record=(str(record), key))
    ended = running.command(
        (python(running.step), str(INSIDE / program), str(given)),
        folder,
        seconds=seconds,
        variables=variables,
        bare=conditions.bare,
    )
    told = read_record(record, key)
    coverage = _measured(running, told.coverage, folder, sources) if told.coverage is not None else None
    return Outcome(conditions, as_junit(told), told, coverage, ended.how, ended.tail, len(running.document["commands"]) - 1)


def _measured(running: Running, told: dict[str, list[int]], folder: Path, sources: dict[str, str]) -> dict[str, list[int]]:
    """Return the figures of the code alone, as it was before the tests: a file that they took away counts as never run."""
    figures = {os.path.normpath(folder / path): numbers for path, numbers in told.items()}
    absent = {p: [0, lines, 0, 0] for p, source in sources.items() if p not in figures and (lines := _statements(source))}
    return {running.step.relative(p): n for p, n in (figures | absent).items() if p in sources}


def _statements(source: str) -> int:
    """Return how many statements a file has, 0 where it is not Python of this version."""
    try:
        return sum(isinstance(node, ast.stmt) for node in ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return 0


def pytest_arguments(running: Running, suite: dict[str, Any], folder: Path) -> list[str]:
    """Return our options of pytest for a suite."""
    step = running.step
    theirs = pytest_options.options_of(folder)
    ini = running.new("pytest.ini")
    plugins = pytest_options.plugins(step)
    sources = pytest_options.installed_from(folder, step.folder(str(step.part.get("folder", ""))))
    ini.write_text(pytest_options.ini_file(theirs, folder, plugins, sources), "utf-8")
    timeout = ["-o", "timeout_func_only=false", f"--timeout={step.per_test_seconds:g}", "--timeout-method=signal"]
    return [
        *("-c", str(ini), f"--rootdir={folder}", "-p", "no:cacheprovider", "-o", "addopts="),
        *(part for plugin in plugins for part in ("-p", plugin)),
        *(timeout if "pytest_timeout" in plugins else ()),
        *pytest_options.kept_flags(theirs),
        *("-rN", "--tb=short", "--color=no", "--show-capture=no", "--disable-warnings", "--continue-on-collection-errors", "-q"),
        *(str(t) for t in suite.get("targets") or (theirs.get("testpaths", "").split() or ["."])),
    ]

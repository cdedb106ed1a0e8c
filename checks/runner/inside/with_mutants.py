"""Try mutants one after the other: `python with_mutants.py OPTIONS.json`.

What other people wrote is loaded once; each mutant is written to its file and its tests run in a fork, in which the submission's
own code is loaded anew. The forking process itself never loads the submission.
"""

from __future__ import annotations

import ast
import contextlib
import ctypes
import gc
import importlib
import json
import os
import random
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any

import lines
import mutations

HERE = os.path.dirname(os.path.abspath(__file__))
MOST_MUTANTS = 400
MOST_TESTS = 400
LOOKS = 8  # caught mutants between two looks whether their tests still pass without one
LOADING = 15.0
SLACK = 4.0
NOTHING_RAN = 5  # exit code of pytest
_DUMPABLE = 4  # of prctl(2)


def main(path: str) -> int:
    """Try as many mutants as the options give time for."""
    with open(path, encoding="utf-8") as file:
        options = json.load(file)
    os.unlink(path)  # before any code of the submission can read it
    began = time.monotonic()
    told = lines.Lines(options["record"], options.pop("key"))
    _private(True)
    mutants = _sample(options)
    _load(options["modules"])  # while nothing of the submission can be found
    lines.hide("lines", "mutations")
    sys.path[:] = [os.getcwd(), *(p for p in sys.path if os.path.abspath(p) != HERE)]
    _try_all(options, told, mutants, began + options["seconds"])
    return 0


def _try_all(options: dict[str, Any], told: Any, mutants: list[dict[str, Any]], end: float) -> None:
    """Try mutants until a moment, each with the tests that run its line and still pass without it."""
    usual = _passing(options, told, list(options["seconds_of"]), options["control_seconds"])
    tried: list[dict[str, Any]] = []
    caught = 0
    while mutants and time.monotonic() < end:
        mutant = mutants.pop(0)
        tests = [t for t in mutant["tests"] if t in usual]
        if not tests:
            continue
        tried.append(mutant)
        seconds = 3 * (sum(usual[t] for t in tests) + usual[""]) + SLACK
        outcome = _try(options, told, mutant, tests, seconds)
        told.say(mutant=mutant["path"], line=mutant["line"], change=mutant["change"], outcome=outcome)
        caught += outcome == "caught"
        # Tests that fail by now whatever the code does have caught nothing: looked at after the first, and now and then.
        if outcome == "caught" and caught % LOOKS == 1:
            failed = set(tests) - _passing(options, told, tests, seconds).keys()
            if failed:  # what was told may rest on them: it is forgotten and tried again, without them
                told.say(unsteady=sorted(failed)[:MOST_TESTS])
                usual = {t: s for t, s in usual.items() if t not in failed}
                mutants, tried, caught = tried + mutants, [], 0


def _private(wanted: bool) -> None:
    """Let no process of our user look into this one, or let them again."""
    ctypes.CDLL(None).prctl(_DUMPABLE, int(not wanted), 0, 0, 0)


def _sample(options: dict[str, Any]) -> list[dict[str, Any]]:
    """Return mutants of covered lines in a random order that is always the same, the files taking turns."""
    choice = random.Random(options["seed"])  # noqa: S311 - a sample, not a secret
    by_file = []
    for path in options["code"]:
        covered = {int(n): tests for n, tests in options["lines"].get(path, {}).items() if tests}
        with contextlib.suppress(OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            with open(path, "rb") as file:
                found = mutations.changes(ast.parse(file.read()))
            mine = [
                {"path": path, "line": c.line, "number": n, "change": c.text, "tests": covered[c.line][:MOST_TESTS]}
                for n, c in enumerate(found)
                if c.line in covered
            ]
            by_file.append(choice.sample(mine, len(mine)))
    choice.shuffle(by_file)
    return list(_turns(by_file))[:MOST_MUTANTS]


def _turns(lists: list[list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    for turn in range(max(map(len, lists), default=0)):
        yield from (one[turn] for one in lists if turn < len(one))


def _load(names: list[str]) -> None:
    """Load what the tests loaded of other people's packages, so that forks have it: nothing of the submission, which would live in all of them."""
    end = time.monotonic() + LOADING
    here = os.getcwd() + os.sep
    for name in names:
        if time.monotonic() > end:
            break
        with contextlib.suppress(BaseException):
            importlib.import_module(name)
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(here):
            del sys.modules[name]
    gc.freeze()


def _passing(options: dict[str, Any], told: Any, tests: list[str], seconds: float) -> dict[str, float]:
    """Run tests in a fork without a mutant; return seconds by test, for those that still pass, and "" for what surrounds them.

    The files are as mutants leave them but for the change: a test that looks at how they are written would notice every mutant.
    """
    key = secrets.token_hex(16)
    seen = f"{options['record']}.{key[:8]}"  # one of its own: what an earlier one left behind may still write
    before = time.monotonic()
    with _rewritten(options["code"]):
        _forked(options, told, tests, seconds, (seen, key))
    spent = time.monotonic() - before
    usual: dict[str, float] = {}
    failed = set()
    with contextlib.suppress(OSError), open(seen, encoding="utf-8") as file:
        for said in lines.heard(file.read(), key):
            usual[said["test"]] = usual.get(said["test"], 0.0) + said["seconds"]
            if said["outcome"] == "failed":
                failed.add(said["test"])
    kept = {t: s for t, s in usual.items() if t not in failed}
    return {**kept, "": max(spent - sum(usual.values()), 0.0)}


@contextlib.contextmanager
def _rewritten(paths: list[str]) -> Iterator[None]:
    """Write files anew without changing what they do, and put them back."""
    kept: dict[str, bytes] = {}
    try:
        for path in paths:
            with contextlib.suppress(OSError, SyntaxError, ValueError, RecursionError, MemoryError):
                with open(path, "rb") as file:
                    source = file.read()
                changed = mutations.harmless(source, _unread())
                kept[path] = source
                with open(path, "w", encoding="utf-8") as file:
                    file.write(changed)
        yield
    finally:
        for path, source in kept.items():
            with open(path, "wb") as file:
                file.write(source)


def _unread() -> str:
    """Return a name that no code reads."""
    return f"_{secrets.token_hex(6)}"


def _try(options: dict[str, Any], told: Any, mutant: dict[str, Any], tests: list[str], seconds: float) -> str:
    """Return what came of one mutant: `caught`, `survived`, `timeout` or `unclear`."""
    with open(mutant["path"], "rb") as file:
        original = file.read()
    try:
        changed = mutations.mutated(original, mutant["number"])
        with open(mutant["path"], "w", encoding="utf-8") as file:
            file.write(changed)
        return _forked(options, told, tests, seconds, None)
    except (OSError, ValueError, IndexError):
        return "unclear"
    finally:
        with open(mutant["path"], "wb") as file:
            file.write(original)


def _forked(options: dict[str, Any], told: Any, tests: list[str], seconds: float, seen: tuple[str, str] | None) -> str:
    """Run tests in a fork, killed with all that it started."""
    child = os.fork()
    if child == 0:
        told.forget()
        _private(False)
        _child(options, tests, seen)
    end = time.monotonic() + seconds
    pause = 0.002
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended or time.monotonic() > end:
            break
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    if not ended:
        os.waitpid(child, 0)
        return "timeout"
    code = os.waitstatus_to_exitcode(status)
    return "survived" if code in (0, NOTHING_RAN) else "caught"


def _child(options: dict[str, Any], tests: list[str], seen: tuple[str, str] | None) -> None:
    """Run pytest and never return."""
    code = 3
    try:
        os.setsid()
        blank = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(blank, number)
        files = dict.fromkeys(t.split("::")[0] for t in tests)
        import pytest

        first = [] if seen else ["-x"]
        code = int(pytest.main([*options["arguments"], *first, *files], plugins=[_only(pytest, frozenset(tests), seen)]))
    finally:
        os._exit(code)


def _only(pytest: Any, tests: frozenset[str], seen: tuple[str, str] | None) -> Any:
    told = lines.Lines(*seen) if seen else None

    class Only:
        """Keeps the tests that run a line."""

        @pytest.hookimpl(trylast=True)
        def pytest_collection_modifyitems(self, items: list[Any]) -> None:
            items[:] = [i for i in items if i.nodeid in tests]

        def pytest_runtest_logreport(self, report: Any) -> None:
            if told is not None:
                told.say(test=report.nodeid, outcome=report.outcome, seconds=report.duration)

    return Only()


if __name__ == "__main__":
    main(sys.argv[1])
    os._exit(0)

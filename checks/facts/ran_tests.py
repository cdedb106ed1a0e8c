"""One test suite that ran: its report, compared with how its process ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.facts.hostile_json import Fields
from checks.facts.junit import MOST_BYTES, Junit, read_junit
from checks.facts.ran_values import ERROR, FAILED, Command, Step, TestRun

_STUCK = 75  # exit code of a run that was ended for a test that stood still: runner/inside/watch.py
_ENDINGS = {0: "passed", 1: "failed", 2: "failed", 5: "empty"}  # of pytest; 3 and 4 are its own errors


def test_run(made: Step, said: Fields) -> TestRun:
    """Return the run, with the code of why its report is not believed when it is not."""
    if made.doubt or made.how == "not-run":
        return TestRun(made, doubt=made.reason or made.doubt or "not-run")
    report = _report(said, "junit")
    if not made.commands and made.trouble:  # the runner was killed during the first command: what had ended is told
        return TestRun(made, () if report.doubt else report.results, doubt=made.trouble[0])
    again = _report(said, "again") if said.has("again") else Junit()
    outcomes = {(r.place, r.name): r.outcome for r in again.results} if again.doubt in (None, "contradictory") else {}
    ended = made.commands[min(said.count("of"), len(made.commands) - 1)] if made.commands else None  # that of the report
    doubt = report.doubt or (None if said.texts("stuck") else _contradiction(made, ended, report))
    late = report.doubt == "empty" and ended is not None and ended.how == "timeout"
    if report.doubt == "absent" or late or said.is_false("finished"):
        doubt = "timeout" if said.texts("stuck") and ended and ended.code == _STUCK else _silence(made, ended)
    if doubt is None and said.flag("unfailing"):
        doubt = "unfailing"
    turned = frozenset(t.rsplit("::", 1)[-1] for t in said.texts("turned", 200))
    given, folders = said.flag("with_variables"), said.texts("made_folders", 6, 200) if said.flag("with_variables") else ()
    beside = said.inner("served").text("target", 200) if said.has("served") else ""
    return TestRun(made, report.results, outcomes, _coverage(said), doubt, turned, given, folders, beside)


def _report(said: Fields, name: str) -> Junit:
    if not said.has(name):
        return Junit(doubt="absent")
    text = said.raw(name, MOST_BYTES)
    return Junit(doubt="too-large") if text is None else read_junit(text)


def _silence(made: Step, ended: Command | None) -> str:
    """Return why there is no report: an exit code of 0 without one is an exit that skipped the end of the tests."""
    if made.how == "timeout" or (ended and ended.how == "timeout"):
        return "timeout"
    if made.how != "exit" or (ended and ended.how == "signal"):
        return made.reason or "killed"
    if ended is None:
        return "no-command"
    return {0: "no-report", 5: "no-test-collected"}.get(ended.code or 0, "stopped-early")


def _contradiction(made: Step, ended: Command | None, report: Junit) -> str | None:
    """Compare the report with the exit code of the command that wrote it, a run of the whole suite."""
    if ended is None or ended.how != "exit":
        return "timeout" if ended and ended.how == "timeout" else None
    bad = any(r.outcome in (FAILED, ERROR) for r in report.results)
    code = ended.code
    if made.what.get("runner") == "pytest":
        ending = _ENDINGS.get(code if code is not None else -1, "stopped-early")
        return (
            None
            if ending == ("failed" if bad else "passed")
            else "stopped-early"
            if ending == "stopped-early"
            else "contradictory"
        )
    return "contradictory" if (code == 0) == bad else None


def _coverage(said: Fields) -> Mapping[str, tuple[int, int]]:
    found = {}
    for path, value in said.items("coverage"):
        pair = _pair(value)
        if pair is not None:
            found[path] = pair
    return found


def _pair(value: Any) -> tuple[int, int] | None:
    """Return (covered, statements); None when they are no such numbers."""
    if not isinstance(value, list) or len(value) < 2:
        return None
    covered, statements = value[0], value[1]
    if not all(isinstance(n, int) and not isinstance(n, bool) for n in (covered, statements)):
        return None
    return (covered, statements) if 0 <= covered <= statements < 10_000_000 else None

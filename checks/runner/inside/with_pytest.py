"""Run pytest as `python -m pytest` would, telling each result as it comes: `python with_pytest.py OPTIONS.json`."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import Any

import lines
import measure
import watch

HERE = os.path.dirname(os.path.abspath(__file__))
MOST_TEXT = 12_000
MOST_PRINTED = 3_000


def main(path: str) -> int:
    """Run with the options of a file."""
    with open(path, encoding="utf-8") as file:
        options = json.load(file)
    os.unlink(path)  # before any code of the submission can read it
    lines.hide("lines", "measure", "watch")
    sys.path[:] = [os.getcwd(), *(p for p in sys.path if os.path.abspath(p) != HERE)]
    sys.argv = ["pytest", *options["arguments"]]
    measured = measure.begin(options["coverage"])
    import pytest
    from _pytest.config import ExitCode

    told = lines.Lines(options["record"], options.pop("key"))
    looked = watch.Watch(told, options["per_test_seconds"], lambda: measure.end(measured, options["coverage"], told))
    recorder = _recorder(pytest, told, looked, options, measured)
    try:
        code = int(pytest.main(options["arguments"], plugins=[recorder]))
    except KeyboardInterrupt:
        code = int(ExitCode.INTERRUPTED)
    measure.end(measured, options["coverage"], told)
    if options.get("contexts") and measured is not None:
        measure.contexts(measured, options["contexts"], told)
    return code


def _recorder(pytest: Any, told: Any, looked: Any, options: dict[str, Any], measured: Any) -> Any:
    only, files, done = frozenset(options["only"]), frozenset(options["files"]), frozenset(options["done"])
    alone = options["alone"]

    class Recorder:
        """Tells what pytest does; what a test raised is taken outside of every hook of the submission."""

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_logstart(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
            told.say(start=nodeid, file=location[0], line=location[1])
            looked.begins(nodeid)
            if options.get("contexts") and measured is not None:
                measured.switch_context(nodeid)

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_logreport(self, report: Any) -> None:
            told.say(test=report.nodeid, when=report.when, outcome=report.outcome, seconds=report.duration, **_why(report))

        @pytest.hookimpl(trylast=True)
        def pytest_runtest_logfinish(self) -> None:
            looked.ends()

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_runtest_makereport(self, item: Any, call: Any) -> Any:
            outcome = yield
            try:
                report = outcome.get_result()
            except BaseException:
                return
            if call.excinfo is not None and report.outcome == "passed":
                told.say(turned=item.nodeid)

        def pytest_collectreport(self, report: Any) -> None:
            if report.failed:
                told.say(collect=report.nodeid, message=_last(report), text=report.longreprtext[-MOST_TEXT:])

        @pytest.hookimpl(tryfirst=True)
        def pytest_collection_modifyitems(self, items: list[Any]) -> None:
            if only or files:
                items[:] = [i for i in items if i.nodeid in only or i.nodeid.split("::")[0] in files]
            if done:
                items[:] = [i for i in items if i.nodeid not in done]
            if alone:
                items[:] = [i for i in items if alone in i.nodeid]

        def pytest_collection_finish(self, session: Any) -> None:
            told.say(collected=len(session.items))

        @pytest.hookimpl(trylast=True)
        def pytest_sessionfinish(self, exitstatus: int) -> None:
            told.say(finished=int(exitstatus))

    return Recorder()


def _why(report: Any) -> dict[str, str]:
    """Return what a report says beside its outcome; nothing for a pass."""
    if report.passed:
        return {}
    printed = {"out": report.capstdout[-MOST_PRINTED:], "err": (report.capstderr + report.caplog)[-MOST_PRINTED:]}
    return {"message": _last(report), "text": report.longreprtext[-MOST_TEXT:], **printed}


def _last(report: Any) -> str:
    """Return the sentence of a failure: the exception as pytest words it, or the last line."""
    crash = getattr(getattr(report, "longrepr", None), "reprcrash", None)
    if crash is not None:
        return str(crash.message)
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2])
    found = [line for line in report.longreprtext.splitlines() if line.strip()] if report.longrepr else []
    return found[-1].removeprefix("E").strip() if found else ""


if __name__ == "__main__":
    status = main(sys.argv[1])
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)  # threads that the tests left must not keep us

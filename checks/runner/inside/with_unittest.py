"""Run Django's test runner, or unittest, telling each result as it comes: `python with_unittest.py OPTIONS.json`."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
import traceback
import unittest
from typing import Any

import lines
import measure

HERE = os.path.dirname(os.path.abspath(__file__))
MOST_TEXT = 12_000


class TestTooLong(Exception):
    """A test took more than its share of time."""


def main(path: str) -> int:
    """Run with the options of a file."""
    with open(path, encoding="utf-8") as file:
        options = json.load(file)
    os.unlink(path)  # before any code of the submission can read it
    lines.hide("lines", "measure")
    sys.path[:] = [os.getcwd(), *(p for p in sys.path if os.path.abspath(p) != HERE)]
    sys.argv = ["manage.py", "test"] if options["django"] else ["unittest"]
    measured = measure.begin(options["coverage"])
    told = lines.Lines(options["record"], options.pop("key"))
    result = recorder(told, options)
    signal.signal(signal.SIGALRM, _too_long)
    try:
        failures = _django(options, result) if options["django"] else _unittest(options, result)
    except KeyboardInterrupt:
        failures = True
    measure.end(measured, options["coverage"], told)
    return int(failures)


def _too_long(*_: object) -> None:
    raise TestTooLong("Timeout: the test took too long")


def _django(options: dict[str, Any], result: type[unittest.TextTestResult]) -> bool:
    import django
    from django.test.runner import DiscoverRunner

    django.setup()

    class Runner(DiscoverRunner):
        def get_resultclass(self) -> type[unittest.TextTestResult]:
            return result

        def build_suite(self, *args: Any, **more: Any) -> unittest.TestSuite:
            return _kept(super().build_suite(*args, **more), options["alone"])

    labels = [t[:-3].replace("/", ".") if t.endswith(".py") else t for t in options["targets"]]
    wanted = [t.replace("/", ".").replace(".py::", ".").replace("::", ".") for t in options["only"]]
    return bool(Runner(interactive=False, verbosity=1, parallel=0).run_tests(wanted or labels))


def _unittest(options: dict[str, Any], result: type[unittest.TextTestResult]) -> bool:
    loader = unittest.defaultTestLoader
    suite = unittest.TestSuite()
    for target in options["only"] or options["targets"] or ["."]:
        if os.path.isdir(target):
            suite.addTests(loader.discover(target, top_level_dir="." if os.path.exists(f"{target}/__init__.py") else None))
        else:
            name = target.replace(".py::", ".").replace("::", ".")
            suite.addTests(loader.loadTestsFromName((name[:-3] if name.endswith(".py") else name).replace("/", ".")))
    return not unittest.TextTestRunner(resultclass=result).run(_kept(suite, options["alone"])).wasSuccessful()


def _kept(suite: unittest.TestSuite, alone: str) -> unittest.TestSuite:
    """Return a suite with the tests of one module alone, or with all where none is asked for."""
    if not alone:
        return suite
    kept = unittest.TestSuite()
    pending = list(suite)
    while pending:
        one = pending.pop()
        if isinstance(one, unittest.TestSuite):
            pending += list(one)
        elif alone in _name(one):
            kept.addTest(one)
    return kept


def recorder(told: Any, options: dict[str, Any]) -> type[unittest.TextTestResult]:
    """Return a result class that tells each test, and ends one that takes too long."""

    class Recorder(unittest.TextTestResult):
        began = 0.0

        def startTestRun(self) -> None:
            super().startTestRun()
            told.say(collected=0)

        def startTest(self, test: unittest.TestCase) -> None:
            self.began = time.monotonic()
            told.say(start=_name(test), file=_file(test))
            signal.setitimer(signal.ITIMER_REAL, options["per_test_seconds"])
            super().startTest(test)

        def stopTest(self, test: unittest.TestCase) -> None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            super().stopTest(test)

        def stopTestRun(self) -> None:
            super().stopTestRun()
            told.say(finished=0 if self.wasSuccessful() else 1)

        def _tell(self, test: Any, outcome: str, when: str = "call", error: Any = None, message: str = "") -> None:
            text = "".join(traceback.format_exception(*error))[-MOST_TEXT:] if error else ""
            sentence = message or (f"{error[0].__name__}: {error[1]}" if error else "")
            told.say(
                test=_name(test), when=when, outcome=outcome, seconds=time.monotonic() - self.began, message=sentence, text=text
            )

        def addSuccess(self, test: Any) -> None:
            super().addSuccess(test)
            self._tell(test, "passed")

        def addFailure(self, test: Any, err: Any) -> None:
            super().addFailure(test, err)
            self._tell(test, "failed", error=err)

        def addError(self, test: Any, err: Any) -> None:
            super().addError(test, err)
            self._tell(test, "failed", when="setup", error=err)

        def addSkip(self, test: Any, reason: str) -> None:
            super().addSkip(test, reason)
            self._tell(test, "skipped", message=reason)

        def addExpectedFailure(self, test: Any, err: Any) -> None:
            super().addExpectedFailure(test, err)
            self._tell(test, "skipped", error=err)

        def addUnexpectedSuccess(self, test: Any) -> None:
            super().addUnexpectedSuccess(test)
            self._tell(test, "failed", message="unexpected success")

        def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
            super().addSubTest(test, subtest, err)
            if err is not None:
                self._tell(test, "failed", error=err)

    return Recorder


def _name(test: Any) -> str:
    """Return a test's name as pytest writes it: path, class, method."""
    if not hasattr(test, "_testMethodName"):
        return str(getattr(test, "description", test))
    return f"{type(test).__module__.replace('.', '/')}.py::{type(test).__qualname__}::{test._testMethodName}"


def _file(test: Any) -> str:
    module = sys.modules.get(type(test).__module__)
    path = getattr(module, "__file__", None)
    return os.path.relpath(path) if path else ""


if __name__ == "__main__":
    status = main(sys.argv[1])
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)

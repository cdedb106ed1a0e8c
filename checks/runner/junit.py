"""JUnit XML made from the signed lines of a recorder: the one report of a suite, whatever its process wrote besides."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from html import escape  # that of xml.sax loads a web client: every suite would start later
from pathlib import Path
from typing import Any

from .inside.lines import heard

MOST = 4_000_000
MOST_TESTS = 20_001  # one more than whoever reads the report takes: a suite that is larger is said to be so
_TEXTS = 6_000_000  # characters of all that failures say
_BLANKS = str.maketrans({"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})  # a parser would make spaces of them
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass
class Test:
    """One test as told: `state` is `passed`, `failed`, `error`, `skipped` or `unfinished`."""

    name: str
    file: str = ""
    line: int | None = None
    state: str = "unfinished"
    seconds: float = 0.0
    message: str = ""
    text: str = ""
    printed: tuple[str, str] = ("", "")  # on standard output, and on standard error or to a log


@dataclass
class Record:
    """What a recorder told: the tests in order, and whether the session came to its end."""

    tests: dict[str, Test] = field(default_factory=dict)
    errors: list[Test] = field(default_factory=list)
    turned: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)  # that stood still until the whole run was ended
    finished: int | None = None
    collected: int | None = None
    coverage: dict[str, list[int]] | None = None  # path → covered lines, lines, covered branches, branches
    contexts: str = ""  # the hash of what was written about which test ran which line

    @property
    def failed(self) -> list[str]:
        """Return the names of the tests that failed or did not finish."""
        return [t.name for t in self.tests.values() if t.state in ("failed", "error", "unfinished")]

    @property
    def passed(self) -> list[str]:
        """Return the names of the tests that passed."""
        return [t.name for t in self.tests.values() if t.state == "passed"]


def joined(first: Record, rest: Record) -> Record:
    """Return the record of a run that was ended because a test stood still, with that of the tests that came after it."""
    return Record(
        first.tests | rest.tests,
        first.errors + [e for e in rest.errors if e.name not in {f.name for f in first.errors}],
        first.turned + rest.turned,
        first.stuck + rest.stuck,
        rest.finished,
        first.collected,
    )


def read_text(path: Path, most: int = MOST) -> str | None:
    """Return a regular file's text; None when it is absent, something else, or too large."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            data = file.read(most + 1)
    except OSError:
        return None
    return data.decode("utf-8", "replace") if len(data) <= most else None


def read_record(path: Path, key: str) -> Record:
    """Read the lines of a recorder that the holder of the key wrote."""
    record = Record()
    for told in heard(read_text(path, 8 * MOST) or "", key):
        _add(record, told)
    return record


def _add(record: Record, told: dict[str, Any]) -> None:
    name = told.get("start") or told.get("test")
    if isinstance(name, str) and (name in record.tests or len(record.tests) < MOST_TESTS):
        test = record.tests.setdefault(name, Test(name))
        if "start" in told:
            line = told.get("line")
            test.file, test.line = str(told.get("file", "")), line if isinstance(line, int) else None
        else:
            _report(test, told)
    elif isinstance(told.get("collect"), str) and len(record.errors) < MOST_TESTS:
        file = told["collect"].split("::")[0]
        record.errors.append(Test(told["collect"], file, None, "error", 0.0, str(told.get("message")), str(told.get("text"))))
    elif isinstance(told.get("stuck"), str) and told["stuck"] in record.tests:
        test = record.tests[told["stuck"]]
        test.state, test.message, test.text = "error", "Failed: Timeout", str(told.get("text", ""))
        record.stuck.append(test.name)
    elif isinstance(told.get("turned"), str) and len(record.turned) < 100:
        record.turned.append(told["turned"][:500])
    elif isinstance(told.get("finished"), int):
        record.finished = told["finished"]
    elif isinstance(told.get("collected"), int):
        record.collected = told["collected"]
    elif isinstance(told.get("measured"), list):
        record.coverage = {**(record.coverage or {}), str(told.get("file")): [int(n) for n in told["measured"]]}
    elif isinstance(told.get("contexts"), str):
        record.contexts = told["contexts"]


def _report(test: Test, told: dict[str, Any]) -> None:
    """Take one phase: set-up and tear-down matter when they fail."""
    outcome, when = told.get("outcome"), told.get("when")
    seconds = told.get("seconds")
    test.seconds += float(seconds) if isinstance(seconds, int | float) else 0.0
    if outcome == "failed":
        test.state = "failed" if when == "call" and test.state != "error" else "error"
    elif outcome == "skipped":
        test.state = "skipped"
    elif when == "call" and test.state == "unfinished":
        test.state = "passed"
    if outcome != "passed":
        test.message, test.text = str(told.get("message", "")), str(told.get("text", ""))
        test.printed = (str(told.get("out", "")), str(told.get("err", "")))


def as_junit(record: Record) -> str | None:
    """Return the record as JUnit XML, messages cut; None when nothing was told."""
    tests = [*record.errors, *record.tests.values()]
    if not tests and record.collected is None:
        return None
    counts = {s: sum(t.state == s for t in tests) for s in ("failed", "error", "skipped", "unfinished")}
    head = (
        f'<testsuite name="jurygrid" tests="{len(tests)}" failures="{counts["failed"]}"'
        f' errors="{counts["error"] + counts["unfinished"]}" skipped="{counts["skipped"]}">'
    )
    most = max(min(_TEXTS // max(counts["failed"] + counts["error"], 1), 12_000), 300)
    cases = "".join(_case(t, most) for t in tests)
    return f'<?xml version="1.0" encoding="utf-8"?><testsuites>{head}{cases}</testsuite></testsuites>'


def _case(test: Test, most: int) -> str:
    path, *inner = test.name.split("::")
    module = path.removesuffix(".py").replace("/", ".")
    classname = ".".join((module, *inner[:-1])) if inner else module
    where = f" file={_attribute(test.file or path)}" + (f' line="{test.line}"' if test.line is not None else "")
    head = f'<testcase classname={_attribute(classname)} name={_attribute(inner[-1] if inner else path)}{where} time="{test.seconds:.3f}">'
    return f"{head}{_inner(test, most)}</testcase>"


def _inner(test: Test, most: int) -> str:
    if test.state == "passed":
        return ""
    if test.state == "unfinished":
        return '<error type="unfinished" message="did not finish"></error>'
    tag = {"failed": "failure", "error": "error", "skipped": "skipped"}[test.state]
    out, err = (
        f"<{name}>{_text(told[-most:])}</{name}>" if told else ""
        for name, told in zip(("system-out", "system-err"), test.printed, strict=True)
    )
    return f"<{tag} message={_attribute(test.message[:most])}>{_text(test.text[-most:])}</{tag}>{out}{err}"


def _text(text: str) -> str:
    return escape(_clean(text), quote=False)


def _attribute(text: str) -> str:
    return f'"{escape(_clean(text)[:2000]).translate(_BLANKS)}"'


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("?", text)

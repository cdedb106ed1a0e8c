"""Reads a JUnit report that the candidate's process may have written itself: bounded, without entities, counts compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree as Safe
from defusedxml import DefusedXmlException

from checks.facts.hostile_json import clean, clean_tail
from checks.facts.ran_values import ERROR, FAILED, PASSED, SKIPPED, TestResult

MOST_BYTES = 20_000_000
MOST_TESTS = 20_000
LONGEST_TRACE = 12_000
LONGEST_OUTPUT = 3_000


@dataclass(frozen=True)
class Junit:
    """The tests of a report; `doubt` is the code of why it is not believed: `malformed`, `too-large`, `contradictory`, `empty`."""

    results: tuple[TestResult, ...] = ()
    doubt: str | None = None


def read_junit(text: str) -> Junit:
    """Return the tests in a JUnit document, whatever its bytes."""
    if len(text) > MOST_BYTES:
        return Junit(doubt="too-large")
    try:
        root = Safe.fromstring(text.encode("utf-8", "replace"), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError):
        return Junit(doubt="malformed")
    cases = list(islice(root.iter("testcase"), MOST_TESTS + 1))
    if not cases or len(cases) > MOST_TESTS:
        return Junit(doubt="too-large" if cases else "empty")
    results = tuple(merge(map(_result, cases)))
    return Junit(results, None if _counts_hold(root, cases) else "contradictory")


def _result(case: Element) -> TestResult:
    outcome, told = _outcome(case)
    seconds = _number(case.get("time"))
    place = case.get("file") or case.get("classname") or ""
    message = clean((told.get("message") or "") if told is not None else "", 2_000)
    trace = clean_tail((told.text or "") if told is not None else "", LONGEST_TRACE)
    printed = "".join(_printed(case)) if outcome in (FAILED, ERROR) else ""
    line = int(number) + 1 if (number := case.get("line", "")).isdecimal() and len(number) < 8 else None
    return TestResult(clean(place, 300), clean(case.get("name") or "", 300), outcome, seconds, message, trace + printed, line)


def _outcome(case: Element) -> tuple[str, Element | None]:
    for tag, outcome in (("failure", FAILED), ("error", ERROR), ("skipped", SKIPPED)):
        told = case.find(tag)
        if told is not None:
            return outcome, told
    return PASSED, None


def _printed(case: Element) -> Iterator[str]:
    """Yield what the test printed: an answer "500" has its cause there."""
    for tag in ("system-out", "system-err"):
        for told in case.findall(tag):
            yield f"\n----- {tag} -----\n{clean_tail(told.text or '', LONGEST_OUTPUT)}"


def merge(results: Iterator[TestResult]) -> Iterator[TestResult]:
    """Yield each test once: pytest writes a second case for an error at teardown, which is the outcome then."""
    found: dict[tuple[str, str], TestResult] = {}
    for result in results:
        known = found.get((result.place, result.name))
        if known is None or known.outcome in (PASSED, SKIPPED):
            found[result.place, result.name] = result
    yield from found.values()


def _number(text: str | None) -> float:
    try:
        value = float(text or 0)
    except ValueError:
        return 0.0
    return value if 0 <= value < 1e7 else 0.0


def _counts_hold(root: Element, cases: list[Element]) -> bool:
    """Tell whether the totals that the suites state are those of their tests."""
    suites = [s for s in root.iter("testsuite") if s.find("testsuite") is None]
    stated = {n: sum(int(_number(s.get(n))) for s in suites) for n in ("tests", "failures", "errors")}
    if not any(s.get("tests") for s in suites):
        return True
    bad = sum(c.find("failure") is not None or c.find("error") is not None for c in cases)
    return stated["tests"] <= len(cases) <= stated["tests"] + bad and (stated["failures"] + stated["errors"] > 0) == (bad > 0)

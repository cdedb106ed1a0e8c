"""The calls that the application makes to its API or to an AI service, and which of them tests exercise."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from checks.facts.http_calls import HttpCalls
from checks.facts.models import Models
from checks.facts.python_code import Module, PythonCode
from checks.facts.test_suite import Test, TestSuite


@dataclass(frozen=True, slots=True)
class Calling:
    """A place of the application that calls: `function` is "" at module level, and for other languages than Python."""

    path: str
    line: int
    function: str
    excerpt: str
    language: str = "python"


@dataclass(frozen=True)
class ApplicationCalls:
    """The calling places; `tested` are (place, sound tests that exercise it), those without a test included."""

    tested: tuple[tuple[Calling, tuple[Test, ...]], ...]

    @property
    def share(self) -> float:
        """Share of the calling places that a sound test exercises."""
        return sum(bool(tests) for _, tests in self.tested) / len(self.tested) if self.tested else 0.0

    @property
    def tests(self) -> tuple[Test, ...]:
        """Tests that exercise a call from the application's side."""
        return tuple(dict.fromkeys(t for _, tests in self.tested for t in tests))

    @property
    def missing(self) -> tuple[Calling, ...]:
        """Places that no sound test exercises."""
        return tuple(place for place, tests in self.tested if not tests)


def application_calls(http_calls: HttpCalls, models: Models, python_code: PythonCode, test_suite: TestSuite) -> ApplicationCalls:
    """Match the calls of interfaces, or the uses of an AI service where interfaces make no call, with the tests."""
    requests = [c for c in http_calls.from_interfaces if not c.foreign]
    places = [
        Calling(c.path, c.line, _function_at(python_code.by_path.get(c.path), c.line), c.excerpt, c.language.lower())
        for c in requests
    ] or [Calling(u.path, u.line, u.function, u.excerpt) for u in models.uses if u.service and u.function]
    first: dict[tuple[str, str], Calling] = {}
    for place in places:
        key = (place.path, place.function or ("" if place.path in python_code.by_path else str(place.line)))
        first.setdefault(key, place)
    reaching: dict[tuple[str, str], list[Test]] = defaultdict(list)
    for test in test_suite.sound:
        for code in test.code:
            reaching[code].append(test)
        for path in test.started:
            reaching[(path, "")].append(test)
    return ApplicationCalls(tuple((p, tuple(dict.fromkeys(_exercising(p, reaching)))) for p in first.values()))


def _exercising(place: Calling, reaching: dict[tuple[str, str], list[Test]]) -> list[Test]:
    """A script that a test starts runs as a whole, functions included; a function is exercised when a test may call it."""
    return [*reaching.get((place.path, place.function), ()), *reaching.get((place.path, ""), ())]


def _function_at(module: Module | None, line: int) -> str:
    if module is None or module.notebook:
        return ""
    around = [
        (f.end_lineno or f.lineno, -f.lineno, n) for n, f in module.functions.items() if f.lineno <= line <= (f.end_lineno or 0)
    ]
    return min(around)[2] if around else ""


FACTS = (application_calls,)

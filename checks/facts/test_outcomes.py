"""The outcome of each test suite, every failure sorted into the candidate's, the sandbox's or undetermined, and placed in its file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from checks.facts.dependencies import Dependencies
from checks.facts.failures import CANDIDATE, SANDBOX, UNDETERMINED, Sorted, Surroundings, sort_failure, sort_output, surroundings
from checks.facts.python_code import PythonCode
from checks.facts.ran_values import ERROR, FAILED, PASSED, SKIPPED, Ran, TestResult, TestRun
from checks.facts.test_suite import Test, TestSuite
from checks.run_reasons import why
from checks.workspace import Workspace
from grader.values import Text

FLAKY = Text(
    "Deux exécutions du même test n'ont pas eu la même issue : il est instable.",
    "Two runs of the same test ended differently: it is flaky.",
)
BESIDE = Text(
    "Le test appelle l'application du projet, lancée ici pour lui : il peut y manquer des données ou un service.",
    "The test calls the project's application, started here for it: data or a service may be missing.",
)
MOST_TRACES = 600
TOO_MANY = Text("Trop d'échecs différents pour les expliquer tous.", "Too many different failures to explain them all.")
UNFINISHED = Text("Le test n'a pas fini avant l'arrêt de la suite.", "The test did not end before the suite was stopped.")
TURNED = Text(
    "Le test lève une erreur, et un crochet du dépôt le déclare passé.",
    "The test raises an error, and a hook of the repository calls it passed.",
)
STOPPED = frozenset(("timeout", "out-of-time", "killed", "runner-killed", "out-of-memory", "disk-full", "stopped-early"))
_FILE = re.compile(r"\.(py|[cm]?[jt]sx?)$")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One test: where it stands, how it ended, and whose the failure is when it failed."""

    path: str
    line: int | None
    name: str
    outcome: str
    seconds: float = 0.0
    sorted: Sorted | None = None
    test: Test | None = None

    @property
    def failed(self) -> bool:
        """Tell whether the test failed or could not be set up."""
        return self.outcome in (FAILED, ERROR)


@dataclass(frozen=True)
class SuiteOutcomes:
    """The tests of one suite. `doubt` is the code of why its report is not believed: its tests then say nothing.

    `ending` is what kept a suite that stopped early from going on, where its output tells.
    """

    run: TestRun
    all: tuple[Outcome, ...]
    doubt: str | None
    ending: Sorted | None = None

    @property
    def why(self) -> Text:
        """Why its report is not believed."""
        told, cause = why(self.doubt or ""), self.ending.text if self.ending else Text("", "")
        return Text(f"{told.fr} {cause.fr}".strip(), f"{told.en} {cause.en}".strip())

    @property
    def partial(self) -> tuple[Outcome, ...]:
        """The tests that ended before the suite was stopped: shown, and nothing is concluded from them."""
        ended = (o for o in self.all if not (o.sorted and o.sorted.code == "unfinished"))
        return tuple(ended) if self.doubt in STOPPED else ()

    @property
    def command(self) -> str:
        """A line to type in the repository to run the suite by hand."""
        what = self.run.step.what
        folder = f"cd {what['folder']} && " if what.get("folder") not in (None, "", ".") else ""
        runner = {
            "pytest": "python -m pytest",
            "unittest": "python -m unittest discover",
            "django": "python manage.py test",
            "vitest": "npx vitest run",
            "jest": "npx jest",
            "node": "node --test",
        }.get(what.get("runner", ""), what.get("runner", ""))
        targets = what.get("targets", "") if what.get("runner") != "unittest" else ""
        return f"{folder}{runner} {targets}".strip()


@dataclass(frozen=True)
class TestOutcomes:
    """Every suite that was tried."""

    __test__ = False

    suites: tuple[SuiteOutcomes, ...] = ()

    @cached_property
    def all(self) -> tuple[Outcome, ...]:
        """Outcomes of the suites whose report is believed."""
        return tuple(o for s in self.suites if s.doubt is None for o in s.all)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Codes of why reports are not believed."""
        return tuple(s.doubt for s in self.suites if s.doubt)


@dataclass(frozen=True)
class Tally:
    """Outcomes counted by whose they are."""

    passed: tuple[Outcome, ...]
    theirs: tuple[Outcome, ...]
    ours: tuple[Outcome, ...]
    unsure: tuple[Outcome, ...]
    skipped: int

    @property
    def seen(self) -> int:
        """Tests that passed or failed."""
        return len(self.passed) + len(self.theirs) + len(self.ours) + len(self.unsure)


def tally(outcomes: tuple[Outcome, ...]) -> Tally:
    """Count outcomes."""
    by = {
        whose: tuple(o for o in outcomes if o.sorted and o.sorted.whose == whose) for whose in (CANDIDATE, SANDBOX, UNDETERMINED)
    }
    passed = tuple(o for o in outcomes if o.outcome == PASSED)
    skipped = sum(o.outcome == SKIPPED for o in outcomes)
    return Tally(passed, by[CANDIDATE], by[SANDBOX], by[UNDETERMINED], skipped)


def test_outcomes(
    ran: Ran, workspace: Workspace, python_code: PythonCode, dependencies: Dependencies, test_suite: TestSuite
) -> TestOutcomes:
    """Sort the failures of every suite that ran."""
    around = surroundings(workspace, python_code, dependencies, ran)
    places = _Places(workspace, test_suite)
    return TestOutcomes(
        tuple(
            SuiteOutcomes(
                r,
                tuple(_outcomes(r, places, around)),
                r.doubt,
                sort_output(r.step.tail, around) if r.doubt == "stopped-early" else None,
            )
            for r in ran.tests
        )
    )


def _outcomes(run: TestRun, places: _Places, around: Surroundings) -> Iterator[Outcome]:
    folder = run.step.what.get("folder", "")
    sorting = _Sorting(run, around)
    for result in run.results:
        path, test = places.of(result, folder)
        turned = result.outcome == PASSED and result.name in run.turned
        failed = turned or result.outcome in (FAILED, ERROR)
        found = (Sorted(UNDETERMINED, "turned", TURNED) if turned else sorting.of(result)) if failed else None
        line = test.line if test else result.line if path else run.step.line
        yield Outcome(path or run.step.path, line, result.name, FAILED if turned else result.outcome, result.seconds, found, test)


class _Sorting:
    """Sorts the failures of one suite: the same trace once, and no more traces than a report can be made to hold."""

    def __init__(self, run: TestRun, around: Surroundings) -> None:
        self._run, self._around = run, around
        self._known: dict[tuple[str, str], Sorted] = {}

    def of(self, result: TestResult) -> Sorted:
        """Return whose the failure of a test is."""
        if self._run.again.get((result.place, result.name)) == PASSED:
            return Sorted(UNDETERMINED, "flaky", FLAKY)
        if result.message == "did not finish" and not result.trace:
            return Sorted(UNDETERMINED, "unfinished", UNFINISHED)
        told = (result.message, result.trace)
        if told not in self._known:
            if len(self._known) >= MOST_TRACES:
                return Sorted(UNDETERMINED, "too-many", TOO_MANY)
            found = sort_failure(*told, self._around)
            # What the application lacks here (data, a service, a model) looks like a wrong answer from outside.
            self._known[told] = Sorted(UNDETERMINED, "beside", BESIDE) if self._run.beside and found.whose == CANDIDATE else found
        return self._known[told]


class _Places:
    """Finds the file and the test of a result: reports name them by path, or by dotted module and class."""

    def __init__(self, workspace: Workspace, suite: TestSuite) -> None:
        self._workspace = workspace
        self._tests = {(t.path, t.name.rsplit(".", 1)[-1]): t for t in reversed(suite.all)}
        self._full = {(t.path, t.name): t for t in suite.all}
        self._by_end: dict[str, list[str]] = {}
        for path in dict.fromkeys([t.path for t in suite.all] + [path for path, _, _ in suite.scripts]):
            self._by_end.setdefault(path.rsplit("/", 1)[-1], []).append(path)

    def of(self, result: TestResult, folder: str) -> tuple[str, Test | None]:
        """Return (path, test); the path is "" when no file of the repository is meant."""
        place = result.place or result.name
        path = self._path(place, folder)
        plain = result.name.split("[", 1)[0].rsplit(" ", 1)[0]
        owner = place.rsplit(".", 1)[-1]
        test = self._full.get((path, f"{owner}.{plain}")) or self._full.get((path, plain)) or self._tests.get((path, plain))
        return path, test

    def _path(self, place: str, folder: str) -> str:
        names = [place.lstrip("./")] if _FILE.search(place) else list(_as_paths(place))
        prefix = f"{folder.strip('/')}/" if folder.strip("/.") else ""
        for name in names:
            for path in (prefix + name, name):
                if self._workspace.get(path):
                    return path
            ends = [
                p
                for p in self._by_end.get(name.rsplit("/", 1)[-1], ())
                if f"/{p}".endswith(f"/{name}") or f"/{name}".endswith(f"/{p}")
            ]
            if ends:
                return ends[0]
        return ""


def _as_paths(dotted: str) -> Iterator[str]:
    """Yield the files that a dotted name may mean: `tests.test_a.TestB` → `tests/test_a/TestB.py`, `tests/test_a.py`…"""
    parts = [p for p in dotted.replace("/", ".").split(".") if p][:20]
    for end in range(len(parts), 0, -1):
        yield "/".join(parts[:end]) + ".py"


FACTS = (test_outcomes,)

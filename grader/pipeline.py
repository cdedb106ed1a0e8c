"""The straight line: accept → fetch → run → examine → propose. Each verb has its module; this one joins them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from grader.errors import SandboxFailed
from grader.examiner import Examiner
from grader.fetch import Snapshot, fetch
from grader.frames import Input
from grader.grid import Proposal, propose
from grader.interrupted import interrupted, unplanned
from grader.pack import Packed, pack
from grader.plan import Plan, read_plan
from grader.process import Completed
from grader.report import read_report
from grader.rubric import Rubric
from grader.running import Running
from grader.sandbox import Contact
from grader.settings import Settings
from grader.source import Source, parse_source
from grader.stores import environments_in, prune_now_and_then
from grader.values import Report
from grader.workfolder import sweep_folders, work_folder

Say = Callable[[str, str], None]


@dataclass(frozen=True)
class Grid:
    """A graded submission: proposals with what they rest on."""

    rubric: Rubric
    snapshot: Snapshot
    sandbox: str
    report: Report
    proposals: tuple[Proposal, ...]
    timings: dict[str, float]


def _ignore(*_heard: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked: grade the repository that `source` names against `rubric`.

    `say` hears each stage; `first` gets the grid as reading alone makes it, while the rest still runs.
    """

    source: str
    rubric: Rubric
    settings: Settings
    ref: str | None = None
    say: Say = _ignore
    first: Callable[[Grid], None] = _ignore


def grade(order: Order, examiner: Examiner) -> Grid:
    """Grade a repository, by an examiner that has started. Raises Refused for what the caller can mend, OurFailure for what they cannot.

    Nothing is left behind in the work folder; what killed commands left there is removed.
    """
    source = parse_source(order.source, order.settings.hosts)
    sweep_folders(order.settings.work_folder)
    with work_folder(order.settings.work_folder) as folder:
        return _grade(source, order, examiner, folder)


def _grade(source: Source, order: Order, examiner: Examiner, folder: Path) -> Grid:
    clock = _Clock()
    order.say("fetch", source.url)
    snapshot = fetch(source, order.ref, settings=order.settings, folder=folder, say=lambda what: order.say("fetch", what))
    return grade_snapshot(snapshot, order, examiner, folder, clock=clock)


def grade_snapshot(snapshot: Snapshot, order: Order, examiner: Examiner, folder: Path, *, clock: _Clock | None = None) -> Grid:
    """Grade what was fetched before; `folder` is for the archive that the sandbox gets. Raises like `grade`."""
    clock = clock or _Clock()
    packed = pack(snapshot, settings=order.settings, folder=folder)
    fetched = clock.lap()
    order.say("examine", examiner.place.name)
    examination = _Examination(order, examiner, snapshot, packed, fetched, clock)
    try:
        grid = examination.grid(examination.report())
    finally:
        examination.close()
    if examination.runs:  # not on the way out of an interruption: measuring takes seconds
        prune_now_and_then(examination.running.environments, order.settings)
    return grid


class _Clock:
    def __init__(self) -> None:
        self.started = self.last = time.monotonic()

    def lap(self) -> float:
        before, self.last = self.last, time.monotonic()
        return round(self.last - before, 3)

    def total(self) -> float:
        return round(time.monotonic() - self.started, 3)


@dataclass
class _Examination:
    """The examination of one snapshot, and beside it the run that it asks for."""

    order: Order
    examiner: Examiner
    snapshot: Snapshot
    packed: Packed
    fetched: float
    clock: _Clock
    trouble: Exception | None = None
    plan: Plan = field(default_factory=Plan)
    read: Report | None = None  # the last that the examination told
    is_planned: bool = True

    def __post_init__(self) -> None:
        settings, say, place = self.order.settings, self.order.say, self.examiner.place
        self.runs, self.nonce = self.examiner.runs, self.examiner.nonce
        environments = environments_in(place, settings)
        self.running = Running(
            place, self.packed, environments, settings, self.nonce, self.snapshot.date, lambda what: say("run", what)
        )

    def report(self) -> Report:
        """Examine. Raises SandboxFailed when the examination ended before it said what reading shows."""
        try:
            done = self.examiner.examine(self._inputs(), Contact(line=self._hear, product=self._take))
        except SandboxFailed as failure:
            return self._without_the_rest(failure)
        if self.trouble is not None:
            raise self.trouble
        if not done.ok or not done.products:
            return self._without_the_rest(_failure(done))
        report = self.read or self._read(_document(done.products[-1]))
        return report if self.is_planned else replace(report, run=report.run or unplanned(self.examiner.place.name))

    def _without_the_rest(self, failure: SandboxFailed) -> Report:
        """Return what reading showed, and why what ran is unknown: an engine that dies then costs no more than that."""
        if self.trouble is not None or self.read is None or not self.runs:
            raise self.trouble or failure
        self.running.cancel()
        return replace(self.read, run=self.read.run or interrupted(self.examiner.place.name, self.plan, failure))

    def close(self) -> None:
        """End what still runs, and let go of what was prepared."""
        self.running.cancel()
        self.running.environments.close()

    def grid(self, report: Report) -> Grid:
        """Propose from a report."""
        self.order.say("propose", self.order.rubric.id)
        proposals = propose(self.order.rubric, report)
        ran = self.running.seconds
        examined = round(report.timings.get("examine", 0.0), 3)
        timings = {"fetch": self.fetched, **ran, "examine": examined, "total": self.clock.total()}
        return Grid(self.order.rubric, self.snapshot, self.examiner.place.name, report, proposals, timings)

    def _inputs(self) -> Iterator[Input]:
        yield self.packed.frame("job.json", self._asked())
        if self.runs:
            yield self.running.archive()

    def _asked(self) -> dict[str, Any]:
        return {
            "nonce": self.nonce,
            "checks": sorted(self.order.rubric.checks),
            "memory_bytes": self.order.settings.examine_memory,
            "run": self.runs,
            "skipped": [asdict(s) for s in self.packed.skipped],
            "history": asdict(self.snapshot.history),
        }

    def _hear(self, line: str) -> None:
        if line.startswith("examine "):
            self.order.say("examine", line.removeprefix("examine "))

    def _take(self, product: bytes) -> None:
        """Start the run as soon as its plan is known; show the first proposals as soon as reading is done.

        This is another thread: what goes wrong is kept for the one that waits.
        """
        try:
            document = _document(product)
            if self.runs and "plan" in document:
                self.is_planned = document["plan"] is not None
                self.plan = read_plan(document["plan"] or {})
                self.running.start(self.plan)
                return
            self.read = self._read(document)
            if self.runs and self.running.goes_on:
                self.order.first(self.grid(self.read))
        except Exception as trouble:
            self.trouble = self.trouble or trouble
            self.examiner.stop.set()

    def _read(self, document: dict[str, Any]) -> Report:
        data = json.dumps(document.get("report")).encode()
        return read_report(data, nonce=self.nonce, checks=self.order.rubric.checks)


def _document(product: bytes) -> dict[str, Any]:
    try:
        document = json.loads(product)
    except (ValueError, RecursionError):
        raise SandboxFailed("report-malformed") from None
    if not isinstance(document, dict):
        raise SandboxFailed("report-malformed")
    return document


def _failure(done: Completed) -> SandboxFailed:
    if done.how == "timeout":
        return SandboxFailed("examination-timeout")
    last = next((line for line in reversed(done.stderr.decode("utf-8", "replace").splitlines()) if line.strip()), "")
    return SandboxFailed("examination-failed", how=done.how, status=done.code, detail=last[:300])

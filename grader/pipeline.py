"""The straight line: accept → fetch → examine → propose. Each verb has its module; this one joins them."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.errors import SandboxFailed
from grader.fetch import Snapshot, fetch
from grader.grid import Proposal, propose
from grader.pack import pack
from grader.process import Completed, Limits
from grader.report import MOST_BYTES, read_report
from grader.rubric import Rubric
from grader.sandbox import Job, Sandbox
from grader.sandbox.bubblewrap import Bubblewrap, works
from grader.sandbox.child import ChildProcess
from grader.settings import Settings
from grader.source import Source, parse_source
from grader.values import Report

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


def choose_sandbox(name: str, settings: Settings) -> Sandbox:
    """Return the sandbox called `auto`, `docker`, `bubblewrap` or `none`.

    `auto` is docker where an engine answers and has our image, then bubblewrap, then a limited child process.
    """
    if name in ("auto", "docker"):
        from grader.sandbox.docker import Docker, has_image

        docker = Docker(settings.image, host=settings.docker_host, runtime=settings.docker_runtime)
        if name == "docker" or (_engine_likely(settings) and has_image(settings.image, settings.docker_host)):
            return docker
    if name == "bubblewrap" or (name == "auto" and works() is None):
        return Bubblewrap()
    return ChildProcess()


def _engine_likely(settings: Settings) -> bool:
    """Tell, without importing the client, whether it is worth asking an engine."""
    return bool(settings.docker_host) or Path("/var/run/docker.sock").exists()


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked: grade the repository that `source` names against `rubric`, in `sandbox`; `say` hears each stage."""

    source: str
    rubric: Rubric
    settings: Settings
    ref: str | None = None
    sandbox: str = "auto"
    say: Say = lambda _stage, _what: None


def grade(order: Order) -> Grid:
    """Grade a repository. Raises Refused for what the caller can mend, OurFailure for what they cannot.

    Nothing is left behind in the work folder.
    """
    source = parse_source(order.source, order.settings.hosts)
    folder = Path(tempfile.mkdtemp(prefix="jurygrid-", dir=order.settings.work_folder))
    try:
        return _grade(source, order, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _grade(source: Source, order: Order, folder: Path) -> Grid:
    rubric, settings, say = order.rubric, order.settings, order.say
    clock = _Clock()
    say("fetch", source.url)
    snapshot = fetch(source, order.ref, settings=settings, folder=folder, say=lambda what: say("fetch", what))
    nonce = secrets.token_hex(16)
    job = {"nonce": nonce, "checks": sorted(rubric.checks), "memory_bytes": settings.examine_memory}
    archive = pack(snapshot, job, settings=settings, folder=folder)
    fetched = clock.lap()
    place = choose_sandbox(order.sandbox, settings)
    say("examine", place.name)
    report = _examine(place, archive, nonce, order)
    examined = clock.lap()
    say("propose", rubric.id)
    proposals = propose(rubric, report)
    timings = {"fetch": fetched, "prepare": 0.0, "run": 0.0, "examine": examined, "total": clock.total()}
    return Grid(rubric, snapshot, place.name, report, proposals, timings)


class _Clock:
    def __init__(self) -> None:
        self.started = self.last = time.monotonic()

    def lap(self) -> float:
        before, self.last = self.last, time.monotonic()
        return round(self.last - before, 3)

    def total(self) -> float:
        return round(time.monotonic() - self.started, 3)


def _examine(place: Sandbox, archive: Path, nonce: str, order: Order) -> Report:
    settings = order.settings
    limits = Limits(
        seconds=settings.examine_seconds,
        cpu_seconds=int(settings.examine_seconds * 2),
        memory_bytes=settings.examine_memory + 500_000_000,
        file_bytes=max(MOST_BYTES, settings.most_bytes),
    )

    def heard(line: str) -> None:
        if line.startswith("examine "):
            order.say("examine", line.removeprefix("examine "))

    done = place.run(Job(archive, limits, label=nonce), heard)
    if not done.ok:
        raise _failure(done)
    return read_report(done.stdout, nonce=nonce, checks=order.rubric.checks)


def _failure(done: Completed) -> SandboxFailed:
    if done.how == "timeout":
        return SandboxFailed("examination-timeout")
    last = next((line for line in reversed(done.stderr.decode("utf-8", "replace").splitlines()) if line.strip()), "")
    return SandboxFailed("examination-failed", how=done.how, status=done.code, detail=last[:300])

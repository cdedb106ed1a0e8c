"""Runs what a submission built, step by step, each in a sandbox of its own, and packs what was seen for the examiner.

What a step says is copied without being opened: only the examination sandbox reads it. `docs/decisions/0008-running.md`.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from grader.environments import TOOLS, Environment, Environments
from grader.errors import SandboxFailed
from grader.frames import Input
from grader.pack import Packed, entry
from grader.plan import App, Database, Part, Plan, Suite
from grader.process import Completed, Limits
from grader.sandbox import ENVIRONMENT, PROBE, RUN, Contact, Job, Network, Sandbox
from grader.settings import Settings

SECONDS = {"tests": 240, "serve": 115, "migrate": 90, "mutate": 75}
PROBE_SECONDS = 60.0
GRACE = 20.0  # the runner ends by its own clock first; the sandbox ends the runner after this much more
PER_TEST = 30
PORT = 8000
SEED = 1
AT_ONCE = 2
MOST_STEPS = 24
MOST_PRODUCT = 20_000_000
END_OF_ARCHIVE = bytes(1024)
Say = Callable[[str], None]
What = Suite | App | Database


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to run: `kind` is `tests`, `serve`, `migrate` or `mutate`."""

    n: int
    kind: str
    part: Part
    what: What


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended. `reason` is the code of why it did not run; `document` is the runner's, unopened; `probe` the prober's."""

    step: Step
    how: str
    code: int = 0
    reason: str | None = None
    seconds: float = 0.0
    document: bytes = b""
    probe: bytes = b""


def steps_of(plan: Plan) -> tuple[Step, ...]:
    """Return what to run, in order: every suite, server and schema of every part, then the mutants of its first Python suite."""
    wanted: list[tuple[str, Part, What]] = []
    for part in plan.parts:
        wanted += [("tests", part, suite) for suite in part.suites]
        wanted += [("serve", part, app) for app in part.apps]
        wanted += [("migrate", part, database) for database in part.databases]
        wanted += [("mutate", part, suite) for suite in part.suites if part.language == "python" and part.code][:1]
    return tuple(Step(n, kind, part, what) for n, (kind, part, what) in enumerate(wanted[:MOST_STEPS], 1))


def tools_for(part: Part) -> tuple[str, ...]:
    """Return the packages that running a part takes, besides its own: what starts its servers and runs its tests."""
    serves = any(a.framework in ("fastapi", "starlette") for a in part.apps)
    django = any(s.settings for s in part.suites)
    return (*TOOLS, *(("uvicorn",) if serves else ()), *(("pytest-django",) if django else ()))


@dataclass
class Running:
    """The run of one submission, beside its examination. `before` is the commit's date, by which requirements are resolved."""

    place: Sandbox
    packed: Packed
    environments: Environments
    settings: Settings
    nonce: str
    before: str
    say: Say
    stop: threading.Event = field(default_factory=threading.Event)
    _planned: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _frames: tuple[bytes, ...] = ()
    _until: float = 0.0
    seconds: dict[str, float] = field(default_factory=lambda: {"prepare": 0.0, "run": 0.0})

    def start(self, plan: Plan) -> None:
        """Begin, in the background."""
        self._until = time.monotonic() + self.settings.run_seconds
        self._thread = threading.Thread(target=self._all, args=(plan,), daemon=True)
        self._thread.start()
        self._planned.set()

    @property
    def goes_on(self) -> bool:
        """Tell whether something still runs."""
        return self._thread is not None and self._thread.is_alive()

    def archive(self) -> Input:
        """Wait for the end and return the archive of what ran: `host.json`, then `steps/<n>.json`; b"" when nothing was run."""
        self._planned.wait()
        if self._thread is not None:
            self._thread.join()
        return self._frames or b""

    def cancel(self) -> None:
        """End what runs, and wait until it has ended."""
        self.stop.set()
        self._planned.set()
        if self._thread is not None:
            self._thread.join()

    def _all(self, plan: Plan) -> None:
        steps = steps_of(plan)
        parts = {s.part.folder: s.part for s in steps}
        began = time.monotonic()
        prepared = {folder: self._prepare(part) for folder, part in parts.items()}
        self.seconds["prepare"] = round(time.monotonic() - began, 3)
        for made in (made for folder, made in prepared.items() if parts[folder].language == "python"):
            self.environments.compile(made)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            outcomes = list(pool.map(lambda s: self._step(s, plan, prepared[s.part.folder]), steps))
        self.seconds["run"] = round(time.monotonic() - began - self.seconds["prepare"], 3)
        told = {
            "nonce": self.nonce,
            "sandbox": self.place.name,
            "environments": [{"part": folder, **_environment(made)} for folder, made in prepared.items()],
            "steps": [_told(o) for o in outcomes],
        }
        documents = (entry(f"steps/{o.step.n}.json", o.document) for o in outcomes if o.document)
        self._frames = (entry("host.json", json.dumps(told, ensure_ascii=True).encode()), *documents, END_OF_ARCHIVE)

    def _prepare(self, part: Part) -> Environment:
        self.say(f"prepare {part.name or part.folder or '.'}")
        try:
            contact = Contact(line=self._hear, stop=self.stop)
            return self.environments.prepare(part, before=self.before[:10], contact=contact, tools=tools_for(part))
        except Exception as failure:  # ours, and never the candidate's: other parts go on
            return Environment(error=f"error-{type(failure).__name__}")

    def _hear(self, line: str) -> None:
        if line.startswith("prepare "):
            self.say(line)

    def _step(self, step: Step, plan: Plan, environment: Environment) -> Outcome:
        left = self._until - time.monotonic()
        if self.stop.is_set() or left < 5:
            return Outcome(step, "not-run", reason="no-time-left")
        self.say(f"{step.kind} {step.part.name or step.part.folder or '.'}")
        began = time.monotonic()
        try:
            outcome = _Attempt(self, step, plan, environment, min(SECONDS[step.kind], left)).run()
        except SandboxFailed as failure:
            outcome = Outcome(step, "not-run", reason=failure.code)
        except Exception as failure:  # ours, and never the candidate's: the other steps go on
            outcome = Outcome(step, "not-run", reason=f"error-{type(failure).__name__}")
        return replace(outcome, seconds=round(time.monotonic() - began, 2))


@dataclass
class _Attempt:
    """One step in its sandbox; a server also in the sandbox of the prober that shares its loopback."""

    running: Running
    step: Step
    plan: Plan
    environment: Environment
    seconds: float
    handle: str = ""
    port: int = PORT
    ready: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def app(self) -> App:
        assert isinstance(self.step.what, App)
        return self.step.what

    def run(self) -> Outcome:
        if self.step.kind != "serve":
            return self._outcome(self._run(), b"")
        with ThreadPoolExecutor(1) as aside:
            serving = aside.submit(self._run)
            serving.add_done_callback(lambda _: self.ready.set())
            try:
                self.ready.wait(self.seconds)
                probe = self._probe() if self.handle and not serving.done() else b""
            finally:
                self.over.set()
            return self._outcome(serving.result(), probe)

    def _outcome(self, done: Completed, probe: bytes) -> Outcome:
        reason = "out-of-memory" if done.how == "out-of-memory" else None if done.products else "no-document"
        return Outcome(self.step, done.how, done.code, reason, document=done.products[-1] if done.products else b"", probe=probe)

    def _run(self) -> Completed:
        contact = Contact(line=self._hear, started=self._named, stop=self.running.stop)
        return self.running.place.run(self._job(), contact)

    def _job(self) -> Job:
        settings = self.running.settings
        mount = () if self.environment.mount is None else (self.environment.mount,)
        return Job(
            self._inputs(),
            Limits(seconds=self.seconds + GRACE, memory_bytes=settings.run_memory, file_bytes=settings.run_tmp),
            arguments=RUN,
            candidate=True,
            mounts=mount,
            hosts=tuple(dict.fromkeys(h for s in self.plan.services for h in s.hosts)),
            tmp_bytes=settings.run_tmp,
            product_bytes=MOST_PRODUCT,
            label=f"{self.running.nonce[:12]}-{self.step.n}",
        )

    def _inputs(self) -> Iterator[Input]:
        yield self.running.packed.frame("step.json", self._asked())
        if self.step.kind == "serve":
            self.over.wait()
            yield b"stop"

    def _asked(self) -> dict[str, Any]:
        step, plan = self.step, self.plan
        what = {"suite": Suite, "app": App, "database": Database}
        return {
            "nonce": self.running.nonce,
            "kind": step.kind,
            "part": asdict(step.part),
            **{name: asdict(step.what) if isinstance(step.what, kind) else None for name, kind in what.items()},
            "services": [asdict(s) for s in plan.services],
            "variables": _variables(step, plan),
            "databases": [asdict(d) for d in step.part.databases or [d for p in plan.parts for d in p.databases]],
            "queries": [asdict(q) for q in plan.queries],
            "environment": ENVIRONMENT,
            "seconds": self.seconds,
            "per_test_seconds": PER_TEST,
            "port": PORT,
            "seed": SEED,
        }

    def _hear(self, line: str) -> None:
        """A server says `ready`, or `ready 5000` when it chose its own port."""
        word, _, port = line.partition(" ")
        if word == "ready" and not self.ready.is_set():
            self.port = int(port) if port.isdigit() and 0 < int(port) < 65536 else PORT
            self.ready.set()

    def _named(self, handle: str) -> None:
        self.handle = handle

    def _probe(self) -> bytes:
        settings = self.running.settings
        asked = {
            "port": self.port,
            "app": asdict(self.app),
            "routes": [asdict(r) for r in self.plan.routes_of(self.app)],
            "seconds": PROBE_SECONDS,
            "seed": SEED,
            "screenshot": True,
        }
        limits = Limits(seconds=PROBE_SECONDS + GRACE, memory_bytes=settings.examine_memory, file_bytes=100_000_000)
        job = Job(
            (json.dumps(asked).encode(),),
            limits,
            arguments=PROBE,
            network=Network.JOINED,
            join=self.handle,
            label=f"{self.running.nonce[:12]}-{self.step.n}-probe",
        )
        done = self.running.place.run(job, Contact(stop=self.running.stop))
        return done.products[-1] if done.products else b""


def _variables(step: Step, plan: Plan) -> dict[str, str]:
    """Return what a step is given: tests only what they do not set themselves, and what the chain gives to the step that runs them."""
    if not isinstance(step.what, Suite):
        return {v.name: v.value for v in plan.variables}
    return {v.name: v.value for v in (*(v for v in plan.variables if v.tests), *step.what.variables)}


def _environment(made: Environment) -> dict[str, Any]:
    return {name: value for name, value in asdict(made).items() if name != "mount"}


def _told(outcome: Outcome) -> dict[str, Any]:
    """Return what we saw of a step ourselves; the prober's document is ours too, though what it heard is hostile."""
    step = outcome.step
    try:
        probe = json.loads(outcome.probe) if outcome.probe else None
    except (ValueError, RecursionError):
        probe = None
    return {
        "n": step.n,
        "kind": step.kind,
        "part": step.part.folder,
        "what": asdict(step.what),
        "how": outcome.how,
        "code": outcome.code,
        "reason": outcome.reason,
        "seconds": outcome.seconds,
        "probe": probe,
    }

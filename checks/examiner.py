"""Runs the checks under a supervisor: a crash, a runaway expression or a memory blow-up costs one check or one file.

The supervisor holds the files and never parses them. A forked child computes facts and checks, and says in shared memory
what it is at. When the child dies or stands still, the supervisor blames what it was at and forks another that leaves it out.
"""

from __future__ import annotations

import gc
import json
import mmap
import os
import resource
import select
import signal
import sys
import tarfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import IO, Any

from checks import registry
from checks.facts import linters
from checks.limits import Overtime, deadline
from checks.workspace import Workspace
from grader.engine import Check, Engine, FactFailed, could_not_tell, needs
from grader.values import Commit, Evidence, Finding, History, Influence, Outcome, Report, Run, Skipped, Source, Suppression, Text

MOST_FORKS = 24
OUT_OF_MEMORY = 3  # exit code of a child that ran out
STANDSTILL_SECONDS = 75.0
COLLECTION = (100_000, 20, 50)  # millions of tree nodes live to the end: looking for cycles among them costs more than it frees
_SLOT = 1024  # bytes of shared memory for each of: check, fact, file
_VERSIONS = ("sqlglot", "ast-grep-py", "markdown-it-py", "pypdf", "bandit", "pylint")


@dataclass
class Job:
    """What the examination is asked for."""

    nonce: str
    checks: frozenset[str]
    history: History
    skipped: tuple[Skipped, ...]
    memory_bytes: int
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Blame:
    """What has been learnt from children that died: files and facts to leave out, findings to state."""

    files: set[str] = field(default_factory=set)
    facts: dict[str, str] = field(default_factory=dict)


def read_job(stream: IO[bytes]) -> Job:
    """Read the archive that `grader.pack` wrote. Raises ValueError when it has no job."""
    files: dict[str, bytes] = {}
    job: dict[str, Any] | None = None
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isreg() else None
            if content is None:
                continue
            if member.name == "job.json":
                job = json.load(content)
            else:
                files[member.name.removeprefix("tree/")] = content.read()
    if job is None:
        raise ValueError("the archive holds no job.json")
    past = job["history"]
    commits = tuple(Commit(**{**c, "parents": tuple(c["parents"]), "files": tuple(c["files"])}) for c in past["commits"])
    return Job(
        job["nonce"],
        frozenset(job["checks"]),
        History(commits, tuple(past["branches"]), past["complete"]),
        tuple(Skipped(**s) for s in job["skipped"]),
        job["memory_bytes"],
        files,
    )


def examine(stream: IO[bytes]) -> bytes:
    """Read the archive, run its checks, and return the report as JSON."""
    started = time.monotonic()
    job = read_job(stream)
    wanted = [c for c in registry.CHECKS if c.id in job.checks]
    findings, extra = _Supervisor(job, wanted).run()
    report = Report(
        job.nonce,
        tuple(findings[c.id] for c in wanted),
        tuple(sorted({Skipped(**s) for s in extra.get("skipped", [])} | set(job.skipped), key=lambda s: (s.path, s.reason))),
        tuple(Suppression(**s) for s in extra.get("suppressions", [])),
        {"examine": round(time.monotonic() - started, 3)},
        {name: version(name) for name in _VERSIONS},
        influences=tuple(Influence(**{**i, "what": Text(**i["what"])}) for i in extra.get("influences", [])),
        run=run_from(extra.get("run")),
    )
    return json.dumps(asdict(report), ensure_ascii=True).encode()


class _Supervisor:
    def __init__(self, job: Job, checks: list[Check]) -> None:
        self.job, self.checks = job, checks
        self.findings: dict[str, Finding] = {}
        self.blame = Blame()
        self.extra: dict[str, Any] = {}
        self.place = mmap.mmap(-1, 3 * _SLOT)
        # Slow tools run beside everything else, on the other core; their fact collects them late.
        self.tools = linters.start(Workspace(job.files)) if _asks_for("linters", checks) else None

    def run(self) -> tuple[dict[str, Finding], dict[str, Any]]:
        try:
            for _ in range(MOST_FORKS):
                remaining = [c for c in self.checks if c.id not in self.findings]
                if not remaining and self.extra:
                    break
                self._one_child(remaining)
        finally:
            if self.tools is not None:
                self.tools.stop()
        for check in self.checks:
            self.findings.setdefault(check.id, could_not_tell(check.id, "examiner-gave-up"))
        return self.findings, self.extra

    def _one_child(self, remaining: list[Check]) -> None:
        self.place[:] = bytes(len(self.place))
        reading, writing = os.pipe()
        sys.stderr.flush()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _work(self, remaining, writing)  # never returns
        os.close(writing)
        why = self._listen(reading, child)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if why or code != 0:
            self._learn(why or ("out-of-memory" if code == OUT_OF_MEMORY else "crashed"))

    def _listen(self, reading: int, child: int) -> str | None:
        """Collect the child's lines until it closes its end; kill it when it stands still."""
        last, since, buffer = b"", time.monotonic(), b""
        while True:
            ready, _, _ = select.select([reading], [], [], 1.0)
            if ready:
                block = os.read(reading, 1 << 16)
                if not block:
                    break
                buffer += block
                *lines, buffer = buffer.split(b"\n")
                for line in lines:
                    self._take(json.loads(line))
            now = bytes(self.place)
            if now != last or ready:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > STANDSTILL_SECONDS:
                os.kill(child, signal.SIGKILL)
                os.close(reading)
                return "took-too-long"
        os.close(reading)
        return None

    def _take(self, line: dict[str, Any]) -> None:
        if "extra" in line:
            self.extra = line["extra"]
            return
        finding = finding_from(line)
        self.findings[finding.check] = finding

    def _learn(self, reason: str) -> None:
        check, fact, file = (
            self.place[i * _SLOT : (i + 1) * _SLOT].rstrip(b"\0").decode("utf-8", "surrogateescape") for i in range(3)
        )
        if file and file not in self.blame.files:
            self.blame.files.add(file)
        elif fact and fact not in self.blame.facts:
            self.blame.facts[fact] = reason
        elif check:
            self.findings[check] = could_not_tell(check, reason)

    def at(self, slot: int, label: str) -> None:
        """Say in shared memory what is being worked on."""
        data = label.encode("utf-8", "surrogateescape")[:_SLOT]
        self.place[slot * _SLOT : (slot + 1) * _SLOT] = data.ljust(_SLOT, b"\0")


def finding_from(line: dict[str, Any]) -> Finding:
    """Rebuild a finding from the dictionary that `asdict` made of it."""
    places = tuple(Evidence(Source(e["source"]), e["path"], e["line"], e["excerpt"]) for e in line["evidence"])
    question = Text(**line["question"]) if line["question"] else None
    outcome = Outcome(line["outcome"])
    return Finding(line["check"], outcome, Text(**line["why"]), places, line["reason"], line["measures"], question)


def run_from(given: dict[str, Any] | None) -> Run | None:
    """Rebuild the account of what was run from the dictionary that `asdict` made of it."""
    if not given:
        return None
    from pydantic import TypeAdapter  # slow to import, and only needed where something ran

    return TypeAdapter(Run).validate_python(given)


def _asks_for(fact: str, checks: Iterable[Check]) -> bool:
    """Tell whether one of the checks needs a fact, directly or through other facts."""
    functions = {f.__name__: f for f in registry.FACTS}
    wanted, seen = [n for c in checks for n in c.needs], set[str]()
    while wanted:
        name = wanted.pop()
        if name not in seen:
            seen.add(name)
            wanted += needs(functions[name]) if name in functions else ()
    return fact in seen


def _work(supervisor: _Supervisor, checks: Iterable[Check], writing: int) -> None:
    """Run in the child: compute, send, and leave without returning."""
    code = 1
    try:
        memory = supervisor.job.memory_bytes
        if memory:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        gc.set_threshold(*COLLECTION)
        _compute(supervisor, checks, writing)
        code = 0
    except MemoryError:
        code = OUT_OF_MEMORY
    finally:
        os._exit(code)


def _compute(supervisor: _Supervisor, checks: Iterable[Check], writing: int) -> None:
    job = supervisor.job
    workspace = Workspace(job.files, crashed=frozenset(supervisor.blame.files), progress=lambda path: supervisor.at(2, path))

    def progress(name: str) -> None:
        supervisor.at(1, name)
        sys.stderr.write(f"examine {name}\n")
        sys.stderr.flush()

    engine = Engine(
        registry.FACTS,
        {"workspace": workspace, "history": job.history, "tool_run": supervisor.tools, "ran_archive": b""},
        clock=deadline,
        overtime=Overtime,
        failed=supervisor.blame.facts,
        progress=progress,
    )
    for check in checks:
        supervisor.at(0, check.id)
        supervisor.at(1, "")
        _send(writing, asdict(engine.run(check)))
    supervisor.at(0, "")
    suppressions = engine.fact("suppressions")
    extra = {
        "skipped": [asdict(s) for s in sorted(workspace.skipped, key=str)],
        "suppressions": [asdict(s) for s in suppressions],
        "influences": [asdict(i) for i in _told(engine, "influences") or ()],
        "run": asdict(record) if (record := _told(engine, "run_record")) else None,
    }
    _send(writing, {"extra": extra})


def _told(engine: Engine, fact: str) -> Any:
    """Return a fact that the report carries; None when it could not be computed."""
    try:
        return engine.fact(fact)
    except FactFailed:
        return None


def _send(writing: int, line: dict[str, Any]) -> None:
    data = json.dumps(line, ensure_ascii=True).encode() + b"\n"
    while data:
        data = data[os.write(writing, data) :]

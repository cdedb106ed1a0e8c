"""Runs the checks under a supervisor: a crash, a runaway expression or a memory blow-up costs one check or one file.

The supervisor holds the files and never parses them. A forked child computes facts and checks, and says in shared memory
what it is at. When the child dies or stands still, the supervisor blames what it was at and forks another that leaves it out.
A child that is done with reading waits, if asked, for the archive of what ran: what it parsed is then still at hand.
The supervisor knows checks by name alone: only children load them, the first of them once the plan is told.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from checks.facts import linters
from checks.facts.linters import ToolRun
from checks.job import Job
from checks.workspace import Workspace
from grader.engine import could_not_tell, is_our_failure
from grader.values import Evidence, Finding, Outcome, Source, Text

MOST_FORKS = 24
OUT_OF_MEMORY = 3  # exit code of a child that ran out
STANDSTILL_SECONDS = 75.0
SLOT = 1024  # bytes of shared memory for each of: check, fact, file
_PULSE = 0.5
Place = Callable[[int, str], None]


@dataclass
class Blame:
    """What has been learnt from children that died: files and facts to leave out."""

    files: set[str] = field(default_factory=set)
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """What a child is to do: the checks, with what ran (None: reading only), the plan first if wanted; then to wait if asked.

    `tools` are the linters already at work; where there are none yet, a child that needs them asks.
    """

    job: Job
    checks: tuple[str, ...]
    blame: Blame
    tools: ToolRun | None
    ran: bytes | None = None
    plan: bool = False
    waits: bool = False


@dataclass
class Child:
    """A forked child: what it says, and the pipe by which it is given what it asks or waits for."""

    pid: int
    hearing: int
    telling: int
    buffer: bytes = b""

    def give(self, what: bytes) -> None:
        """Send it. Raises OSError when the child is gone."""
        data = memoryview(len(what).to_bytes(8, "big") + what)
        while data:
            data = data[os.write(self.telling, data) :]

    def end(self) -> int:
        """Close the pipes and return how it ended."""
        for descriptor in (self.hearing, self.telling):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Supervisor:
    """Holds the findings; `plan` is told what running would try, as soon as it is known."""

    def __init__(self, job: Job, *, plan: Callable[[dict[str, Any] | None], None]) -> None:
        """Take the job."""
        self.job = job
        self.tools: ToolRun | None = None
        self.findings: dict[str, Finding] = {}
        self.extra: dict[str, Any] = {}
        self._blame, self._plan, self._planned = Blame(), plan, not job.run
        self._found: dict[str, Finding] = {}
        self._place = mmap.mmap(-1, 3 * SLOT)
        self._child: Child | None = None
        self._may_change: frozenset[str] = frozenset()
        self._complete = False

    def read(self) -> None:
        """Run every check on the files alone."""
        self._run(self.job.checks, None)
        if not self._planned:
            self._plan(None)
        # A child that came to its end knew every check that there is: what is still missing is no check of ours.
        self.findings = dict(self._found) if self._complete else self._with_gaps(self._found)

    def complete(self, ran: bytes) -> None:
        """Run again the checks to which what ran may matter; one that cannot be completed keeps what reading found."""
        self._found, self._complete = {}, False
        self._run(self._may_change, ran)
        self.findings |= {name: found for name, found in self._found.items() if not is_our_failure(found)}

    def stop(self) -> None:
        """End a child that still waits, and the linters."""
        if self._child is not None:
            os.kill(self._child.pid, signal.SIGKILL)
            self._child.end()
            self._child = None
        if self.tools is not None:
            self.tools.stop()

    def _with_gaps(self, found: dict[str, Finding]) -> dict[str, Finding]:
        return {c: found.get(c) or could_not_tell(c, "examiner-gave-up") for c in sorted(self.job.checks)}

    def _run(self, checks: frozenset[str], ran: bytes | None) -> None:
        for _ in range(MOST_FORKS):
            if self._complete:
                return
            child, self._child = self._child or self._fork(tuple(sorted(checks - set(self._found))), ran), None
            if why := self._follow(child, ran):
                self._learn(why)

    def _fork(self, checks: tuple[str, ...], ran: bytes | None) -> Child:
        from checks.examination import work

        task = Task(self.job, checks, self._blame, self.tools, ran, plan=not self._planned, waits=self.job.run and ran is None)
        self._place[:] = bytes(len(self._place))
        hearing, their_telling = os.pipe()
        their_hearing, telling = os.pipe()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            os.close(hearing)
            os.close(telling)
            work(task, self._at, their_hearing, their_telling)  # never returns
        os.close(their_telling)
        os.close(their_hearing)
        return Child(pid, hearing, telling)

    def _follow(self, child: Child, ran: bytes | None) -> str | None:
        """Hear a child out; return why it failed, if it did. One that waits is kept, and given what ran when that is known."""
        why = None
        if ran is not None and child.buffer == b"waiting":
            child.buffer = b""
            with contextlib.suppress(OSError):
                child.give(ran)
        why = self._listen(child)
        if why == "waiting":
            child.buffer = b"waiting"
            self._child = child
            return None
        code = child.end()
        return why or ("out-of-memory" if code == OUT_OF_MEMORY else "crashed" if code != 0 else None)

    def _listen(self, child: Child) -> str | None:
        """Collect the child's lines until it closes its end or waits; kill it when it stands still."""
        last, since = b"", time.monotonic()
        while True:
            ready, _, _ = select.select([child.hearing], [], [], _PULSE)
            if ready:
                block = os.read(child.hearing, 1 << 16)
                if not block:
                    return None
                child.buffer += block
                *lines, child.buffer = child.buffer.split(b"\n")
                said = [self._take(json.loads(line), child) for line in lines]
                if any(said):
                    return "waiting"
            now = bytes(self._place)
            if now != last or ready:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > STANDSTILL_SECONDS:
                os.kill(child.pid, signal.SIGKILL)
                return "took-too-long"

    def _take(self, line: dict[str, Any], child: Child) -> bool:
        """Keep what a child says, give it what it asks for; tell whether it now waits."""
        if "plan" in line:
            self._planned = True
            self._plan(line["plan"])
        elif "extra" in line:
            self.extra, self._complete = line["extra"], True
        elif "finding" in line:
            finding = finding_from(line["finding"])
            self._found[finding.check] = finding
        elif "may-change" in line:
            self._may_change = frozenset(line["may-change"])
        elif "needs-tools" in line:
            # Slow tools run beside everything else, on the other core; their fact collects them late.
            self.tools = linters.start(Workspace(self.job.files))
            with contextlib.suppress(OSError):
                child.give(json.dumps(asdict(replace(self.tools, processes=()))).encode())
        return "waiting" in line

    def _learn(self, reason: str) -> None:
        check, fact, file = (
            self._place[i * SLOT : (i + 1) * SLOT].rstrip(b"\0").decode("utf-8", "surrogateescape") for i in range(3)
        )
        if file and file not in self._blame.files:
            self._blame.files.add(file)
        elif fact and fact not in self._blame.facts:
            self._blame.facts[fact] = reason
        elif check:
            self._found[check] = could_not_tell(check, reason)

    def _at(self, slot: int, label: str) -> None:
        """Say in shared memory what is being worked on."""
        data = label.encode("utf-8", "surrogateescape")[:SLOT]
        self._place[slot * SLOT : (slot + 1) * SLOT] = data.ljust(SLOT, b"\0")


def finding_from(line: dict[str, Any]) -> Finding:
    """Rebuild a finding from the dictionary that `asdict` made of it."""
    places = tuple(Evidence(Source(e["source"]), e["path"], e["line"], e["excerpt"]) for e in line["evidence"])
    question = Text(**line["question"]) if line["question"] else None
    outcome = Outcome(line["outcome"])
    return Finding(line["check"], outcome, Text(**line["why"]), places, line["reason"], line["measures"], question)

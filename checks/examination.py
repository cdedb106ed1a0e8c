"""The child of the supervisor: computes facts and checks, says what it is at, and sends what it found line by line."""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, NoReturn

from checks.facts.linters import ToolRun
from checks.limits import Overtime, deadline
from checks.recipes import PLANNING
from checks.supervisor import OUT_OF_MEMORY, Place, Task
from checks.workspace import Workspace
from grader.engine import Check, Engine, FactFailed

COLLECTION = (100_000, 20, 50)  # millions of tree nodes live to the end: looking for cycles among them costs more than it frees


def work(task: Task, at: Place, hearing: int, telling: int) -> NoReturn:
    """Compute, send, wait if asked, and leave without returning."""
    code = 1
    try:
        memory = task.job.memory_bytes
        if memory:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        gc.set_threshold(*COLLECTION)
        _Examination(task, at, hearing, telling).run()
        code = 0
    except MemoryError:
        code = OUT_OF_MEMORY
    finally:
        os._exit(code)


class _Examination:
    def __init__(self, task: Task, at: Place, hearing: int, telling: int) -> None:
        self.task, self.at, self.hearing, self.telling = task, at, hearing, telling
        crashed = frozenset(task.blame.files)
        self.workspace = Workspace(task.job.files, crashed=crashed, progress=lambda path: at(2, path))
        roots = {
            "workspace": self.workspace,
            "history": task.job.history,
            "tool_run": task.tools,
            "ran_archive": task.ran or b"",
        }
        self.engine = Engine(PLANNING, roots, clock=deadline, overtime=Overtime, failed=task.blame.facts, progress=self._progress)

    def run(self) -> None:
        """Do the task; then, if it says so, wait for what ran and do again what that may change."""
        if self.task.plan:
            self._send({"plan": self._plan()})
        from checks import registry  # what the plan does without is loaded while running it begins

        self.engine.learn(registry.FACTS)
        asked = [c for c in registry.CHECKS if c.id in self.task.job.checks]
        self._ask_for_tools(asked)
        self._check(c for c in asked if c.id in self.task.checks)
        if not self.task.waits:
            return
        may_change = [c for c in asked if self.engine.depends(c, "ran_archive")]
        self._send({"may-change": [c.id for c in may_change]})
        self._send({"waiting": True})
        self.engine.replace("ran_archive", self._given())
        self._check(may_change)

    def _ask_for_tools(self, checks: list[Check]) -> None:
        """Have the linters started, if a check needs them and no child before this one did."""
        if self.task.tools is None and any(self.engine.depends(c, "linters") for c in checks):
            self._send({"needs-tools": True})
            self.engine.replace("tool_run", ToolRun(**json.loads(self._given())))

    def _progress(self, name: str) -> None:
        self.at(1, name)
        sys.stderr.write(f"examine {name}\n")
        sys.stderr.flush()

    def _plan(self) -> dict[str, Any] | None:
        try:
            return asdict(self.engine.fact("plan"))
        except FactFailed:
            return None

    def _check(self, checks: Iterable[Check]) -> None:
        for check in checks:
            self.at(0, check.id)
            self.at(1, "")
            self._send({"finding": asdict(self.engine.run(check))})
        self.at(0, "")
        extra = {
            "suppressions": [asdict(s) for s in self.engine.fact("suppressions")],
            "skipped": [asdict(s) for s in sorted(self.workspace.skipped, key=str)],
            "influences": [asdict(i) for i in self._told("influences") or ()],
            "run": asdict(record) if (record := self._told("run_record")) else None,
        }
        self._send({"extra": extra})

    def _told(self, fact: str) -> Any:
        """Return a fact that the report carries; None when it could not be computed."""
        try:
            return self.engine.fact(fact)
        except (FactFailed, KeyError):
            return None

    def _send(self, line: dict[str, Any]) -> None:
        data = json.dumps(line, ensure_ascii=True).encode() + b"\n"
        while data:
            data = data[os.write(self.telling, data) :]

    def _given(self) -> bytes:
        """Return what is given next. The supervisor, who holds the other end, ends this process when nothing will be."""
        with os.fdopen(os.dup(self.hearing), "rb", buffering=0) as stream:
            length, data = int.from_bytes(stream.read(8), "big"), bytearray()
            while len(data) < length and (piece := stream.read(length - len(data))):
                data += piece
            return bytes(data)

"""Examines a submission and sends what was learnt: the plan for running it, what reading shows, then what running adds.

The files are parsed once: between the two reports the examination waits for the archive of what ran, everything parsed at hand.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import IO, Any

from checks.job import Frame, Job, read_job
from checks.supervisor import Supervisor
from grader.values import Report, Skipped, Suppression

MOST_RAN = 200_000_000
_VERSIONS = ("sqlglot", "ast-grep-py", "markdown-it-py", "pypdf", "bandit", "pylint")
Emit = Callable[[dict[str, Any]], None]


def examine(stream: IO[bytes], emit: Emit) -> None:
    """Read the job, run its checks, and emit `{"plan": …}` (when it will be run) and `{"report": …}`, once or twice."""
    started = time.monotonic()
    job = read_job(stream)
    supervisor = Supervisor(job, plan=lambda found: emit({"plan": found}))
    try:
        supervisor.read()
        emit({"report": _report(job, supervisor, started)})
        if job.run:
            supervisor.complete(_ran(stream))
            emit({"report": _report(job, supervisor, started)})
    finally:
        supervisor.stop()


def _ran(stream: IO[bytes]) -> bytes:
    """Return the archive of what ran; nothing when it is absurdly large or never comes."""
    try:
        frame = Frame(stream)
    except ValueError:
        return b""
    return frame.read() if frame.left <= MOST_RAN else b""


def _report(job: Job, supervisor: Supervisor, started: float) -> dict[str, Any]:
    from importlib.metadata import version  # slow to load, and the plan comes first

    extra = supervisor.extra
    skipped = {Skipped(**s) for s in extra.get("skipped", [])} | set(job.skipped)
    report = Report(
        job.nonce,
        tuple(finding for _, finding in sorted(supervisor.findings.items())),
        tuple(sorted(skipped, key=lambda s: (s.path, s.reason))),
        tuple(Suppression(**s) for s in extra.get("suppressions", [])),
        {"examine": round(time.monotonic() - started, 3)},
        {name: version(name) for name in _VERSIONS},
    )
    return {**asdict(report), "influences": extra.get("influences", []), "run": extra.get("run")}


def product(document: dict[str, Any]) -> bytes:
    """Return the bytes of a document, the same for the same document."""
    return json.dumps(document, ensure_ascii=True).encode()

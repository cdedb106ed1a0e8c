"""`jurygrid worker`: Celery's worker with the options that our tasks need."""

from __future__ import annotations

import argparse
import os
import sys

from grader.errors import Refused

_QUEUES = {"fetch": "fetch-interactive,fetch-bulk", "interactive": "grade-interactive", "bulk": "grade-bulk"}


def run(options: argparse.Namespace) -> int:
    """Become Celery's worker: it takes the signals itself. Raises Refused when no queue is set."""
    from grader.commands.parts import all_settings

    _, service = all_settings()
    if not service.queue_url:
        raise Refused("queue-missing")
    queues = ",".join(_QUEUES[q] for q in options.queues or _QUEUES)
    processes = str(options.processes or os.cpu_count() or 1)
    arguments = ("-A", "worker.app", "worker", "-Q", queues, "--concurrency", processes, "-O", "fair", "--without-mingle")
    os.execv(sys.executable, (sys.executable, "-m", "celery", *arguments, "--loglevel", "info"))  # noqa: S606

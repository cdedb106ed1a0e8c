"""`jurygrid worker`: Celery's worker with the options that our tasks need."""

from __future__ import annotations

import argparse
import os

from grader.errors import Refused
from grader.workfolder import counts_folder

_QUEUES = {"fetch": "fetch-interactive,fetch-bulk", "interactive": "grade-interactive", "bulk": "grade-bulk"}


def run(options: argparse.Namespace) -> int:
    """Be Celery's worker, which takes the signals itself, until it ends. Raises Refused when no queue is set."""
    from grader.settings import all_settings

    settings, service = all_settings()
    if not service.queue_url:
        raise Refused("queue-missing")
    queues = ",".join(_QUEUES[q] for q in options.queues or _QUEUES)
    processes = str(options.processes or os.cpu_count() or 1)
    arguments = ("worker", "-Q", queues, "--concurrency", processes, "-O", "fair", "--without-mingle", "--loglevel", "info")
    with counts_folder(settings.work_folder):
        from worker.app import app

        app.worker_main(arguments)
    return 0

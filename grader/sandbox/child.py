"""The last resort: a child process with limits, for reading only. Candidate code never runs here."""

from __future__ import annotations

import sys

from grader.process import Completed, run
from grader.sandbox import Job, Say


class ChildProcess:
    """Bounds time, memory and output; does not hide the network or the files of the machine."""

    name = "none"

    def run(self, job: Job, say: Say) -> Completed:
        """Run the job in a child process with an empty environment."""
        return run(
            (sys.executable, *job.arguments),
            environment={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
            limits=job.limits,
            stdin=job.archive,
            on_line=say,
        )

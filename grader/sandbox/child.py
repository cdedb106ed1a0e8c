"""The last resort: a child process with limits, an empty environment and isolated Python. Reading only, and the grid says so."""

from __future__ import annotations

import sys

from grader.converse import converse
from grader.errors import SandboxFailed
from grader.process import Completed
from grader.sandbox import Contact, Job, Network


class ChildProcess:
    """Bounds time, memory and output; does not hide the network or the files of the machine."""

    name = "none"
    runs_code = False

    def run(self, job: Job, contact: Contact) -> Completed:
        """Run the job in a child process with an empty environment. Raises SandboxFailed for a job that needs isolation."""
        if job.candidate or job.network != Network.NONE or job.mounts:
            raise SandboxFailed("no-sandbox")
        environment = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
        return converse((*job.limits.prefix(), sys.executable, *job.arguments), job, contact, environment=environment)

    def sweep(self) -> int:
        """Nothing outlives the command."""
        return 0

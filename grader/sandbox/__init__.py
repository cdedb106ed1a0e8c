"""Places where hostile bytes are opened: a job goes in, bounded bytes come out, with how it ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from grader.process import Completed, Limits

Say = Callable[[str], None]
EXAMINE = ("-I", "-m", "checks")


@dataclass(frozen=True, slots=True)
class Job:
    """One run of our Python in a sandbox: `archive` is its only input, standard output its only product."""

    archive: Path
    limits: Limits
    arguments: tuple[str, ...] = EXAMINE
    label: str = "job"


class Sandbox(Protocol):
    """What every sandbox does. `name` is what the grid states: `docker`, `bubblewrap` or `none`."""

    name: str

    def run(self, job: Job, say: Say) -> Completed:
        """Run the job and return how it ended. Raises SandboxFailed when the sandbox itself cannot be had."""
        ...

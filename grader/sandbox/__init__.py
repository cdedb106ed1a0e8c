"""Places where hostile bytes are opened: a job goes in, bounded frames come out, with how it ended."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from grader.frames import Input
from grader.process import Completed, Limits

EXAMINE = ("-I", "-m", "checks")
PROBE = ("-I", "-m", "checks.prober")
RUNNER = "/opt/runner"
TOOLS = "/opt/tools"
ENVIRONMENT = "/opt/environment"
CACHE = "/opt/cache"
TMP_BYTES = 512_000_000
PRODUCT_BYTES = 64_000_000
MOST_REPORT = 30_000_000  # bytes of one report of an examination
PIDS = 512


def _runner(module: str) -> tuple[str, ...]:
    """Return the arguments that start a module of the runner, which is no installed package: nothing of ours is in its way."""
    start = f"import sys; sys.path.insert(0, {RUNNER!r}); from runner.{module} import main; raise SystemExit(main())"
    return ("-I", "-c", start)


RUN = _runner("main")
PREPARE = _runner("prepare")


class Network(StrEnum):
    """What a job may talk to: its own loopback only, the package index, or the loopback of a running job."""

    NONE = "none"
    INDEX = "index"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class Mount:
    """A stored folder shown at `at`: `name` is its name in the store of the sandbox."""

    name: str
    at: str
    writable: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One run of a program of ours: `inputs` are sent as frames, each when the one before is sent; frames come back.

    `candidate` says that the job belongs to running a submission: it sees the runner's system, none of our packages, nothing of
    the machine; its memory is bounded as a whole. `join` is the handle of the running job whose loopback is shared. `hosts` are
    names that lead to the loopback. `product_bytes` bounds the frames together. The seconds of its limits count from when `begins` is
    set, from its start where there is none.
    """

    inputs: Iterable[Input]
    limits: Limits
    arguments: tuple[str, ...] = EXAMINE
    candidate: bool = False
    mounts: tuple[Mount, ...] = ()
    network: Network = Network.NONE
    join: str = ""
    hosts: tuple[str, ...] = ()
    tmp_bytes: int = TMP_BYTES
    product_bytes: int = PRODUCT_BYTES
    begins: threading.Event | None = None
    label: str = "job"


@dataclass
class Countdown:
    """The seconds that a running job still has."""

    job: Job
    until: float = math.inf

    @property
    def left(self) -> float:
        """Seconds, infinite as long as the job has not begun; 0 or less when it is late."""
        if self.until == math.inf and (self.job.begins is None or self.job.begins.is_set()):
            self.until = time.monotonic() + self.job.limits.seconds
        return self.until - time.monotonic()


def _ignore(_heard: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Contact:
    """How a caller stays in touch with a running job.

    `line` hears standard error, `product` each frame as it comes, `started` the handle that another job may join; `stop`, once
    set, ends the job.
    """

    line: Callable[[str], None] = _ignore
    product: Callable[[bytes], None] = _ignore
    started: Callable[[str], None] = _ignore
    stop: threading.Event = field(default_factory=threading.Event)


class Sandbox(Protocol):
    """What every sandbox does. `name` is what the grid states: `docker`, `bubblewrap` or `none`.

    `runs_code` tells whether candidate code may run in it.
    """

    name: str
    runs_code: bool

    def run(self, job: Job, contact: Contact) -> Completed:
        """Run the job and return how it ended. Raises SandboxFailed when the sandbox itself cannot be had."""
        ...

    def sweep(self) -> int:
        """Remove what runs that were killed left behind, and nothing of those that live; return how many things."""
        ...


@dataclass(frozen=True, slots=True)
class Stored:
    """Something in a store: its name, the bytes it takes on disk, and when it was last made or touched (seconds since 1970)."""

    name: str
    bytes: int
    used_at: float


class Store(Protocol):
    """Named folders or volumes that a sandbox can mount. A name is `[a-z0-9-]`, at most 80 characters."""

    def has(self, name: str) -> bool:
        """Tell whether it exists, complete or not."""
        ...

    def make(self, name: str) -> None:
        """Make it, empty; nothing happens when it exists. Raises SandboxFailed when the store cannot be written."""
        ...

    def remove(self, name: str) -> None:
        """Remove it with all it holds; nothing happens when it is absent. Raises SandboxFailed when it is mounted."""
        ...

    def touch(self, name: str) -> None:
        """Note that it is used now; nothing happens when it is absent."""
        ...

    def stored(self) -> tuple[Stored, ...]:
        """Return everything in the store, by name."""
        ...

"""Places where hostile bytes are opened: a job goes in, bounded frames come out, with how it ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from grader.process import Completed, Limits

EXAMINE = ("-I", "-m", "checks")
PROBE = ("-I", "-m", "checks.prober")
RUNNER = "/opt/runner"
_START = f"import sys; sys.path.insert(0, {RUNNER!r}); from runner.{{}} import main; raise SystemExit(main())"
RUN = ("-I", "-c", _START.format("main"))
PREPARE = ("-I", "-c", _START.format("prepare"))
ENVIRONMENT = "/opt/environment"
CACHE = "/opt/cache"
TMP_BYTES = 512_000_000


class Network(StrEnum):
    """What a job may talk to: nothing, the package index, its own loopback only, or the loopback of a running job."""

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

    `candidate` says that candidate code runs inside: none of our packages, nor anything of the machine, is then in sight.
    `join` is the handle of the running job whose loopback is shared. `hosts` are names that lead to the loopback.
    """

    inputs: Iterable[bytes | Path]
    limits: Limits
    arguments: tuple[str, ...] = EXAMINE
    candidate: bool = False
    mounts: tuple[Mount, ...] = ()
    network: Network = Network.NONE
    join: str = ""
    hosts: tuple[str, ...] = ()
    tmp_bytes: int = TMP_BYTES
    label: str = "job"


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

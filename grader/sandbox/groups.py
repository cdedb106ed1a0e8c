"""Control groups: bound the memory and the processes of a whole job where we are root, and end all of them at once."""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
OURS = "jurygrid"
# The shell enters each group, then becomes the command: nothing of the job ever runs outside.
_ENTER = 'n=$1; shift; while [ "$n" -gt 0 ]; do echo 0 >"$1" || exit 125; shift; n=$((n-1)); done; exec "$@"'


@dataclass(frozen=True, slots=True)
class Group:
    """A job's groups: one folder where the hierarchy is unified (version 2), one a controller otherwise."""

    folders: tuple[Path, ...]

    def prefix(self) -> tuple[str, ...]:
        """Return the command that enters the groups before it becomes the command that follows."""
        files = tuple(str(f / "cgroup.procs") for f in self.folders)
        return ("/bin/sh", "-c", _ENTER, "sh", str(len(files)), *files) if files else ()

    def ran_out_of_memory(self) -> bool:
        """Tell whether the kernel ended a process of the job for want of memory."""
        return any(
            line.split()[1] != "0"
            for folder in self.folders
            for name in ("memory.events", "memory.oom_control")
            for line in _text(folder / name).splitlines()
            if line.startswith("oom_kill ")
        )


@contextlib.contextmanager
def group(memory_bytes: int, processes: int) -> Iterator[Group]:
    """Make groups with these bounds; an empty Group where this machine or account does not let us. Ends what is left in them."""
    folders = tuple(_made(memory_bytes, processes)) if os.geteuid() == 0 else ()
    try:
        yield Group(folders)
    finally:
        for folder in folders:
            remove(folder)


def _made(memory_bytes: int, processes: int) -> Iterator[Path]:
    name = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
    if (ROOT / "cgroup.controllers").exists():
        together = (("pids.max", processes), ("memory.max", memory_bytes), ("memory.swap.max", 0))
        yield from _made_one(ROOT / OURS, name, together, unified=True)
        return
    memory = (("memory.limit_in_bytes", memory_bytes), ("memory.memsw.limit_in_bytes", memory_bytes))
    yield from _made_one(ROOT / "pids" / OURS, name, (("pids.max", processes),), unified=False)
    yield from _made_one(ROOT / "memory" / OURS, name, memory, unified=False)


def _made_one(parent: Path, name: str, bounds: tuple[tuple[str, int], ...], *, unified: bool) -> Iterator[Path]:
    folder = parent / name
    try:
        if unified:
            _enable(parent.parent)
        parent.mkdir(exist_ok=True)
        if unified:
            _enable(parent)
        folder.mkdir()
    except OSError:
        return
    for file, value in bounds:
        with contextlib.suppress(OSError):  # a kernel without swap accounting lacks the file of swap
            if value or "swap" in file:
                (folder / file).write_text(str(value))
    yield folder


def _enable(folder: Path) -> None:
    (folder / "cgroup.subtree_control").write_text("+pids +memory")


def remove(folder: Path) -> None:
    """End every process of a group and remove it; a kernel that needs a moment gets two seconds."""
    for _ in range(100):
        with contextlib.suppress(OSError):
            (folder / "cgroup.kill").write_text("1")
        for pid in _text(folder / "cgroup.procs").split():
            with contextlib.suppress(OSError, ValueError):
                os.kill(int(pid), 9)
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.02)


def sweep_groups() -> int:
    """Remove the groups of commands that are gone; return how many."""
    removed = 0
    for parent in (ROOT / OURS, ROOT / "pids" / OURS, ROOT / "memory" / OURS):
        for folder in parent.glob("*-*"):
            owner = folder.name.partition("-")[0]
            if folder.is_dir() and owner.isdigit() and not Path("/proc", owner).exists():
                remove(folder)
                removed += 1
    return removed


def _text(file: Path) -> str:
    try:
        return file.read_text("ascii", "replace")
    except OSError:
        return ""

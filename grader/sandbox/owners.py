"""Who started something that may outlive a killed command: told apart from everybody else, even after a number is used again."""

from __future__ import annotations

import os
from pathlib import Path

_SPACE = Path("/proc/self/ns/pid")
_BOOT = Path("/proc/sys/kernel/random/boot_id")


def owner() -> str:
    """Return the mark of this process: machine's start, process, process's start."""
    return f"{_boot()}:{os.getpid()}:{_started(os.getpid())}"


def alive(mark: str) -> bool | None:
    """Tell whether the process of a mark still runs; None when it is another machine's, or no mark."""
    boot, _, rest = mark.partition(":")
    pid, _, started = rest.partition(":")
    if boot != _boot() or not pid.isdigit():
        return None
    return _started(int(pid)) == started


def _boot() -> str:
    """Name the machine's start and the namespace in which its processes are numbered: workers in containers have their own."""
    start = _BOOT.read_text("ascii").strip() if _BOOT.exists() else ""
    return f"{start}/{_SPACE.readlink() if _SPACE.exists() else ''}".replace(":", "")


def _started(pid: int) -> str:
    """Return when a process started, in ticks since the machine's; "" when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""

"""The processes below us: kept from reading us, and killed to the last one, whatever they do to escape."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import select
import signal
import time
from collections.abc import Callable, Collection
from pathlib import Path

_DUMPABLE, _SUBREAPER = 4, 36
_HARMLESS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM)
PATIENCE = 10.0


def become_private() -> None:
    """Let no process of our user read our memory or our files, and adopt every orphan below us."""
    control = ctypes.CDLL(None, use_errno=True).prctl
    for option, value in ((_DUMPABLE, 0), (_SUBREAPER, 1)):
        if control(option, value, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in _HARMLESS:  # a function, not SIG_IGN: children must not inherit it
        signal.signal(number, lambda *_: None)


def adopt_orphans() -> None:
    """Adopt every orphan below us: what a parent has set does not pass to a fork."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


def table() -> dict[int, tuple[int, str]]:
    """Return pid → (parent, state letter) of every process in sight."""
    found = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                fields = Path(entry.path, "stat").read_bytes().rpartition(b")")[2].split()
                found[int(entry.name)] = (int(fields[1]), fields[0].decode("ascii"))
    return found


def descendants(root: int, spared: Collection[int] = ()) -> dict[int, str]:
    """Return pid → state of what descends from `root`, without the `spared` and what descends from them."""
    processes = table()
    children: dict[int, list[int]] = {}
    for pid, (parent, _) in processes.items():
        children.setdefault(parent, []).append(pid)
    found: dict[int, str] = {}
    pending = list(children.get(root, ()))
    while pending:
        pid = pending.pop()
        if pid not in spared and pid not in found:
            found[pid] = processes[pid][1]
            pending += children.get(pid, ())
    return found


def kill_below(*, spared: Collection[int] = (), seconds: float = PATIENCE) -> bool:
    """Kill everything that descends from us; say whether nothing is left. Zombies are reaped."""
    end = time.monotonic() + seconds
    while True:
        alive = _freeze(spared, end)
        for pid in alive:
            send(pid, signal.SIGKILL)
        _reap(spared)
        if not [p for p, state in descendants(os.getpid(), spared).items() if state not in "ZX"]:
            _reap(spared)
            return True
        if time.monotonic() > end:
            return False
        time.sleep(0.005)


def _freeze(spared: Collection[int], end: float) -> set[int]:
    """Stop every descendant, until a look finds no new one: what is stopped cannot fork."""
    stopped: set[int] = set()
    while time.monotonic() < end:
        fresh = {p for p, state in descendants(os.getpid(), spared).items() if state not in "ZX"} - stopped
        if not fresh:
            break
        for pid in fresh:
            send(pid, signal.SIGSTOP)
        stopped |= fresh
    return stopped


def _reap(spared: Collection[int]) -> None:
    me = os.getpid()
    for pid, (parent, state) in table().items():
        if parent == me and state in "ZX" and pid not in spared:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def send(pid: int, number: int) -> None:
    """Send a signal to a process that may have ended."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def read_aside(reading: Callable[[], str | None], *, seconds: float = 1.0, most: int = 8_000_000) -> str | None:
    """Return what a process of its own read: whatever a submission wrote, it is not us who break or wait over it.

    None also where no process can be had, as while a fork bomb dies.
    """
    out, into = os.pipe()
    try:
        child = os.fork()
    except OSError:
        os.close(out)
        os.close(into)
        return None
    if child == 0:
        with contextlib.suppress(BaseException):
            os.close(out)
            data = (reading() or "").encode()
            while data:
                data = data[os.write(into, data) :]
        os._exit(0)
    os.close(into)
    told, end = bytearray(), time.monotonic() + seconds
    while len(told) <= most and select.select([out], [], [], max(end - time.monotonic(), 0.0))[0]:
        piece = os.read(out, 1 << 20)
        if not piece:
            break
        told += piece
    else:
        told.clear()
    os.close(out)
    send(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return told.decode("utf-8", "replace") or None

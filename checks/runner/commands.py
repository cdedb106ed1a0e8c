"""One command of a step: its end of output kept, its time bounded, nothing left running after it."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from .processes import kill_below, send

TAIL = 8000
_KEPT = 4 * TAIL  # bytes: a character has four at most
_GENTLE = ((signal.SIGINT, 0.75), (signal.SIGTERM, 0.25))  # with each one's share of the time to stop


@dataclass(frozen=True)
class Ended:
    """How a command ended: `how` is `exit`, `signal`, `timeout` or `absent`; `tail` the last characters of what it said."""

    argv: tuple[str, ...]
    folder: str
    how: str
    code: int
    seconds: float
    tail: str

    @property
    def ok(self) -> bool:
        """Tell whether it ended by itself with status 0."""
        return self.how == "exit" and self.code == 0

    def document(self) -> dict[str, Any]:
        """Return it as the document tells it."""
        return {
            "argv": [a[:500] for a in self.argv[:60]],
            "folder": self.folder,
            "how": self.how,
            "code": self.code,
            "seconds": round(self.seconds, 3),
            "tail": self.tail,
        }


class Tail:
    """Reads a stream to its end and keeps the last of it, so that nobody blocks on what is said."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Start to read."""
        self._stream, self._kept, self._lock = stream, bytearray(), threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while piece := os.read(self._stream.fileno(), 1 << 16):
                with self._lock:
                    self._kept += piece
                    del self._kept[:-_KEPT]

    def text(self, seconds: float = 0.0) -> str:
        """Return the last characters, after at most `seconds` of waiting for the end."""
        self._reader.join(seconds)
        with self._lock:
            return bytes(self._kept).decode("utf-8", "replace")[-TAIL:]


def start(argv: tuple[str, ...], *, folder: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own: nothing to read, both outputs in one pipe. Raises OSError."""
    return subprocess.Popen(
        argv,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def run(
    argv: tuple[str, ...],
    *,
    folder: Path,
    shown: str,
    environment: Mapping[str, str],
    seconds: float,
    grace: float,
    spared: Collection[int] = (),
) -> Ended:
    """Run a command to its end, asked to stop after `seconds`, killed `grace` seconds later; `spared` processes outlive it."""
    began = time.monotonic()
    try:
        process = start(argv, folder=folder, environment=environment)
    except OSError as error:
        return Ended(argv, shown, "absent", error.errno or errno.ENOENT, 0.0, str(error)[:TAIL])
    tail = Tail(process.stdout) if process.stdout else None
    how = "exit" if ends(process, max(seconds, 0.1)) else "timeout"
    if how == "timeout":
        ask_to_stop(process, grace)
    kill(process, spared)
    code = process.returncode or 0
    how = "signal" if how == "exit" and code < 0 else how
    return Ended(argv, shown, how, code, time.monotonic() - began, tail.text(2.0) if tail else "")


def ends(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait for a process at most `seconds`; tell whether it ended."""
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def ask_to_stop(process: subprocess.Popen[bytes], grace: float) -> None:
    """Interrupt, then terminate a process, with a little time after each to write its results."""
    for number, share in _GENTLE:
        send(process.pid, signal.SIGCONT)
        send(process.pid, number)
        if ends(process, grace * share):
            return


def kill(process: subprocess.Popen[bytes], spared: Collection[int] = ()) -> None:
    """Kill a process and everything else below us but the `spared`."""
    if process.returncode is None:
        send(process.pid, signal.SIGKILL)
        ends(process, 5.0)
    kill_below(spared=spared)

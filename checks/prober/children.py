"""Runs a program of ours beside the prober: a session of its own, a bare environment, files of bounded size, killed when late."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

MOST_FILE = 64_000_000


def run_child(argv: tuple[str, ...], folder: Path, seconds: float, memory_bytes: int = 0) -> str:
    """Run `argv` to its end and return how it ended: `exit`, `failed`, `timeout` or `absent`."""
    try:
        with child(argv, folder, memory_bytes=memory_bytes) as process:
            return "exit" if process.wait(timeout=max(seconds, 0.1)) == 0 else "failed"
    except subprocess.TimeoutExpired:
        return "timeout"
    except OSError:
        return "absent"


@contextlib.contextmanager
def child(
    argv: tuple[str, ...], folder: Path, *, memory_bytes: int = 0, pass_fds: tuple[int, ...] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """Start `argv` in `folder`, which is also its home. Nothing of its session outlives the block. Raises OSError."""
    bounds = (f"--fsize={MOST_FILE}", "--core=0", *((f"--as={memory_bytes}",) if memory_bytes else ()))
    process = subprocess.Popen(
        ("prlimit", *bounds, "--", *argv),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "TMPDIR": str(folder), "LC_ALL": "C.UTF-8", "NO_COLOR": "1"},
        pass_fds=pass_fds,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

"""The one way to run a subprocess: argv tuple, clean environment, timeout, bounded bytes, nothing left running."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PROGRESS_LINE = 300
MOST_STDERR = 64_000
Process = subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a process, 0 for none: wall and CPU seconds, bytes of memory, bytes of any one file or output.

    `memory_bytes` bounds the address space of each process, except where a sandbox can bound what all of them use together.
    """

    seconds: float = 60.0
    cpu_seconds: int = 0
    memory_bytes: int = 0
    file_bytes: int = 0

    def prefix(self) -> tuple[str, ...]:
        """Return the `prlimit` command that sets these bounds before the program starts."""
        bounds = (("cpu", self.cpu_seconds), ("as", self.memory_bytes), ("fsize", self.file_bytes))
        return ("prlimit", "--core=0", *(f"--{name}={value}" for name, value in bounds if value), "--")


@dataclass(frozen=True, slots=True)
class Completed:
    """How a process ended, and its frames (`products`).

    `how` is `exit`, `signal`, `timeout`, `stopped` (when asked), `out-of-memory` or `output-too-large`.
    """

    how: str
    code: int
    stdout: bytes
    stderr: bytes
    products: tuple[bytes, ...] = ()

    @property
    def ok(self) -> bool:
        """Tell whether it ended by itself with status 0."""
        return self.how == "exit" and self.code == 0


def spawn(
    argv: tuple[str, ...],
    *,
    environment: Mapping[str, str],
    stdin: IO[bytes] | None = None,
    stdout: IO[bytes] | None = None,
    pass_fds: tuple[int, ...] = (),
) -> Process:
    """Start `argv` in a session of its own; a stream that is not given is a pipe. Raises FileNotFoundError."""
    return subprocess.Popen(
        argv,
        stdin=subprocess.PIPE if stdin is None else stdin,
        stdout=subprocess.PIPE if stdout is None else stdout,
        stderr=subprocess.PIPE,
        env=dict(environment),
        start_new_session=True,
        pass_fds=pass_fds,
    )


def run(
    argv: tuple[str, ...],
    *,
    environment: Mapping[str, str],
    limits: Limits,
    stdin: bytes | Path = b"",
    stdout: Path | None = None,
    on_line: Callable[[str], None] | None = None,
) -> Completed:
    """Run `argv` in a session of its own and return how it ended.

    `stdin` is bytes or a file; `stdout` a file to write instead of returning the bytes; `on_line` hears standard error
    as it comes. Raises FileNotFoundError when `prlimit` is absent; an absent program ends with code 127.
    """
    with _input(stdin) as source, _output(stdout) as out:
        process = spawn((*limits.prefix(), *argv), environment=environment, stdin=source, stdout=out)
        errors = bytearray()
        listener = threading.Thread(target=listen, args=(process.stderr, errors, on_line), daemon=True)
        listener.start()
        how = _wait(process, limits.seconds)
        listener.join(timeout=2)
        if limits.file_bytes and os.fstat(out.fileno()).st_size >= limits.file_bytes:
            return Completed("output-too-large", process.returncode, b"", bytes(errors))
        out.seek(0)
        return Completed(how, process.returncode, b"" if stdout else out.read(), bytes(errors))


def _input(stdin: bytes | Path) -> IO[bytes]:
    if isinstance(stdin, Path):
        return stdin.open("rb")
    source = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    source.write(stdin)
    source.seek(0)
    return source


def _output(stdout: Path | None) -> IO[bytes]:
    return stdout.open("w+b") if stdout else tempfile.TemporaryFile()


def _wait(process: Process, seconds: float) -> str:
    try:
        return ended(process, seconds) or "timeout"
    finally:
        kill_session(process)


def ended(process: Process, seconds: float) -> str | None:
    """Wait for the process: `exit` or `signal` when it ended within `seconds`, else None."""
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return None
    return "exit" if process.returncode >= 0 else "signal"


def kill_session(process: Process) -> None:
    """Kill the process and everything it left in its session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def listen(stream: IO[bytes] | None, kept: bytearray, on_line: Callable[[str], None] | None) -> None:
    """Hear standard error line by line, and keep its beginning."""
    for raw in iter(lambda: stream.readline(PROGRESS_LINE) if stream else b"", b""):
        if len(kept) < MOST_STDERR:
            kept.extend(raw)
        if on_line is not None:
            on_line(raw.decode("utf-8", "replace").rstrip("\n"))

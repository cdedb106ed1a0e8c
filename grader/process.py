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


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a process, 0 for none: wall and CPU seconds, bytes of address space, bytes of any one file or output."""

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
    """How a process ended: `how` is `exit`, `signal`, `timeout`, `stopped` or `output-too-large`; `products` are its frames."""

    how: str
    code: int
    stdout: bytes
    stderr: bytes
    products: tuple[bytes, ...] = ()

    @property
    def ok(self) -> bool:
        """Tell whether it ended by itself with status 0."""
        return self.how == "exit" and self.code == 0


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
        process = subprocess.Popen(
            (*limits.prefix(), *argv),
            stdin=source,
            stdout=out,
            stderr=subprocess.PIPE,
            env=dict(environment),
            start_new_session=True,
        )
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


def _wait(process: subprocess.Popen[bytes], seconds: float) -> str:
    try:
        process.wait(timeout=seconds)
        return "exit" if process.returncode >= 0 else "signal"
    except subprocess.TimeoutExpired:
        return "timeout"
    finally:
        kill_session(process)


def kill_session(process: subprocess.Popen[bytes]) -> None:
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

"""The resolver: every call of uv, with our options only, bounded, its words read back."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

MOST_WORDS = 200_000
_ALWAYS = ("--no-config", "--color", "never", "--no-progress", "--no-python-downloads")
_WHEELS = ("--no-sources", "--only-binary", ":all:", "--index-strategy", "unsafe-first-match")


class OutOfTimeError(Exception):
    """The time given for the whole task is over."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call ended: its status and what it said on standard error, bounded."""

    code: int
    words: str
    output: str = ""


@dataclass
class Index:
    """Where packages come from, and the clock of the task. `url` and the others are what our own settings say, never the submission."""

    uv: str
    cache: str
    url: str = ""
    extra: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    ca_bundle: str = ""
    seconds: float = 300.0
    calls: int = 0
    started: float = field(default_factory=time.monotonic)
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="prepare-")))

    @classmethod
    def of(cls, task: dict[str, Any]) -> Index:
        """Read the settings of a task; `ca_bundle` holds certificates (PEM), not a path."""
        given = task.get("index") or {}
        index = cls(
            str(task.get("uv") or "/opt/tools/uv"),
            str(task.get("cache") or "/opt/cache"),
            str(given.get("url") or ""),
            tuple(given.get("extra") or ()),
            tuple(given.get("find_links") or ()),
            str(given.get("ca_bundle") or ""),
            float(task.get("seconds") or 300.0),
        )
        if index.ca_bundle:
            (index.folder / "certificates.pem").write_text(index.ca_bundle)
        return index

    @property
    def left(self) -> float:
        """Return the seconds left."""
        return self.seconds - (time.monotonic() - self.started)

    def environment(self) -> dict[str, str]:
        """Return the whole environment of a call: nothing of ours leaks in, nor any setting of the machine."""
        given = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        given |= {"UV_HTTP_TIMEOUT": "30", "UV_HTTP_RETRIES": "2"}
        if self.ca_bundle:
            given["SSL_CERT_FILE"] = str(self.folder / "certificates.pem")
        return given

    def sources(self) -> tuple[str, ...]:
        """Return the options that say where packages come from."""
        url = ("--default-index", self.url) if self.url else ()
        extra = tuple(part for one in self.extra for part in ("--index", one))
        links = tuple(part for one in self.find_links for part in ("--find-links", one))
        return (*_WHEELS, *url, *extra, *links)

    def call(self, *arguments: str) -> Answer:
        """Run uv. Raises OutOfTimeError when the task's time is over."""
        if self.left <= 0:
            raise OutOfTimeError
        self.calls += 1
        return run((self.uv, *arguments, *_ALWAYS, "--cache-dir", self.cache), self.environment(), self.left)


def run(argv: tuple[str, ...], environment: dict[str, str], seconds: float) -> Answer:
    """Run a program in a session of its own and end all of it. Raises OutOfTimeError."""
    with tempfile.TemporaryFile() as words, tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=output, stderr=words, env=environment, start_new_session=True
        )
        try:
            code = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise OutOfTimeError from None
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return Answer(code, _text(words), _text(output))


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read(MOST_WORDS).decode("utf-8", "replace")


def say(what: str) -> None:
    """Tell the progress."""
    print(f"prepare {what}", file=sys.stderr, flush=True)

"""Starts a server step, hears it say `ready`, and stops it by a second frame."""

from __future__ import annotations

import contextlib
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.runner.steps import Base, archive, command, left_running, unframed


class Served:
    """A server step that runs: `port` once it is ready, `document` after it was stopped."""

    port: int | None = None
    document: dict[str, Any]

    def get(self, path: str = "/") -> tuple[int, str]:
        """Ask for a page; return status and text."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def serving(files: dict[str, str | bytes], environment: Path, app: dict[str, Any], **step: Any) -> Iterator[Served]:
    """Serve an application while the block runs."""
    with Base() as base:
        full = {"nonce": "n-1", "kind": "serve", "environment": str(environment), "seconds": 60, "base": str(base), "app": app}
        full = {"port": free_port(), **full, **step}
        process = subprocess.Popen(command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(archive(full, files))
        process.stdin.flush()
        served = Served()
        for line in process.stderr:
            if line.startswith(b"ready"):
                served.port = int(line.split()[1])
                break
        yield served
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(struct.pack(">Q", 4) + b"stop")
            process.stdin.flush()
        began = time.monotonic()
        served.document = unframed(process.stdout.read())
        assert time.monotonic() - began < 20
        process.stdin.close()
        assert process.wait(timeout=10) == 0
        assert left_running(base) == []


def app(framework: str, target: str, *, folder: str = "", factory: bool = False) -> dict[str, Any]:
    """Return an application of the plan, as it travels."""
    return {"framework": framework, "folder": folder, "target": target, "factory": factory, "place": {"path": target, "line": 1}}

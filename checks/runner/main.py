"""Run one step: a frame in, one frame out, whatever the submission's code does in between.

Two processes: the guardian holds standard output and the clock and touches nothing of the submission; the worker below it runs the
commands and tells the document as it grows. When the worker is killed, or is late, the guardian sends what it was told last.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import select
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from .frames import frame, read_frame
from .junit import as_junit, read_record
from .migrating import migrate
from .mutating import mutate
from .node_suites import run_node_suite
from .processes import adopt_orphans, become_private, kill_below, read_aside
from .python_suites import run_python_suite
from .running import Running
from .services import start_services
from .serving import serve
from .step import Step, read_step, write_tree

MOST_IN = 2_000_000_000
MOST_OUT = 24_000_000


def main() -> int:
    """Read a step from standard input, run it, write its document to standard output; 0 when it was written."""
    become_private()
    source, out = Source(_take(0, os.O_RDONLY)), os.fdopen(_take(1, os.O_WRONLY), "wb")
    try:
        archive = read_frame(source, MOST_IN)
        step = read_step(archive or b"")
    except Exception as error:  # a malformed frame is the only thing that we refuse
        return _write(out, {"nonce": "", "kind": "", "trouble": [f"bad-step: {type(error).__name__}"]})
    document = _blank(step)
    reading, writing = os.pipe()
    worker = os.fork()
    if worker == 0:
        os.close(reading)
        os.close(out.fileno())
        _work(step, archive or b"", document, source, writing)
    os.close(writing)
    del archive
    document = _guard(step, worker, reading, document)
    _write(out, {"nonce": step.nonce, **document})
    kill_below()  # what could not be killed in time for the document
    return 0


class Source:
    """Reads standard input whole and without reading ahead: what is not read yet can still be waited for."""

    def __init__(self, number: int) -> None:
        """Take the descriptor."""
        self._number = number

    def fileno(self) -> int:
        """Return the descriptor, to be waited on."""
        return self._number

    def read(self, length: int) -> bytes:
        """Return `length` bytes, less only at the end."""
        data = bytearray()
        while len(data) < length and (piece := os.read(self._number, min(length - len(data), 1 << 20))):
            data += piece
        return bytes(data)


def _take(number: int, flags: int) -> int:
    """Move a standard stream to a descriptor that no child inherits."""
    moved = os.dup(number)
    blank = os.open(os.devnull, flags)
    os.dup2(blank, number)
    os.close(blank)
    return moved


def _blank(step: Step) -> dict[str, Any]:
    return {"kind": step.kind, "commands": [], "services": [], "trouble": [], **_PRODUCTS[step.kind]}


_PRODUCTS: dict[str, dict[str, Any]] = {
    "tests": {
        "junit": None,
        "again": None,
        "coverage": None,
        "finished": False,
        "turned": [],
        "stuck": [],
        "of": 0,
        "with_variables": False,
        "unfailing": False,
    },
    "serve": {"ready": False, "seconds_to_ready": None, "ended": None, "prepared_schema": None},
    "migrate": {"engine": None, "tables": None, "imported": [], "queries": []},
    "mutate": {"mutants": 0, "caught": 0, "survived": [], "timeouts": 0, "seconds": 0.0, "seed": 0},
}


def _guard(step: Step, worker: int, reading: int, document: dict[str, Any]) -> dict[str, Any]:
    """Hear the worker until it is done, gone or late; kill all below; return the last document."""
    last, ended = b"", "out-of-time"
    buffer = bytearray()
    while (seconds := step.deadline - time.monotonic()) > 0:
        if not select.select([reading], [], [], min(seconds, 1.0))[0]:
            continue
        piece = os.read(reading, 1 << 20)
        if not piece:
            ended = "runner-killed"
            break
        buffer += piece
        last = _frames(buffer) or last
    kill_below(seconds=1.0)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(worker, os.WNOHANG)
    told = json.loads(last) if last else {"document": document}
    document = told["document"]
    record = document.pop("record", None)
    if not told.get("done"):
        document["trouble"].append(ended)
        if record and step.kind == "tests" and document["junit"] is None:
            path, key = record
            document["junit"] = read_aside(lambda: as_junit(read_record(Path(path), key)))
    return document


def _frames(buffer: bytearray) -> bytes:
    """Take the whole frames from the front of the buffer; return the last."""
    last = b""
    while len(buffer) >= 8 and len(buffer) >= 8 + (length := int.from_bytes(buffer[:8], "big")):
        last = bytes(buffer[8 : 8 + length])
        del buffer[: 8 + length]
    return last


def _work(step: Step, archive: bytes, document: dict[str, Any], source: Source, writing: int) -> None:
    """Run the step in the worker, and never return."""
    adopt_orphans()

    def tell(document: dict[str, Any], done: bool = False) -> None:
        data = frame(json.dumps({"document": document, "done": done}).encode())
        while data:
            data = data[os.write(writing, data) :]

    try:
        _run(step, archive, document, source, tell)
        tell(document, True)
    except OSError as error:
        document["trouble"].append("disk-full" if error.errno == errno.ENOSPC else f"internal: {type(error).__name__}")
        tell(document, True)
    except Exception as error:
        document["trouble"].append(f"internal: {type(error).__name__}: {str(error)[:200]}")
        tell(document, True)
    finally:
        os._exit(0)


def _run(step: Step, archive: bytes, document: dict[str, Any], source: Source, tell: Callable[[dict[str, Any]], None]) -> None:
    document["trouble"] += write_tree(archive, step)
    del archive
    running = Running(step, document, tell)
    start_services(running)
    if step.kind == "serve":
        serve(running, source)
    else:
        _KINDS[step.kind](running)
    kill_below(seconds=3.0)


def _tests(running: Running) -> None:
    suite = dict(running.step.suite or {})
    if suite.get("runner") in ("vitest", "jest", "node"):
        run_node_suite(running, suite)
    else:
        run_python_suite(running, suite)


_KINDS: dict[str, Callable[[Running], None]] = {"tests": _tests, "migrate": migrate, "mutate": mutate}


def _write(out: IO[bytes], document: dict[str, Any]) -> int:
    data = json.dumps(document).encode()
    if len(data) > MOST_OUT:
        kept = {k: v for k, v in document.items() if len(json.dumps(v)) < 2_000_000}
        data = json.dumps({**kept, "trouble": [*document["trouble"], "too-large"]}).encode()
    with contextlib.suppress(BrokenPipeError):
        out.write(frame(data))
        out.flush()
    return 0

"""Runs a process with which frames are exchanged: inputs one after the other, products as they come, all of it bounded."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import IO

from grader.frames import Frames, Input, send
from grader.process import Completed, Process, ended, kill_session, listen, spawn
from grader.sandbox import Contact, Countdown, Job

PULSE = 0.05


def converse(
    argv: tuple[str, ...],
    job: Job,
    contact: Contact,
    *,
    environment: Mapping[str, str],
    pass_fds: tuple[int, ...] = (),
    started: Callable[[Process], None] = lambda _process: None,
) -> Completed:
    """Run `argv` for the job in a session of its own, exchange frames, and return how it ended.

    Nothing of its session outlives the call. `started` is called once it runs. Raises FileNotFoundError when a program is absent.
    """
    process = spawn(argv, environment=environment, pass_fds=pass_fds)
    frames, errors = Frames(contact.product, job.product_bytes), bytearray()
    threads = [
        threading.Thread(target=_feed, args=(process.stdin, job.inputs), daemon=True),
        threading.Thread(target=_collect, args=(process.stdout, frames), daemon=True),
        threading.Thread(target=listen, args=(process.stderr, errors, contact.line), daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        started(process)
        how = _wait(process, Countdown(job), frames, contact.stop)
    finally:
        kill_session(process)
    for thread in threads[1:]:
        thread.join(timeout=5)
    how = "output-too-large" if frames.overflow else how
    return Completed(how, process.returncode, b"", bytes(errors), tuple(frames.products))


def _wait(process: Process, countdown: Countdown, frames: Frames, stop: threading.Event) -> str:
    while True:
        if how := ended(process, PULSE):
            return how
        if frames.overflow:
            return "output-too-large"
        if stop.is_set():
            return "stopped"
        if countdown.left <= 0:
            return "timeout"


def _feed(stream: IO[bytes] | None, inputs: Iterable[Input]) -> None:
    """Send each input as a frame; a reader that is gone ends the sending."""
    if stream is None:
        return
    with contextlib.suppress(OSError, ValueError), stream:
        for item in inputs:
            send(stream, item)


def _collect(stream: IO[bytes] | None, frames: Frames) -> None:
    for block in iter(lambda: stream.read1(1 << 16) if stream else b"", b""):  # type: ignore[attr-defined]
        frames.feed(block)
        if frames.overflow:
            return

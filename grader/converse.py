"""Runs a process with which frames are exchanged: inputs one after the other, products as they come, all of it bounded."""

from __future__ import annotations

import contextlib
import shutil
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from grader.process import Completed, Limits, kill_session, listen

HEAD = struct.Struct(">Q")
MOST_PRODUCTS = 16
MOST_PRODUCT_BYTES = 64_000_000
_PULSE = 0.05


@dataclass
class Frames:
    """Cuts a stream into frames. `overflow` is set once the frames are too many, too large, or malformed."""

    heard: Callable[[bytes], None]
    most_bytes: int = MOST_PRODUCT_BYTES
    products: list[bytes] = field(default_factory=list)
    overflow: bool = False
    _buffer: bytearray = field(default_factory=bytearray)
    _total: int = 0

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the stream; whole frames are handed on."""
        self._buffer += data
        self._total += len(data)
        if self._total > self.most_bytes:
            self.overflow = True
        while not self.overflow and len(self._buffer) >= HEAD.size:
            (length,) = HEAD.unpack(self._buffer[: HEAD.size])
            if length > self.most_bytes or len(self.products) >= MOST_PRODUCTS:
                self.overflow = True
            elif len(self._buffer) < HEAD.size + length:
                return
            else:
                product = bytes(self._buffer[HEAD.size : HEAD.size + length])
                del self._buffer[: HEAD.size + length]
                self.products.append(product)
                self.heard(product)


def converse(
    argv: tuple[str, ...],
    *,
    environment: Mapping[str, str],
    limits: Limits,
    inputs: Iterable[bytes | Path],
    line: Callable[[str], None],
    product: Callable[[bytes], None],
    stop: threading.Event,
    started: Callable[[int], None] = lambda _pid: None,
    pass_fds: tuple[int, ...] = (),
) -> Completed:
    """Run `argv` in a session of its own, exchange frames, and return how it ended. Nothing of its session outlives the call.

    `limits.file_bytes` bounds the products together. Raises FileNotFoundError when `prlimit` is absent.
    """
    process = subprocess.Popen(
        (*limits.prefix(), *argv),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environment),
        start_new_session=True,
        pass_fds=pass_fds,
    )
    frames, errors = Frames(product, limits.file_bytes or MOST_PRODUCT_BYTES), bytearray()
    threads = [
        threading.Thread(target=_feed, args=(process.stdin, inputs), daemon=True),
        threading.Thread(target=_collect, args=(process.stdout, frames), daemon=True),
        threading.Thread(target=listen, args=(process.stderr, errors, line), daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        started(process.pid)
        how = _wait(process, limits.seconds, frames, stop)
    finally:
        kill_session(process)
    for thread in threads[1:]:
        thread.join(timeout=5)
    if frames.overflow:
        how = "output-too-large"
    return Completed(how, process.returncode, b"", bytes(errors), tuple(frames.products))


def _wait(process: subprocess.Popen[bytes], seconds: float, frames: Frames, stop: threading.Event) -> str:
    until = time.monotonic() + seconds
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_PULSE)
            return "exit" if process.returncode >= 0 else "signal"
        if frames.overflow:
            return "output-too-large"
        if stop.is_set():
            return "stopped"
        if time.monotonic() > until:
            return "timeout"


def _feed(stream: IO[bytes] | None, inputs: Iterable[bytes | Path]) -> None:
    """Send each input as a frame; a reader that is gone ends the sending."""
    if stream is None:
        return
    with contextlib.suppress(OSError, ValueError), stream:
        for item in inputs:
            send(stream, item)


def send(stream: IO[bytes], item: bytes | Path) -> None:
    """Write one frame."""
    if isinstance(item, bytes):
        stream.write(HEAD.pack(len(item)) + item)
    else:
        stream.write(HEAD.pack(item.stat().st_size))
        with item.open("rb") as source:
            shutil.copyfileobj(source, stream, 1 << 20)
    stream.flush()


def _collect(stream: IO[bytes] | None, frames: Frames) -> None:
    for block in iter(lambda: stream.read1(1 << 16) if stream else b"", b""):  # type: ignore[attr-defined]
        frames.feed(block)
        if frames.overflow:
            return

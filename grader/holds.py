"""Holds: what one process uses is not rebuilt or removed by another; a hold ends with its process, however that ends."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path

_PULSE = 0.05


class Hold:
    """A lock file. Shared by those who use a thing, exclusive for the one who makes or removes it."""

    def __init__(self, path: Path) -> None:
        """Name the lock file; nothing is held yet."""
        self.path = path
        self._file: int | None = None

    def shared(self, seconds: float, stop: threading.Event | None = None) -> bool:
        """Hold with others, waiting at most `seconds`, or until `stop` is set. Raises OSError when the file cannot be made."""
        return self._take(fcntl.LOCK_SH, seconds, stop)

    def exclusive(self, seconds: float, stop: threading.Event | None = None) -> bool:
        """Hold alone, waiting at most `seconds`, or until `stop` is set. Raises OSError when the file cannot be made."""
        return self._take(fcntl.LOCK_EX, seconds, stop)

    def close(self) -> None:
        """Let go, for `contextlib.closing`."""
        self.release()

    def release(self) -> None:
        """Let go; nothing happens when nothing is held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _take(self, kind: int, seconds: float, stop: threading.Event | None) -> bool:
        self.release()
        until = time.monotonic() + seconds
        while not self._try(kind):
            if time.monotonic() >= until or (stop is not None and stop.is_set()):
                return False
            time.sleep(_PULSE)
        return True

    def _try(self, kind: int) -> bool:
        """Take the lock of the file that now has this path: one that was removed meanwhile protects nothing."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
            if os.fstat(file).st_ino == self.path.stat().st_ino:
                self._file = file
                return True
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(file)
        return False

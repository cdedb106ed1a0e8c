"""Deadlines inside the examiner: they stop loops and regular expressions alike (the `re` engine looks for signals)."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Overtime(BaseException):
    """A deadline passed. Not an `Exception`, so that a parser's own `except Exception` cannot swallow it."""


def _ring(_signal: int, _frame: FrameType | None) -> None:
    raise Overtime


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise `Overtime` in the body once `seconds` have passed; an outer deadline goes on counting. Main thread only."""
    before = signal.signal(signal.SIGALRM, _ring)
    started = time.monotonic()
    outer, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    if outer and outer < seconds:
        signal.setitimer(signal.ITIMER_REAL, outer)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if outer:
            signal.setitimer(signal.ITIMER_REAL, max(outer - (time.monotonic() - started), 0.001))

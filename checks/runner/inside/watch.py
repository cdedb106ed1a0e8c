"""Ends a run of tests in which one stands still, even where the time limit of tests could not: a fixture that waits for a thread."""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

STUCK = 75  # exit code of a run that was ended here
MOST_PATIENCE = 15.0  # seconds beyond the limit of a test, which ends most of them by itself
_PULSE = 0.5


class Watch:
    """Looks at how long a test takes; `told` is where what stood still is said, `last` is called before the end."""

    def __init__(self, told: Any, seconds: float, last: Callable[[], None]) -> None:
        """Start to look, in a thread that keeps nobody."""
        self.told, self.seconds, self.last = told, seconds, last
        self.most = seconds + min(MOST_PATIENCE, 5.0 + seconds / 2)
        self._at: tuple[str, float] | None = None
        threading.Thread(target=self._look, daemon=True).start()

    def begins(self, name: str) -> None:
        """A test begins."""
        self._at = (name, time.monotonic())

    def ends(self) -> None:
        """A test has ended."""
        self._at = None

    def _look(self) -> None:
        while True:
            time.sleep(_PULSE)
            at = self._at
            if at is not None and time.monotonic() - at[1] > self.most:
                self.told.say(stuck=at[0], text=f"{_stacks()}\nFailed: Timeout >{self.seconds:.1f}s")
                self.last()
                os._exit(STUCK)


def _stacks() -> str:
    """Return where every other thread is, the end of each."""
    mine = threading.get_ident()
    frames = [frame for number, frame in sys._current_frames().items() if number != mine]
    return "\n".join("".join(traceback.format_stack(frame, limit=None)[-12:]) for frame in frames)[-3500:]

"""Progress on standard error: each stage, with what it is doing; one live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.status import Status
from rich.text import Text as Styled

from grader.render.labels import number
from grader.values import Text

STAGES: dict[str, Text] = {
    "fetch": Text("récupération", "fetching"),
    "examine": Text("lecture", "reading"),
    "run": Text("exécution", "running"),
    "propose": Text("propositions", "proposing"),
}


class Progress:
    """Hears stages and shows them."""

    def __init__(self, language: str, *, quiet: bool = False) -> None:
        """Speak `language`; say nothing when `quiet`."""
        self.language, self.quiet = language, quiet
        self.console = Console(stderr=True, highlight=False, emoji=False)
        self.status: Status | None = None
        self.stage = ""
        self.started = time.monotonic()

    def __enter__(self) -> Progress:
        """Start the live line where there is a terminal."""
        if not self.quiet and sys.stderr.isatty():
            self.status = self.console.status("…")
            self.status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Leave the terminal clean."""
        if self.status is not None:
            self.status.stop()

    def say(self, stage: str, what: str) -> None:
        """Show what `stage` is doing."""
        if self.quiet:
            return
        line = Styled(f"{STAGES[stage].in_(self.language)} — {what}")
        if self.status is not None:
            self.status.update(line)
        elif stage != self.stage:
            passed = number(time.monotonic() - self.started, self.language)
            self.console.print(Styled(f"[{passed:>5} s] "), line, sep="")
        self.stage = stage

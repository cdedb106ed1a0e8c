"""Progress on standard error: each stage, with what it is doing; one live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import re
import sys
import time
from collections.abc import Iterator
from types import TracebackType

from rich.console import Console
from rich.status import Status
from rich.text import Text as Styled

from grader.render.labels import STEPS
from grader.values import Text

STAGES: dict[str, Text] = {
    "fetch": Text("récupération", "fetching"),
    "examine": Text("lecture", "reading"),
    "run": Text("exécution", "running"),
    "propose": Text("propositions", "proposing"),
}


# What the examiner is at, by the fact or check it names; anything else is a check.
DOING: dict[str, Text] = {
    "documents": Text("documents", "documents"),
    "topics": Text("vocabulaire des documents", "words of the documents"),
    "explanations": Text("vocabulaire des documents", "words of the documents"),
    "python_code": Text("code Python", "Python code"),
    "routes": Text("routes des API", "routes of the APIs"),
    "sql_statements": Text("requêtes SQL", "SQL queries"),
    "data_sources": Text("sources de données", "data sources"),
    "workflows": Text("chaînes d'intégration", "integration chains"),
    "test_suite": Text("tests", "tests"),
    "repairs": Text("historique", "history"),
    "linters": Text("linters", "linters"),
    "secrets": Text("secrets", "secrets"),
    "monitoring_stack": Text("surveillance", "monitoring"),
    "reach": Text("programmes", "programs"),
    "history": Text("historique", "history"),
}
CHECKING = Text("contrôles", "checks")
# What runs, by the first word of what is said of it.
RUNNING: dict[str, Text] = {"prepare": Text("préparation", "preparing"), **STEPS}
_INTERNAL = re.compile(r"[a-z]+([._-][a-z]+)*")


def doing(stage: str, what: str, language: str) -> str:
    """Return what a stage is doing, in words: the examiner names its facts and checks, which are not for people."""
    if what in DOING:
        return DOING[what].in_(language)
    first, _, rest = what.partition(" ")
    if stage == "run" and first in RUNNING:
        return " ".join((RUNNING[first].in_(language), rest)).strip()
    return CHECKING.in_(language) if stage == "examine" and ("." in what or "_" in what) and _INTERNAL.fullmatch(what) else what


class Progress:
    """Hears stages and shows them."""

    def __init__(self, language: str, *, quiet: bool = False) -> None:
        """Speak `language`; say nothing when `quiet`."""
        self.language, self.quiet = language, quiet
        self.console = Console(stderr=True, highlight=False, emoji=False)
        self.status: Status | None = None
        self.said: set[tuple[str, str]] = set()
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
        line = Styled(f"{STAGES[stage].in_(self.language)} — {doing(stage, what, self.language)}")
        if self.status is not None:
            self.status.update(line)
        elif (news := (stage, what if stage == "run" else "")) not in self.said:
            self.said.add(news)
            self.console.print(Styled(f"[{time.monotonic() - self.started:5.1f} s] "), line, sep="")

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Take the live line away while something else is printed."""
        if self.status is not None:
            self.status.stop()
        yield
        if self.status is not None:
            self.status.start()

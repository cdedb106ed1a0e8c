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

from grader.plurals import agree
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
    "ran": Text("ce qui a été exécuté", "what was run"),
    "reach": Text("programmes", "programs"),
    "history": Text("historique", "history"),
}
# What running is at: the first word names the job, the rest is a part of the repository or a count.
RUNNING: tuple[tuple[str, Text], ...] = (
    (r"prepare resolve (\d+) packages", Text(r"choix des versions, \1 paquet(s)", r"choosing versions, \1 package(s)")),
    (r"prepare install (\d+) packages", Text(r"installation, \1 paquet(s)", r"installing \1 package(s)")),
    (r"prepare (.*)", Text(r"environnement, \1", r"environment, \1")),
    (r"tests (.*)", Text(r"tests, \1", r"tests, \1")),
    (r"serve (.*)", Text(r"application, \1", r"application, \1")),
    (r"migrate (.*)", Text(r"base de données, \1", r"database, \1")),
    (r"mutate (.*)", Text(r"fautes introduites, \1", r"faults put in, \1")),
)
CHECKING = Text("contrôles", "checks")
_INTERNAL = re.compile(r"[a-z]+([._-][a-z]+)*")


def doing(stage: str, what: str, language: str) -> str:
    """Return what a stage is doing, in words: the examiner names its facts and checks, which are not for people."""
    if stage == "run":
        found = next(((m, text) for pattern, text in RUNNING if (m := re.fullmatch(pattern, what, re.S))), None)
        return agree(found[0].expand(found[1].in_(language)), language) if found else what
    if what in DOING:
        return DOING[what].in_(language)
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

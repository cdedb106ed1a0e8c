"""One step being run: its document as it grows, its commands one after the other, its services."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .commands import Ended, run
from .step import Step
from .surroundings import environment_of

MOST_COMMANDS = 60
MOST_ASIDE = 60.0  # seconds that a look of our own at a suite may take


class Running:
    """Holds what a step has done so far; each command is told at once, so that nothing is lost with us."""

    def __init__(self, step: Step, document: dict[str, Any], tell: Callable[[dict[str, Any]], None]) -> None:
        """Take the step, its document, and what to call with the document as it grows."""
        self.step, self.document, self.tell = step, document, tell
        self.spared: set[int] = set()
        self.provided: set[tuple[str, str]] = set()  # roles and databases made because a program asked for them
        self._aside: float | None = None
        self.kept: list[subprocess.Popen[bytes]] = []  # services: a process that nobody holds is reaped too early
        self.scratch = step.base / f"jurygrid-{secrets.token_hex(8)}"
        self.scratch.mkdir(mode=0o700)

    def command(
        self,
        argv: tuple[str, ...],
        folder: Path,
        *,
        seconds: float | None = None,
        variables: Mapping[str, str] | None = None,
        bare: bool = False,
    ) -> Ended:
        """Run a command in a folder of the tree within what time is left, and add it to the document."""
        most = max(min(self.step.time_left, seconds or self.step.seconds), 0.1)
        if self._aside is not None:
            most = max(min(most, self._aside - time.monotonic()), 0.1)
        self.say(f"{Path(argv[0]).name} {' '.join(argv[1:])}"[:200])
        ended = run(
            argv,
            folder=folder,
            shown=self.shown(folder),
            environment=environment_of(self.step, variables or {}, bare=bare),
            seconds=most,
            grace=self.step.grace if self._aside is None else min(self.step.grace, 0.5),
            spared=self.spared,
        )
        if self._aside is None:
            self.add(ended)
        return ended

    @contextlib.contextmanager
    def aside(self, seconds: float) -> Iterator[None]:
        """Bound what runs within by `seconds` altogether, and leave it out of the document: it is of our own doing."""
        self._aside = time.monotonic() + seconds
        try:
            yield
        finally:
            self._aside = None

    @contextlib.contextmanager
    def beside(self, suite: Mapping[str, Any], name: str, text: str) -> Iterator[str]:
        """Put a test of ours beside those of a suite for a while, out of the document; give its path as the suite sees it. Raises OSError."""
        folder = self.step.folder(str(suite.get("folder", "")))
        first = folder / str((suite.get("targets") or [""])[0])
        path = (first if first.is_dir() else first.parent) / name
        try:
            path.write_text(text, "utf-8")
            with self.aside(min(MOST_ASIDE, self.step.time_left)):
                yield os.path.relpath(path, folder)
        finally:
            with contextlib.suppress(OSError):
                path.unlink()

    @property
    def aside_left(self) -> float:
        """Return the seconds left of what runs aside."""
        return self._aside - time.monotonic() if self._aside is not None else self.step.time_left

    def add(self, ended: Ended) -> None:
        """Add a command that ended to the document."""
        if len(self.document["commands"]) < MOST_COMMANDS:
            self.document["commands"].append(ended.document())
        self.tell(self.document)

    def shown(self, folder: Path) -> str:
        """Return a folder as seen from the root of the repository, "" for the root."""
        relative = self.step.relative(folder)
        return "" if relative == "." else relative

    def trouble(self, code: str) -> None:
        """Note, once, why something could not be done."""
        if code not in self.document["trouble"]:
            self.document["trouble"].append(code)
        self.tell(self.document)

    def put(self, **products: Any) -> None:
        """Add products to the document."""
        self.document.update(products)
        self.tell(self.document)

    def new(self, name: str) -> Path:
        """Return a path of ours that nobody was told of yet."""
        return self.scratch / f"{secrets.token_hex(6)}-{name}"

    def request(self, **values: Any) -> Path:
        """Write what a program of ours is asked, and return where."""
        path = self.new("request.json")
        path.write_text(json.dumps(values), "utf-8")
        return path

    @staticmethod
    def say(line: str) -> None:
        """Tell progress, one line on standard error."""
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, (line.replace("\n", " ") + "\n").encode("utf-8", "replace"))

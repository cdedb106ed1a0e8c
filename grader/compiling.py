"""Compiles prepared environments beside the first runs in them: nobody waits for bytecode, and without it all is the same but slower."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from grader.answers import COMPILED, read_answer
from grader.errors import SandboxFailed
from grader.holds import Hold
from grader.memory import remember, remembered
from grader.sandbox import ENVIRONMENT, Contact, Mount

Work = Callable[[dict[str, object], tuple[Mount, ...], Contact], bytes]


@dataclass
class Compiling:
    """What one process compiles, remembered below `folder`; `work` runs a preparation in the sandbox."""

    work: Work
    folder: Path
    seconds: float
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def begin(self, key: str, name: str) -> None:
        """Compile an environment in the background, unless that is done, or being done. The caller holds it until `close`."""
        if self.is_done(key, name):
            return
        thread = threading.Thread(target=self._compile, args=(key, name), daemon=True)
        self._threads.append(thread)
        thread.start()

    def close(self) -> None:
        """End what is going on: whoever comes next goes on with the rest."""
        self._stop.set()
        while self._threads:
            self._threads.pop().join()
        self._stop = threading.Event()

    def wait(self, seconds: float) -> None:
        """Wait for what is going on."""
        for thread in self._threads:
            thread.join(seconds)

    def is_done(self, key: str, name: str) -> bool:
        """Tell whether an environment was compiled as a whole, by whichever process."""
        known = remembered(self.folder / "compiled" / f"{key}.json", COMPILED)
        return known is not None and known.name == name

    def _compile(self, key: str, name: str) -> None:
        hold = Hold(self.folder / "holds" / f"compile-{key}")
        with contextlib.suppress(SandboxFailed, OSError), contextlib.closing(hold):
            if hold.exclusive(0) and not self.is_done(key, name):
                task: dict[str, object] = {"do": "compile", "seconds": self.seconds}
                data = self.work(task, (Mount(name, ENVIRONMENT, writable=True),), Contact(stop=self._stop))
                answer = read_answer(COMPILED, data)
                if answer.compiled:
                    remember(self.folder / "compiled" / f"{key}.json", answer.model_copy(update={"name": name}).model_dump_json())

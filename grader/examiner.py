"""The examination's sandbox, started before what it examines is at hand: our checks load while Git still fetches."""

from __future__ import annotations

import queue
import secrets
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from types import TracebackType

from grader.frames import Input
from grader.places import choose_sandbox
from grader.process import Completed, Limits
from grader.sandbox import MOST_REPORT, Contact, Job
from grader.settings import Settings


class Examiner:
    """An examination that waits for its submission, in a sandbox of its own.

    `place` is the sandbox, `runs` whether what was built will be run, `nonce` what its reports must answer with. Setting `stop`
    ends it from another thread.
    """

    def __init__(
        self, settings: Settings, sandbox: str = "auto", *, run: bool = True, stop: threading.Event | None = None
    ) -> None:
        """Start the sandbox, after removing what killed commands left in it."""
        self.place = choose_sandbox(sandbox, settings)
        self.runs = run and self.place.runs_code
        self.nonce = secrets.token_hex(16)
        self.stop = stop or threading.Event()
        self._given: queue.SimpleQueue[Iterable[Input]] = queue.SimpleQueue()
        self._begun = threading.Event()
        self._contact = Contact()
        self._done: Future[Completed] = Future()
        self._thread = threading.Thread(target=self._run, args=(self._job(settings),), daemon=True)
        self._thread.start()

    def __enter__(self) -> Examiner:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Let it go, whether it was used or not; after an error, end it at once."""
        if kind is not None:
            self.stop.set()
        self._given.put(())
        self._thread.join()

    def examine(self, inputs: Iterable[Input], contact: Contact) -> Completed:
        """Send what is to be examined and wait for the end. Raises SandboxFailed when the sandbox cannot be had."""
        self._contact = contact
        self._begun.set()
        self._given.put(inputs)
        return self._done.result()

    def _run(self, job: Job) -> None:
        try:
            self.place.sweep()
            self._done.set_result(self.place.run(job, Contact(self._hear, self._take, stop=self.stop)))
        except BaseException as failure:
            self._done.set_exception(failure)

    def _hear(self, line: str) -> None:
        self._contact.line(line)

    def _take(self, product: bytes) -> None:
        self._contact.product(product)

    def _inputs(self) -> Iterator[Input]:
        yield from self._given.get()

    def _job(self, settings: Settings) -> Job:
        longest = settings.examine_seconds + (settings.run_seconds + settings.prepare_seconds if self.runs else 0)
        limits = Limits(
            seconds=longest,
            cpu_seconds=int(settings.examine_seconds * 2),
            memory_bytes=settings.examine_memory + 500_000_000,
            file_bytes=max(MOST_REPORT, settings.most_bytes),
        )
        return Job(self._inputs(), limits, product_bytes=3 * MOST_REPORT, begins=self._begun, label=self.nonce)

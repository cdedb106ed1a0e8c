"""The embedded mode: threads of one process take assessments from the same table by the same code as Celery's workers."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import replace

from grader.assess import Assessor
from grader.settings import ServiceSettings
from grader.store.database import DatabaseFailed
from grader.store.tables import Lane, State
from grader.sweep import Caretaker

log = logging.getLogger("jurygrid.embedded")
_LOOK = 2.0  # seconds between two looks at the table when nobody tells
_SWEEP = 15.0


class Embedded:
    """Wakes threads of this process: a `Queue`. One thread fetches, so that no receipt waits for a grading; the others grade."""

    def __init__(self) -> None:
        """Nothing runs before `start`."""
        self._bells = {State.RECEIVED: threading.Event(), State.QUEUED: threading.Event()}
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def tell(self, waiting: State, lane: Lane) -> None:
        """Wake who takes what waits in this state."""
        self._bells[waiting].set()

    def start(self, assessor: Assessor, service: ServiceSettings) -> None:
        """Start the threads: as many that grade as the settings say, else one for each core."""
        jobs: list[tuple[str, Callable[[Assessor], None]]] = [
            ("fetch", self._fetch),
            ("sweep", lambda a: self._sweep(Caretaker(a, service))),
        ]
        jobs += [(f"grade-{n}", self._grade) for n in range(service.workers or os.cpu_count() or 1)]
        for name, job in jobs:
            mine = replace(assessor, name=f"{assessor.name}:{name}")
            self._threads.append(threading.Thread(target=job, args=(mine,), name=name, daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """Take nothing more, and wait a little for what is under way: what does not end is taken up again by its lease."""
        self._over.set()
        for bell in self._bells.values():
            bell.set()
        for thread in self._threads:
            thread.join(seconds)

    def _fetch(self, assessor: Assessor) -> None:
        self._take_all(assessor, State.RECEIVED)

    def _grade(self, assessor: Assessor) -> None:
        self._take_all(assessor, State.QUEUED)

    def _take_all(self, assessor: Assessor, waiting: State) -> None:
        bell = self._bells[waiting]
        while not self._over.is_set():
            bell.clear()
            if not _tried(lambda: assessor.take(waiting)):
                bell.wait(_LOOK)

    def _sweep(self, caretaker: Caretaker) -> None:
        while not self._over.wait(_SWEEP):
            _tried(lambda: bool(caretaker.look()))


def _tried(job: Callable[[], bool]) -> bool:
    """Do a job; what goes wrong is told and costs this turn only: a thread that ended would take nothing any more."""
    try:
        return job()
    except DatabaseFailed:
        log.warning("the database does not answer", exc_info=True)
    except Exception:
        log.exception("unexpected")
    return False

"""A whole installation of one's own: PostgreSQL, Redis, Celery workers and a sweeper as real processes, which tests then break."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.files import Files
from grader.handing import Asked, Hand, hand_in
from grader.secret import read_secret
from grader.settings import ServiceSettings, Settings, read_settings
from grader.store.assessments import tally
from grader.store.database import Database
from grader.store.reckoning import Reckoning, reckon
from grader.store.tables import ENDED, Assessment, Enrolment, Lane, Person, State
from tests.servers import PostgreSQL, Redis
from tests.store.people import People, people
from worker.queue import CeleryQueue, celery_app

LEASE = 3.0


@dataclass
class Installation:
    """What runs, and how to ask it."""

    folder: Path
    postgresql: PostgreSQL
    redis: Redis
    environment: dict[str, str]
    settings: Settings
    service: ServiceSettings
    database: Database
    known: People
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start one of our commands, as an administrator would."""
        log = (self.folder / f"{command[0]}-{len(self.processes)}.log").open("wb")
        argv = [str(Path(sys.executable).with_name("jurygrid")), *command]
        process = subprocess.Popen(
            argv, env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
        )
        self.processes.append(process)
        return process

    def logs(self) -> str:
        return "\n".join(f"== {p.name}\n{p.read_text('utf-8', 'replace')[-3000:]}" for p in sorted(self.folder.glob("*.log")))

    def hand_in(self, count: int, url: str = "sample:weak", *, lane: Lane = Lane.INTERACTIVE) -> list[uuid.UUID]:
        """Hand in for `count` new candidates; return their submissions."""
        queue = CeleryQueue(celery_app(self.redis.url))
        hand = Hand(read_secret(self.service.secret), self.settings.hosts, samples=True)
        made = []
        for _ in range(count):
            with self.database.begin() as session:
                person = Person(email=f"{uuid.uuid4().hex}@example.org", name="Candidate")
                session.add(person)
                session.flush()
                enrolment = Enrolment(session_id=self.known.session.id, person_id=person.id)
                session.add(enrolment)
                session.flush()
                submission, _ = hand_in(session, hand, enrolment, Asked(((url, None, None),)), person=person.id, key=None)
                made.append(submission.id)
            queue.tell(State.RECEIVED, lane)
        return made

    def counts(self) -> dict[str, int]:
        with self.database.read() as session:
            return tally(session)

    def wait(self, *, until: int | None = None, seconds: float = 90) -> dict[str, int]:
        """Wait until every assessment has ended (or `until` of them)."""
        late = time.monotonic() + seconds
        while time.monotonic() < late:
            with contextlib.suppress(Exception):
                counts = self.counts()
                ended = sum(counts[state] for state in ENDED)
                if ended >= (until if until is not None else sum(counts.values())):
                    return counts
            time.sleep(0.2)
        raise TimeoutError(f"{self.counts()}\n{self.logs()}")

    def wait_for(self, state: State, many: int = 1, seconds: float = 60) -> None:
        late = time.monotonic() + seconds
        while self.counts()[state] < many:
            if time.monotonic() > late:
                raise TimeoutError(f"{self.counts()}\n{self.logs()}")
            time.sleep(0.02)

    def rows(self) -> list[Assessment]:
        from sqlmodel import select

        with self.database.read() as session:
            return list(session.exec(select(Assessment)))

    def reckoned(self) -> Reckoning:
        with self.database.read() as session:
            return reckon(session)

    def leftovers(self) -> list[str]:
        """Return work folders and sandboxed processes that are still here."""
        folders = [p.name for p in (self.folder / "work").glob("jurygrid-*") if p.name != "jurygrid-viewer"]
        ours = {p.pid for p in self.processes}
        return folders + [argv for pid, argv in processes_of(self.folder) if pid not in ours and "checks" in argv]

    def stop(self) -> None:
        for process in self.processes:
            end(process)
        self.database.close()


def processes_of(folder: Path) -> Iterator[tuple[int, str]]:
    """Give the processes whose environment names a folder: those that an installation started, and theirs."""
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with contextlib.suppress(OSError):
                if str(folder).encode() in (place / "environ").read_bytes():
                    yield int(place.name), (place / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")


def end(process: subprocess.Popen[bytes], how: int = signal.SIGTERM) -> None:
    """End a process that a test started, with its children."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def installation(folder: Path, postgresql: PostgreSQL, redis: Redis, **more: str) -> Iterator[Installation]:
    """Make an installation whose leases are short; nothing is started yet."""
    (folder / "work").mkdir()
    service = ServiceSettings(
        data_folder=folder,
        database_url=postgresql.new_database(),
        queue_url=redis.url,
        lease_seconds=LEASE,
        samples=True,
        sandbox="none",
    )
    environment = {
        **os.environ,
        "JURYGRID_DATA_FOLDER": str(folder),
        "JURYGRID_DATABASE_URL": service.database_url,
        "JURYGRID_QUEUE_URL": redis.url,
        "JURYGRID_LEASE_SECONDS": str(LEASE),
        "JURYGRID_SAMPLES": "1",
        "JURYGRID_SANDBOX": "none",
        "JURYGRID_WORK_FOLDER": str(folder / "work"),
        **more,
    }
    database = Database(service.database_url)
    database.upgrade()
    read_secret(service.secret)
    Files(service.files)
    with database.begin() as session:
        known = people(session)
    made = Installation(folder, postgresql, redis, environment, read_settings(environment), service, database, known)
    try:
        yield made
    finally:
        made.stop()

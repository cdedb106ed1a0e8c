"""Breaks a real installation while submissions are in flight, and counts afterwards: nothing lost, nothing twice, everything explained."""

from __future__ import annotations

import contextlib
import datetime
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import redis as redis_client
from sqlmodel import col, select, update

from grader.catalogue import SENTENCES
from grader.store.columns import now
from grader.store.decisions import decide
from grader.store.people import add_token
from grader.store.tables import ENDED, Assessment, Decision, Snapshot, State, StoredProposal
from tests.conftest import commit
from tests.engines import private_engine, start_engine
from tests.faults.installation import LEASE, Installation, end, installation, processes_of
from tests.git_host import GitServer
from tests.running.watch import containers
from tests.servers import PostgreSQL, Redis, free_port, postgresql, redis, wait_for_port
from worker.queue import CeleryQueue, celery_app

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def own_postgresql() -> Iterator[PostgreSQL]:
    with postgresql() as server:
        yield server


@pytest.fixture
def own_engine() -> Iterator[tuple[Path, str]]:
    with private_engine() as made:
        yield made


@pytest.fixture
def own_redis() -> Iterator[Redis]:
    with redis() as server:
        yield server


@pytest.fixture
def here(own_postgresql: PostgreSQL, own_redis: Redis, tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path, own_postgresql, own_redis) as made:
        yield made


def children(process: subprocess.Popen[bytes]) -> list[int]:
    """Return the processes in which a Celery worker does its tasks."""
    found = []
    for place in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            if place.name.isdigit() and int((place / "stat").read_text().rpartition(")")[2].split()[1]) == process.pid:
                found.append(int(place.name))
    return found


def must_add_up(here: Installation, many: int) -> dict[str, int]:
    """Wait for the end, and assert what must hold after any fault."""
    counts = here.wait(seconds=150)
    assert sum(counts.values()) == many, counts
    found = here.reckoned()
    assert found.holds, found.wrong
    for row in here.rows():
        assert row.state in ENDED
        assert row.worker is None and row.lease_until is None
        if row.state != State.READY:
            assert row.code in SENTENCES, row
    with here.database.read() as session:
        snapshots = session.exec(select(Snapshot.submission_id)).all()
        assert len(snapshots) == len(set(snapshots))
        proposed = session.exec(select(StoredProposal.assessment_id).distinct()).all()
    assert len(proposed) == counts[State.READY]
    late = time.monotonic() + 20
    while here.leftovers() and time.monotonic() < late:
        time.sleep(0.2)
    assert here.leftovers() == []
    answer = subprocess.run(
        (str(Path(here.processes[0].args[0])), "audit"), env=here.environment, capture_output=True, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return counts


def test_a_workers_child_is_killed(here: Installation) -> None:
    worker = here.start("worker", "--processes", "2")
    here.start("sweep", "--every", "1")
    for url in ("sample:weak", "sample:strong"):  # each is examined once: the same commit reuses its report
        here.hand_in(3, url)
        here.wait_for(State.RUNNING)
        for pid in children(worker)[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    assert must_add_up(here, 6)[State.READY] == 6


def test_the_whole_worker_is_killed(here: Installation) -> None:
    worker = here.start("worker", "--processes", "2")
    here.start("sweep", "--every", "1")
    here.hand_in(6)
    here.wait_for(State.RUNNING)
    end(worker, signal.SIGKILL)
    assert here.counts()[State.RUNNING] + here.counts()[State.FETCHING] > 0
    here.start("worker", "--processes", "2")
    assert must_add_up(here, 6)[State.READY] == 6


def test_a_worker_that_is_told_to_end_ends_its_work_first(here: Installation) -> None:
    worker = here.start("worker", "--processes", "1")
    here.hand_in(1)
    here.wait_for(State.RUNNING)
    worker.send_signal(signal.SIGTERM)
    worker.wait(60)
    assert here.counts()[State.READY] == 1
    assert {r.attempt for r in here.rows()} == {1}


def test_redis_is_emptied_and_stopped(here: Installation) -> None:
    here.start("worker", "--processes", "2")
    here.start("sweep", "--every", "1")
    here.hand_in(3)
    redis_client.Redis.from_url(here.redis.url).flushall()
    here.wait_for(State.RUNNING)
    here.redis.stop()
    here.hand_in(3)  # accepted all the same
    time.sleep(2)
    here.redis.start()
    with here.database.begin() as session:  # as a minute later, when a message that was sent may be taken for lost
        session.execute(update(Assessment).values(sent_at=now() - datetime.timedelta(minutes=2)))
    assert must_add_up(here, 6)[State.READY] == 6


def test_postgresql_is_restarted(here: Installation) -> None:
    here.start("worker", "--processes", "2")
    here.start("sweep", "--every", "1")
    here.hand_in(6)
    here.wait_for(State.RUNNING)
    here.postgresql.stop("immediate")
    time.sleep(1)
    here.postgresql.start()
    assert must_add_up(here, 6)[State.READY] == 6


def test_messages_come_twice_and_two_sweep(here: Installation) -> None:
    here.start("worker", "--processes", "2")
    here.start("sweep", "--every", "0.3")
    here.start("sweep", "--every", "0.3")
    here.hand_in(5)
    queue = CeleryQueue(celery_app(here.redis.url))
    for _ in range(20):
        for state in (State.RECEIVED, State.QUEUED):
            queue.tell(state, "interactive")  # type: ignore[arg-type]
    assert must_add_up(here, 5)[State.READY] == 5
    assert {r.attempt for r in here.rows()} == {1}, here.logs()


@pytest.fixture
def clock(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A file that says by how many seconds a clock is off, and the settings by which processes live by that clock."""
    folder = tmp_path_factory.mktemp("clock")
    file, library = folder / "shift", folder / "clock.so"
    file.write_text("0")
    source = Path(__file__).with_name("clock.c")
    subprocess.run(("tcc", "-nostdlib", "-shared", "-o", str(library), str(source)), check=True)
    return file, {"LD_PRELOAD": str(library), "SHIFTED_CLOCK": str(file)}


@pytest.mark.parametrize("jump", ["3600", "-3600"])
def test_the_clock_jumps(
    own_postgresql: PostgreSQL, own_redis: Redis, tmp_path: Path, clock: tuple[Path, dict[str, str]], jump: str
) -> None:
    """The wall clock of all our processes jumps while they work; then a worker dies under the new time."""
    shift, faked = clock
    with installation(tmp_path, own_postgresql, own_redis, **faked) as here:
        worker = here.start("worker", "--processes", "2")
        here.start("sweep", "--every", "0.5")
        here.hand_in(3)
        here.wait_for(State.RUNNING)
        shift.write_text(jump)
        time.sleep(2)
        began = here.rows()[0].created_at
        assert here.counts()[State.FAILED] == 0
        here.hand_in(3, "sample:strong")
        here.wait_for(State.RUNNING)
        end(worker, signal.SIGKILL)
        here.start("worker", "--processes", "2")
        assert must_add_up(here, 6)[State.READY] == 6
        ended = max(r.ended_at for r in here.rows() if r.ended_at)
        assert abs((ended - began).total_seconds()) > 3000, "the clock did not jump"


@pytest.fixture
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("disk")
    subprocess.run(("mount", "-t", "tmpfs", "-o", "size=400k", "none", str(folder)), check=True)
    try:
        yield folder
    finally:
        subprocess.run(("umount", "-l", str(folder)), check=True)


@pytest.fixture
def git_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[GitServer, str, dict[str, str]]]:
    """A Git host with one repository: the server, its address, and the settings that reach it."""
    with GitServer(tmp_path_factory.mktemp("git-host")) as server:
        host = server.host(tmp_path_factory.mktemp("work"))
        files = {"app.py": "x = 1\n", "README.md": "# r\n", "data.bin": os.urandom(200_000)}
        url = host.publish(commit(tmp_path_factory.mktemp("repository") / "r", files))
        yield (
            server,
            url,
            {
                "JURYGRID_HOSTS": " ".join(host.settings.hosts),
                "JURYGRID_PRIVATE_NETWORKS": " ".join(host.settings.private_networks),
                "JURYGRID_CA_BUNDLE": host.settings.ca_bundle,
            },
        )


def first_codes(here: Installation) -> set[str]:
    """Wait until something is said to have gone wrong, and return what."""
    late = time.monotonic() + 60
    while not any(r.code for r in here.rows()) and time.monotonic() < late:
        time.sleep(0.2)
    return {r.code for r in here.rows() if r.code}


def test_the_disk_of_the_work_folder_is_full(
    own_postgresql: PostgreSQL,
    own_redis: Redis,
    tmp_path: Path,
    small_disk: Path,
    git_host: tuple[GitServer, str, dict[str, str]],
) -> None:
    _, url, more = git_host
    with installation(tmp_path, own_postgresql, own_redis, JURYGRID_WORK_FOLDER=str(small_disk), **more) as here:
        (small_disk / "filler").write_bytes(b"x" * 250_000)
        here.start("worker", "--processes", "1")
        here.start("sweep", "--every", "0.5")
        here.hand_in(2, url)
        assert first_codes(here) == {"disk-full"}, here.logs()
        subprocess.run(("mount", "-o", "remount,size=400m", str(small_disk)), check=True)
        (small_disk / "filler").unlink()
        assert must_add_up(here, 2)[State.READY] == 2


def test_the_git_host_goes_away_halfway(
    own_postgresql: PostgreSQL, own_redis: Redis, tmp_path: Path, git_host: tuple[GitServer, str, dict[str, str]]
) -> None:
    server, url, more = git_host
    with installation(tmp_path, own_postgresql, own_redis, **more) as here:
        here.start("worker", "--processes", "1")
        here.start("sweep", "--every", "0.5")
        server.cut_after = 300
        here.hand_in(2, url)
        assert first_codes(here) <= {"host-unreachable", "fetch-failed"}
        server.cut_after = None
        assert must_add_up(here, 2)[State.READY] == 2


def test_a_git_host_that_stays_away_is_a_stated_failure_and_not_a_refusal(
    own_postgresql: PostgreSQL, own_redis: Redis, tmp_path: Path, git_host: tuple[GitServer, str, dict[str, str]]
) -> None:
    server, url, more = git_host
    with installation(tmp_path, own_postgresql, own_redis, **more) as here:
        here.start("worker", "--processes", "1")
        here.start("sweep", "--every", "0.5")
        server.cut_after = 300
        here.hand_in(1, url)
        assert must_add_up(here, 1)[State.FAILED] == 1
        assert {(r.code, r.attempt) for r in here.rows()} <= {("host-unreachable", 3), ("fetch-failed", 3)}


def test_decisions_made_meanwhile_stay(here: Installation) -> None:
    worker = here.start("worker", "--processes", "2")
    here.start("sweep", "--every", "1")
    here.hand_in(1)
    here.wait(until=1)
    with here.database.begin() as session:
        ready = session.exec(select(Assessment).where(col(Assessment.state) == State.READY)).one()
        made = [
            decide(session, here.known.blaise.id, ready, criterion=f"C1.{n}", level="met", comment="kept").id for n in range(1, 4)
        ]
    here.hand_in(4)
    end(worker, signal.SIGKILL)
    here.start("worker", "--processes", "2")
    must_add_up(here, 5)
    with here.database.read() as session:
        kept = session.exec(select(Decision)).all()
    assert sorted(d.id for d in kept) == sorted(made)
    assert {(d.level, d.comment) for d in kept} == {("met", "kept")}


def test_the_api_is_killed_while_it_acknowledges(here: Installation) -> None:
    port = free_port()
    with here.database.begin() as session:
        secret, _ = add_token(session, here.known.ada, name="t", scopes=["read", "submit"], days=1)
    where = f"http://127.0.0.1:{port}/api/candidates/{here.known.enrolment.id}/submissions"
    acknowledged: dict[str, str] = {}

    def hand_in(key: str) -> None:
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": key}
        with contextlib.suppress(httpx.HTTPError):
            answer = httpx.post(where, json={"repositories": [{"url": "sample:weak"}]}, headers=headers, timeout=10)
            if answer.status_code == 202:
                acknowledged.setdefault(key, answer.json()["id"])
                assert acknowledged[key] == answer.json()["id"]

    serving = here.start("serve", "--port", str(port))
    wait_for_port(port)
    hand_in("k0")
    threads = [threading.Thread(target=hand_in, args=(f"k{n}",)) for n in range(1, 16)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    end(serving, signal.SIGKILL)
    for thread in threads:
        thread.join()
    before = dict(acknowledged)
    here.start("serve", "--port", str(port))
    wait_for_port(port)
    late = time.monotonic() + 150
    while len(acknowledged) < 16 and time.monotonic() < late:  # whoever asks too often is told to wait, and does
        for key in sorted({f"k{n}" for n in range(16)} - set(acknowledged)):
            hand_in(key)
        time.sleep(1)
    for key in sorted(before)[:3]:
        hand_in(key)  # the same again is the same submission
    assert len(acknowledged) == 16 and before.items() <= acknowledged.items()
    here.start("worker", "--processes", "2")
    here.start("sweep", "--every", "1")
    assert must_add_up(here, 16)[State.READY] == 16
    assert len({r.report_id for r in here.rows()}) <= 2  # the same commit was examined once, or twice at the same moment


@pytest.mark.engine
def test_the_engine_is_restarted(
    own_postgresql: PostgreSQL, own_redis: Redis, tmp_path: Path, own_engine: tuple[Path, str]
) -> None:
    folder, host = own_engine
    more = {
        "JURYGRID_DOCKER_HOST": host,
        "DOCKER_HOST": host,
        "JURYGRID_SANDBOX": "docker",
        "JURYGRID_CACHE_FOLDER": str(tmp_path),
    }
    with installation(tmp_path, own_postgresql, own_redis, **more) as here:
        here.start("worker", "--processes", "2")
        here.start("sweep", "--every", "1")
        here.hand_in(2)
        here.hand_in(2, "sample:strong")
        here.wait_for(State.RUNNING)
        os.kill(int((folder / "engine.pid").read_text()), signal.SIGKILL)
        time.sleep(3)
        assert start_engine(folder) == host
        counts = must_add_up(here, 4)
        assert counts[State.READY] + counts[State.FAILED] == 4
        assert {r.code for r in here.rows() if r.state == State.FAILED} <= {"docker-absent", "docker-failed"}
        late = time.monotonic() + 30
        while containers("", host) and time.monotonic() < late:
            time.sleep(0.5)
        assert containers("", host) == []


def test_nothing_of_it_still_runs(here: Installation) -> None:
    worker = here.start("worker", "--processes", "2")
    here.hand_in(2)
    here.wait_for(State.RUNNING)
    end(worker, signal.SIGKILL)
    late = time.monotonic() + LEASE + 10
    while list(processes_of(here.folder)) and time.monotonic() < late:
        time.sleep(0.2)
    assert list(processes_of(here.folder)) == []
    assert threading.active_count() < 20

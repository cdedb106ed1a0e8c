"""Asks grid and list pages of a full database while workers keep every core busy.

usage: python -m benchmarks.api_load [--submissions 10000] [--rate 50] [--seconds 30]

On PostgreSQL: as many submissions as asked, each with its proposals and a report of some 150 findings; then requests at an even rate to the grid
(JSON), to a competency's page and to the list of candidates, of a hundred candidates in turn, served by one process per core, while another per
core burns its time as a busy worker does. Prints the times, and writes its part of benchmarks/speed.md.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import subprocess
import tempfile
import threading
import time
import uuid
from pathlib import Path

import httpx

from benchmarks.pages import write_part
from grader.assess import Assessor
from grader.store.dump import write_rows
from grader.store.people import find_person, sign_in
from grader.store.tables import Assessment, Enrolment, State
from tests.faults.installation import Installation, installation
from tests.servers import free_port, postgresql, redis, wait_for_port


def fill(here: Installation, count: int) -> list[uuid.UUID]:
    """Grade one sample, and make it the report of `count` candidates, each with a row of its own; return some assessments."""
    here.hand_in(1, "sample:strong")
    hands = Assessor.of(here.database, *_parts(here))
    assert hands.take(State.RECEIVED) and hands.take(State.QUEUED)
    from sqlmodel import select

    with here.database.read() as session:
        one = session.exec(select(Assessment)).one()
        from grader.store.dump import read_rows

        kinds = ("people", "enrolments", "submissions", "snapshots", "receipts", "reports", "assessments", "proposals")
        rows = {k: list(read_rows(session, k)) for k in kinds}
        mine = session.get_one(Enrolment, one.enrolment_id)
    person = next(r for r in rows["people"] if r["id"] == mine.person_id)
    some = []
    for start in range(0, count, 250):
        made: dict[str, list[dict[str, object]]] = {k: [] for k in kinds}
        for number in range(start, min(start + 250, count)):
            ids = {name: uuid.uuid4() for name in ("person", "enrolment", "submission", "snapshot", "report", "assessment")}
            some.append(ids["assessment"])
            made["people"].append(
                {**person, "id": ids["person"], "email": f"{number}@load.example", "name": f"Candidate {number}"}
            )
            made["enrolments"].append({**_of(rows, "enrolments", mine.id), "id": ids["enrolment"], "person_id": ids["person"]})
            own = {"enrolment_id": ids["enrolment"], "person_id": ids["person"]}
            made["submissions"].append({**_of(rows, "submissions", one.submission_id), "id": ids["submission"], **own})
            made["snapshots"].append({**rows["snapshots"][0], "id": ids["snapshot"], "submission_id": ids["submission"]})
            made["receipts"].append({**rows["receipts"][0], "submission_id": ids["submission"]})
            made["reports"].append({**rows["reports"][0], "id": ids["report"], "key": ids["report"].hex})
            told = {
                "submission_id": ids["submission"],
                "snapshot_id": ids["snapshot"],
                "report_id": ids["report"],
                "enrolment_id": ids["enrolment"],
            }
            made["assessments"].append({**rows["assessments"][0], "id": ids["assessment"], **told})
            made["proposals"] += [{**p, "assessment_id": ids["assessment"]} for p in rows["proposals"]]
        with here.database.begin() as session:
            for kind in kinds:
                write_rows(session, kind, iter(made[kind]))
    return some


def _parts(here: Installation) -> tuple[object, ...]:
    from grader.files import Files
    from grader.secret import read_secret
    from worker.queue import queue_from_settings

    return (
        Files(here.service.files),
        read_secret(here.service.secret),
        here.settings,
        here.service,
        queue_from_settings(here.service),
    )


def _of(rows: dict[str, list[dict[str, object]]], kind: str, identity: uuid.UUID) -> dict[str, object]:
    return next(r for r in rows[kind] if r["id"] == identity)


def burn(until: float) -> None:
    """Keep a core busy, at the priority that workers have."""
    while time.monotonic() < until:
        sum(range(10_000))


def asked(address: str, cookie: str, paths: list[str], rate: float, seconds: float) -> list[float]:
    """Ask at an even rate, whatever the answers take; return how long each took."""
    spent: list[float] = []
    lock = threading.Lock()
    client = httpx.Client(
        base_url=address,
        cookies={"jurygrid": cookie},
        headers={"Accept": "text/html"},
        timeout=30,
        limits=httpx.Limits(max_connections=64),
    )

    def ask(path: str) -> None:
        began = time.perf_counter()
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        with lock:
            spent.append(time.perf_counter() - began)

    threads, began = [], time.monotonic()
    for number in range(int(rate * seconds)):
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        threads.append(threading.Thread(target=ask, args=(paths[number % len(paths)],)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return sorted(spent)


def main() -> int:
    """Measure, print, and write the part of the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--submissions", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    lines = ["| pages, by turns | rate | median | 95 % below | slowest |", "|---|---|---|---|---|"]
    place = Path(tempfile.mkdtemp(prefix="bench-"))
    with postgresql() as server, redis() as broker, installation(place, server, broker, JURYGRID_RUN="0") as here:
        some = fill(here, options.submissions)[:100]
        with here.database.begin() as session:
            colette = find_person(session, "colette@example.org")
            assert colette
            cookie, _ = sign_in(session, colette, hours=1)
            enrolments = [session.get_one(Assessment, a).enrolment_id for a in some]
        port = free_port()
        here.start("serve", "--port", str(port), "--processes", str(os.cpu_count() or 1))
        wait_for_port(port)
        until = time.monotonic() + 4 * options.seconds + 60
        burners = [multiprocessing.Process(target=burn, args=(until,), daemon=True) for _ in range(os.cpu_count() or 1)]
        for burner in burners:
            burner.start()
            subprocess.run(("renice", "-n", "10", "-p", str(burner.pid)), check=True, capture_output=True)
        kinds = {
            "grid (JSON), 100 candidates": [f"/api/assessments/{a}/grid" for a in some],
            "a competency's page, 100 candidates": [f"/candidates/{e}/grid/C5" for e in enrolments],
            "list of candidates, 50 a piece": ["/desk", f"/api/sessions/{here.known.session.id}/candidates"],
        }
        for name, paths in kinds.items():
            asked(f"http://127.0.0.1:{port}", cookie, paths, 10, 3)
            spent = asked(f"http://127.0.0.1:{port}", cookie, paths, options.rate, options.seconds)
            p95 = spent[int(len(spent) * 0.95)]
            lines.append(
                f"| {name} | {options.rate:.0f} a second | {statistics.median(spent) * 1000:.0f} ms | {p95 * 1000:.0f} ms | {spent[-1] * 1000:.0f} ms |"
            )
            print(lines[-1], flush=True)
        for burner in burners:
            burner.terminate()
    write_part(f"Pages of {options.submissions} submissions while workers are busy", __doc__ or "", lines)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

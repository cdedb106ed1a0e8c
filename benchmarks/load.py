"""Queues many small submissions at once on a real PostgreSQL and Redis, and counts what the service itself costs.

usage: python -m benchmarks.load [COUNT] [--processes N]

Each submission is a repository of its own, so that no report is reused. Measured: the worker's time per submission beside the examination itself;
throughput beside cores × one process that grades the same without any store, in the same run; a changed rubric proposed anew over every stored
report. Prints, and writes its part of benchmarks/speed.md.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.pages import write_part
from grader import cohort
from grader.examiner import Examiner
from grader.fetch import fetch
from grader.files import Files
from grader.mirror import write_mirror
from grader.pipeline import Order, grade_snapshot
from grader.rubric import load_rubric, read_rubric, rubric_text
from grader.secret import read_secret
from grader.source import parse_source
from grader.store.assessments import enqueue
from grader.store.receipts import issue_receipt
from grader.store.rubrics import store_rubric
from grader.store.tables import Assessment, Enrolment, Lane, Person, Snapshot, State, StoredReport, Submission
from grader.workfolder import work_folder
from tests.faults.installation import Installation, installation
from tests.servers import postgresql, redis

ALONE = 30


def repository(folder: Path, number: int) -> Path:
    """Write a small repository that no other is like."""
    folder.mkdir(parents=True)
    (folder / "README.md").write_text(f"# Projet {number}\n\n## Installation\n\npip install -r requirements.txt\n")
    (folder / "requirements.txt").write_text("fastapi\npytest\n")
    (folder / "main.py").write_text(
        f'from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get("/n{number}")\ndef n():\n    return {number}\n'
    )
    (folder / "test_main.py").write_text("from main import n\n\n\ndef test_n():\n    assert n() >= 0\n")
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for arguments in (("init", "-q"), ("add", "-A"), (*who, "commit", "-qm", "all")):
        subprocess.run(("git", "-C", str(folder), *arguments), check=True)
    return folder


def hand_in(here: Installation, folder: Path, number: int) -> None:
    """Put a fetched submission into the queue."""
    files = Files(here.service.files)
    with work_folder(folder) as place:
        source = parse_source(str(repository(place / "r", number)), frozenset())
        got = fetch(source, None, settings=here.settings, folder=place)
        write_mirror(got, place / "m.tar", settings=here.settings, folder=place)
        with (place / "m.tar").open("rb") as stream:
            name, size = files.keep(stream)
    with here.database.begin() as session:
        person = Person(email=f"{number}@example.org", name=f"Candidate {number}")
        session.add(person)
        session.flush()
        enrolment = Enrolment(session_id=here.known.session.id, person_id=person.id)
        session.add(enrolment)
        session.flush()
        submission = Submission(enrolment_id=enrolment.id, session_id=enrolment.session_id, person_id=person.id, number=1)
        session.add(submission)
        session.flush()
        told = {"url": got.url, "ref": got.ref, "commit": got.commit, "tree": got.tree, "date": got.date}
        snapshot = Snapshot(submission_id=submission.id, file=name, sha256=name, size=size, **told)
        session.add(snapshot)
        session.flush()
        issue_receipt(session, read_secret(here.service.secret), submission, snapshot)
        known = {"submission_id": submission.id, "session_id": enrolment.session_id, "enrolment_id": enrolment.id}
        enqueue(session, Assessment(**known, snapshot_id=snapshot.id, state=State.QUEUED, lane=Lane.BULK))


def alone(here: Installation, folder: Path) -> float:
    """Return the seconds of one grading by one process on one core, without store or queue."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        return _alone(here, folder)
    finally:
        os.sched_setaffinity(0, cores)


def _alone(here: Installation, folder: Path) -> float:
    rubric = load_rubric("rncp37827")
    spent = []
    for number in range(ALONE):
        with work_folder(folder) as place:
            got = fetch(
                parse_source(str(repository(place / "r", 10**6 + number)), frozenset()),
                None,
                settings=here.settings,
                folder=place,
            )
            began = time.perf_counter()
            with Examiner(here.settings, "none", run=False) as examiner:
                grade_snapshot(got, Order("", rubric, here.settings), examiner, place)
            spent.append(time.perf_counter() - began)
    return statistics.mean(spent[2:])


def wait(here: Installation, count: int) -> float:
    """Wait until all are ready; return the seconds since the first was taken."""
    while here.counts()[State.READY] < count:
        time.sleep(0.5)
    rows = here.rows()
    starts = [r.started_at for r in rows if r.started_at]
    ends = [r.ended_at for r in rows if r.ended_at]
    return (max(ends) - min(starts)).total_seconds()


def own_cost(here: Installation) -> list[float]:
    """Return for each submission the seconds of its worker beside the examination."""
    from sqlmodel import col, select

    with here.database.read() as session:
        pairs = session.exec(
            select(Assessment, StoredReport).join(StoredReport, col(StoredReport.id) == col(Assessment.report_id))
        ).all()
    return [(a.ended_at - a.started_at).total_seconds() - r.timings["total"] for a, r in pairs if a.ended_at and a.started_at]


def reproposed(here: Installation) -> tuple[float, int]:
    """Publish a changed rubric; return the seconds and how many assessments."""
    text = (
        rubric_text("rncp37827")
        .decode()
        .replace("Automatiser l'extraction de données", "Automatiser l'extraction des données", 1)
    )
    with here.database.begin() as session:
        stored = store_rubric(session, text.encode(), name="rncp37827")
    began = time.perf_counter()
    many = cohort.publish(here.database, here.known.session.id, read_rubric(text.encode(), stored.rubric_id), by=None)
    return time.perf_counter() - began, many


def main() -> int:
    """Measure, print, and write the part of the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int, nargs="?", default=1_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as place, postgresql() as server, redis() as broker:
        folder = Path(place)
        (folder / "i").mkdir()
        (folder / "w").mkdir()
        with installation(folder / "i", server, broker, JURYGRID_RUN="0", JURYGRID_LEASE_SECONDS="60") as here:
            one = alone(here, folder / "w")
            began = time.perf_counter()
            for number in range(asked.count):
                hand_in(here, folder / "w", number)
            made = time.perf_counter() - began
            here.start("worker", "--processes", str(asked.processes), "--queues", "bulk")
            here.start("sweep", "--every", "2")
            lasted = wait(here, asked.count)
            costs = sorted(own_cost(here))
            seconds, many = reproposed(here)
            holds = here.reckoned().holds
    rate, ideal = asked.count / lasted, asked.processes / one
    lines = [
        "| what | measured |",
        "|---|---|",
        f"| submissions queued at once, graded | {asked.count}, {asked.count} (adds up: {holds}) |",
        f"| one grading by one process on one core, without store | {one * 1000:.0f} ms |",
        f"| throughput, {asked.processes} processes | {rate:.2f} a second, {rate / ideal:.0%} of cores × one process on one core |",
        f"| the service's own time by submission | median {statistics.median(costs) * 1000:.0f} ms, 95 % below {costs[int(len(costs) * 0.95)] * 1000:.0f} ms |",
        f"| a changed rubric over {many} stored reports | {seconds:.1f} s |",
    ]
    print("\n".join(lines), f"\n(made in {made:.0f} s)", flush=True)
    write_part("Many submissions at once", __doc__ or "", lines)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

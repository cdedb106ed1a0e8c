"""What a worker does: takes an assessment from the queue and brings it one state further. Embedded threads and Celery call the same."""

from __future__ import annotations

import datetime
import errno
import hashlib
import json
import logging
import os
import threading
import uuid
from dataclasses import dataclass, field

from grader import measures
from grader.errors import JurygridError, OurFailure, Refused
from grader.examiner import Examiner
from grader.files import Files
from grader.grid import propose
from grader.lease import Lease
from grader.pipeline import Grid, Order, grade_snapshot
from grader.queue import Queue
from grader.receive import Reception, opened, receive
from grader.rubric import Rubric
from grader.sandbox.code import code_hash
from grader.secret import Secret
from grader.settings import ServiceSettings, Settings
from grader.store import assessments
from grader.store.assessments import Claim
from grader.store.database import Database
from grader.store.receipts import issue_receipt
from grader.store.reports import find_report, store_proposals, store_report, unpacked
from grader.store.rubrics import rubric_of
from grader.store.snapshots import keep_snapshot, what_was_handed_in
from grader.store.tables import (
    Assessment,
    Lane,
    Snapshot,
    State,
    StoredReport,
    Submission,
)
from grader.tracing import span
from grader.workfolder import sweep_folders, work_folder

log = logging.getLogger("jurygrid.assess")
# A Git host that does not answer now is nobody's fault: it is asked again, and what stays so is told as a failure, not as a refusal.
NOBODYS = frozenset({"host-unreachable", "host-unknown", "host-certificate", "fetch-timeout", "fetch-failed"})
_STEP = {State.FETCHING: "fetch", State.RUNNING: "grade"}
_LOGGED = {True: (logging.INFO, "refused"), False: (logging.WARNING, "failed")}


@dataclass
class Assessor:
    """A worker's hands: what it needs to take assessments further. `name` is unique among workers that live at the same time."""

    database: Database
    files: Files
    secret: Secret
    settings: Settings
    queue: Queue
    sandbox: str = "auto"
    run: bool = True
    samples: bool = False
    lease: datetime.timedelta = assessments.LEASE
    name: str = field(
        default_factory=lambda: f"{os.uname().nodename}:{os.getpid()}:{threading.get_ident()}:{uuid.uuid4().hex[:8]}"
    )

    @classmethod
    def of(
        cls, database: Database, files: Files, secret: Secret, settings: Settings, service: ServiceSettings, queue: Queue
    ) -> Assessor:
        """Return the hands that the service's settings ask for."""
        lease = datetime.timedelta(seconds=service.lease_seconds)
        return cls(database, files, secret, settings, queue, service.sandbox, service.run, service.samples, lease)

    def take(self, waiting: State, lanes: tuple[Lane, ...] = tuple(Lane)) -> bool:
        """Take the next assessment in the state `waiting` and bring it further. False: nothing waits."""
        with self.database.begin() as session:
            claim = assessments.claim(session, self.name, waiting=waiting, lanes=lanes, lease=self.lease)
        if claim is None:
            return False
        log.info("claimed", extra={"assessment": str(claim.assessment_id), "state": claim.state, "attempt": claim.attempt})
        with Lease(self.database, claim, self.lease) as lease:
            self._work(claim, lease)
        return True

    def _work(self, claim: Claim, lease: Lease) -> None:
        """Do the work of a claim; whatever goes wrong becomes a state with its reason, never an exception that loses it."""
        step = self._fetch if claim.state == State.FETCHING else self._grade
        with span(claim.state, assessment=str(claim.assessment_id), attempt=str(claim.attempt)):
            try:
                step(claim, lease)
            except Exception as error:
                self._ended_badly(claim, error)

    def _ended_badly(self, claim: Claim, error: Exception) -> None:
        known = _named(error)
        told = {"assessment": str(claim.assessment_id), "code": known.code}
        is_theirs = isinstance(known, Refused) and known.code not in NOBODYS
        log.log(*_LOGGED[is_theirs], extra=told, exc_info=known.code == "unexpected")
        with self.database.begin() as session:
            if is_theirs:
                kept = assessments.refuse(session, claim, known.code, _plain(known))
            else:
                kept = assessments.fail(session, claim, known.code, _plain(known), again=True)
        if not kept:
            self._lost(claim)
            return
        measures.ENDED.labels(_STEP[claim.state], _LOGGED[is_theirs][1], known.code).inc()

    def _lost(self, claim: Claim) -> None:
        measures.LOST.inc()
        log.warning("lease lost", extra={"assessment": str(claim.assessment_id)})

    def _fetch(self, claim: Claim, lease: Lease) -> None:
        """Fetch and keep what was handed in, and sign its receipt: from here on nothing outside can change what is graded."""
        with self.database.read() as session:
            submission = session.get_one(Submission, session.get_one(Assessment, claim.assessment_id).submission_id)
            handed = what_was_handed_in(session, submission, self.secret)
        with work_folder(self.settings.work_folder) as folder, span("receive"):
            received = receive(handed, Reception(self.files, self.settings, self.sandbox, self.samples), folder, lease.tell)
        with self.database.begin() as session:
            snapshot = keep_snapshot(session, submission, received)
            if not assessments.fetched(session, claim, snapshot.id):
                session.rollback()  # somebody else has it now: what they keep is what counts
                self._lost(claim)
                return
            issue_receipt(session, self.secret, submission, snapshot)
            lane = Lane(session.get_one(Assessment, claim.assessment_id).lane)
        measures.ENDED.labels("fetch", "done", "").inc()
        self.queue.tell(State.QUEUED, lane)

    def _grade(self, claim: Claim, lease: Lease) -> None:
        with self.database.read() as session:
            assessment = session.get_one(Assessment, claim.assessment_id)
            snapshot = session.get_one(Snapshot, assessment.snapshot_id)
            rubric = rubric_of(session, assessment.session_id)
            anew = assessment.asked_by is not None
            key = self._key(snapshot, rubric)
            kept = None if anew else find_report(session, key)
        if kept is not None:
            self._propose_from(kept, claim, rubric)
            return
        grid = self._examined(snapshot, rubric, lease)
        with self.database.begin() as session:
            stored = store_report(session, key, grid.report, sandbox=grid.sandbox, timings=grid.timings, anew=anew)
            counts = store_proposals(session, claim.assessment_id, rubric.version, grid.proposals)
            if not assessments.ready(session, claim, report_id=stored.id, rubric_version=rubric.version, counts=counts):
                session.rollback()
                self._lost(claim)
                return
        measures.observe(grid.timings)
        measures.ENDED.labels("grade", "done", "").inc()

    def _propose_from(self, kept: StoredReport, claim: Claim, rubric: Rubric) -> None:
        """Propose from the report of the same commit: nothing is examined again."""
        proposals = propose(rubric, unpacked(kept.body))
        with self.database.begin() as session:
            counts = store_proposals(session, claim.assessment_id, rubric.version, proposals)
            if not assessments.ready(session, claim, report_id=kept.id, rubric_version=rubric.version, counts=counts):
                session.rollback()
                self._lost(claim)
                return
        measures.REUSED.inc()
        measures.ENDED.labels("grade", "done", "").inc()

    def _examined(self, snapshot: Snapshot, rubric: Rubric, lease: Lease) -> Grid:
        order = Order(snapshot.url, rubric, self.settings, say=lease.tell)
        sweep_folders(self.settings.work_folder)
        examiner = Examiner(self.settings, self.sandbox, run=self.run, stop=lease.stop)
        with examiner, work_folder(self.settings.work_folder) as folder:
            mirror = folder / "mirror.tar"
            self.files.bring(snapshot.file, mirror)
            with span("examine", commit=snapshot.commit):
                return grade_snapshot(opened(snapshot, mirror, folder), order, examiner, folder)

    def _key(self, snapshot: Snapshot, rubric: Rubric) -> str:
        """Name what decides a report: the commit, our code, the checks asked for, where and how far it is run."""
        asked = [snapshot.commit, code_hash(), sorted(rubric.checks), self.sandbox, self.run, self.settings.image]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def _named(error: Exception) -> JurygridError:
    """Return what went wrong as one of our errors."""
    if isinstance(error, JurygridError):
        return error
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OurFailure("disk-full")
    return OurFailure("unexpected", detail=type(error).__name__)


def _plain(error: JurygridError) -> dict[str, str]:
    """Return the values that an error's sentence names, as the database keeps them."""
    return {name: str(value)[:300] for name, value in error.values.items()}

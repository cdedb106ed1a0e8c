"""Keeps a claim alive while it is worked on, and stops the work when the claim is lost or cancelled."""

from __future__ import annotations

import datetime
import logging
import threading
import time
from types import TracebackType

from grader.errors import OurFailure
from grader.store import assessments
from grader.store.assessments import LEASE, Claim
from grader.store.database import Database, DatabaseFailed

log = logging.getLogger("jurygrid.lease")
_BEATS = 4  # in the time of one lease
_QUIET = 1.0  # seconds between two stages that are told: people read no faster


class Lease:
    """Beats while it is open. `stop` is set when the claim is another's; `tell` then raises OurFailure."""

    def __init__(self, database: Database, claim: Claim, length: datetime.timedelta = LEASE) -> None:
        """Hold the claim; nothing beats before the lease is entered."""
        self.database, self.claim, self.length = database, claim, length
        self.stop, self._over = threading.Event(), threading.Event()
        self._told = 0.0
        self._thread = threading.Thread(target=self._beat, name="lease", daemon=True)

    def __enter__(self) -> Lease:
        """Start to beat."""
        self._thread.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        """Beat no more."""
        self._over.set()
        self._thread.join()

    def tell(self, stage: str, detail: str) -> None:
        """Say which stage the work is at. Raises OurFailure when the lease is lost."""
        if self.stop.is_set():
            raise OurFailure("lease-lost")
        if time.monotonic() - self._told >= _QUIET:
            self._told = time.monotonic()
            self._keep(stage, detail)

    def _beat(self) -> None:
        while not self._over.wait(self.length.total_seconds() / _BEATS):
            self._keep()

    def _keep(self, stage: str | None = None, detail: str | None = None) -> None:
        """Prolong the lease; a database that does not answer now may answer the next time, before the lease ends."""
        try:
            with self.database.begin() as session:
                if not assessments.beat(session, self.claim, stage=stage, detail=detail, lease=self.length):
                    self.stop.set()
        except DatabaseFailed:
            log.warning("no beat", extra={"assessment": str(self.claim.assessment_id)})

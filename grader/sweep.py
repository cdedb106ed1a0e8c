"""Repairs what anything that died may have left: leases, rows that nobody was told of, work folders, containers, what expired.

Any number of sweepers may run at once: each repair is one conditional UPDATE, or finds nothing to do.
"""

from __future__ import annotations

import datetime
import logging
import time
from dataclasses import dataclass

from grader.assess import Assessor
from grader.errors import SandboxFailed
from grader.mail import mail_what_waits
from grader.places import choose_sandbox
from grader.prune import prune
from grader.settings import ServiceSettings
from grader.store.assessments import recover, unsent
from grader.store.people import forget_expired
from grader.store.tables import Lane, State
from grader.workfolder import sweep_folders

log = logging.getLogger("jurygrid.sweep")
_HOUR = 3_600.0
UNTOLD = datetime.timedelta(seconds=60)  # after which a message to the broker may be lost


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: assessments that wait again, that ended as ours, that were told again; folders removed; sign-ins expired."""

    again: int = 0
    ended: int = 0
    told: int = 0
    folders: int = 0
    expired: int = 0

    def __bool__(self) -> bool:
        """Tell whether there was anything to do."""
        return any((self.again, self.ended, self.told, self.folders, self.expired))


def sweep(assessor: Assessor) -> Swept:
    """Repair once, and return what was done."""
    with assessor.database.begin() as session:
        again, ended = recover(session, lease=assessor.lease)
        waiting = [(State(a.state), Lane(a.lane)) for a in unsent(session, older_than=UNTOLD)]
        expired = forget_expired(session)
    for state, lane in waiting:
        assessor.queue.tell(state, lane)
    folders = sweep_folders(assessor.settings.work_folder)
    try:
        choose_sandbox(assessor.sandbox, assessor.settings).sweep()
    except SandboxFailed as failure:
        log.warning("the sandbox does not answer", extra={"code": failure.code})
    done = Swept(again, ended, len(waiting), folders, expired)
    if done:
        log.info("swept", extra={"again": again, "ended": ended, "told": len(waiting), "folders": folders, "expired": expired})
    return done


class Caretaker:
    """Does again and again what an installation needs: sweeps, mails what waits, and once an hour forgets what was kept long enough."""

    def __init__(self, assessor: Assessor, service: ServiceSettings) -> None:
        """Look after the assessor's store."""
        self.assessor, self.service = assessor, service
        self._pruned = 0.0

    def look(self) -> Swept:
        """Do it once; return what the sweep did."""
        done = sweep(self.assessor)
        mail_what_waits(self.assessor.database, self.service)
        if time.monotonic() - self._pruned > _HOUR:
            self._pruned = time.monotonic()
            prune(self.assessor.database, self.assessor.files)
        return done

"""Builds the parts of the service from the environment, for whoever starts one."""

from __future__ import annotations

from grader import tracing
from grader.assess import Assessor
from grader.files import Files
from grader.queue import Queue
from grader.secret import read_secret
from grader.settings import ServiceSettings, all_settings
from grader.store.database import Database


def open_database(service: ServiceSettings, *, upgrade: bool) -> Database:
    """Open the database; bring its tables up to date, or refuse to work on old ones. Raises OurFailure, Refused."""
    database = Database(service.database)
    if upgrade:
        database.upgrade()
    else:
        database.must_be_current()
    return database


def assessor_from_environment(queue: Queue, *, upgrade: bool = False) -> Assessor:
    """Return a worker's hands."""
    settings, service = all_settings()
    if service.tracing:
        tracing.set_up("jurygrid-worker")
    database = open_database(service, upgrade=upgrade)
    return Assessor.of(database, Files(service.files), read_secret(service.secret), settings, service, queue)

"""Reports are stored once for a commit, however many workers examined it at the same moment."""

from __future__ import annotations

import threading
import time
import uuid

from sqlmodel import select

from grader.store.database import Database
from grader.store.reports import store_report
from grader.store.tables import StoredReport
from grader.values import Report

KEY = "k" * 64


def test_two_workers_that_store_at_the_same_moment_have_the_first_ones_report(database: Database) -> None:
    got: list[uuid.UUID | Exception] = []

    def store_second() -> None:
        try:
            with database.begin() as session:
                got.append(store_report(session, KEY, Report("second", ()), sandbox="none", timings={}).id)
        except Exception as error:
            got.append(error)

    second = threading.Thread(target=store_second)
    with database.begin() as session:
        first = store_report(session, KEY, Report("first", ()), sandbox="none", timings={}).id
        second.start()
        time.sleep(0.5)  # the second has looked, found nothing, and waits for what becomes of the first
    second.join(30)
    assert got == [first]
    with database.read() as session:
        assert [r.id for r in session.exec(select(StoredReport))] == [first]

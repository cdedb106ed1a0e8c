"""Erases what was kept long enough: rows first, and once that is certain, their files."""

from __future__ import annotations

import logging

from grader.errors import Conflict
from grader.files import Files
from grader.store.database import Database
from grader.store.retention import expired, forget, forget_uploads

log = logging.getLogger("jurygrid.prune")


def prune(database: Database, files: Files) -> int:
    """Erase, and return of how many sessions. A session in which something is still graded waits for the next time."""
    with database.read() as session:
        over = [e.session.id for e in expired(session)]
    done = 0
    for identity in over:
        try:
            with database.begin() as session:
                row = next(e.session for e in expired(session) if e.session.id == identity)
                names = forget(session, row)
        except (Conflict, StopIteration):
            continue
        remove(files, names)
        done += 1
        log.info("forgotten", extra={"session": str(identity), "files": len(names)})
    with database.begin() as session:
        names = forget_uploads(session)
    remove(files, names)
    return done


def remove(files: Files, names: list[str]) -> None:
    """Remove files that no row names any more."""
    for name in names:
        files.remove(name)

"""`jurygrid backup FILE` and `jurygrid restore FILE`."""

from __future__ import annotations

import argparse

from grader.words import help_text


def run(options: argparse.Namespace) -> int:
    """Back up or restore, and say how much."""
    from grader.backup import back_up, restore
    from grader.files import Files
    from grader.settings import all_settings
    from grader.store.database import Database

    _, service = all_settings()
    database, files = Database(service.database), Files(service.files)
    backing_up = options.command == "backup"
    if backing_up:
        database.must_be_current()
    counts = back_up(database, files, options.file) if backing_up else restore(options.file, database, files)
    kept = counts.pop("files")
    print(help_text("backed-up", options.lang).format(rows=sum(counts.values()), files=kept, path=options.file))
    print(help_text("keep-the-secret", options.lang).format(path=service.secret))
    database.close()
    return 0

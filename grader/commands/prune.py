"""`jurygrid prune`: erases what was kept long enough."""

from __future__ import annotations

import argparse

from grader.words import help_text


def run(options: argparse.Namespace) -> int:
    """Say what goes, and erase it unless it is a trial."""
    from grader.commands.parts import open_database
    from grader.files import Files
    from grader.prune import prune
    from grader.settings import all_settings
    from grader.store.retention import expired

    _, service = all_settings()
    database = open_database(service, upgrade=False)
    with database.read() as session:
        over = expired(session)
    for one in over:
        print(help_text("pruned", options.lang).format(name=one.session.name, candidates=one.candidates))
    if not over:
        print(help_text("pruned-nothing", options.lang))
    if not options.dry_run:
        prune(database, Files(service.files))
    database.close()
    return 0

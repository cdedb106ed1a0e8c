"""`jurygrid audit`: the proof that nothing is lost or changed, from the database."""

from __future__ import annotations

import argparse

from grader.catalogue import sentence
from grader.words import help_text


def run(options: argparse.Namespace) -> int:
    """Print the count; 1 when something does not add up."""
    from grader.commands.parts import open_database
    from grader.settings import all_settings
    from grader.store.reckoning import reckon

    database = open_database(all_settings()[1], upgrade=False)
    with database.read() as session:
        found = reckon(session)
    counts = found.assessments
    waiting, running = counts["received"] + counts["queued"], counts["fetching"] + counts["running"]
    explained = counts["refused"] + counts["failed"] + counts["cancelled"]
    print(
        help_text("reckoned", options.lang).format(
            submissions=found.submissions,
            total=sum(counts.values()),
            ready=counts["ready"],
            running=running,
            waiting=waiting,
            explained=explained,
            entries=found.entries,
        )
    )
    for code, many in sorted(found.explained.items()):
        print(f"  {many:>5} × {code}: {sentence(code, options.lang)}")
    for code, subject in found.wrong:
        print(f"  {sentence(code, options.lang, subject=subject)}")
    print(help_text("adds-up" if found.holds else "does-not-add-up", options.lang))
    return 0 if found.holds else 1

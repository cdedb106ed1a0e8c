"""`jurygrid database upgrade` and `check`: the tables of this version."""

from __future__ import annotations

import argparse

from grader.words import help_text


def run(options: argparse.Namespace) -> int:
    """Bring the tables up to date, or say whether they are. Raises OurFailure when they are not."""
    from grader.commands.parts import open_database
    from grader.settings import all_settings

    _, service = all_settings()
    open_database(service, upgrade=options.verb == "upgrade").close()
    print(help_text("database-current", options.lang))
    return 0

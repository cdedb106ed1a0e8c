"""`jurygrid admin invite EMAIL`: an administrator's account, and the link that sets its password."""

from __future__ import annotations

import argparse


def run(options: argparse.Namespace) -> int:
    """Print the link. An account that exists becomes an administrator's too."""
    from grader.commands.parts import open_database
    from grader.settings import all_settings
    from grader.store.people import add_person, find_person, grant, invite
    from grader.store.tables import Role

    _, service = all_settings()
    database = open_database(service, upgrade=service.is_embedded)
    with database.begin() as session:
        person = find_person(session, options.email) or add_person(
            session, email=options.email, name=options.email.split("@")[0], language=options.lang
        )
        grant(session, person, Role.ADMINISTRATOR)
        token = invite(session, person)
    print(f"{service.address}/invitation/{token}")
    return 0

"""`make demo`: what it makes, and that making it again changes nothing."""

from __future__ import annotations

import subprocess
import sys

from grader.store.database import Database
from grader.store.people import check_password
from tests.commands.test_service_commands import environment, run

__all__ = ("environment",)


def test_the_demonstration_is_filled_once(environment: dict[str, str]) -> None:
    from api.demo import PASSWORD, PEOPLE

    for _ in range(2):
        done = subprocess.run(
            (sys.executable, "-m", "api.demo", "--fill-only"), env=environment, capture_output=True, text=True, check=True
        )
        assert all(email in done.stdout for email in PEOPLE) and PASSWORD in done.stdout
    database = Database(f"sqlite:///{environment['JURYGRID_DATA_FOLDER']}/jurygrid.db")
    with database.begin() as session:
        for email, (name, _) in PEOPLE.items():
            assert check_password(session, email, PASSWORD).name == name
    database.close()
    assert "6 submissions, 6 assessments" in run(environment, "audit").stdout

"""`python -m api.demo`: a service with sample people and submissions, on this machine alone; `make demo` starts it.

Running it again is harmless: what is there stays.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import os
import sys

from grader.commands.parts import open_database
from grader.handing import Asked, Hand, hand_in
from grader.rubric import rubric_text
from grader.samples import RUBRIC, names
from grader.secret import read_secret
from grader.settings import all_settings
from grader.store.columns import now
from grader.store.database import Session
from grader.store.people import accept_invitation, add_person, find_person, grant, invite
from grader.store.rubrics import store_rubric
from grader.store.sessions import Plan, add_session, assign, enrol
from grader.store.tables import Person, Role

PASSWORD = "ceci est une demonstration"  # noqa: S105 - of a service that this machine alone reaches
PEOPLE = {
    "candidate@demo.example": ("Camille Morel", None),
    "evaluator@demo.example": ("Émile Ferrand", Role.EVALUATOR),
    "president@demo.example": ("Paule Garnier", Role.PRESIDENT),
    "instructor@demo.example": ("Inès Haddad", Role.INSTRUCTOR),
    "administrator@demo.example": ("Adèle Simon", Role.ADMINISTRATOR),
}
# Rubric → the name of its session, and its other candidates.
SESSIONS = {
    RUBRIC: ("Session de démonstration", ("Lina Bertin", "Noé Castel", "Sacha Duval")),
    "rncp38777": ("Session de démonstration, architectes", ("Jeanne Arnaud", "Malik Brun")),
}


def fill(session: Session, hand: Hand) -> bool:
    """Make people, a session and submissions. False: they are there already."""
    if find_person(session, "candidate@demo.example"):
        return False
    people = {email: _person(session, email, name) for email, (name, _) in PEOPLE.items()}
    numbers = itertools.count(2)
    for rubric, (title, more) in SESSIONS.items():
        candidates = [_person(session, f"candidate{next(numbers)}@demo.example", name) for name in more]
        first = [people["candidate@demo.example"]] if rubric == RUBRIC else []
        _session(session, hand, (rubric, title), people, [*first, *candidates])
    return True


def _session(session: Session, hand: Hand, what: tuple[str, str], people: dict[str, Person], candidates: list[Person]) -> None:
    """Make the session of a certification (its rubric, its title), with its jury, and a sample handed in by each candidate."""
    rubric, title = what
    day = datetime.timedelta(days=1)
    version = store_rubric(session, rubric_text(rubric), name=rubric).version
    certification = add_session(session, Plan(title, version, now() - day, now() + 20 * day, now() + 40 * day), by=None)
    for email, (_, role) in PEOPLE.items():
        if role and (role != Role.ADMINISTRATOR or rubric == RUBRIC):
            grant(session, people[email], role, None if role == Role.ADMINISTRATOR else certification.id)
    for number, person in enumerate(candidates):
        enrolment = enrol(session, certification.id, person, cohort="Promotion A")
        assign(session, enrolment, people["evaluator@demo.example"], by=None)
        sample = names(rubric)[number % len(names(rubric))]
        hand_in(session, hand, enrolment, Asked(((f"sample:{rubric}/{sample}", None, None),)), person=person.id, key="demo")


def _person(session: Session, email: str, name: str) -> Person:
    person = add_person(session, email=email, name=name)
    accept_invitation(session, invite(session, person), PASSWORD)
    return person


def main() -> int:
    """Fill the data folder, print the accounts, and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--lang", choices=("fr", "en"), default="fr")
    parser.add_argument("--fill-only", action="store_true")
    options = parser.parse_args()
    os.environ.update(JURYGRID_SAMPLES="1", JURYGRID_LOG_LEVEL="warning")
    settings, service = all_settings()
    database = open_database(service, upgrade=True)
    with database.begin() as session:
        fill(session, Hand(read_secret(service.secret), settings.hosts, samples=True))
    database.close()
    for email, (name, role) in PEOPLE.items():
        print(f"  {email:<28} {name:<16} {role or 'candidate'}")
    label = "password:" if options.lang == "en" else "mot de passe\u00a0:"
    print(f"  {label} {PASSWORD}\n", flush=True)
    if options.fill_only:
        return 0
    from grader.cli import main as command

    return command(["serve", "--port", str(options.port), "--lang", options.lang])


if __name__ == "__main__":
    sys.exit(main())

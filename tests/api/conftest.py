"""A service on a database of its own, asked through the application itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.service import Service
from checks.registry import CHECKS
from grader.files import Files
from grader.secret import read_secret
from grader.settings import ServiceSettings, read_settings
from grader.store.database import Database
from grader.store.people import accept_invitation, invite
from grader.store.tables import Lane, Person, State
from tests.store.people import People, people

PASSWORD = "a long enough secret"


@dataclass
class Told:
    """A queue that remembers what it was told: the tests of workers have the real ones."""

    calls: list[tuple[State, Lane]] = field(default_factory=list)

    def tell(self, waiting: State, lane: Lane) -> None:
        self.calls.append((waiting, lane))


@pytest.fixture
def service(database: Database, tmp_path: Path) -> Service:
    settings = ServiceSettings(data_folder=tmp_path, address="http://testserver", samples=True)
    return Service(
        database,
        Files(str(tmp_path / "files")),
        read_secret(tmp_path / "secret"),
        Told(),
        read_settings(),
        settings,
        {c.id: c for c in CHECKS},
    )


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(create_app(service), follow_redirects=False) as opened:
        yield opened


@pytest.fixture
def known(database: Database) -> People:
    """Store Ada, Blaise and Colette, each with the same password."""
    with database.begin() as session:
        stored = people(session)
        for person in (stored.ada, stored.blaise, stored.colette):
            accept_invitation(session, invite(session, person), PASSWORD)
    return stored


SignIn = Callable[[Person], TestClient]


@pytest.fixture
def as_(service: Service, known: People) -> SignIn:
    """Return a function that gives a client signed in as a person, whose requests carry the word that forms carry."""

    def signed_in(person: Person) -> TestClient:
        client = TestClient(create_app(service), follow_redirects=False)
        answer = client.post("/api/sign-in", json={"email": person.email, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        return client

    return signed_in

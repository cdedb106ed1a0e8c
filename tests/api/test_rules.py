"""Every route × every role × own and another's object, from the OpenAPI document: a route without a rule here fails."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.openapi import OPEN
from api.service import Service
from checks.registry import CHECKS
from grader.assess import Assessor
from grader.files import Files
from grader.secret import read_secret
from grader.settings import ServiceSettings, read_settings
from grader.store.columns import now
from grader.store.database import Database
from grader.store.people import add_person, add_token, find_person, grant, sign_in
from grader.store.sessions import Plan, add_session, enrol
from grader.store.tables import Document, Person, Role, State
from tests.api.conftest import Told
from tests.servers import PostgreSQL
from tests.store.people import people

EVERYBODY = frozenset({"ada", "bea", "blaise", "bruno", "colette", "claude", "ines", "root"})
IN_SESSION = frozenset({"ada", "bea", "blaise", "bruno", "colette", "ines", "root"})
FOLLOW = frozenset({"ada", "blaise", "colette", "ines", "root"})
JURY = frozenset({"blaise", "colette"})
STAFF = frozenset({"blaise", "bruno", "colette", "claude", "ines", "root"})
PRESIDES = frozenset({"colette"})
RERUN = frozenset({"colette", "ines", "root"})
ROOT = frozenset({"root"})
LEADS = frozenset({"colette", "root"})
PUBLISH = frozenset({"ines", "root"})

# Who may: everybody else must be told 401, 403 or 404, and nothing else. Ada is the candidate whose objects are asked for; Bea another one;
# Blaise evaluates Ada, Bruno evaluates in the session but not her; Colette presides, Claude presides over another session.
RULES: dict[tuple[str, str], frozenset[str]] = {
    ("post", "/api/sign-out"): EVERYBODY,
    ("get", "/api/me"): EVERYBODY,
    ("post", "/api/me/password"): EVERYBODY,
    ("get", "/api/me/tokens"): EVERYBODY,
    ("post", "/api/me/tokens"): EVERYBODY,
    ("delete", "/api/me/tokens/{token_id}"): frozenset({"ada"}),
    ("get", "/api/sessions"): EVERYBODY,
    ("post", "/api/sessions"): ROOT,
    ("get", "/api/sessions/{session_id}"): IN_SESSION,
    ("put", "/api/sessions/{session_id}"): ROOT,
    ("post", "/api/sessions/{session_id}/release"): LEADS,
    ("post", "/api/sessions/{session_id}/roster"): ROOT,
    ("get", "/api/sessions/{session_id}/candidates"): IN_SESSION,
    ("post", "/api/sessions/{session_id}/grade"): RERUN,
    ("post", "/api/sessions/{session_id}/pause"): RERUN,
    ("post", "/api/sessions/{session_id}/resume"): RERUN,
    ("post", "/api/sessions/{session_id}/cancel"): RERUN,
    ("post", "/api/sessions/{session_id}/rubric/preview"): PUBLISH,
    ("put", "/api/sessions/{session_id}/rubric"): PUBLISH,
    ("get", "/api/candidates"): EVERYBODY,
    ("get", "/api/candidates/{enrolment_id}"): FOLLOW,
    ("put", "/api/candidates/{enrolment_id}/evaluators/{person_id}"): LEADS,
    ("delete", "/api/candidates/{enrolment_id}/evaluators/{person_id}"): LEADS,
    ("post", "/api/candidates/{enrolment_id}/submissions"): frozenset({"ada"}),
    ("get", "/api/candidates/{enrolment_id}/submissions"): FOLLOW,
    ("post", "/api/candidates/{enrolment_id}/documents"): frozenset({"ada"}),
    ("get", "/api/candidates/{enrolment_id}/decisions"): JURY,
    ("post", "/api/candidates/{enrolment_id}/decisions"): JURY,
    ("get", "/api/candidates/{enrolment_id}/verdicts"): JURY,
    ("post", "/api/candidates/{enrolment_id}/minutes"): PRESIDES,
    ("get", "/api/candidates/{enrolment_id}/minutes"): JURY,
    ("get", "/api/submissions/{submission_id}"): FOLLOW,
    ("get", "/api/submissions/{submission_id}/receipt"): FOLLOW,
    ("get", "/api/assessments/{assessment_id}"): FOLLOW,
    ("get", "/api/assessments/{assessment_id}/events"): FOLLOW,
    ("post", "/api/assessments/{assessment_id}/again"): RERUN,
    ("post", "/api/assessments/{assessment_id}/cancel"): RERUN,
    ("get", "/api/assessments/{assessment_id}/grid"): JURY,
    ("get", "/api/assessments/{assessment_id}/files"): JURY,
    ("get", "/api/assessments/{assessment_id}/export.csv"): JURY,
    ("get", "/api/assessments/{assessment_id}/export.xlsx"): JURY,
    ("get", "/api/assessments/{assessment_id}/export.html"): JURY,
    ("get", "/api/rubrics"): STAFF,
    ("get", "/api/rubrics/{version}"): STAFF,
    ("get", "/api/rubrics/{version}/text"): STAFF,
    ("get", "/api/checks"): EVERYBODY,
    ("get", "/api/people"): ROOT,
    ("post", "/api/people"): ROOT,
    ("post", "/api/people/{person_id}/invitation"): ROOT,
    ("post", "/api/people/{person_id}/close"): ROOT,
    ("post", "/api/people/{person_id}/open"): ROOT,
    ("get", "/api/people/{person_id}/grants"): ROOT,
    ("post", "/api/people/{person_id}/grants"): ROOT,
    ("delete", "/api/people/{person_id}/grants/{grant_id}"): ROOT,
    ("get", "/api/audit"): ROOT,
    ("get", "/api/notifications"): EVERYBODY,
    ("post", "/api/notifications/{notification_id}/read"): frozenset({"ada"}),
}


@dataclass
class World:
    """A service in which each person is signed in, and Ada handed in what was graded."""

    service: Service
    clients: dict[str, TestClient]
    ids: dict[str, str]

    def ask(self, client: TestClient, method: str, path: str):
        """Ask for a route with values that are good, so that only the rule decides."""
        body = {"json": b} if (b := self.bodies().get((method, path))) is not None else {}
        files = {"files": {"file": ("r.csv", b"email\nnew@example.org\n")}} if path.endswith("/roster") else {}
        if path.endswith("/documents"):
            files = {"files": {"file": ("r.pdf", b"%PDF-1.7 x")}, "data": {"exam": "E1"}}
        params = {"path": "README.md"} if path.endswith("/files") else {}
        return client.request(method, path.format(**self.ids), params=params, **body, **files)

    def bodies(self) -> dict[tuple[str, str], dict]:
        plan = {
            "name": "Other",
            "opens_at": "2026-01-01T00:00:00Z",
            "deadline": "2036-01-01T00:00:00Z",
            "ends_at": "2036-02-01T00:00:00Z",
        }
        rubric = {"text": self.ids["text"]}
        return {
            ("post", "/api/me/password"): {"password": "short"},
            ("post", "/api/me/tokens"): {"name": "t", "scopes": ["read"]},
            ("post", "/api/sessions"): plan,
            ("put", "/api/sessions/{session_id}"): plan,
            ("post", "/api/sessions/{session_id}/rubric/preview"): rubric,
            ("put", "/api/sessions/{session_id}/rubric"): rubric,
            ("post", "/api/candidates/{enrolment_id}/submissions"): {"repositories": [{"url": "https://github.com/a/b"}]},
            ("post", "/api/candidates/{enrolment_id}/decisions"): {"criterion": "C1.1", "level": "met"},
            ("post", "/api/candidates/{enrolment_id}/minutes"): {"blocks": []},
            ("post", "/api/people"): {"email": f"{uuid.uuid4().hex}@example.org", "name": "New"},
            ("post", "/api/people/{person_id}/grants"): {"role": "evaluator", "session_id": self.ids["session_id"]},
        }


def signed_in(service: Service, person: Person) -> TestClient:
    """Sign in without a password: what a password costs is measured elsewhere."""
    with service.database.begin() as session:
        secret, row = sign_in(session, person, hours=1)
    client = TestClient(create_app(service), follow_redirects=False)
    client.cookies.set("jurygrid", secret)
    client.headers["X-CSRF-Token"] = row.csrf
    return client


@pytest.fixture(scope="module")
def world(postgresql_server: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    database = Database(postgresql_server.new_database())
    database.upgrade()
    settings = ServiceSettings(data_folder=folder, address="http://testserver", samples=True)
    service = Service(
        database,
        Files(str(folder / "files")),
        read_secret(folder / "secret"),
        Told(),
        read_settings(),
        settings,
        {c.id: c for c in CHECKS},
    )
    ids = _fill(service)
    with database.read() as session:
        known = {name: find_person(session, f"{name}@example.org") for name in EVERYBODY}
    clients = {name: signed_in(service, person) for name, person in known.items() if person}
    assert set(clients) == EVERYBODY
    from grader.rubric import rubric_text

    ids["text"] = rubric_text("rncp37827").decode()
    yield World(service, clients, ids)
    database.close()


def _fill(service: Service) -> dict[str, str]:
    from grader.handing import Asked, Hand, hand_in
    from grader.store.handed import whole
    from grader.store.notifications import notifications_of

    with service.database.begin() as session:
        known = people(session)
        others = {
            n: add_person(session, email=f"{n}@example.org", name=n) for n in ("bea", "bruno", "claude", "ines", "root", "zoe")
        }
        enrol(session, known.session.id, others["bea"])
        grant(session, others["bruno"], Role.EVALUATOR, known.session.id)
        grant(session, others["ines"], Role.INSTRUCTOR, known.session.id)
        grant(session, others["root"], Role.ADMINISTRATOR)
        day = datetime.timedelta(days=1)
        other = add_session(session, Plan("Autumn", known.session.rubric_version, now(), now() + day, now() + 2 * day), by=None)
        grant(session, others["claude"], Role.PRESIDENT, other.id)
        given = grant(session, others["zoe"], Role.EVALUATOR, other.id)
        _, token = add_token(session, known.ada, name="t", scopes=["read"], days=1)
        hand = Hand(service.secret, service.settings.hosts, samples=True)
        submission, _ = hand_in(
            session, hand, known.enrolment, Asked((("sample:strong", None, None),)), person=known.ada.id, key=None
        )
        session.add(
            Document(
                enrolment_id=known.enrolment.id, exam="E1", name="r.pdf", media_type="application/pdf", size=1, sha256="0" * 64
            )
        )
        ids = {
            "session_id": known.session.id,
            "enrolment_id": known.enrolment.id,
            "submission_id": submission.id,
            "assessment_id": whole(session, submission).assessments[0].id,
            "person_id": known.blaise.id,
            "grant_id": given.id,
            "token_id": token.id,
            "version": known.session.rubric_version,
        }
    hands = Assessor(
        service.database, service.files, service.secret, service.settings, service.queue, sandbox="none", samples=True
    )
    assert hands.take(State.RECEIVED) and hands.take(State.QUEUED)
    with service.database.read() as session:
        ids["notification_id"] = notifications_of(session, known.ada.id, 1)[0].id
    return {name: str(value) for name, value in ids.items()}


def operations(service: Service) -> list[tuple[str, str]]:
    paths = create_app(service).openapi()["paths"]
    return sorted((method, path) for path, methods in paths.items() for method in methods)


def test_every_route_has_a_rule(world: World) -> None:
    found = {o for o in operations(world.service) if o[1] not in OPEN}
    assert found - set(RULES) == set(), "say in RULES who may"
    assert set(RULES) - found == set(), "these routes are gone"


@pytest.mark.parametrize(("method", "path"), sorted(RULES), ids=lambda v: v)
def test_only_those_who_may(world: World, method: str, path: str) -> None:
    refused = {n for n in EVERYBODY if n not in RULES[method, path]}
    for name in sorted(refused):
        answer = world.ask(world.clients[name], method, path)
        assert answer.status_code in (403, 404), (name, answer.status_code, answer.text[:200])
        assert answer.headers["content-type"] == "application/problem+json"
        assert "ada@example.org" not in answer.text.lower()
    stranger = TestClient(create_app(world.service), follow_redirects=False)
    assert world.ask(stranger, method, path).status_code == 401
    if path in ENDING:
        return
    for name in sorted(RULES[method, path]):
        answer = world.ask(world.clients[name], method, path)
        expected = answer.status_code < 400 or answer.json()["code"] in ALLOWED.get((method, path), ())
        assert expected, (name, answer.status_code, answer.text[:300])


# These end what others need: that they work for those who may is shown elsewhere.
ENDING = {
    "/api/sign-out",
    "/api/me/tokens/{token_id}",
    "/api/people/{person_id}/grants/{grant_id}",
    "/api/people/{person_id}/close",
    "/api/candidates/{enrolment_id}/evaluators/{person_id}",
}
# What those who may are told for a reason that is not who they are.
ALLOWED = {
    ("post", "/api/me/password"): ("password-weak", "too-many"),
    ("post", "/api/candidates/{enrolment_id}/minutes"): ("grid-undecided",),
    ("get", "/api/candidates/{enrolment_id}/minutes"): ("unknown",),
    ("post", "/api/assessments/{assessment_id}/again"): ("assessment-under-way",),
    ("post", "/api/assessments/{assessment_id}/cancel"): ("assessment-over",),
}


def test_every_change_needs_the_word_of_our_own_pages(world: World) -> None:
    with world.service.database.read() as session:
        root = find_person(session, "root@example.org")
    assert root
    forged = signed_in(world.service, root)
    del forged.headers["X-CSRF-Token"]
    changing = [o for o in operations(world.service) if o[0] != "get" and o[1] not in OPEN]
    assert len(changing) > 20
    for method, path in changing:
        assert world.ask(forged, method, path).json()["code"] == "request-forged", (method, path)


def test_a_token_reaches_as_far_as_its_scopes(world: World) -> None:
    with world.service.database.begin() as session:
        root = find_person(session, "root@example.org")
        assert root
        secret, row = add_token(session, root, name="t", scopes=["read"], days=1)
    reader = TestClient(create_app(world.service), headers={"Authorization": f"Bearer {secret}"})
    assert reader.get("/api/me").json()["csrf"] is None
    assert reader.get("/api/sessions").status_code == 200
    for method, path in (("post", "/api/sessions"), ("post", "/api/sessions/{session_id}/pause"), ("post", "/api/people")):
        answer = world.ask(reader, method, path)
        assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing"), path
    assert world.ask(reader, "post", "/api/me/tokens").json()["code"] == "in-person-only"
    with world.service.database.begin() as session:
        from grader.store.people import revoke_token

        assert revoke_token(session, root.id, row.id)
    assert reader.get("/api/me").status_code == 401


def test_a_field_that_is_not_named_is_refused(world: World) -> None:
    for name, path, body in (
        ("root", "/api/people", {"email": "m@example.org", "name": "M", "active": False}),
        ("ada", f"/api/candidates/{world.ids['enrolment_id']}/submissions", {"repositories": [], "number": 99}),
        (
            "blaise",
            f"/api/candidates/{world.ids['enrolment_id']}/decisions",
            {"criterion": "C1.1", "level": "met", "person_id": "x"},
        ),
    ):
        answer = world.clients[name].post(path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "request-malformed")


def test_guessing_is_slowed_down(world: World) -> None:
    client = TestClient(create_app(world.service))  # an application counts for itself
    codes = [client.post("/api/sign-in", json={"email": "ada@example.org", "password": f"{n}"}).json()["code"] for n in range(12)]
    assert codes.count("sign-in-failed") == 10
    assert codes[-1] == "too-many"
    late = client.post("/api/sign-in", json={"email": "ada@example.org", "password": "x"})
    assert (late.status_code, late.headers["Retry-After"].isdigit()) == (429, True)


def test_a_request_that_is_too_large_is_refused(world: World) -> None:
    answer = world.clients["root"].post("/api/people", content=b"x" * 3_000_000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


def test_a_request_under_another_name_is_refused(world: World) -> None:
    assert world.clients["root"].get("/api/me", headers={"Host": "evil.example"}).status_code == 400

"""Signing in and out, and what a forged or late request gets."""

from __future__ import annotations

from fastapi.testclient import TestClient

from grader.store.database import Database
from grader.store.people import accept_invitation, invite
from tests.api.conftest import PASSWORD, SignIn
from tests.store.people import People


def test_a_person_signs_in_is_known_and_signs_out(client: TestClient, known: People) -> None:
    assert client.get("/api/me").status_code == 401
    answer = client.post("/api/sign-in", json={"email": "ADA@example.org", "password": PASSWORD})
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    assert client.get("/api/me").json()["name"] == "Ada"
    client.headers["X-CSRF-Token"] = answer.json()["csrf"]
    assert client.post("/api/sign-out").status_code == 204
    assert client.get("/api/me").status_code == 401


def test_a_wrong_password_and_an_unknown_address_sound_the_same(client: TestClient, known: People) -> None:
    wrong = client.post("/api/sign-in", json={"email": "ada@example.org", "password": "x"})
    unknown = client.post("/api/sign-in", json={"email": "nobody@example.org", "password": "x"})
    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
    assert wrong.headers["content-type"] == "application/problem+json"
    assert wrong.json()["code"] == "sign-in-failed"


def test_the_sentence_is_in_the_callers_language(client: TestClient, known: People) -> None:
    body = {"email": "ada@example.org", "password": "x"}
    french = client.post("/api/sign-in", json=body, headers={"Accept-Language": "fr-FR,en;q=0.5"})
    english = client.post("/api/sign-in", json=body, headers={"Accept-Language": "en-GB"})
    assert french.json()["detail"] != english.json()["detail"]


def test_a_stolen_cookie_ends_with_the_sign_out(as_: SignIn, known: People, client: TestClient) -> None:
    mine = as_(known.ada)
    stolen = mine.cookies["jurygrid"]
    mine.post("/api/sign-out")
    client.cookies.set("jurygrid", stolen)
    assert client.get("/api/me").status_code == 401


def test_signing_in_changes_the_secret_that_the_browser_came_with(client: TestClient, known: People) -> None:
    client.cookies.set("jurygrid", "fixed-by-somebody-else")
    client.post("/api/sign-in", json={"email": "ada@example.org", "password": PASSWORD})
    assert client.get("/api/me").status_code == 200
    other = TestClient(client.app)
    other.cookies.set("jurygrid", "fixed-by-somebody-else")
    assert other.get("/api/me").status_code == 401


def test_a_request_from_another_site_is_refused(as_: SignIn, known: People) -> None:
    mine = as_(known.ada)
    assert mine.post("/api/sign-out", headers={"Origin": "https://evil.example"}).status_code == 403
    assert mine.post("/api/sign-out", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert mine.post("/api/sign-out", headers={"X-CSRF-Token": "guess"}).status_code == 403
    assert mine.get("/api/me").status_code == 200


def test_a_new_password_ends_every_sign_in(as_: SignIn, known: People, database: Database) -> None:
    mine = as_(known.ada)
    with database.begin() as session:
        accept_invitation(session, invite(session, known.ada), "another long secret")
    assert mine.get("/api/me").status_code == 401


def test_every_answer_carries_the_headers(client: TestClient, known: People) -> None:
    headers = client.get("/api/nowhere").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"

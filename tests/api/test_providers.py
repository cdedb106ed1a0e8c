"""Signing in with a real OpenID Connect provider on loopback: it says who, never what they may do."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import uvicorn
from fastapi import FastAPI, Form, Header
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from api.main import create_app
from api.service import Service
from tests.servers import free_port, wait_for_port
from tests.store.people import People


@dataclass
class Provider:
    """A provider whose user is `claims`; it demands PKCE."""

    issuer: str
    claims: dict[str, Any]
    asked: dict[str, str]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    port = free_port()
    made = Provider(f"http://127.0.0.1:{port}", {}, {})
    key = RSAKey.generate_key(2048, {"kid": "k1"})
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    def configuration() -> dict[str, Any]:
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        return {
            "issuer": made.issuer,
            **{k: f"{made.issuer}/{v}" for k, v in paths.items()},
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    @app.get("/jwks")
    def jwks() -> dict[str, Any]:
        return {"keys": [key.as_dict(private=False)]}

    @app.post("/token")
    def token(code: str = Form(), code_verifier: str = Form()) -> dict[str, Any]:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
        assert code == "the-code" and challenge == made.asked["code_challenge"]
        claims = {
            "iss": made.issuer,
            "aud": "jurygrid",
            "exp": int(time.time()) + 60,
            "iat": int(time.time()),
            "nonce": made.asked["nonce"],
        }
        signed = jwt.encode({"alg": "RS256", "kid": "k1"}, {**claims, **made.claims}, key)
        return {"access_token": "a", "token_type": "Bearer", "id_token": signed}

    with served(app, port):
        yield made


@contextlib.contextmanager
def served(app: FastAPI, port: int) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for_port(port)
    yield
    server.should_exit = True
    thread.join(5)


@pytest.fixture
def client(service: Service, provider: Provider, known: People) -> TestClient:
    settings = replace(service.service_settings, oidc_issuer=provider.issuer, oidc_client_id="jurygrid", oidc_client_secret="s")
    return TestClient(create_app(replace(service, service_settings=settings)), follow_redirects=False)


def signed_in(client: TestClient, provider: Provider, next_: str = "/account", **claims: Any) -> Any:
    """Go to the provider and come back as whom it says."""
    provider.claims = {"sub": "42", **claims}
    gone = client.get("/sign-in/oidc", params={"next": next_})
    assert gone.status_code == 302
    where = urlsplit(gone.headers["location"])
    provider.asked = {k: v[0] for k, v in parse_qs(where.query).items()}
    assert provider.asked["code_challenge_method"] == "S256"
    return client.get("/sign-in/oidc/back", params={"code": "the-code", "state": provider.asked["state"]})


def test_a_verified_address_signs_its_account_in(client: TestClient, provider: Provider) -> None:
    back = signed_in(client, provider, email="ada@example.org", email_verified=True)
    assert (back.status_code, back.headers["location"]) == (303, "/account")
    assert client.get("/api/me").json()["name"] == "Ada"
    client.cookies.delete("jurygrid")
    signed_in(client, provider, email="moved@example.org", email_verified=True)  # known by its subject from now on
    assert client.get("/api/me").json()["name"] == "Ada"


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "ada@example.org", "email_verified": False},
        {"email": "ada@example.org"},
        {"email": "nobody@example.org", "email_verified": True},
        {"email": "ada@example.org", "email_verified": True, "iss": "https://evil.example"},
        {"email": "ada@example.org", "email_verified": True, "aud": "another"},
        {"email": "ada@example.org", "email_verified": True, "exp": 1},
        {"email": "ada@example.org", "email_verified": True, "nonce": "replayed"},
    ],
)
def test_nobody_else_is_signed_in_and_no_account_is_made(client: TestClient, provider: Provider, claims: dict[str, Any]) -> None:
    assert signed_in(client, provider, **claims).status_code == 401
    assert client.get("/api/me").status_code == 401


def test_an_answer_that_nobody_asked_for_is_refused(client: TestClient, provider: Provider) -> None:
    assert client.get("/sign-in/oidc/back", params={"code": "the-code", "state": "made-up"}).status_code == 401
    assert client.get("/sign-in/unknown").status_code == 404


def test_one_comes_back_to_a_page_of_ours_alone(client: TestClient, provider: Provider) -> None:
    back = signed_in(client, provider, next_="//evil.example", email="ada@example.org", email_verified=True)
    assert back.headers["location"] == "/"


@dataclass
class GitHub:
    """A server with the paths of a GitHub Enterprise Server: its user, and their addresses."""

    address: str
    emails: list[dict[str, Any]]
    asked: dict[str, str]


@pytest.fixture(scope="module")
def github() -> Iterator[GitHub]:
    port = free_port()
    made = GitHub(f"http://127.0.0.1:{port}", [], {})
    app = FastAPI()

    @app.post("/login/oauth/access_token")
    def token(
        code: str = Form(), client_id: str = Form(), client_secret: str = Form(), code_verifier: str = Form()
    ) -> dict[str, Any]:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
        assert (code, client_id, client_secret, challenge) == ("the-code", "app", "s", made.asked["code_challenge"])
        return {"access_token": "gho_x", "token_type": "bearer", "scope": "read:user,user:email"}

    @app.get("/api/v3/user")
    def user(authorization: str = Header()) -> dict[str, Any]:
        assert authorization == "Bearer gho_x"
        return {"id": 7, "login": "ada", "email": "a-public-address-proves-nothing@example.org"}

    @app.get("/api/v3/user/emails")
    def emails(authorization: str = Header()) -> list[dict[str, Any]]:
        assert authorization == "Bearer gho_x"
        return made.emails

    with served(app, port):
        yield made


def through_github(service: Service, github: GitHub, *emails: dict[str, Any]) -> TestClient:
    """Go to GitHub and come back as the user with these addresses."""
    settings = replace(service.service_settings, github_url=github.address, github_client_id="app", github_client_secret="s")
    client = TestClient(create_app(replace(service, service_settings=settings)), follow_redirects=False)
    github.emails = list(emails)
    gone = client.get("/sign-in/github")
    where = urlsplit(gone.headers["location"])
    assert (f"{where.scheme}://{where.netloc}", where.path) == (github.address, "/login/oauth/authorize")
    github.asked = {k: v[0] for k, v in parse_qs(where.query).items()}
    assert set(github.asked["scope"].split()) == {"read:user", "user:email"}
    client.get("/sign-in/github/back", params={"code": "the-code", "state": github.asked["state"]})
    return client


def test_githubs_primary_and_verified_address_signs_in(service: Service, github: GitHub, known: People) -> None:
    other = {"email": "blaise@example.org", "primary": False, "verified": True}
    client = through_github(service, github, other, {"email": "ada@example.org", "primary": True, "verified": True})
    assert client.get("/api/me").json()["name"] == "Ada"


@pytest.mark.parametrize("told", [{"primary": True, "verified": False}, {"primary": False, "verified": True}, {"primary": True}])
def test_no_other_address_of_github_does(service: Service, github: GitHub, known: People, told: dict[str, Any]) -> None:
    client = through_github(service, github, {"email": "blaise@example.org", **told})
    assert client.get("/api/me").status_code == 401

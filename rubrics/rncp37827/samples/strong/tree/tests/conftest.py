"""Préparations communes aux tests."""

import os

import pytest

os.environ.setdefault("CLE_JWT", "cle-de-test-assez-longue-pour-hs256")
os.environ.setdefault("CLE_API_MODELE", "cle-de-test")
os.environ.setdefault("CLE_SESSION", "session-de-test")
os.environ.setdefault("URL_API_DONNEES", "http://donnees.test")
os.environ.setdefault("URL_API_MODELE", "http://modele.test")


@pytest.fixture
def client_web(tmp_path, monkeypatch):
    """Client de l'application, sans jeton anti-CSRF."""
    from application.main import creer_application

    monkeypatch.setenv("JOURNAL", str(tmp_path / "application.log"))
    app = creer_application()
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, SESSION_COOKIE_SECURE=False)
    return app.test_client()

"""Préparations communes aux tests."""

import os

import pytest
from fastapi.testclient import TestClient

os.environ.setdefault("CLE_JWT", "cle-de-test-assez-longue-pour-hs256")
os.environ.setdefault("CLE_API_MODELE", "cle-de-test")
os.environ.setdefault("CLE_SESSION", "session-de-test")
os.environ.setdefault("URL_API_DONNEES", "http://donnees.test")
os.environ.setdefault("URL_API_MODELE", "http://modele.test")


class ModeleFixe:
    """Un modèle qui rend toujours 42."""

    def predict(self, lignes):
        return [42.0 for _ in range(len(lignes))]


@pytest.fixture
def client_modele():
    """Client de l'API du modèle, avec un modèle connu."""
    from api_modele.main import app, charger_modele

    app.dependency_overrides[charger_modele] = ModeleFixe
    yield TestClient(app)
    app.dependency_overrides.clear()


@pytest.fixture
def client_donnees(monkeypatch):
    """Client de l'API de données, sur des lignes connues."""
    from api_donnees import main

    main.app.dependency_overrides[main.connexion] = lambda: None
    monkeypatch.setattr(main, "lister_stations", lambda _: [
        {"code": "VB01", "nom": "Tilleuls", "latitude": 45.1, "longitude": 4.0, "quartier": "Centre"}
    ])
    monkeypatch.setattr(main, "lire", lambda *_, **__: [])
    yield TestClient(main.app)
    main.app.dependency_overrides.clear()


@pytest.fixture
def client_web(tmp_path, monkeypatch):
    """Client de l'application, sans jeton anti-CSRF."""
    monkeypatch.setenv("JOURNAL", str(tmp_path / "application.log"))
    from application.main import creer_application

    app = creer_application()
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, SESSION_COOKIE_SECURE=False)
    return app.test_client()

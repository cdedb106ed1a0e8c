from datetime import UTC, datetime, timedelta

import jwt
import pytest
from fastapi.testclient import TestClient

from api_donnees import main as donnees
from api_donnees.securite import creer_jeton

DATES = {"debut": "2026-02-01", "fin": "2026-02-02"}
STATION = {"code": "VB01", "nom": "Tilleuls", "latitude": 45.1, "longitude": 4.0, "quartier": "Centre"}


@pytest.fixture
def client(monkeypatch):
    """Client de l'API de données, sur des lignes connues."""
    donnees.app.dependency_overrides[donnees.connexion] = lambda: None
    monkeypatch.setattr(donnees, "lister_stations", lambda _: [STATION])
    monkeypatch.setattr(donnees, "lire", lambda *_, **__: [])
    yield TestClient(donnees.app)
    donnees.app.dependency_overrides.clear()


def porteur(role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {creer_jeton('a@example.org', role)}"}


def test_les_stations_demandent_un_jeton(client):
    assert client.get("/stations").status_code == 401


def test_un_habitant_lit_les_stations(client):
    reponse = client.get("/stations", headers=porteur("habitant"))
    assert reponse.status_code == 200
    assert reponse.json()[0]["code"] == "VB01"


def test_un_jeton_expire_est_refuse(client):
    hier = datetime.now(UTC) - timedelta(days=1)
    jeton = jwt.encode({"sub": "a@example.org", "exp": hier}, "cle-de-test-assez-longue-pour-hs256", algorithm="HS256")
    assert client.get("/stations", headers={"Authorization": f"Bearer {jeton}"}).status_code == 401


def test_des_dates_a_l_envers_sont_refusees(client):
    envers = {"debut": "2026-02-02", "fin": "2026-02-01"}
    assert client.get("/moyennes", params=envers, headers=porteur("habitant")).status_code == 422


def test_les_moyennes_sont_rendues(client):
    reponse = client.get("/moyennes", params=DATES, headers=porteur("habitant"))
    assert reponse.json() == []


def test_les_depassements_sont_reserves_aux_agents(client):
    depuis = {"depuis": "2026-02-01"}
    assert client.get("/depassements", params=depuis, headers=porteur("habitant")).status_code == 403
    assert client.get("/depassements", params=depuis, headers=porteur("agent")).status_code == 200


def test_un_inconnu_n_a_pas_de_jeton(client, monkeypatch):
    monkeypatch.setattr(donnees, "trouver_abonne", lambda *_: None)
    reponse = client.post("/token", data={"username": "x@example.org", "password": "faux"})
    assert reponse.status_code == 401

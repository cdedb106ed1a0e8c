import pytest
from fastapi.testclient import TestClient

from api_modele.main import app, charger_modele

RELEVE = {"valeur": 31.5, "heure": 8, "vehicules": 320}
CLE = {"X-API-Key": "cle-de-test"}


class ModeleFixe:
    """Un modèle qui rend toujours 42."""

    def predict(self, lignes):
        return [42.0 for _ in range(len(lignes))]


@pytest.fixture
def client():
    """Client de l'API du modèle, avec un modèle connu."""
    app.dependency_overrides[charger_modele] = ModeleFixe
    yield TestClient(app)
    app.dependency_overrides.clear()


def test_la_sante_est_publique(client):
    reponse = client.get("/sante")
    assert reponse.status_code == 200
    assert reponse.json() == {"etat": "ok"}


def test_la_prevision_vient_du_modele(client):
    reponse = client.post("/prevision", json=RELEVE, headers=CLE)
    assert reponse.status_code == 200
    assert reponse.json() == {"no2": 42.0}


def test_sans_cle_la_prevision_est_refusee(client):
    assert client.post("/prevision", json=RELEVE).status_code == 401


def test_une_fausse_cle_est_refusee(client):
    assert client.post("/prevision", json=RELEVE, headers={"X-API-Key": "autre"}).status_code == 401


def test_une_heure_impossible_est_refusee(client):
    assert client.post("/prevision", json={**RELEVE, "heure": 24}, headers=CLE).status_code == 422


def test_la_verification_rend_l_ecart(client):
    reponse = client.post("/verification", json={"prevu": 40.0, "mesure": 34.5}, headers=CLE)
    assert reponse.status_code == 200
    assert reponse.json() == {"ecart": 5.5}


def test_la_verification_demande_une_cle(client):
    assert client.post("/verification", json={"prevu": 40.0, "mesure": 34.5}).status_code == 401


def test_les_metriques_sont_exposees(client):
    client.post("/verification", json={"prevu": 40.0, "mesure": 34.5}, headers=CLE)
    reponse = client.get("/metrics")
    assert reponse.status_code == 200
    assert "air_erreur_absolue 5.5" in reponse.text

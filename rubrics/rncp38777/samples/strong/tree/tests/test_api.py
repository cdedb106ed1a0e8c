import joblib
from fastapi.testclient import TestClient
from sklearn.dummy import DummyRegressor

from api.main import app, modele

CLIENT = TestClient(app)
DEMANDE = {"marche": 1, "produit": 2, "semaine": 10, "ferie": 0}


def servir(tmp_path, monkeypatch):
    chemin = tmp_path / "modele.joblib"
    joblib.dump(DummyRegressor(strategy="constant", constant=42.0).fit([[0, 0, 0, 0]], [42.0]), chemin)
    monkeypatch.setenv("MODELE", str(chemin))
    monkeypatch.setenv("CLE_API", "cle-d-essai")
    modele.cache_clear()


def test_une_prevision(tmp_path, monkeypatch):
    servir(tmp_path, monkeypatch)
    rendu = CLIENT.post("/previsions", json=DEMANDE, headers={"X-Cle": "cle-d-essai"})
    assert (rendu.status_code, rendu.json()) == (200, {"poids": 42.0})


def test_une_autre_cle_est_refusee(tmp_path, monkeypatch):
    servir(tmp_path, monkeypatch)
    assert CLIENT.post("/previsions", json=DEMANDE, headers={"X-Cle": "autre"}).status_code == 401


def test_une_semaine_impossible_est_refusee(tmp_path, monkeypatch):
    servir(tmp_path, monkeypatch)
    rendu = CLIENT.post("/previsions", json={**DEMANDE, "semaine": 60}, headers={"X-Cle": "cle-d-essai"})
    assert rendu.status_code == 422

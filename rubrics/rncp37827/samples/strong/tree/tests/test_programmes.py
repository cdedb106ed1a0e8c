"""Les programmes lancés par la chaîne, du point d'entrée au résultat."""

import json
import sys

import pandas as pd
import pytest
import requests
import responses
from sqlalchemy import create_engine, text

from extraction import __main__ as extraction
from extraction.config import URL_BULLETINS, URL_MESURES
from modele import evaluation, valider_donnees
from preparation import agregation

MESURE = {"station": "VB01", "polluant": "NO2", "valeur": 31.5, "releve_le": "2026-02-01T08:00:00Z"}
PAGE = "<table class='bulletins'><tbody><tr><td>2026-02-01</td><td>PM10</td><td>alerte</td></tr></tbody></table>"


@pytest.fixture
def base_trafic(tmp_path):
    adresse = f"sqlite:///{tmp_path / 'trafic.db'}"
    with create_engine(adresse).begin() as connexion:
        connexion.execute(text("CREATE TABLE compteur (id INTEGER, quartier TEXT)"))
        connexion.execute(text("CREATE TABLE passage (compteur_id INTEGER, jour TEXT, heure INTEGER, vehicules INTEGER)"))
        connexion.execute(text("INSERT INTO compteur VALUES (1, 'Centre')"))
        connexion.execute(text("INSERT INTO passage VALUES (1, '2026-02-01', 8, 200), (1, '2026-02-01', 8, 120)"))
    return adresse


@responses.activate
def test_l_extraction_puis_l_agregation_donnent_un_seul_jeu(tmp_path, monkeypatch, base_trafic):
    responses.get(URL_MESURES, json={"mesures": [MESURE], "suite": False})
    responses.get(URL_BULLETINS, body=PAGE)
    monkeypatch.setenv("BASE_TRAFIC", base_trafic)
    monkeypatch.setenv("SORTIE", str(tmp_path / "brut"))
    monkeypatch.setattr(sys, "argv", ["extraction", "--jour", "2026-02-01"])
    assert extraction.main() == 0
    sortie = tmp_path / "jeu.csv"
    monkeypatch.setattr(sys, "argv", ["agregation", "--brut", str(tmp_path / "brut"), "--sortie", str(sortie)])
    agregation.main()
    assert pd.read_csv(sortie)["vehicules"].tolist() == [320]


@responses.activate
def test_une_source_en_panne_est_annoncee(monkeypatch, tmp_path):
    responses.get(URL_MESURES, body=requests.ConnectionError("service coupé"))
    monkeypatch.setenv("BASE_TRAFIC", "sqlite://")
    monkeypatch.setenv("SORTIE", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["extraction", "--jour", "2026-02-01"])
    assert extraction.main() == 1


@pytest.mark.parametrize(("r2", "attendu"), [(0.7, 0), (0.4, 1)])
def test_un_modele_faible_arrete_la_chaine(r2, attendu, tmp_path, monkeypatch):
    scores = tmp_path / "scores.json"
    scores.write_text(json.dumps({"mae": 5.0, "r2": r2}), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["evaluation", str(scores)])
    assert evaluation.main() == attendu


@pytest.mark.parametrize(("heure", "attendu"), [(8, 0), (24, 1)])
def test_un_jeu_faux_arrete_la_chaine(heure, attendu, tmp_path, monkeypatch):
    jeu = tmp_path / "jeu.csv"
    ligne = {"station": "VB01", "polluant": "no2", "valeur": 31.5, "heure": heure, "vehicules": 320}
    pd.DataFrame([ligne]).to_csv(jeu, index=False)
    monkeypatch.setattr(sys, "argv", ["valider_donnees", str(jeu)])
    assert valider_donnees.main() == attendu

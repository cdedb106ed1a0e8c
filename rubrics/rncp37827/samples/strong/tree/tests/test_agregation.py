import pandas as pd

from preparation.agregation import nettoyer_mesures, reunir

MESURES = pd.DataFrame(
    [
        ["VB01", "NO2", "31.5", "2026-02-01T08:00:00Z"],
        ["VB01", "NO2", "31.5", "2026-02-01T08:00:00Z"],
        ["VB01", "dioxyde d'azote", "erreur", "2026-02-01T09:00:00Z"],
        ["VB01", "NO2", "-4", "2026-02-01T10:00:00Z"],
    ],
    columns=["station", "polluant", "valeur", "releve_le"],
)


def test_doublons_et_lignes_corrompues_sont_retires():
    propres = nettoyer_mesures(MESURES)
    assert list(propres["valeur"]) == [31.5]
    assert list(propres["polluant"]) == ["no2"]


def test_les_quatre_sources_sont_reunies():
    stations = pd.DataFrame([{"station": "VB01", "nom": "Tilleuls", "quartier": "Centre", "latitude": 45.1, "longitude": 4.0}])
    trafic = pd.DataFrame([{"quartier": "Centre", "heure": 8, "vehicules": 320}])
    bulletins = pd.DataFrame([{"jour": "2026-02-01", "polluant": "NO2", "niveau": "information"}])
    jeu = reunir(MESURES, stations, trafic, bulletins)
    assert len(jeu) == 1
    assert jeu.loc[0, "vehicules"] == 320
    assert jeu.loc[0, "niveau"] == "information"

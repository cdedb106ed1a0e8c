import pandas as pd
import pytest

from modele.donnees import CIBLE, VARIABLES, controler, preparer

JEU = pd.DataFrame(
    {
        "station": ["VB01", "VB01", "VB02", "VB02"],
        "polluant": ["no2"] * 4,
        "releve_le": ["2026-02-01T08", "2026-02-01T09", "2026-02-01T08", "2026-02-01T09"],
        "valeur": [30.0, 34.0, 50.0, 52.0],
        "heure": [8, 9, 8, 9],
        "vehicules": [320, 300, 200, 180],
    }
)


def test_un_jeu_propre_n_a_pas_de_defaut():
    assert controler(JEU) == []


@pytest.mark.parametrize(
    ("colonne", "valeur", "defaut"),
    [("valeur", 5000.0, "valeurs hors de 0 à 1000"), ("heure", 24, "heures hors de 0 à 23")],
)
def test_une_valeur_impossible_est_signalee(colonne, valeur, defaut):
    assert controler(JEU.assign(**{colonne: valeur})) == [defaut]


def test_une_colonne_absente_est_signalee():
    assert controler(JEU.drop(columns="vehicules")) == ["colonne absente : vehicules"]


def test_la_cible_reste_dans_la_meme_station():
    lignes = preparer(JEU)
    assert list(lignes[CIBLE]) == [34.0, 52.0]
    assert list(lignes.columns) == [*VARIABLES, CIBLE]

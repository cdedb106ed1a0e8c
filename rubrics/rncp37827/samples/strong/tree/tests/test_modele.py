import pandas as pd
import pytest

from modele.donnees import CIBLE, VARIABLES
from modele.entrainement import entrainer
from modele.evaluation import accepter

LIGNES = pd.DataFrame(
    [[float(n % 60), n % 24, 10 * n, float(n % 60) + 2] for n in range(200)], columns=[*VARIABLES, CIBLE]
)


@pytest.fixture(scope="module")
def entraine():
    return entrainer(LIGNES)


def test_le_modele_apprend_une_relation_simple(entraine):
    _, scores = entraine
    assert scores["r2"] > 0.8


def test_les_previsions_restent_dans_l_intervalle_appris(entraine):
    modele, _ = entraine
    prevu = modele.predict(LIGNES[VARIABLES])
    assert prevu.min() >= LIGNES[CIBLE].min()
    assert prevu.max() <= LIGNES[CIBLE].max()


def test_deux_entrainements_donnent_les_memes_scores(entraine):
    assert entrainer(LIGNES)[1] == entraine[1]


@pytest.mark.parametrize(
    ("scores", "attendu"),
    [({"mae": 5.0, "r2": 0.7}, True), ({"mae": 9.0, "r2": 0.7}, False), ({"mae": 5.0, "r2": 0.4}, False)],
)
def test_les_seuils_decident(scores, attendu):
    assert accepter(scores) is attendu

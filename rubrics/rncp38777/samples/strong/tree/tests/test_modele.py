import pandas as pd

from modele.entrainement import COLONNES, apprendre


def arrivages():
    lignes = [(m, p, 1 + n % 52, 0, 100.0 * m + 10.0 * p) for n in range(60) for m in (1, 2) for p in (1, 2)]
    return pd.DataFrame(lignes, columns=[*COLONNES, "poids"])


def test_le_modele_apprend_ce_qui_se_repete():
    modele, erreur = apprendre(arrivages())
    assert erreur < 5
    assert modele.predict(pd.DataFrame([(2, 1, 10, 0)], columns=COLONNES))[0] > 150

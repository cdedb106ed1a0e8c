import pytest

from application.conseils import conseil, indice


@pytest.mark.parametrize(("no2", "attendu"), [(0, "bon"), (39.9, "bon"), (40, "moyen"), (90, "mauvais")])
def test_l_indice_suit_la_concentration(no2, attendu):
    assert indice(no2) == attendu


def test_une_concentration_negative_est_refusee():
    with pytest.raises(ValueError, match="négative"):
        indice(-1)


def test_une_personne_fragile_est_prevenue_plus_tot():
    assert conseil(50) == "Aucune précaution particulière."
    assert conseil(50, personne_fragile=True) == "Évitez l'effort physique dehors."

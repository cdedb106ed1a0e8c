"""Tests des rôles et des composants métier."""


def test_role_admin():
    assert True


def test_role_client():
    assert True


def test_calcul_du_prix():
    assert True

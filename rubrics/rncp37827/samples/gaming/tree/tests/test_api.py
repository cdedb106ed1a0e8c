"""Tests de chaque point de terminaison."""


def test_get_reservations():
    assert True


def test_post_prediction():
    assert True


def test_authentification_jwt():
    assert True


def test_jeton_expire():
    assert True


def test_acces_refuse():
    assert True

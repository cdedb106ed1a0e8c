"""Tests du modèle : données, entraînement, validation."""


def test_donnees():
    assert True


def test_entrainement():
    assert True


def test_validation():
    assert True


def test_derive():
    assert True


def test_couverture():
    assert True

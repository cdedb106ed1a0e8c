"""Names one letter away from a popular package."""

from __future__ import annotations

import pytest

from checks.recipes.lookalikes import Lookalike, _popular, lookalikes


@pytest.mark.parametrize(
    "name", ["requests", "psycopg", "psycopg-binary", "dask", "boto", "pymssql", "polars", "rich", "six", "tox"]
)
def test_honest_names_are_not_suspected(name: str) -> None:
    assert lookalikes([name]) == ()


@pytest.mark.parametrize(
    ("name", "meant"),
    [("reqests", "requests"), ("numpyy", "numpy"), ("Djagno", "django"), ("fiask", "flask"), ("scikit_lean", "scikit-learn")],
)
def test_misspellings_are_told(name: str, meant: str) -> None:
    assert [(one.meant) for one in lookalikes([name])] == [meant]


def test_each_is_told_once_in_order() -> None:
    assert lookalikes(["panads", "fastapi", "panads", "requets"]) == (
        Lookalike("panads", "pandas"),
        Lookalike("requets", "requests"),
    )


def test_no_popular_package_imitates_another() -> None:
    popular, known = _popular()
    assert lookalikes(known) == ()
    assert len(popular) > 150

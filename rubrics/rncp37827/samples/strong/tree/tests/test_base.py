from datetime import date

from sqlalchemy import create_engine, text

from base.purge import purger


def test_la_purge_efface_les_comptes_de_plus_de_deux_ans():
    with create_engine("sqlite://").begin() as connexion:
        connexion.execute(text("CREATE TABLE abonne (email TEXT, derniere_connexion DATE)"))
        connexion.execute(text("INSERT INTO abonne VALUES ('vieux@example.org', '2022-01-01')"))
        connexion.execute(text("INSERT INTO abonne VALUES ('actif@example.org', '2026-01-01')"))
        assert purger(connexion, date(2026, 2, 1)) == 1
        assert connexion.execute(text("SELECT email FROM abonne")).scalars().all() == ["actif@example.org"]

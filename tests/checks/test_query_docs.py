from tests.data_samples import examine

EXPLAINED = """# Requêtes SQL

## Requête des trajets

La sélection garde les colonnes du trajet et de la gare afin de calculer le retard moyen.
Le filtre sur l'année exclut les trajets annulés car ils faussent la moyenne.
La jointure entre trajet et gare permet de retrouver la région de chaque départ.
"""
SHOWN = "# Base\n\n```sql\nSELECT id FROM trajet WHERE km > 10;\n```\n"
INDEX = "CREATE TABLE trajet (id INTEGER PRIMARY KEY, km REAL);\nCREATE INDEX i_km ON trajet (km);\n"
QUERIES = "query-docs.explains-the-queries"
OPTIMISED = "query-docs.explains-the-optimisations"


def outcome(files, check):
    return examine(files, check).outcome.value


def test_choices_and_reasons_are_met():
    found = examine({"docs/requetes.md": EXPLAINED}, QUERIES)
    assert (found.outcome.value, found.evidence[0].path, found.evidence[0].line) == ("met", "docs/requetes.md", 5)


def test_a_query_that_is_only_shown_is_partly():
    assert outcome({"README.md": SHOWN}, QUERIES) == "partly"
    assert (
        outcome({"README.md": "# Base\n\n```sql\nDELETE FROM trajet WHERE id IN (SELECT id FROM vieux);\n```\n"}, QUERIES)
        == "not_met"
    )


def test_a_link_to_an_absent_document_explains_nothing():
    assert outcome({"README.md": "# P\n\n- [Documentation des requêtes SQL](docs/requetes.md)\n"}, QUERIES) == "not_met"


def test_optimisations_need_the_code_and_the_explanation():
    told = "# Requêtes SQL\n\n## Optimisation des requêtes\n\nUn index sur la colonne km évite de lire toute la table des trajets.\nLe plan d'exécution lu avec EXPLAIN ANALYZE montre un parcours de l'index.\n"
    assert outcome({"schema.sql": INDEX, "README.md": told}, OPTIMISED) == "met"
    assert outcome({"README.md": told}, OPTIMISED) == "partly"
    assert outcome({"schema.sql": INDEX}, OPTIMISED) == "partly"


def test_an_orm_index_alone_or_another_index_is_nothing():
    orm = "from sqlalchemy import Column, Integer\nfrom sqlalchemy.orm import declarative_base\n\nBase = declarative_base()\n\nclass Trajet(Base):\n    __tablename__ = 'trajet'\n    id = Column(Integer, primary_key=True)\n    km = Column(Integer, index=True)\n"
    assert outcome({"m.py": orm}, OPTIMISED) == "not_met"
    assert outcome({"README.md": "# P\n\nLa page index.html et l'index vectoriel FAISS sont servis.\n"}, OPTIMISED) == "not_met"

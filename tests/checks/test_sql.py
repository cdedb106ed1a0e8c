from tests.data_samples import examine

DDL = "CREATE TABLE trajet (id INTEGER PRIMARY KEY, km REAL);\n"


def test_a_filtered_query_is_met_at_its_line():
    found = examine(
        {"schema.sql": DDL, "q.sql": "-- les longs trajets\nSELECT id FROM trajet WHERE km > 10;\n"}, "sql.queries-extract-data"
    )
    assert (found.outcome.value, found.evidence[0].path, found.evidence[0].line, found.question) == ("met", "q.sql", 2, None)


def test_a_table_that_nothing_creates_is_asked_about():
    found = examine({"schema.sql": DDL, "q.sql": "SELECT id FROM voyage WHERE km > 10;\n"}, "sql.queries-extract-data")
    assert found.outcome.value == "met" and "voyage" in found.question.fr


def test_a_bare_select_or_an_orm_only_count_in_part():
    assert examine({"q.sql": "SELECT id FROM trajet;\n"}, "sql.queries-extract-data").outcome.value == "partly"
    orm = "from sqlalchemy.orm import Session\n\ndef f(session: Session, Trajet):\n    return session.query(Trajet).filter(Trajet.km > 1).all()\n"
    assert examine({"base.py": orm}, "sql.queries-extract-data").outcome.value == "partly"


def test_a_probe_a_test_or_a_document_is_no_query():
    contents = {
        "sante.py": "import sqlite3\nsqlite3.connect('x').execute('SELECT 1')\n",
        "tests/test_base.py": "import sqlite3\nsqlite3.connect('x').execute('SELECT id FROM trajet WHERE id = 1')\n",
        "docs/requetes.md": "```sql\nSELECT id FROM trajet WHERE km > 3;\n```\n",
    }
    assert examine(contents, "sql.queries-extract-data").outcome.value == "not_met"


def test_comments_never_exceed_partly():
    explained = "-- on garde les trajets longs car les courts faussent la moyenne\nSELECT avg(km) FROM trajet WHERE km > 10;\n"
    found = examine({"q.sql": explained}, "sql.comments-explain-queries")
    assert (found.outcome.value, found.evidence[0].line) == ("partly", 1)
    assert (
        examine({"q.sql": "-- todo\nSELECT avg(km) FROM trajet WHERE km > 10;\n"}, "sql.comments-explain-queries").outcome.value
        == "not_met"
    )


def test_optimisations_are_read_in_code():
    assert examine({"s.sql": DDL + "CREATE INDEX i ON trajet (km);\n"}, "sql.optimisations-are-real").outcome.value == "met"
    model = "from sqlalchemy import Column, Integer\n\nclass Trajet:\n    __tablename__ = 'trajet'\n    km = Column(Integer, index=True)\n"
    assert examine({"m.py": model}, "sql.optimisations-are-real").outcome.value == "partly"
    assert (
        examine({"s.sql": "-- CREATE INDEX i ON trajet (km);\n" + DDL}, "sql.optimisations-are-real").outcome.value == "not_met"
    )

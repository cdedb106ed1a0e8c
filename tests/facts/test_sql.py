from tests.data_samples import fact, notebook


def one(contents):
    return fact(contents, "sql_statements").all[0]


def test_reads_a_query_of_a_python_string():
    query = one(
        {
            "requetes.py": 'def f(c):\n    c.execute("""\n        SELECT a.nom, COUNT(*) FROM agence a\n        JOIN trajet t ON t.agence_id = a.id\n        WHERE t.km > %s GROUP BY a.nom\n    """)\n'
        }
    )
    assert (query.kind, query.tables, query.joins, query.filters, query.aggregates) == (
        "select",
        ("agence", "trajet"),
        1,
        True,
        True,
    )
    assert (query.path, query.line, query.function) == ("requetes.py", 3, "f")


def test_an_f_string_and_a_concatenation_each_count_once():
    found = fact(
        {
            "r.py": 'def f(c, t, x):\n    c.execute(f"SELECT id FROM {t} WHERE id = {x}")\n    q = "SELECT id " + "FROM trajet WHERE km > 3"\n'
        },
        "sql_statements",
    )
    assert [(s.line, s.filters, s.parsed) for s in found.all] == [(2, True, True), (3, True, True)]


def test_prose_in_a_string_is_no_query():
    found = fact(
        {"r.py": 'print("Select your favourite station from the list")\nx = "with the help of a friend as (ever)"\n'},
        "sql_statements",
    )
    assert found.all == ()


def test_a_docstring_and_a_document_are_no_code():
    found = fact(
        {"r.py": '"""SELECT a FROM b WHERE c = 1"""\n', "README.md": "```sql\nSELECT a FROM b WHERE c = 1;\n```\n"},
        "sql_statements",
    )
    assert found.all == ()


def test_a_common_table_expression_and_system_tables_are_no_tables():
    query = one({"q.sql": "-- les agences\nWITH km AS (SELECT agence_id FROM trajet) SELECT * FROM km, pg_tables;\n"})
    assert (query.tables, query.line) == (("trajet",), 2)


def test_a_script_is_split_outside_quotes_and_dollars():
    found = fact(
        {
            "s.sql": "INSERT INTO ville VALUES ('a;b');\nCREATE FUNCTION f() RETURNS int AS $$ SELECT 1; $$ LANGUAGE sql;\nSELECT nom FROM ville;\n"
        },
        "sql_statements",
    )
    assert [(s.kind, s.line) for s in found.all if s.kind != "other"] == [("insert", 1), ("select", 3)]


def test_reads_columns_and_keys_of_a_table():
    created = one(
        {
            "s.sql": "CREATE TABLE `trajet` (`id` int NOT NULL AUTO_INCREMENT, agence_id int REFERENCES agence(id), PRIMARY KEY (`id`)) ENGINE=InnoDB;"
        }
    ).created
    assert [(c.name, c.primary, c.references) for c in created.columns] == [("id", True, ""), ("agence_id", False, "agence")]


def test_templates_of_dbt_are_replaced():
    query = one({"models/km.sql": "{{ config(materialized='table') }}\nSELECT id FROM {{ ref('trajet') }} WHERE km > 2"})
    assert (query.kind, query.tables, query.line) == ("select", ("trajet",), 2)


def test_nested_parentheses_cost_one_statement_only():
    found = fact(
        {"a.sql": "SELECT " + "(" * 5000 + "1" + ")" * 5000 + " FROM t;\nSELECT id FROM ville WHERE id = 1;\n"}, "sql_statements"
    )
    assert [s.tables for s in found.selects] == [("ville",)]


def test_a_notebook_magic_is_a_query():
    found = fact({"n.ipynb": notebook("%%sql\nSELECT nom FROM ville WHERE id = 1")}, "sql_statements")
    assert [(s.where, s.filters) for s in found.all] == [("notebook", True)]


def test_another_language_counts_with_a_driver_only():
    text = 'const q = "SELECT id FROM ville WHERE id = 1";\n'
    assert fact({"a.js": text}, "sql_statements").all == ()
    assert len(fact({"a.js": "const { Pool } = require('pg');\n" + text}, "sql_statements").all) == 1


def test_orm_queries_tell_their_shape():
    found = fact(
        {
            "app/vues.py": "from django.db import models\nfrom .models import Trajet\n\ndef liste():\n    return Trajet.objects.filter(km__gt=3)\n",
            "base.py": "from sqlalchemy import select\n\ndef tous(session, Trajet):\n    return session.execute(select(Trajet))\n",
        },
        "sql_statements",
    )
    assert [(q.path, q.line, q.shaped) for q in found.orm] == [("app/vues.py", 5, True), ("base.py", 4, False)]

"""The kind `migrate`: schemas created on empty SQLite and PostgreSQL, filled, and asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.runner.servers import free_port
from tests.runner.steps import part, run
from tests.runner.test_tests import DJANGO

DDL = "CREATE TABLE town (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\nCREATE TABLE visit (id INTEGER, town_id INTEGER REFERENCES town (id));\n"
IMPORT = """
    import csv, sqlite3
    rows = list(csv.DictReader(open("data/towns.csv")))
    with sqlite3.connect("var/base.db") as base:
        base.executemany("INSERT INTO town (id, name) VALUES (:id, :name)", rows)
    """


def database(kind: str, target: str, engine: str, *imports: str, folder: str = "") -> dict[str, Any]:
    """Return a database of the plan, as it travels."""
    return {
        "kind": kind,
        "folder": folder,
        "target": target,
        "engine": engine,
        "imports": list(imports),
        "place": {"path": target, "line": 1},
    }


def query(text: str, line: int = 1) -> dict[str, Any]:
    """Return a query of the plan, as it travels."""
    return {"text": text, "place": {"path": "q.sql", "line": line}}


def postgresql(**more: Any) -> dict[str, Any]:
    """Return a PostgreSQL service of the plan on a free port."""
    return {
        "kind": "postgresql",
        "hosts": ["localhost"],
        "port": free_port(),
        "user": "ada",
        "password": "p'w",
        "database": "towns",
        **more,
    }


def migrated(files: dict[str, str | bytes], environment: Path, one: dict[str, Any], **step: Any) -> dict[str, Any]:
    """Create a schema."""
    return run(files, environment, kind="migrate", part=part(), database=one, **step)


def names(document: dict[str, Any]) -> list[tuple[str, int]]:
    """Return (table, rows)."""
    return [(t["name"], t["rows"]) for t in document["tables"]]


def test_ddl_on_sqlite_filled_and_asked(environment: Path) -> None:
    document = migrated(
        {"schema.sql": DDL, "load.py": IMPORT, "data/towns.csv": "id,name\n1,Lyon\n2,Nice\n"},
        environment,
        database("ddl", "schema.sql", "sqlite", "load.py"),
        queries=[
            query("SELECT name FROM town WHERE id = ? LIMIT :most"),
            query("SELECT count(*) FROM town WHERE name LIKE '%:x%'", 2),
            query("SELECT absent FROM town", 3),
            query("DELETE FROM town", 4),
            query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n", 5),
        ],
    )
    assert names(document) == [("town", 2), ("visit", 0)]
    assert document["tables"][0]["columns"] == ["id", "name"]
    assert document["imported"] == [{"script": "load.py", "how": "exit", "code": 0, "rows_before": 0, "rows_after": 2}]
    assert [(q["line"], q["ok"], q["rows"], q["parameters"]) for q in document["queries"]] == [
        (1, True, 0, 2),
        (2, True, 1, 0),
        (3, False, None, 0),
        (4, False, None, 0),
        (5, False, None, 0),
    ]
    assert "no such column: absent" in document["queries"][2]["error"]


def test_ddl_on_postgresql(environment: Path) -> None:
    script = """
        import os, psycopg2
        with psycopg2.connect(os.environ["DATABASE_URL"]) as base, base.cursor() as cursor:
            cursor.executemany("INSERT INTO town (name) VALUES (%s)", [(l.strip(),) for l in open("towns.txt")])
        """
    service = postgresql()
    url = f"postgresql://ada:secret@localhost:{service['port']}/towns"
    ddl = "CREATE TABLE town (id SERIAL PRIMARY KEY, name TEXT);\nCREATE SCHEMA extra; CREATE TABLE extra.other (x jsonb);\n"
    document = migrated(
        {"sql/schema.sql": ddl, "sql/load.py": script, "sql/towns.txt": "Lyon\nNice\n"},
        environment,
        database("ddl", "schema.sql", "postgresql", "load.py", folder="sql"),
        services=[service],
        variables={"DATABASE_URL": url},
        queries=[
            query("SELECT t.name FROM town t WHERE id = %s AND name ILIKE '%%a%%';"),
            query("SELECT name, count(*) FROM town GROUP BY name LIMIT %(n)s", 2),
            query("SELECT town_name FROM town", 3),
            query("SELECT pg_sleep(60)", 4),
            query("SELECT 1; DROP TABLE town", 5),
        ],
    )
    assert [(s["kind"], s["state"], s["detail"]) for s in document["services"]] == [("postgresql", "started", "")]
    assert names(document) == [("extra.other", 0), ("town", 2)]
    assert document["imported"][0] == {"script": "sql/load.py", "how": "exit", "code": 0, "rows_before": 0, "rows_after": 2}
    asked = document["queries"]
    assert [(q["ok"], q["rows"]) for q in asked] == [(True, 0), (True, 1), (False, None), (False, None), (False, None)]
    assert 'column "town_name" does not exist' in asked[2]["error"]
    assert "statement timeout" in asked[3]["error"]
    assert "read-only" in asked[4]["error"] or "cursor" in asked[4]["error"]


def test_ddl_in_several_scripts(environment: Path) -> None:
    service = postgresql()
    files: dict[str, str | bytes] = {
        "01.sql": "CREATE TABLE town (id int PRIMARY KEY);",
        "02.sql": "CREATE TABLE early (id int); CREATE TABLE visit (town int REFERENCES town (id));",
    }
    both = [database("ddl", name, "postgresql") for name in ("01.sql", "02.sql")]
    whole = {**part(), "databases": both}
    document = run(files, environment, kind="migrate", part=whole, database=both[1], services=[service])
    assert [c["code"] for c in document["commands"]] == [3, 0, 0]
    assert [n for n, _ in names(document)] == ["early", "town", "visit"]


def test_ddl_that_fails_tells_where(environment: Path) -> None:
    document = migrated(
        {"a.sql": "CREATE TABLE a (id int);\nCREATE TABEL b ();\n"}, environment, database("ddl", "a.sql", "sqlite")
    )
    assert document["commands"][0]["code"] == 1
    assert "syntax error" in document["commands"][0]["tail"]


def test_django_migrations_on_an_empty_database(environment: Path) -> None:
    document = migrated(DJANGO, environment, database("django", "shop.settings", "sqlite", folder="site"))
    assert document["commands"][0]["code"] == 0
    assert "shop_item" in dict(names(document))


def test_alembic_on_postgresql(environment: Path) -> None:
    service = postgresql()
    files: dict[str, str | bytes] = {
        "alembic.ini": f"[alembic]\nscript_location = moves\nsqlalchemy.url = postgresql+psycopg2://ada:x@localhost:{service['port']}/towns\n",
        "moves/env.py": """
            from alembic import context
            from sqlalchemy import create_engine
            with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as connection:
                context.configure(connection=connection)
                with context.begin_transaction(): context.run_migrations()
            """,
        "moves/versions/one.py": """
            import sqlalchemy as sa
            from alembic import op
            revision, down_revision = "1", None
            def upgrade(): op.create_table("town", sa.Column("id", sa.Integer))
            """,
    }
    document = migrated(files, environment, database("alembic", "alembic.ini", "postgresql"), services=[service])
    assert document["commands"][0]["code"] == 0, document["commands"][0]["tail"]
    assert [n for n, _ in names(document)] == ["alembic_version", "town"]


def test_the_orm_on_both_engines(environment: Path) -> None:
    files: dict[str, str | bytes] = {
        "app/__init__.py": "",
        "app/models.py": """
            from sqlalchemy import Column, Integer
            from sqlalchemy.orm import DeclarativeBase
            class Base(DeclarativeBase): pass
            class Town(Base):
                __tablename__ = "town"
                id = Column(Integer, primary_key=True)
            """,
        "app/create.py": "from app.models import Base\ndef create(engine): Base.metadata.create_all(engine)\n",
    }
    for engine in ("sqlite", "postgresql"):
        services = [postgresql()] if engine == "postgresql" else []
        document = migrated(files, environment, database("sqlalchemy", "app.create", engine), services=services)
        assert names(document) == [("town", 0)], document["commands"]
        assert document["engine"] == engine


def test_models_that_only_the_function_which_creates_imports(environment: Path) -> None:
    files: dict[str, str | bytes] = {
        "app/__init__.py": "",
        "app/base.py": "from sqlalchemy.orm import DeclarativeBase\nclass Base(DeclarativeBase): pass\n",
        "app/models.py": """
            from sqlalchemy import Column, Integer
            from app.base import Base
            class Town(Base):
                __tablename__ = "town"
                id = Column(Integer, primary_key=True)
            """,
        "app/database.py": """
            from app.base import Base
            def create_tables(engine):
                from app import models, absent
                from .models import Town
                Base.metadata.create_all(engine)
            """,
        "app/nothing.py": "from app.base import Base\ndef create(engine): Base.metadata.create_all(engine)\n",
    }
    document = migrated(files, environment, database("sqlalchemy", "app.database", "sqlite"))
    assert names(document) == [("town", 0)], document["commands"]
    document = migrated(files, environment, database("sqlalchemy", "app.nothing", "sqlite"))
    assert (document["tables"], document["trouble"]) == (None, ["no-table-described"])


def test_services_for_tests(environment: Path) -> None:
    from tests.runner.steps import suite
    from tests.runner.test_tests import outcomes

    def service(kind: str, **account: str) -> dict[str, Any]:
        return {"kind": kind, "hosts": ["localhost"], "port": free_port(), "user": "", "password": "", "database": "", **account}

    redis, mongodb = service("redis", password="secret"), service("mongodb")
    mysql = service("mysql", user="l'été", password="d'\\0;\n--", database="stock `1`")
    tests = f"""
        def test_redis():
            import redis
            client = redis.Redis(port={redis["port"]}, password="secret")
            client.set("a", 1)
            assert client.get("a") == b"1"

        def test_mysql():
            import pymysql
            account = dict(user={mysql["user"]!r}, password={mysql["password"].replace(chr(10), "")!r}, database={mysql["database"]!r})
            connection = pymysql.connect(host="127.0.0.1", port={mysql["port"]}, charset="utf8mb4", **account)
            with connection.cursor() as cursor:
                cursor.execute("CREATE TABLE fruit (name VARCHAR(20) PRIMARY KEY) ENGINE=InnoDB")
                cursor.execute("INSERT INTO fruit VALUES ('pêche')")
                cursor.execute("SELECT name FROM fruit")
                assert cursor.fetchall() == (("pêche",),)

        def test_root_of_mysql_has_no_password_when_none_is_declared():
            import pymysql
            pymysql.connect(host="localhost", port={mysql["port"]}, user="root").close()
        """
    services = [redis, mysql, mongodb]
    document = run({"test_r.py": tests}, environment, suite=suite("pytest", "test_r.py"), part=part(), services=services)
    states = {s["kind"]: s["state"] for s in document["services"]}
    assert states == {"redis": "started", "mysql": "started", "mongodb": "absent"}, document["services"]
    assert set(outcomes(document["junit"]).values()) == {"passed"}, document["junit"]


def test_without_postgresql_nothing_is_said_about_the_schema(environment: Path) -> None:
    taken = postgresql(port=1)  # nobody without rights may listen there
    document = migrated({"s.sql": DDL}, environment, database("ddl", "s.sql", "postgresql"), services=[taken])
    assert document["services"][0]["state"] == "failed"
    assert (document["trouble"], document["tables"]) == (["no-postgresql"], None)

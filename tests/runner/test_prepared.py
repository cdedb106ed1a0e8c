"""Databases that an application, a migration or a suite takes for granted: schemas, roles and names, made before or when asked for."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from tests.runner.servers import app, serving
from tests.runner.steps import part, run, suite
from tests.runner.test_migrate import database, migrated, names, postgresql
from tests.runner.test_tests import outcomes

MODELS = """
    import os
    from sqlalchemy import Column, Integer, create_engine
    from sqlalchemy.orm import DeclarativeBase
    engine = create_engine(os.getenv("ADDRESS", "sqlite:///./data/towns.db"))
    class Base(DeclarativeBase): pass
    class Town(Base):
        __tablename__ = "town"
        id = Column(Integer, primary_key=True)
    """
CREATE = "from models import Base, engine\nif __name__ == '__main__': Base.metadata.create_all(engine)\n"
ORM_API = """
    from fastapi import FastAPI
    from sqlalchemy import text
    from models import engine
    app = FastAPI()
    @app.get("/")
    def towns():
        with engine.connect() as connection: return list(connection.execute(text("SELECT id FROM town")).scalars())
    """
RAW_API = """
    import os, psycopg2
    from fastapi import FastAPI
    app = FastAPI()
    def connect(): return psycopg2.connect(host="localhost", port=PORT, user=os.getenv("DB_USER", "ada"), dbname=os.getenv("DB_NAME", "production"))
    @app.get("/")
    def towns():
        with connect() as base, base.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM town")
            return cursor.fetchone()[0]
    """
DDL = "CREATE TABLE town (id int PRIMARY KEY);\n"


def test_the_orm_of_an_api_finds_its_tables_in_its_own_file(environment: Path) -> None:
    files: dict[str, str | bytes] = {
        "api/models.py": MODELS,
        "api/create.py": CREATE,
        "api/main.py": ORM_API,
        "api/data/.keep": "",
    }
    schema = database("sqlalchemy", "create", "sqlite", folder="api")
    with serving(files, environment, app("fastapi", "main:app", folder="api"), databases=[schema]) as served:
        assert served.get() == (200, "[]")
    assert served.document["prepared_schema"] == "ok"
    assert len(served.document["commands"]) == 1, "what we prepare is no command of the step"


def test_ddl_is_applied_to_the_declared_database(environment: Path) -> None:
    service = postgresql(database="production")
    files: dict[str, str | bytes] = {"main.py": RAW_API.replace("PORT", str(service["port"])), "sql/schema.sql": DDL}
    schema = database("ddl", "schema.sql", "postgresql", folder="sql")
    with serving(files, environment, app("fastapi", "main:app"), databases=[schema], services=[service]) as served:
        assert served.get() == (200, "0")
    assert served.document["prepared_schema"] == "ok"


def test_ddl_is_applied_to_the_file_that_the_code_names(environment: Path) -> None:
    files: dict[str, str | bytes] = {
        "api/main.py": """
            import sqlite3
            from flask import Flask
            app = Flask(__name__)
            @app.get("/")
            def towns(): return str(sqlite3.connect("var/towns.db").execute("SELECT count(*) FROM town").fetchone()[0])
            """,
        "schema.sql": DDL,
    }
    step = {"databases": [database("ddl", "schema.sql", "sqlite")], "part": part("api/main.py")}
    with serving(files, environment, app("flask", "main:app", folder="api"), **step) as served:
        assert served.get() == (200, "0")


def test_a_file_of_the_repository_that_has_tables_is_left_as_it_is(environment: Path, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as base:
        base.execute("CREATE TABLE town (id int)")
        base.execute("INSERT INTO town VALUES (1)")
    files: dict[str, str | bytes] = {
        "towns.db": (tmp_path / "a.db").read_bytes(),
        "main.py": """
            import sqlite3
            from flask import Flask
            app = Flask(__name__)
            @app.get("/")
            def towns(): return str(sqlite3.connect("towns.db").execute("SELECT count(*) FROM town").fetchone()[0])
            """,
        "schema.sql": "DROP TABLE IF EXISTS town; CREATE TABLE town (id int);",
    }
    step = {"databases": [database("ddl", "schema.sql", "sqlite")], "part": part("main.py")}
    with serving(files, environment, app("flask", "main:app"), **step) as served:
        assert served.get() == (200, "1")
    assert served.document["prepared_schema"] is None


def test_a_schema_that_cannot_be_made_stops_nothing(environment: Path) -> None:
    files: dict[str, str | bytes] = {
        "main.py": ORM_API.replace("from models import engine", "engine = None"),
        "a.sql": "CREATE TABEL;",
    }
    step = {"databases": [database("ddl", "a.sql", "sqlite"), database("sqlalchemy", "absent", "sqlite")]}
    with serving(files, environment, app("fastapi", "main:app"), **step) as served:
        assert served.get()[0] == 500
    assert (served.document["prepared_schema"], served.document["trouble"]) == ("failed", [])


AT_START = "import psycopg2\npsycopg2.connect(host='localhost', port=PORT, user='grace', dbname='production').close()\n"


def test_an_application_that_stops_for_want_of_a_database_starts_once_more(environment: Path) -> None:
    service = postgresql()
    start = AT_START.replace("PORT", str(service["port"]))
    main = f"{start}from fastapi import FastAPI\napp = FastAPI()\napp.get('/')(lambda: 1)\n"
    with serving({"main.py": main}, environment, app("fastapi", "main:app"), services=[service]) as served:
        assert served.get() == (200, "1")
    assert served.document["ended"] is None
    assert [c["how"] for c in served.document["commands"]] == ["exit", "exit", "stopped"]


def test_a_database_that_the_first_call_asks_for_is_made_with_its_schema(environment: Path) -> None:
    service = postgresql()
    files: dict[str, str | bytes] = {"main.py": RAW_API.replace("PORT", str(service["port"])), "schema.sql": DDL}
    step = {"databases": [database("ddl", "schema.sql", "postgresql")], "services": [service]}
    with serving(files, environment, app("fastapi", "main:app"), **step) as served:
        assert served.get()[0] == 500
        until = time.monotonic() + 30
        while (answer := served.get())[0] != 200 and time.monotonic() < until:
            time.sleep(0.3)
        assert answer == (200, "0")


def test_a_migration_finds_the_database_that_it_names(environment: Path) -> None:
    service = postgresql()
    files: dict[str, str | bytes] = {
        "alembic.ini": f"[alembic]\nscript_location = moves\nsqlalchemy.url = postgresql+psycopg2://grace@localhost:{service['port']}/production\n",
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
    assert [n for n, _ in names(document)] == ["alembic_version", "town"], document["commands"]


@pytest.mark.parametrize("place", ["test_a.py", "conftest.py"])
def test_a_suite_that_waits_for_a_database_runs_once_more(environment: Path, place: str) -> None:
    service = postgresql()
    start = AT_START.replace("PORT", str(service["port"]))
    files: dict[str, str | bytes] = {"test_a.py": "def test_a(): pass\n", "conftest.py": ""}
    files[place] = start + str(files[place])
    document = run(files, environment, suite=suite("pytest", "."), part=part(), services=[service])
    assert outcomes(document["junit"]) == {"test_a": "passed"}
    assert document["commands"][document["of"]]["code"] == 0


def test_a_suite_of_which_one_test_passes_is_left_as_it_is(environment: Path) -> None:
    service = postgresql()
    start = AT_START.replace("PORT", str(service["port"])).replace("\n", "\n    ").strip()
    tests = f"def test_a():\n    {start}\ndef test_b(): pass\n"
    document = run({"test_a.py": tests}, environment, suite=suite("pytest", "."), part=part(), services=[service])
    assert outcomes(document["junit"]) == {"test_a": "failure", "test_b": "passed"}


def test_queries_of_tables_of_another_schema_are_asked_once_all_are_made(environment: Path) -> None:
    both = [database("ddl", name, "sqlite") for name in ("a.sql", "b.sql")]
    files: dict[str, str | bytes] = {"a.sql": DDL, "b.sql": "DROP TABLE IF EXISTS visit;\nCREATE TABLE visit (town int);\n"}
    asked: list[dict[str, Any]] = [
        {"text": f"SELECT * FROM {table}", "place": {"path": "q.py", "line": n}}
        for n, table in enumerate(("town", "visit", "road"), 1)
    ]
    whole = {**part(), "databases": both}
    document = run(files, environment, kind="migrate", part=whole, database=both[0], queries=asked)
    assert [q["ok"] for q in document["queries"]] == [True, True, False]
    assert names(document) == [("town", 0)]
    assert len(document["commands"]) == 1

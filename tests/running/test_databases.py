"""Schemas, migrations and scripts that read elsewhere, run programs, drop what is not theirs, or never end."""

from __future__ import annotations

import pytest

from tests.running.arena import Arena, Case, Told

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ASKS = {"requirements.txt": "sqlalchemy\npsycopg2-binary\nalembic\n"}
SERVED = {
    "docker-compose.yml": "services:\n  db:\n    image: postgres:15\n    environment: [POSTGRES_USER=ada, POSTGRES_PASSWORD=pw, POSTGRES_DB=hives]\n"
}


def sql(text: str, **more: object) -> Case:
    """Return a schema for SQLite."""
    return Case({**ASKS, "requirements.txt": "sqlalchemy\n", "db/schema.sql": text}, kind="migrate", **{"seconds": 40.0, **more})  # type: ignore[arg-type]


def postgres(text: str, **more: object) -> Case:
    """Return a schema for PostgreSQL."""
    head = "CREATE TABLE apiary (id SERIAL PRIMARY KEY, told TEXT);\n"
    return Case({**ASKS, **SERVED, "db/schema.sql": head + text}, kind="migrate", **{"seconds": 60.0, **more})  # type: ignore[arg-type]


def script(text: str) -> Case:
    """Return a project whose ORM module attacks when it is imported."""
    models = """
    from sqlalchemy import Column, Integer, create_engine
    from sqlalchemy.orm import declarative_base

    Base = declarative_base()

    class Apiary(Base):
        __tablename__ = "apiary"
        id = Column(Integer, primary_key=True)

    engine = create_engine("sqlite:///hives.db")
    Base.metadata.create_all(engine)
    """
    return Case({"requirements.txt": "sqlalchemy\n", "db/models.py": models + text}, kind="migrate", seconds=40.0)


def told_of(told: Told) -> None:
    assert told.schema.step.kind == "migrate"
    assert any(s.kind == "migrate" and s.summary.en for s in told.run.steps)


def quiet(told: Told) -> None:
    """What cannot be created is never laid at their door without a reason."""
    told_of(told)
    created = told.findings["run-database.is-created"]
    assert created.outcome.value != "not_met" or created.evidence


CASES = {
    "COPY FROM PROGRAM": postgres(
        "COPY apiary (told) FROM PROGRAM 'cat @SECRET@ /etc/shadow; touch @SENTINEL@/written; setsid sleep 603 & : @MARK@';\n"
        "COPY apiary TO PROGRAM 'setsid sh -c ''sleep 604; : @MARK@'' & cat > @SENTINEL@/written';\n",
        then=quiet,
    ),
    "COPY of files": postgres(
        "COPY apiary (told) FROM '/etc/passwd';\nCOPY apiary (told) FROM '@SECRET@';\nCOPY apiary TO '@SENTINEL@/written';\n",
        then=quiet,
    ),
    "files read by functions": postgres(
        "INSERT INTO apiary (told) SELECT pg_read_file('@SECRET@');\nINSERT INTO apiary (told) SELECT lo_import('@SECRET@')::text;\n"
        "INSERT INTO apiary (told) SELECT pg_ls_dir('/');\n",
        then=quiet,
    ),
    "a server set up anew": postgres(
        "ALTER SYSTEM SET listen_addresses = '*';\nALTER SYSTEM SET archive_command = 'touch @SENTINEL@/written';\nSELECT pg_reload_conf();\n"
        "DROP DATABASE postgres;\nDROP OWNED BY ada CASCADE;\nDROP ROLE postgres;\n",
        then=quiet,
    ),
    "commands of psql": postgres(
        "\\! touch @SENTINEL@/written; setsid sleep 605 & : @MARK@\n\\o |cat > @SENTINEL@/written\n\\i @SECRET@\n\\copy apiary (told) from '@SECRET@'\n"
        "\\connect hives ada 127.0.0.1 @PORT@\n\\setenv PATH /tmp\n",
        then=quiet,
    ),
    "connections from the server": postgres(
        "CREATE EXTENSION IF NOT EXISTS dblink;\nSELECT dblink_connect('host=127.0.0.1 port=@PORT@ user=x');\n"
        "CREATE EXTENSION IF NOT EXISTS postgres_fdw;\nCREATE FUNCTION f() RETURNS int AS '/lib/x86_64-linux-gnu/libc.so.6', 'system' LANGUAGE C STRICT;\n",
        then=quiet,
    ),
    "rows without end": postgres(
        "INSERT INTO apiary (told) SELECT repeat('x', 1000) FROM generate_series(1, 1000000000);\n",
        seconds=25.0,
        disk=200_000_000,
        then=told_of,
    ),
    "ATTACH": sql(
        "ATTACH '@SECRET@' AS s;\nATTACH '@SENTINEL@/written.db' AS w;\nCREATE TABLE w.x (id INTEGER);\nATTACH '/etc/passwd' AS p;\n"
        "CREATE TABLE apiary (id INTEGER);\n",
        then=quiet,
    ),
    "commands of the sqlite3 shell": sql(
        "CREATE TABLE apiary (id INTEGER);\n.shell touch @SENTINEL@/written\n.system setsid sleep 606 & : @MARK@\n.output @SENTINEL@/written\n"
        ".read @SECRET@\n.import @SECRET@ apiary\n.load /tmp/x.so\nSELECT load_extension('/lib/x86_64-linux-gnu/libc.so.6');\n"
        "SELECT writefile('@SENTINEL@/written', 'x');\n",
        then=quiet,
    ),
    "a recursion without end": sql(
        "CREATE TABLE apiary (id INTEGER);\nWITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) INSERT INTO apiary SELECT count(*) FROM n;\n",
        seconds=18.0,
        then=told_of,
    ),
    "a damaged master table": sql(
        "CREATE TABLE apiary (id INTEGER);\nPRAGMA writable_schema = ON;\nUPDATE sqlite_master SET sql = 'CREATE TABLE apiary (' || char(27) || '[2J<script>)';\n"
        "PRAGMA journal_mode = WAL;\nPRAGMA mmap_size = 100000000000;\nDROP TABLE sqlite_master;\n",
        then=quiet,
    ),
    "models that leave a daemon": script(
        """
    import os, subprocess
    subprocess.Popen(["sh", "-c", "setsid sh -c 'sleep 607; : @MARK@' &"], start_new_session=True)
    for path in ("@SECRET@", "@SENTINEL@/written"):
        try: open(path, "a").write("x")
        except OSError: pass
    os.kill(os.getppid(), 15)
    """
    ),
    "models that leave at once": script("    import os\n    os._exit(0)\n"),
    "migrations that delete": Case(
        {
            "requirements.txt": "alembic\nsqlalchemy\n",
            "alembic.ini": "[alembic]\nscript_location = migrations\nsqlalchemy.url = sqlite:///hives.db\n",
            "migrations/env.py": "import os, shutil\nfor path in ('/', '/opt', '@SENTINEL@', '/opt/environment', '/tmp'):\n"
            "    shutil.rmtree(path, ignore_errors=True)\nos.kill(os.getppid(), 9)\nos._exit(0)\n",
            "migrations/script.py.mako": "",
            "migrations/versions/0001_first.py": "revision = '0001'\ndown_revision = None\n\n\ndef upgrade():\n    pass\n",
        },
        kind="migrate",
        seconds=40.0,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_schema_stays_in_its_own_database(arena: Arena, name: str) -> None:
    arena.play(CASES[name])

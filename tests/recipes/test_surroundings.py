"""Databases, services, variables, queries and routes of a plan, and the commands shown to jurors."""

from __future__ import annotations

import base64
import time
from textwrap import dedent, indent

import pytest

from checks.recipes.commands import command_of
from checks.recipes.variables import PLACEHOLDER, is_denied
from grader.plan import Place
from tests.recipes.samples import A_TEST, FASTAPI, databases, part, planned

COMPOSE = """
    services:
      api:
        build: .
        environment:
          DATABASE_URL: postgresql://${DB_USER}:${DB_PASSWORD:-pw}@db:5432/shop
          LD_PRELOAD: /tmp/x.so
          API_KEY: ${API_KEY}
      db:
        image: postgis/postgis:16
        environment: [POSTGRES_USER=ada, "POSTGRES_PASSWORD=${DB_PASSWORD:-pw}", POSTGRES_DB=shop]
      cache:
        image: redis:7
        command: redis-server --requirepass hidden
      admin:
        image: dpage/pgadmin4
      mongo:
        image: mongo:7
      store:
        image: mariadb:11
        environment: {MARIADB_USER: u, MARIADB_PASSWORD: p, MARIADB_DATABASE: d}
"""


def test_services_come_from_compose_and_addresses() -> None:
    plan = planned({"docker-compose.yml": COMPOSE, ".env.example": "DB_USER=ada\nREDIS_URL=redis://:pw@localhost:6380/0\n"})
    found = {(s.kind, s.user, s.database): s for s in plan.services}
    shop = found["postgresql", "ada", "shop"]
    assert (shop.hosts, shop.port, shop.password) == (("db", "localhost"), 5432, "pw")
    assert found["redis", "", "0"].port == 6380
    assert found["redis", "", ""].password == "hidden"
    assert found["mysql", "u", "d"].password == "p"
    assert ("mongodb", "", "") in found
    assert not any("admin" in s.hosts for s in plan.services)


def test_services_come_from_separate_variables_and_from_code_outside_tests() -> None:
    plan = planned(
        {
            ".env.example": "DB_HOST=base\nDB_USER=u\nDB_PASSWORD=p\nDB_NAME=n\nDB_PORT=5433\n",
            "main.py": "import os\nURL = os.getenv('U', 'mysql+pymysql://a:b@localhost/c')\nFAR = 'postgresql://a:b@db.example.org/c'\n",
            "tests/test_x.py": "URL = 'postgresql://nobody:x@localhost:1/none'\n" + A_TEST,
        }
    )
    assert [(s.kind, s.hosts, s.port, s.user, s.database) for s in plan.services] == [
        ("mysql", ("localhost",), 3306, "a", "c"),
        ("postgresql", ("base", "localhost"), 5433, "u", "n"),
    ]


def test_variables_hold_placeholders_for_secrets_and_nothing_of_ours() -> None:
    plan = planned(
        {
            ".env.example": "SECRET_KEY=\nDEBUG=1 # yes\nexport NAME='a b'\nDATABASE_URL=\nPATH=/evil\nPIP_INDEX_URL=http://evil\nEMPTY=\n"
            "MLFLOW_TRACKING_URI=http://mlflow:5000\nPG_URL=x\nPOSTGRES_URL=postgres://user:password@host:port/name\n",
            "docker-compose.yml": COMPOSE,
            "conf.py": "import os\nfrom pydantic_settings import BaseSettings\nT = os.environ['HF_TOKEN']\nP = os.getenv('PRIVATE_KEY_PATH')\n"
            "D = os.getenv('JWT_SECRET', 'x')\nclass S(BaseSettings):\n    jwt_secret_key: str\n    algorithm: str\n    access_token_expire_minutes: int\n",
        }
    )
    given = {v.name: v.value for v in plan.variables}
    assert given == {
        "SECRET_KEY": PLACEHOLDER,
        "DEBUG": "1",
        "NAME": "a b",
        "PG_URL": "x",
        "HF_TOKEN": PLACEHOLDER,
        "JWT_SECRET_KEY": PLACEHOLDER,
        "ALGORITHM": "HS256",
        "ACCESS_TOKEN_EXPIRE_MINUTES": "30",
        "DATABASE_URL": "postgresql://:pw@db:5432/shop",
    }


@pytest.mark.parametrize(
    "name", ["PATH", "LD_PRELOAD", "PYTHONPATH", "pip_index_url", "UV_CACHE_DIR", "GIT_DIR", "HTTPS_PROXY", "BASH_ENV", "HOME"]
)
def test_variables_of_our_tools_are_refused(name: str) -> None:
    assert is_denied(name)


def test_committed_values_win_over_examples() -> None:
    plan = planned({".env": "TOKEN_URL=real\n", ".env.example": "TOKEN_URL=example\n", "deep/.env": "TOKEN_URL=deep\n"})
    assert [(v.value, v.place) for v in plan.variables] == [("real", Place(".env", 1))]


def test_schemas_of_every_kind_are_found() -> None:
    found = databases(
        {
            "requirements.txt": "sqlalchemy\n",
            "db/alembic.ini": "[alembic]\nscript_location = alembic\nsqlalchemy.url = sqlite:///x.db\n",
            "sql/a.sql": "CREATE TABLE a (id SERIAL PRIMARY KEY, b JSONB);\n",
            "sql/b.sql": "-- serial\ncreate table b (id integer primary key);\n",
            "sql/c.sql": "CREATE TABLE c (id INT AUTO_INCREMENT) ENGINE=InnoDB;\n",
            "sql/d.sql": "SELECT * FROM a;\n",
            "models/init_db.py": "from sqlalchemy import create_engine, MetaData\nm = MetaData()\nm.create_all(create_engine('sqlite:///x.db'))\n",
            "site/manage.py": "DJANGO_SETTINGS_MODULE = 'conf.settings'\n",
            "site/conf/settings.py": "E = 'django.db.backends.postgresql'\n",
        }
    )
    assert [(d.kind, d.folder, d.target, d.engine) for d in found] == [
        ("alembic", "db", "alembic.ini", "sqlite"),
        ("django", "site", "conf.settings", "postgresql"),
        ("ddl", "sql", "a.sql", "postgresql"),
        ("ddl", "sql", "b.sql", "sqlite"),
        ("sqlalchemy", "", "models.init_db", "sqlite"),
    ]


def test_scripts_that_fill_a_schema_from_committed_files_are_named() -> None:
    load = (
        "import pandas as pd\nif __name__ == '__main__':\n    pd.read_csv('data/cities.csv').to_sql('cities', 'sqlite:///x.db')\n"
    )
    files: dict[str, str | bytes] = {
        "sql/schema.sql": "CREATE TABLE cities (id INTEGER);\n",
        "sql/load.py": load,
        "sql/other.py": "x = 1\n",
    }
    assert databases(files)[0].imports == ()
    assert databases(files | {"sql/data/cities.csv": "id\n1\n"})[0].imports == ("load.py",)


def test_routes_and_queries_are_expected() -> None:
    guard = "from fastapi import Depends, FastAPI\nfrom fastapi.security import OAuth2PasswordBearer\nscheme = OAuth2PasswordBearer('t')\napp = FastAPI()\n"
    code = "@app.get('/health')\ndef health(): return 1\n@app.get('/cities')\ndef cities(db, token=Depends(scheme)):\n    return db.execute('SELECT id FROM cities WHERE id = 1').fetchall()\n"
    plan = planned({"main.py": guard + code})
    assert [(r.method, r.path, r.kind) for r in plan.routes] == [("GET", "/cities", "data"), ("GET", "/health", "health")]
    assert [(q.text, q.place.path) for q in plan.queries] == [("SELECT id FROM cities WHERE id = 1", "main.py")]


def test_what_writes_is_no_query() -> None:
    sql = "INSERT INTO old SELECT * FROM cities;\nCREATE VIEW few AS SELECT id FROM cities;\nWITH c AS (SELECT id FROM cities) SELECT id FROM c;\n"
    assert [q.text[:4] for q in planned({"a.sql": sql}).queries] == ["WITH"]


def test_the_address_of_the_declared_database_is_given_where_code_waits_for_one() -> None:
    compose = "services:\n  base:\n    image: postgres:16\n    environment:\n      POSTGRES_DB: air\n      POSTGRES_USER: ada\n      POSTGRES_PASSWORD: p@w\n"
    code = (
        "import os\nfrom sqlalchemy import create_engine\nimport psycopg\n"
        "def engine(): return create_engine(os.environ['BASE_AIR'])\n"
        "BASE = os.getenv('RAW_BASE')\ndef raw(): return psycopg.connect(BASE)\n"
        "DEFAULT = create_engine(os.getenv('OTHER', 'sqlite://'))\nASKED = os.environ['DATABASE_URL']\nFEED = os.environ['FEED_URL']\n"
    )
    files = {"main.py": code, "compose.yml": compose, ".env.example": "BASE_AIR=\n", "requirements.txt": "sqlalchemy\npsycopg\n"}
    given = {v.name: (v.value, v.tests) for v in planned(files).variables}
    where = "ada:p%40w@localhost:5432/air"
    assert given["BASE_AIR"] == given["DATABASE_URL"] == (f"postgresql+psycopg://{where}", False)
    assert given["RAW_BASE"] == (f"postgresql://{where}", False)
    assert not {"OTHER", "FEED_URL"} & set(given)
    assert "BASE_AIR" not in {v.name for v in planned({k: v for k, v in files.items() if k != "compose.yml"}).variables}


def test_commands_can_be_typed_by_a_juror() -> None:
    plan = planned(
        {
            "my api/requirements.txt": "fastapi\n",
            "my api/main.py": FASTAPI,
            "my api/tests/test_main.py": "from main import app\n" + A_TEST,
            "my api/sql/schema.sql": "CREATE TABLE a (id INTEGER);\n",
        }
    )
    one = part(plan, "my api")
    install = "cd 'my api' && pip install -r requirements.txt"
    assert command_of(one, one.suites[0]) == f"{install} && python -m pytest tests"
    assert command_of(one, one.apps[0]) == f"{install} && python -m uvicorn main:app"
    assert (
        command_of(one, one.databases[0])
        == "cd 'my api/sql' && pip install -r ../requirements.txt && sqlite3 new.db < schema.sql"
    )


def test_hostile_names_stay_quoted() -> None:
    plan = planned({"$(touch x); a/test_b.py": "import pytest\n" + A_TEST, "requirements.txt": "flask\n"})
    line = command_of(plan.parts[0], plan.parts[0].suites[0])
    assert "'$(touch x); a/test_b.py'" in line or "cd '$(touch x); a'" in line


def test_an_empty_repository_has_an_empty_plan() -> None:
    plan = planned({})
    assert plan.parts == () and plan.services == () and plan.variables == ()


def test_hostile_files_neither_stop_nor_slow_the_plan() -> None:
    files: dict[str, str | bytes] = {
        "requirements.txt": ("a" * 390 + "[" + "\n") * 3000 + "-r requirements.txt\n" * 3000,
        ".env": "X=" + "${X}" * 5000 + "\nY=${Z}\nZ=${Y}\nexport " + " " * 50_000 + "\n",
        "docker-compose.yml": "services: {db: {image: postgres, environment: {POSTGRES_USER: '" + "u" * 9000 + "'}}}",
        "Dockerfile": "FROM python\nCMD " + "uvicorn " * 20_000 + "\n",
        "README.md": "streamlit run " + "a/" * 40_000 + "x.py\n" + "uvicorn " + "a." * 40_000 + ":b\n",
        "a.sql": "create table " + "(" * 100_000 + "\n" + "/*" * 50_000 + "\n" + "create " * 50_000,
        "app.py": "import sys\nA = B\nB = A\nsys.path.append(A + __file__)\nfrom ....... import x\n" + FASTAPI,
        "pytest.ini": "[pytest]\npythonpath = ../../.. /etc\ntestpaths = ../..\n",
        "tests/test_a.py": A_TEST,
    }
    started = time.monotonic()
    plan = planned(files)
    assert time.monotonic() - started < 10
    assert all(
        not s.folder.startswith(("/", "..")) and not any(".." in t for t in s.targets) for p in plan.parts for s in p.suites
    )
    assert all(len(s.user) <= 63 for s in plan.services)


def test_sql_alone_is_a_part_of_its_own() -> None:
    plan = planned({"README.md": "# A\n", "base/schema.sql": "CREATE TABLE hive (id INTEGER);\n"})
    assert [(p.folder, [d.target for d in p.databases]) for p in plan.parts] == [("", ["schema.sql"])]


GITHUB = """
    on: push
    env:
      STAGE: top
      TOKEN_LIFETIME: 5
    jobs:
      test:
        runs-on: ubuntu-latest
        env: {STAGE: job, PYTHONPATH: src}
        services:
          postgres: {image: "postgres:16"}
        steps:
          - run: python tests/make_base.py
            env: {STAGE: before}
          - run: |
              echo "APP_MODE=test" >> $GITHUB_ENV
              echo 'API_URL=http://localhost:8000' > .env
              export LEVEL="low"
          - name: tests
            env:
              DATABASE_URL: postgresql://ci:pw@localhost:5432/ci_base
              API_KEY: ${{ secrets.API_KEY }}
              REGION: ${{ vars.REGION }}
              DEBUG: true
            run: RETRIES=3 python -m pytest tests
          - run: npx vitest run
            env: {VITE_API: "/api"}
    """
GITLAB = """
    variables: {STAGE: top, LEVEL: {value: low}}
    units:
      variables: {DATABASE_URL: "sqlite:///test.db"}
      script:
        - pip install -r requirements.txt
        - export SEED=7
        - pytest
    """
TESTED = {"app/main.py": FASTAPI, "tests/test_app.py": A_TEST, "requirements.txt": "fastapi\n"}


def given(files: dict[str, str | bytes], runner: str = "pytest") -> dict[str, str]:
    """Return what a chain gives to the suite of a runner."""
    plan = planned(files)
    return {v.name: v.value for p in plan.parts for s in p.suites if s.runner == runner for v in s.variables}


def test_tests_are_given_what_their_chain_gives_them() -> None:
    web = {"web/package.json": '{"devDependencies": {"vitest": "^4"}}', "web/a.test.js": "test('a', () => {})"}
    files = {**TESTED, **web, ".github/workflows/ci.yml": GITHUB}
    assert given(files) == {
        "STAGE": "job",
        "TOKEN_LIFETIME": "5",
        "APP_MODE": "test",
        "API_URL": "http://localhost:8000",
        "LEVEL": "low",
        "DATABASE_URL": "postgresql://ci:pw@localhost:5432/ci_base",
        "API_KEY": PLACEHOLDER,
        "DEBUG": "true",
        "RETRIES": "3",
    }
    assert given(files, "vitest")["VITE_API"] == "/api"
    assert ("postgresql", "ci", "ci_base") in {(s.kind, s.user, s.database) for s in planned(files).services}


def test_what_every_job_of_a_service_has_is_given_where_code_reads_it() -> None:
    job = "on: push\njobs:\n  t:\n    runs-on: x\n    env: {ENV: test}\n    steps:\n      - run: pytest\n"
    files = {**TESTED, ".github/workflows/ci.yml": job}
    assert given(files) == {"ENV": "test"}
    reads = {"app/base.py": "import os\nDATABASE = os.getenv('CI') != 'true'\n"}
    assert given({**files, **reads}) == {"ENV": "test", "CI": "true"}
    assert given({**TESTED, **reads, ".gitlab-ci.yml": "t:\n  script: [pytest]\n"}) == {"CI": "true"}
    assert given({**TESTED, **reads}) == {}


def test_an_address_that_the_service_hides_is_that_of_the_declared_database() -> None:
    job = (
        "on: push\njobs:\n  t:\n    runs-on: x\n    services:\n      base: {image: 'postgres:15', env: {POSTGRES_USER: '${{ secrets.U }}'}}\n"
        "    env: {DATABASE_URL: '${{ secrets.DATABASE_URL }}', REGION: '${{ vars.REGION }}'}\n    steps:\n      - run: pytest\n"
    )
    code = "import os\nURL = os.getenv('DATABASE_URL')\n" + FASTAPI
    compose = "services:\n  base:\n    image: postgres:15\n    environment: {POSTGRES_USER: ada, POSTGRES_DB: air}\n"
    files: dict[str, str | bytes] = {**TESTED, "app/main.py": code, "compose.yml": compose, ".github/workflows/ci.yml": job}
    assert given(files) == {"DATABASE_URL": "postgresql://ada@localhost:5432/air"}
    assert given({k: v for k, v in files.items() if k != ".github/workflows/ci.yml"}) == {}


def test_somebody_stands_for_whom_the_code_cannot_do_without() -> None:
    code = (
        "import os\nWHO = os.environ['ADMIN_EMAIL'], os.environ['ADMIN_LAST_NAME'], os.environ['DB_USERNAME'], os.environ['SHOP_HOST']\n"
        "MAYBE = os.getenv('ALERT_EMAIL')\nos.environ['MADE_EMAIL'] = 'x'\n"
    )
    found = {v.name: (v.value, v.tests) for v in planned({"main.py": code}).variables}
    assert found == {"ADMIN_EMAIL": ("placeholder@example.org", True), "ADMIN_LAST_NAME": ("placeholder", True)}


def test_the_stage_is_a_word_and_no_file() -> None:
    assert [v.value for v in planned({".env.example": "ENV=dev\n"}).variables] == ["dev"]
    assert planned({".env.example": "ENV=./evil\n"}).variables == ()


def test_addresses_of_several_fields_have_the_shape_that_their_clients_read() -> None:
    files: dict[str, str | bytes] = {
        ".env.example": "AZURE_STORAGE_CONNECTION_STRING=\nAPPLICATIONINSIGHTS_CONNECTION_STRING=''\nMY_CONNECTION_STRING=\n"
    }
    found = {v.name: v.value for v in planned(files).variables}
    assert set(found) == {"AZURE_STORAGE_CONNECTION_STRING", "APPLICATIONINSIGHTS_CONNECTION_STRING"}
    fields = dict(f.split("=", 1) for f in found["AZURE_STORAGE_CONNECTION_STRING"].split(";"))
    assert len(base64.b64decode(fields["AccountKey"], validate=True)) == 64
    assert found["APPLICATIONINSIGHTS_CONNECTION_STRING"].startswith("InstrumentationKey=00000000-")


def test_what_a_chain_runs_before_its_tests_is_run_before_them() -> None:
    steps = """
        - run: pip install -r requirements.txt
        - run: python -m pip install pytest
        - run: python scripts/make_base.py --rows 5 && python manage.py migrate
        - run: python -m app.train
        - run: python serve.py &
        - run: python scripts/make_base.py > base.txt
        - run: python tests/run_tests.py
        - run: alembic upgrade head
          working-directory: api
        - run: pytest
        - run: python scripts/later.py
        """
    files = {
        **TESTED,
        "scripts/make_base.py": "",
        "scripts/later.py": "",
        "serve.py": "",
        "tests/run_tests.py": "",
        "manage.py": "",
    }
    text = "on: push\njobs:\n  t:\n    runs-on: x\n    steps:\n" + indent(dedent(steps).strip("\n"), "      ")
    found = [b for p in planned({**files, ".github/workflows/ci.yml": text}).parts for s in p.suites for b in s.before]
    assert [(b.folder, b.words) for b in found] == [
        ("", ("python", "scripts/make_base.py", "--rows", "5")),
        ("", ("python", "manage.py", "migrate")),
        ("", ("python", "-m", "app.train")),
        ("api", ("alembic", "upgrade", "head")),
    ]


def test_the_variables_of_another_chain() -> None:
    assert given({**TESTED, ".gitlab-ci.yml": GITLAB}) == {
        "STAGE": "top",
        "LEVEL": "low",
        "DATABASE_URL": "sqlite:///test.db",
        "SEED": "7",
    }
    assert given(TESTED) == {}


def test_a_chain_can_give_neither_what_steers_our_tools_nor_too_much() -> None:
    many = "".join(f"      V{n}: x\n" for n in range(500))
    names = [
        "PATH",
        "LD_PRELOAD",
        "PYTHONPATH",
        "PYTEST_ADDOPTS",
        "COVERAGE_RCFILE",
        "JURYGRID_SANDBOX",
        "NODE_OPTIONS",
        "HTTPS_PROXY",
    ]
    steers = "".join(f"      {n}: x\n" for n in names)
    text = f"on: push\njobs:\n  t:\n    runs-on: x\n    env:\n{steers}      LONG: {'x' * 5000}\n{many}    steps:\n      - run: pytest\n"
    found = given({**TESTED, ".github/workflows/ci.yml": text})
    assert len(found) == 40
    assert not found.keys() & set(names)
    assert len(found["LONG"]) <= 2000

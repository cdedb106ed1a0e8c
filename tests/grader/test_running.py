"""A submission that is really prepared, run and probed, in each sandbox that may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from grader.contract import as_document
from grader.pipeline import Grid, Order
from grader.rubric import load_rubric
from grader.settings import read_settings
from grader.values import Run, Source, Tried
from tests.conftest import commit, engine_address
from tests.grader.test_contract import SCHEMA
from tests.grading import grade_in

API = """
import os
import sqlite3
from fastapi import Depends, FastAPI, Header, HTTPException

app = FastAPI()

def key(x_api_key: str = Header()) -> None:
    if x_api_key != os.environ["API_KEY"]:
        raise HTTPException(401)

@app.get("/prices", dependencies=[Depends(key)])
def prices() -> list[int]:
    return [1, 2]

@app.get("/open")
def open_data() -> list[int]:
    return [3]

@app.get("/amounts")
def amounts() -> list[int]:
    with sqlite3.connect("prices.db") as base:
        return [row[0] for row in base.execute("SELECT amount FROM price")]
"""
TESTS = """
import os
os.environ.setdefault("API_KEY", "of-the-tests")
from fastapi.testclient import TestClient
from api.main import app

client = TestClient(app)

def test_prices():
    assert client.get("/prices", headers={"X-API-Key": "of-the-tests"}).json() == [1, 2]

def test_a_stranger_is_refused():
    assert client.get("/prices", headers={"X-API-Key": "another"}).status_code == 401

def test_what_is_wrong():
    assert client.get("/open").json() == [4]

def test_what_needs_the_world():
    import urllib.request
    urllib.request.urlopen("https://prices.example.org/today", timeout=3)
"""
FILES: dict[str, bytes | str] = {
    "README.md": "# Prices\\n",
    "requirements.txt": "fastapi==0.115.0\nuvicorn==0.30.6\nhttpx==0.27.2\npytest==8.3.3\nno-such-package-as-this==1.0\n",
    "api/__init__.py": "",
    "api/main.py": API,
    "tests/test_api.py": TESTS,
    "schema.sql": "CREATE TABLE price (id integer PRIMARY KEY, amount integer NOT NULL);\n",
}


@pytest.fixture(scope="module", params=[pytest.param("docker", marks=pytest.mark.engine), "bubblewrap"])
def ran(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Grid, list[Grid], Path]:
    folder = tmp_path_factory.mktemp("ran")
    work, place = commit(folder / "work", FILES), folder / "place"
    place.mkdir()
    settings = replace(read_settings(), work_folder=place, docker_host=engine_address() or "")
    seen: list[Grid] = []
    grid = grade_in(Order(str(work), load_rubric("rncp37827"), settings, first=seen.append), sandbox=request.param)
    return grid, seen, place


def run_of(grid: Grid) -> Run:
    assert grid.report.run is not None
    return grid.report.run


def step(grid: Grid, kind: str) -> Tried:
    found = [s for s in run_of(grid).steps if s.kind == kind]
    assert found, run_of(grid)
    return found[0]


Ran = tuple[Grid, list[Grid], Path]


@pytest.mark.timeout(400)
def test_reading_is_shown_first_and_nothing_is_left(ran: Ran) -> None:
    grid, seen, place = ran
    assert len(seen) == 1
    assert seen[0].report.run is None
    assert len(seen[0].proposals) == len(grid.proposals) == 142
    assert list(place.iterdir()) == []


def test_failures_are_told_apart(ran: Ran) -> None:
    tests = step(ran[0], "tests")
    assert tests.counts["passed"] == 2, tests
    assert {f.name.rpartition("::")[2].rpartition(".")[2]: f.whose for f in tests.failures} == {
        "test_what_is_wrong": "candidate",
        "test_what_needs_the_world": "sandbox",
    }


def test_the_application_is_asked_as_a_stranger(ran: Ran) -> None:
    places = [e for p in ran[0].proposals for f in p.findings for e in f.evidence if e.source == Source.RAN]
    assert any("/prices" in e.excerpt and "401" in e.excerpt for e in places), [e.excerpt for e in places]
    assert all((e.path, e.line) != ("", None) for e in places)


def test_the_schema_is_created(ran: Ran) -> None:
    assert step(ran[0], "migrate").counts.get("tables") == 1, step(ran[0], "migrate")


def test_the_application_finds_its_tables(ran: Ran) -> None:
    server = step(ran[0], "serve")
    assert server.counts["server_errors"] == 0, server
    assert "Its schema was created first." in server.summary.en


def test_what_was_not_installed_is_named(ran: Ran) -> None:
    assert [r.text for r in run_of(ran[0]).left_out] == ["no-such-package-as-this==1.0"]


def test_the_account_follows_the_contract(ran: Ran) -> None:
    document = as_document(ran[0])
    jsonschema.validate(document, SCHEMA)
    assert all(s["command"] for s in document["run"]["steps"] if s["kind"] != "mutate")
    assert ran[0].timings["prepare"] > 0


def test_nothing_is_run_where_it_may_not_be(make_repository: Callable[..., Path]) -> None:
    grid = grade_in(Order(str(make_repository(FILES)), load_rubric("rncp37827"), read_settings({})), sandbox="none")
    assert grid.report.run is None
    assert grid.timings["run"] == 0.0

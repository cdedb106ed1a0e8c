"""Honest repositories through the same arena: what hostile ones are compared with."""

from __future__ import annotations

import pytest

from tests.running.arena import Arena, Case, Told

API = """
    from fastapi import FastAPI, Header, HTTPException

    app = FastAPI()

    @app.get("/hives")
    def hives(key: str = Header(default="")):
        if key != "good":
            raise HTTPException(status_code=401)
        return []
    """


def met(told: Told) -> None:
    assert told.findings["run-tests.succeed"].outcome.value == "met"
    assert told.engine.fact("influences") == ()


def answers(told: Told) -> None:
    assert told.server.reached
    assert told.findings["run-service.starts"].outcome.value == "met"
    assert {e.status for e in told.server.exchanges if e.path.startswith("/hives")} == {401}


def created(told: Told) -> None:
    assert [t.name for t in told.schema.tables] == ["apiary"]


HONEST = {
    "tests": Case(outcomes={"test_innocent": "passed"}, then=met),
    "a failing test": Case(tests="def test_bad():\n    assert 1 == 2\n", outcomes={"test_bad": "failed"}),
    "a server": Case({"api/main.py": API}, kind="serve", then=answers),
    "a schema": Case({"db/schema.sql": "CREATE TABLE apiary (id INTEGER);\n"}, kind="migrate", then=created),
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_repository(arena: Arena, name: str) -> None:
    arena.play(HONEST[name])

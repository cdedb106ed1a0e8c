"""The examination's sandbox starts before its submission is at hand."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from checks import registry
from checks.recipes import PLANNING
from grader.engine import needs
from grader.errors import SourceRefused
from grader.examiner import Examiner
from grader.pipeline import Order, grade
from grader.rubric import load_rubric
from grader.settings import read_settings
from tests.conftest import Make
from tests.running.watch import groups_of


def test_the_time_of_waiting_is_not_the_examinations(make_repository: Make) -> None:
    settings = replace(read_settings({}), examine_seconds=4.0)
    order = Order(str(make_repository({"README.md": "# P\n"})), load_rubric("rncp37827").for_exams(("E5",)), settings)
    with Examiner(settings, "bubblewrap", run=False) as examiner:
        time.sleep(5)
        grid = grade(order, examiner)
    assert {f.reason for f in grid.report.findings} != {"examiner-gave-up"}


def test_one_that_got_nothing_to_examine_leaves_nothing(tmp_path: Path) -> None:
    settings = read_settings({})
    order = Order(str(tmp_path / "absent"), load_rubric("rncp37827"), settings)
    with pytest.raises(SourceRefused), Examiner(settings, "bubblewrap") as examiner:
        grade(order, examiner)
    assert groups_of(os.getpid()) == []


def test_the_facts_that_a_plan_rests_on_are_all_at_hand() -> None:
    known = {f.__name__ for f in PLANNING}
    of_registry = {f.__name__ for f in registry.FACTS}
    assert {n for f in PLANNING for n in needs(f)} & of_registry <= known <= of_registry

"""Grades a repository as the command does."""

from __future__ import annotations

from grader.examiner import Examiner
from grader.pipeline import Grid, Order, grade


def grade_in(order: Order, *, sandbox: str, run: bool = True) -> Grid:
    """Return the grid of an order, by an examiner of its own in `sandbox`."""
    with Examiner(order.settings, sandbox, run=run) as examiner:
        return grade(order, examiner)

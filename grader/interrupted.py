"""The account of a run that our side could not finish: each step that was to come, with the reason, and nothing against the project."""

from __future__ import annotations

from grader.errors import SandboxFailed
from grader.plan import App, Plan, Suite
from grader.running import Step, steps_of
from grader.values import Run, Text, Tried


def interrupted(sandbox: str, plan: Plan, failure: SandboxFailed) -> Run:
    """Return the account of a plan of which nothing is known."""
    why = Text(failure.sentence("fr"), failure.sentence("en"))
    return Run(sandbox, tuple(_untried(step, failure.code, why) for step in steps_of(plan)))


def unplanned(sandbox: str) -> Run:
    """Return the account of a submission for which no plan could be made."""
    failure = SandboxFailed("plan-failed")
    why = Text(failure.sentence("fr"), failure.sentence("en"))
    return Run(sandbox, (Tried("plan", "", "", "", "not-run", failure.code, 0.0, why),))


def _untried(step: Step, code: str, why: Text) -> Tried:
    what, place = step.what, step.what.place
    name = what.runner if isinstance(what, Suite) else what.framework if isinstance(what, App) else what.kind
    return Tried(step.kind, step.part.folder, name, "", "not-run", code, 0.0, why, place.path, place.line)

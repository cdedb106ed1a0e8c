"""A repository given by hand, and one check run on it."""

from __future__ import annotations

from checks.registry import CHECKS, FACTS
from checks.workspace import Workspace
from grader.engine import Engine
from grader.values import Commit, Finding, History


def conclude(check: str, files: dict[str, str], commits: tuple[Commit, ...] = (), branches: tuple[str, ...] = ()) -> Finding:
    """Run one check of the registry on files and a history."""
    workspace = Workspace({path: text.encode() for path, text in files.items()})
    engine = Engine(FACTS, {"workspace": workspace, "history": History(commits, branches, bool(commits))})
    found = next(c for c in CHECKS if c.id == check)
    return found.function(**{need: engine.fact(need) for need in found.needs})


def places(finding: Finding) -> list[tuple[str, int | None]]:
    """Return where the evidence of a finding opens."""
    return [(e.path, e.line) for e in finding.evidence]


def commit(sha: str, subject: str, *files: str, parents: tuple[str, ...] = ("0" * 40,)) -> Commit:
    """Return a commit of March."""
    return Commit(sha.ljust(40, "0"), "Ana", "2026-03-02T10:00:00+00:00", subject, parents, files)

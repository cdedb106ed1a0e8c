"""Small invented repositories as dictionaries of files, and the plan read from one."""

from __future__ import annotations

from textwrap import dedent

from checks import registry
from checks.recipes import FACTS
from checks.workspace import Workspace
from grader.engine import Engine
from grader.plan import App, Database, Part, Plan, Suite

FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/items')\ndef items(): return []\n"
A_TEST = "def test_sum():\n    assert 1 + 1 == 2\n"


def workspace(files: dict[str, str | bytes]) -> Workspace:
    """Return a workspace of these files; texts are dedented."""
    return Workspace({p: c if isinstance(c, bytes) else dedent(c).encode() for p, c in files.items()})


def planned(files: dict[str, str | bytes]) -> Plan:
    """Return the plan of these files."""
    known = {f.__name__: f for f in (*registry.FACTS, *FACTS)}
    plan = Engine(known.values(), {"workspace": workspace(files)}).fact("plan")
    assert isinstance(plan, Plan)
    return plan


def part(plan: Plan, name: str = "root") -> Part:
    """Return the part of a name."""
    return next(p for p in plan.parts if p.name == name)


def texts(one: Part) -> list[str]:
    """Return the requirements of a part."""
    return [r.text for r in one.requirements]


def reasons(one: Part) -> dict[str, str]:
    """Return what a part leaves out, with the reasons."""
    return {item.text: item.reason for item in one.left_out}


def suites(files: dict[str, str | bytes]) -> list[Suite]:
    """Return the suites of all parts."""
    return [s for p in planned(files).parts for s in p.suites]


def apps(files: dict[str, str | bytes]) -> list[tuple[str, str, str]]:
    """Return (framework, folder, target) of all applications."""
    return [(a.framework, a.folder, a.target) for a in all_apps(files)]


def all_apps(files: dict[str, str | bytes]) -> list[App]:
    """Return the applications of all parts."""
    return [a for p in planned(files).parts for a in p.apps]


def databases(files: dict[str, str | bytes]) -> list[Database]:
    """Return the databases of all parts."""
    return [d for p in planned(files).parts for d in p.databases]

"""The fact `plan`: everything that running the submission would try, as the recognisers read it."""

from __future__ import annotations

from dataclasses import replace

from checks.facts.containers import Containers
from checks.facts.python_code import PythonCode
from checks.facts.routing import Route, Routes
from checks.facts.sql import SqlStatements
from checks.facts.sql_parsing import Statement
from checks.facts.workflows import Workflows
from checks.recipes.addresses import addresses
from checks.recipes.apps import Apps
from checks.recipes.chains import TestStep, as_in_chain, installed, test_steps
from checks.recipes.databases import Databases
from checks.recipes.declarations import declarations
from checks.recipes.guides import in_guides
from checks.recipes.hints import hints
from checks.recipes.layout import Layout
from checks.recipes.parts import Ownership, completed, parts, with_root
from checks.recipes.requirement_lines import name_of
from checks.recipes.services import services
from checks.recipes.variables import variables
from checks.workspace import Workspace
from grader.plan import Expected, Part, Place, Plan, Query, Variable

MOST_ROUTES = 300
MOST_QUERIES = 60
_KINDS = {"data": "data", "model": "model", "page": "page", "system": "health"}


def plan(
    workspace: Workspace,
    python_code: PythonCode,
    containers: Containers,
    routes: Routes,
    sql_statements: SqlStatements,
    workflows: Workflows,
) -> Plan:
    """Say how to install, test, serve and migrate each part of the submission."""
    layout = Layout(workspace, python_code)
    by_chains, read = installed(workflows), declarations(workspace)
    guided = () if any(d.language == "python" for d in read) else in_guides(workspace)
    declared = tuple(completed(d, by_chains) for d in with_root(read, layout, guided))
    owned = Ownership(tuple(d.folder for d in declared if d.language == "python"))
    packages = frozenset(name_of(r.text) for d in declared for r in d.requirements)
    given = variables(workspace, python_code, containers)
    chains = test_steps(workflows, python_code)
    expected = services(containers, (*(v for s in chains for v in s.variables), *given), python_code)
    given += addresses(python_code, expected, given, packages)
    part_folders = {p: owned.owner(p) for p in layout.scripts}
    apps = Apps(layout, hints(workspace), part_folders).all()
    databases = Databases(layout, packages, part_folders, postgresql=any(s.kind == "postgresql" for s in expected)).all()
    return Plan(
        tuple(_as_in_chain(p, chains, given) for p in parts(declared, layout, apps, databases)),
        expected,
        given,
        tuple(Query(s.text[:8000], Place(s.path, s.line)) for s in _queries(sql_statements)[:MOST_QUERIES]),
        tuple(_expected(r) for r in routes.all[:MOST_ROUTES]),
    )


def _as_in_chain(part: Part, chains: tuple[TestStep, ...], known: tuple[Variable, ...]) -> Part:
    return replace(part, suites=tuple(as_in_chain(chains, s, known) for s in part.suites))


def _queries(sql_statements: SqlStatements) -> tuple[Statement, ...]:
    """Return what only reads: an INSERT … SELECT or the query of a view writes, and no schema is asked that."""
    return tuple(s for s in sql_statements.selects if s.kind == "select")


def _expected(route: Route) -> Expected:
    kind, place = _KINDS.get(route.kind, "other"), Place(route.module, route.line)
    return Expected(route.method, route.path, kind, route.protected, place, route.application)

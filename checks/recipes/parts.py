"""The parts of the plan: what each declares, and the tests, applications, databases and code that belong to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from checks.facts.python_code import Module
from checks.recipes.declarations import MOST_PARTS, MOST_REQUIREMENTS, Declaration, ancestors, folder_of, inside, joined
from checks.recipes.layout import Layout
from checks.recipes.requirement_lines import Item, name_of
from checks.recipes.suites import Suites, is_suite_file, node_suites
from grader.plan import App, Database, Part, Place, Requirement

MOST_CODE = 400
_FOR_TOOLS = re.compile(r"(^|[-_.])(dev|develop|development|tests?|testing|lint|ci|docs?|tools?)([-_.]|$)", re.I)
_NO_BUSINESS = re.compile(
    r"(^|/)(migrations|alembic|versions|docs|notebooks?|\.[^/]+)/"
    r"|(^|/)(setup|manage|conftest|settings|config|asgi|wsgi|apps|admin|conf|noxfile|fabfile|gunicorn[\w.]*|__main__)\.py$",
    re.I,
)


@dataclass(frozen=True)
class Ownership:
    """Says which Python part a path belongs to: the nearest one above it."""

    folders: tuple[str, ...]

    def owner(self, path: str) -> str:
        """Return the folder of the part of a path; the root for what no part holds."""
        known = frozenset(self.folders)
        return next((f for f in ancestors(folder_of(path)) if f in known), "")


def completed(one: Declaration, more: tuple[Requirement, ...]) -> Declaration:
    """Add what the chain that runs the tests installs besides; what is declared outweighs it."""
    known = {name_of(r.text) for r in one.requirements}
    added = tuple(r for r in more if name_of(r.text) not in known)
    return replace(one, requirements=(*one.requirements, *added)[:MOST_REQUIREMENTS]) if one.language == "python" else one


def with_root(declared: Sequence[Declaration], layout: Layout, guided: tuple[Requirement, ...] = ()) -> tuple[Declaration, ...]:
    """Add a root part when Python code or SQL stands outside every part, with all that the others ask for, and with what guides say to
    install (`guided`); or complete one made of the lists of tests and tools."""
    python = [d for d in declared if d.language == "python"]
    runnable = (*layout.scripts, *(p for p in layout.files if p.endswith(".sql")))
    outside = [p for p in runnable if not any(inside(p, d.folder) for d in python)]
    root = next((d for d in python if not d.folder), None)
    if root is None and not outside:
        return tuple(declared)
    if root is not None and root.requirements and "/" not in root.place.path and not _FOR_TOOLS.search(root.place.path):
        return tuple(declared)
    items: list[Item] = list(guided)
    for one in ([root] if root else []) + python:
        items += [*one.requirements, *one.left_out]
    requirements, left_out = joined(items)
    left_out = tuple(
        i for i in left_out if i.reason != "repeated" or (root and i in root.left_out)
    )  # it is we who join the parts
    place = root.place if root else Place(min(outside), 1)
    whole = Declaration("", "python", requirements, left_out, root.python if root else "", place)
    return (whole, *(d for d in declared if d is not root))[:MOST_PARTS]


def parts(
    declared: Sequence[Declaration], layout: Layout, apps: Iterable[App], databases: Iterable[Database]
) -> tuple[Part, ...]:
    """Return the parts, those with something to run first; nothing runs for a part that has none."""
    owned = Ownership(tuple(d.folder for d in declared if d.language == "python"))
    tests: dict[str, list[Module]] = {}
    for module in layout.code.modules:
        if is_suite_file(module):
            tests.setdefault(owned.owner(module.path), []).append(module)
    applications, schemas = list(apps), list(databases)
    made = []
    for one in declared:
        bare = Part(_name(one, declared), one.folder, one.language, one.requirements, one.left_out, one.python)
        if one.language == "node":
            mine = tuple(a for a in applications if a.framework == "express" and a.folder == one.folder)
            made.append(replace(bare, suites=tuple(node_suites(layout.workspace, one.folder)), apps=mine))
            continue
        names = frozenset(name_of(r.text) for r in one.requirements)
        part = replace(
            bare,
            suites=Suites(layout, names).of(tests.get(one.folder, ()), one.folder),
            apps=tuple(a for a in applications if a.framework != "express" and owned.owner(a.place.path) == one.folder),
            databases=tuple(d for d in schemas if owned.owner(d.place.path) == one.folder),
        )
        made.append(replace(part, code=business_code(layout, part, owned, tests)))
    return tuple(sorted(made, key=lambda p: not (p.suites or p.apps or p.databases)))


def _name(one: Declaration, declared: Sequence[Declaration]) -> str:
    name = one.folder or "root"
    return f"{name} (node)" if one.language == "node" and any(d.folder == one.folder and d is not one for d in declared) else name


def business_code(layout: Layout, part: Part, owned: Ownership, tests: dict[str, list[Module]]) -> tuple[str, ...]:
    """Return the files whose coverage is measured: the part's own, and those of the parts below it that have no tests."""
    found = []
    for path, module in sorted(layout.scripts.items()):
        owner = owned.owner(path)
        below_it = bool(part.suites) and inside(path, part.folder) and not tests.get(owner)
        if (
            (owner == part.folder or below_it)
            and not module.is_test
            and not is_suite_file(module)
            and not _NO_BUSINESS.search(path)
        ):
            found.append(path)
    return tuple(p for p in found if layout.scripts[p].tree.body)[:MOST_CODE]

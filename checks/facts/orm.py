"""Queries made through an ORM or a data frame: SQLAlchemy, SQLModel, Django, Peewee, Tortoise."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from checks.facts.names import names
from checks.facts.python_code import Call, Module, PythonCode

MODULES = names("sqlalchemy sqlmodel django peewee tortoise flask_sqlalchemy pony")
CHAIN = names(
    "filter filter_by where join outerjoin having group_by order_by annotate aggregate exclude values select_related all first"
)
SHAPING = names("filter filter_by where join outerjoin having group_by annotate aggregate exclude select_related")
DJANGO = re.compile(r"\.objects\.(filter|exclude|annotate|aggregate|all|get|values|values_list|order_by|select_related|raw)$")
SELECT = re.compile(r"(^|\.)select$")
QUERY = re.compile(r"\.query$")


@dataclass(frozen=True, slots=True)
class OrmQuery:
    """A query through an ORM; `shaped` when it filters, joins or aggregates."""

    path: str
    line: int
    excerpt: str
    function: str
    shaped: bool
    framework: str


def orm_queries(python_code: PythonCode) -> tuple[OrmQuery, ...]:
    """Return the ORM queries of the application, one a statement of code."""
    return tuple(q for m in python_code.application for q in _queries(m))


def _queries(module: Module) -> list[OrmQuery]:
    if not module.imported & MODULES:
        return []
    found: dict[int, OrmQuery] = {}
    for call in module.calls:
        framework = _framework(call.name, module)
        if framework:
            shaped = bool(chained(call.node.func) & SHAPING) or call.name.endswith(
                (".filter", ".exclude", ".annotate", ".aggregate")
            )
            known = found.get(call.line)
            if known is None or (shaped and not known.shaped):
                found[call.line] = OrmQuery(module.path, call.line, module.excerpt(call.node), call.function, shaped, framework)
    return [found[line] for line in sorted(found)]


def _framework(name: str, module: Module) -> str:
    if (DJANGO.search(name) and "django" in module.imported) or (".objects." in name and name.rsplit(".", 1)[-1] in CHAIN):
        return "django"
    parts = name.replace("()", "").split(".")
    if (
        parts[-1] in CHAIN | {"select", "query"}
        and ("query" in parts or "select" in parts)
        and module.imported & MODULES - {"django"}
    ):
        return "sqlalchemy"
    return ""


def chained(node: ast.expr) -> frozenset[str]:
    """Return the attribute names along a chain of calls: `a.b().c().d` → {b, c, d}."""
    names = set()
    for _ in range(200):
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
            node = node.value
        else:
            break
    return frozenset(names)


__all__ = ["Call", "OrmQuery", "chained", "orm_queries"]

"""The address of the declared PostgreSQL, for variables that code opens a database with and nobody gives a value to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from urllib.parse import quote

from checks.facts.python_code import Module, PythonCode, argument
from checks.recipes.variables import asked_by
from grader.plan import Place, Service, Variable

_OPENS = {"create_engine": True, "create_async_engine": True, "connect": False, "create_pool": False, "ConnectionPool": False}
_DRIVERS = {"psycopg2": "", "psycopg2-binary": "", "psycopg": "+psycopg", "psycopg-binary": "+psycopg", "pg8000": "+pg8000"}
_RAW = ("psycopg", "psycopg2", "asyncpg", "psycopg_pool")
_NAMED = re.compile(r"^(?!.*(TEST|REDIS|MONGO|MYSQL))\w*(DATABASE|DB|POSTGRES|POSTGRESQL|SQLALCHEMY)\w*_?(URL|URI|DSN)$", re.I)


def addresses(
    code: PythonCode, services: tuple[Service, ...], given: tuple[Variable, ...], packages: frozenset[str]
) -> tuple[Variable, ...]:
    """Return the variables to add to those given; tests do without, as they see to their own database."""
    service = next((s for s in services if s.kind == "postgresql"), None)
    if service is None:
        return ()
    known = {v.name for v in given}
    found: dict[str, Variable] = {}
    for module in code.application:
        for name, place, scheme in (*_opened(module, packages), *_asked(module, packages)):
            if name not in known and name not in found:
                found[name] = Variable(name, _address(scheme, service), place, tests=False)
    return tuple(found.values())


def _opened(module: Module, packages: frozenset[str]) -> Iterator[tuple[str, Place, str]]:
    """Yield the variables that a database is opened with: (name, place, scheme)."""
    asked = {name for name, _ in asked_by(module)}
    held = _held(module, asked) if asked else {}
    for call in module.calls if asked else ():
        last = call.name.rsplit(".", 1)[-1]
        if last in _OPENS and (_OPENS[last] or call.name.split(".")[0] in _RAW):
            value = next((v for k in ("url", "dsn", "conninfo") if (v := argument(call.node, 0, k)) is not None), None)
            name = held.get(value.id, "") if isinstance(value, ast.Name) else _read(module, value)
            if name in asked:
                yield name, Place(module.path, call.line), _scheme(last, packages)


def _held(module: Module, asked: set[str]) -> dict[str, str]:
    """Return name in the code → the variable whose value it is given: `BASE = environ["BASE"]`."""
    given = (n for n in module.nodes if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name))
    return {
        n.targets[0].id: name for n in given if isinstance(n.targets[0], ast.Name) and (name := _read(module, n.value)) in asked
    }


def _read(module: Module, node: ast.AST | None) -> str:
    """Return the text by which an expression looks something up: `environ["BASE"]`, `getenv("BASE")`."""
    if isinstance(node, ast.Subscript):
        return module.text_of(node.slice) or ""
    return (module.text_of(node.args[0]) or "") if isinstance(node, ast.Call) and node.args else ""


def _asked(module: Module, packages: frozenset[str]) -> Iterator[tuple[str, Place, str]]:
    """Yield the variables read without a default whose name says that they are a database's address."""
    for name, place in asked_by(module):
        if _NAMED.match(name):
            yield name, place, _scheme("create_engine" if "sqlalchemy" in packages else "connect", packages)


def _scheme(opener: str, packages: frozenset[str]) -> str:
    if not _OPENS[opener]:
        return "postgresql"
    drivers = [driver for package, driver in _DRIVERS.items() if package in packages]
    later = opener == "create_async_engine" or not drivers
    return "postgresql" + ("+asyncpg" if later and "asyncpg" in packages else next(iter(drivers), ""))


def _address(scheme: str, service: Service) -> str:
    user = quote(service.user or "postgres", safe="")
    password = f":{quote(service.password, safe='')}" if service.password else ""
    return f"{scheme}://{user}{password}@localhost:{service.port}/{quote(service.database or user, safe='')}"

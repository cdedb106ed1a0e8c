"""Create what a module of the submission describes with SQLAlchemy: `python create_all.py REQUEST.json` (module, url, schemes, folder, own).

The module is imported from its folder, its MetaData objects found, and their tables created on our engine; with `own`, on the
engines that the submission made for itself, ours only where it made none.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import importlib
import inspect
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

NO_TABLE = 3  # the status that says so
HERE = os.path.dirname(os.path.abspath(__file__))


def main(path: str) -> int:
    """Create, and print how many tables each MetaData has."""
    with open(path, encoding="utf-8") as file:
        request = json.load(file)
    folder = request.get("folder") or os.getcwd()
    sys.path[:] = [*dict.fromkeys((folder, os.getcwd())), *(p for p in sys.path if os.path.abspath(p) != HERE)]
    sys.argv = [request["module"]]
    module = importlib.import_module(request["module"])
    _import_late(module)
    mine = [module, *_mine(folder)]
    if request.get("own") and _create_on_theirs(mine):
        return 0
    found = [m for m in _metadata(mine) if m.tables]
    if not found:
        print("no table is described by", request["module"])
        return NO_TABLE
    _create(found, request["url"], request["schemes"])
    print("created", sum(len(m.tables) for m in found), "tables")
    return 0


def _import_late(module: Any) -> None:
    """Import what its functions that call `create_all` import before they do: the models are often named there alone."""
    with contextlib.suppress(Exception):
        for function in ast.walk(ast.parse(inspect.getsource(module))):
            inside = list(ast.walk(function)) if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) else []
            if any(isinstance(n, ast.Attribute) and n.attr == "create_all" for n in inside):
                for one in (n for n in inside if isinstance(n, (ast.Import, ast.ImportFrom))):
                    with contextlib.suppress(Exception):
                        code = compile(ast.Module([one], []), str(module.__file__), "exec")
                        exec(code, {"__name__": module.__name__, "__package__": module.__package__})  # noqa: S102


def _mine(folder: str) -> list[Any]:
    """Return the modules that are loaded from the submission."""
    here = (folder + os.sep, os.getcwd() + os.sep)
    return [m for m in list(sys.modules.values()) if (getattr(m, "__file__", None) or "").startswith(here)]


def _create_on_theirs(mine: list[Any]) -> bool:
    """Create on the engines and by the Flask applications that the modules hold; tell whether there was one."""
    from sqlalchemy.engine import Engine

    values = list({id(v): v for m in mine for v in list(vars(m).values())}.values())
    found = [m for m in _metadata(mine) if m.tables]
    applications = [v for v in values if "sqlalchemy" in (getattr(v, "extensions", None) or ()) and hasattr(v, "app_context")]
    for application in applications:
        with application.app_context():
            application.extensions["sqlalchemy"].create_all()
    engines = [v for v in values if isinstance(v, Engine) or type(v).__name__ == "AsyncEngine"]
    for engine in engines:
        if not isinstance(engine, Engine):
            asyncio.run(_create_by(engine, found))
        else:
            for metadata in found:
                metadata.create_all(engine)
    return bool(applications) or bool(engines and found)


def _metadata(modules: list[Any]) -> Iterator[Any]:
    """Yield the MetaData objects of what is loaded from the submission, SQLModel's and Flask-SQLAlchemy's included."""
    seen = set()
    for one in (*modules, *(sys.modules[n] for n in ("sqlmodel",) if n in sys.modules)):
        for value in list(vars(one).values()):
            for metadata in _of(value):
                if id(metadata) not in seen:
                    seen.add(id(metadata))
                    yield metadata


def _of(value: Any) -> Iterator[Any]:
    from sqlalchemy import MetaData

    if isinstance(value, MetaData):
        yield value
        return
    with contextlib.suppress(Exception):
        if isinstance(getattr(value, "metadata", None), MetaData):
            yield value.metadata
    with contextlib.suppress(Exception):
        if isinstance(getattr(value, "metadatas", None), dict):
            yield from value.metadatas.values()


def _create(found: list[Any], url: str, schemes: list[str]) -> None:
    """Create with the first driver that is installed, an asynchronous one when there is no other."""
    from sqlalchemy import create_engine, text

    failure: Exception | None = None
    for scheme in schemes:
        try:
            if scheme.endswith(("asyncpg", "aiosqlite")):
                asyncio.run(_create_later(found, scheme + url))
                return
            engine = create_engine(scheme + url)
            with engine.begin() as connection:
                for schema in _schemas(found) if "postgresql" in scheme else ():
                    connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
                for metadata in found:
                    metadata.create_all(connection)
            return
        except ModuleNotFoundError as error:
            failure = error
    if failure is not None:
        raise failure


def _schemas(found: list[Any]) -> set[str]:
    return {t.schema for m in found for t in m.tables.values() if t.schema and '"' not in t.schema}


async def _create_later(found: list[Any], url: str) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    await _create_by(create_async_engine(url), found)


async def _create_by(engine: Any, found: list[Any]) -> None:
    async with engine.begin() as connection:
        for metadata in found:
            await connection.run_sync(metadata.create_all)


if __name__ == "__main__":
    status = main(sys.argv[1])
    sys.stdout.flush()
    os._exit(status)

"""Create what a module of the submission describes with SQLAlchemy: `python create_all.py REQUEST.json` (module, url, drivers).

The module is imported from the current folder, its MetaData objects found, and their tables created on our engine.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))


def main(path: str) -> int:
    """Create, and print how many tables each MetaData has."""
    with open(path, encoding="utf-8") as file:
        request = json.load(file)
    sys.path[:] = [os.getcwd(), *(p for p in sys.path if os.path.abspath(p) != HERE)]
    sys.argv = [request["module"]]
    module = importlib.import_module(request["module"])
    found = [m for m in _metadata(module) if m.tables]
    if not found:
        print("no table is described by", request["module"])
        return 1
    _create(found, request["url"], request["schemes"])
    print("created", sum(len(m.tables) for m in found), "tables")
    return 0


def _metadata(module: Any) -> Iterator[Any]:
    """Yield the MetaData objects of everything that is loaded from the submission, SQLModel's and Flask-SQLAlchemy's included."""
    seen = set()
    here = os.getcwd() + os.sep
    mine = [m for m in list(sys.modules.values()) if (getattr(m, "__file__", None) or "").startswith(here)]
    for one in (module, *mine, *(sys.modules[n] for n in ("sqlmodel",) if n in sys.modules)):
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

    async with create_async_engine(url).begin() as connection:
        for metadata in found:
            await connection.run_sync(metadata.create_all)


if __name__ == "__main__":
    status = main(sys.argv[1])
    sys.stdout.flush()
    os._exit(status)

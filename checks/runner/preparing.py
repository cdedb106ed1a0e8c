"""Before an application starts: create the plan's schemas in the very databases that it will use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .creating import create, missing, sqlite_files
from .databases import Postgresql, Sqlite
from .junit import read_text
from .running import Running

SECONDS, LATER = 15.0, 8.0  # before it starts; while it already answers
MOST_FILES = 200
MOST_STORES = 3
LONGEST = 200_000
_TEXT = re.compile(r"[\"']([^\"'\n]{3,200})[\"']")


def prepare_schema(running: Running, home: Path, *, seconds: float = SECONDS) -> None:
    """Create the schemas of the step for an application of folder `home`, within seconds, and note whether one could be made.

    What fails here is no fault of the application: it may make its tables by itself.
    """
    wanted = [(d, store) for d in _databases(running) for store in _stores(running, home, d)]
    if not wanted:
        return
    running.say("prepare the schema")
    with running.aside(seconds):
        made = [create(running, d, s, home=home, alone=False) for d, s in wanted if running.aside_left > 0.5]
    running.put(prepared_schema="ok" if any(made) else "failed")


def _databases(running: Running) -> Iterator[dict[str, Any]]:
    """Yield the schemas that can be created here; Django's server has had its own migrations already."""
    served = (running.step.app or {}).get("framework")
    for database in running.step.databases:
        kind = str(database.get("kind"))
        if not missing(running, kind, str(database.get("engine"))) and (kind, served) != ("django", "django"):
            yield dict(database)


def _stores(running: Running, home: Path, database: dict[str, Any]) -> Iterator[Sqlite | Postgresql]:
    """Yield the databases in which the application may look: a file of the repository that has tables is left as it is."""
    once = database.get("kind") in ("alembic", "django")  # they know where by themselves
    if database.get("engine") == "postgresql":
        yield from _postgresql(running)[: 1 if once else None]
        return
    files = [Sqlite(running, p) for p in dict.fromkeys(sqlite_files(running, home, _texts(running)))]
    empty = [s for s in files[:MOST_STORES] if not s.tables()]
    for store in empty:
        store.path.parent.mkdir(parents=True, exist_ok=True)
    if once or not files:
        yield Sqlite(running, running.new("new.db"))  # its own addresses lead elsewhere
    else:
        yield from empty


def _postgresql(running: Running) -> list[Postgresql]:
    """Return the declared databases, then those that a program asked for."""
    services = [s for s in running.step.services if s.get("kind") == "postgresql"]
    named = [(int(s.get("port") or 5432), str(s.get("database") or s.get("user") or "postgres")) for s in services]
    port = named[0][0] if named else 5432
    named += [(port, name) for kind, name in sorted(running.provided) if kind == "database"]
    return [Postgresql(running, port, name) for port, name in dict.fromkeys(named or [(port, "postgres")])][:MOST_STORES]


def _texts(running: Running) -> Iterator[str]:
    """Yield what may name an SQLite file: the variables, then the texts of the part's code."""
    yield from running.step.variables.values()
    for name in (running.step.part.get("code") or ())[:MOST_FILES]:
        path = running.step.tree / str(name)
        if path.is_relative_to(running.step.tree) and ".." not in path.parts:
            yield from _TEXT.findall(read_text(path, LONGEST) or "")

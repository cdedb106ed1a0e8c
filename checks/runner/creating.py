"""Create one schema of the plan on a database: DDL, Alembic, Django's migrations, what SQLAlchemy describes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from . import accounts
from .commands import Ended
from .databases import Postgresql, Sqlite
from .running import Running
from .surroundings import INSIDE, has_package, has_python, python

_SQLITE_FILE = re.compile(r"(?:sqlite(?:\+\w+)?:///)?([\w./ -]{1,200}\.(?:db|sqlite3?|db3))", re.I)
_SCHEMES = {
    "postgresql": ["postgresql+psycopg2", "postgresql+psycopg", "postgresql+pg8000", "postgresql+asyncpg"],
    "sqlite": ["sqlite"],
}
_NO_TABLE = 3  # inside/create_all.py says so
_NEEDS = {"alembic": "alembic", "django": "django", "sqlalchemy": "sqlalchemy"}


def missing(running: Running, kind: str, engine: str) -> str:
    """Return why this schema cannot be created here, "" when it can."""
    if engine == "postgresql" and not any(
        s["kind"] == "postgresql" and s["state"] == "started" for s in running.document["services"]
    ):
        return "no-postgresql"
    if kind == "ddl":
        return ""
    if not has_python(running.step):
        return "no-environment"
    return "" if has_package(running.step, _NEEDS.get(kind, kind)) else f"no-{_NEEDS.get(kind, kind)}"


def sqlite_files(running: Running, folder: Path, texts: Iterable[str]) -> Iterator[Path]:
    """Yield the SQLite files of the tree that texts name, as seen from the folder."""
    for text in texts:
        found = _SQLITE_FILE.fullmatch(text)
        path = Path(os.path.normpath(folder / found.group(1))) if found else None
        if path is not None and path.is_relative_to(running.step.tree):
            yield path


def create(
    running: Running, database: dict[str, Any], store: Sqlite | Postgresql, *, home: Path | None = None, alone: bool = True
) -> bool:
    """Create the schema; tell whether the command succeeded.

    With `home`, the folder of an application, it is created where that application looks for it: by its own addresses.
    A store that is for this schema `alone` may be emptied.
    """
    step, kind, target = running.step, str(database.get("kind")), str(database.get("target", ""))
    folder = step.folder(str(database.get("folder", "")))
    if kind == "ddl":
        return store.apply(folder, target) or (alone and _after_others(running, folder, database, store))
    if kind == "alembic":
        argv: tuple[str, ...] = (python(step), "-m", "alembic", "-c", target or "alembic.ini", "upgrade", "heads")
        variables = store.variables() if home is None else {}
        return _patiently(running, lambda: running.command(argv, folder, variables=variables)).ok
    if kind == "django":
        argv = (python(step), "manage.py", "migrate", "--noinput")
        return _patiently(running, lambda: running.command(argv, folder, variables={"DJANGO_SETTINGS_MODULE": target})).ok
    request = running.request(
        module=target, url=store.url(), schemes=_SCHEMES[store.engine], folder=str(folder), own=home is not None
    )
    argv = (python(step), str(INSIDE / "create_all.py"), str(request))
    ended = _patiently(running, lambda: running.command(argv, home or folder))
    if ended.how == "exit" and ended.code == _NO_TABLE and home is None:
        running.trouble("no-table-described")
    return ended.ok


def _patiently(running: Running, run: Callable[[], Ended]) -> Ended:
    """Run a command, again once a role or a database that it asks for could be made."""
    ended = run()
    for _ in range(accounts.ROUNDS):
        if ended.ok or not accounts.provide(running, ended.tail):
            break
        ended = run()
    return ended


def _after_others(running: Running, folder: Path, database: dict[str, Any], store: Sqlite | Postgresql) -> bool:
    """Create once more from nothing, after the scripts of the same folder that come before by name: `01_tables.sql`, `02_links.sql`."""
    same = [
        d
        for d in running.step.part.get("databases") or ()
        if d.get("kind") == "ddl" and d.get("folder") == database.get("folder")
    ]
    before = sorted(str(d["target"]) for d in same if str(d["target"]) < str(database["target"]))
    if not before:
        return False
    store.fresh()
    return all(store.apply(folder, target) for target in (*before, str(database["target"])))

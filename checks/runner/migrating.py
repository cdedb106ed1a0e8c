"""Create the schema on an empty database, list what was made, fill it by the submission's scripts, ask its queries."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .creating import create, missing, sqlite_files
from .databases import MOST_QUERIES, Postgresql, Sqlite, is_sqlite
from .running import Running
from .surroundings import has_python, python

OTHERS_SECONDS = 20.0
_TABLE_ABSENT = re.compile(r"no such table|relation \".*\" does not exist")


def migrate(running: Running) -> None:
    """Run a step of kind `migrate`."""
    database = dict(running.step.database or {})
    kind, engine = str(database.get("kind")), str(database.get("engine"))
    folder = running.step.folder(str(database.get("folder", "")))
    reason = missing(running, kind, engine)
    if reason:
        running.trouble(reason)
        return
    if kind in ("alembic", "django"):
        _set_aside(running)
    running.put(engine=engine)
    before = set(_files(running))
    ours = _store(running, engine, folder, database)
    created = create(running, database, ours)
    store = _filled(running, ours, before)
    tables = store.tables() if store else []
    running.put(tables=tables if created or tables else None)
    store = store or ours
    running.put(imported=[_import(running, store, folder, str(s)) for s in database.get("imports") or ()])
    if running.document["imported"]:
        running.put(tables=store.tables())
    running.put(queries=_ask(running, store))


def _set_aside(running: Running) -> None:
    """Take away the SQLite databases that were handed in already migrated: the schema is created on an empty one."""
    for path in list(_files(running)):
        names = {t["name"] for t in Sqlite(running, path).tables()}
        if names & {"alembic_version", "django_migrations"}:
            path.unlink(missing_ok=True)


def _files(running: Running) -> Iterator[Path]:
    """Yield the SQLite databases of the tree, at most fifty."""
    found = 0
    for folder, _, names in os.walk(running.step.tree):
        for name in sorted(names):
            path = Path(folder, name)
            if found < 50 and is_sqlite(path):
                found += 1
                yield path


def _store(running: Running, engine: str, folder: Path, database: dict[str, Any]) -> Sqlite | Postgresql:
    """Return the database that we create on: the declared PostgreSQL one, or the SQLite file that the scripts open."""
    if engine == "postgresql":
        asked = [s for s in running.step.services if s.get("kind") == "postgresql"]
        first = asked[0] if asked else {}
        name = str(first.get("database") or first.get("user") or "postgres")
        return Postgresql(running, int(first.get("port") or 5432), name)
    named = _named_file(running, folder, database)
    if named is not None:
        named.parent.mkdir(parents=True, exist_ok=True)
        named.unlink(missing_ok=True)
    return Sqlite(running, named or running.new("new.db"))


def _named_file(running: Running, folder: Path, database: dict[str, Any]) -> Path | None:
    """Return the SQLite file that the variables or the import scripts name, as seen from the folder."""
    texts = [v for n, v in running.step.variables.items() if re.search(r"sqlite|DATABASE|DB", f"{n} {v}")]
    for script in database.get("imports") or ():
        path = _script(running, folder, str(script))
        texts += re.findall(r"[\"']([^\"'\n]{3,200})[\"']", path.read_text("utf-8", "replace")) if path else []
    return next(sqlite_files(running, folder, texts), None)


def _filled(running: Running, store: Sqlite | Postgresql, before: set[Path]) -> Sqlite | Postgresql | None:
    """Return the database in which the tables are: ours, else the one that the command made."""
    if store.tables():
        return store
    made = [Sqlite(running, p) for p in _files(running) if p not in before]
    others: list[Sqlite | Postgresql] = [*made, *(store.others() if isinstance(store, Postgresql) else ())]
    others += [Sqlite(running, p) for p in before if p.is_file()]
    return next((o for o in others if o.tables()), None)


def _import(running: Running, store: Sqlite | Postgresql, folder: Path, script: str) -> dict[str, Any]:
    """Run a script that fills the database; count the rows before and after, wherever it put them."""
    path = _script(running, folder, script)
    if path is None or not has_python(running.step):
        return {"script": script, "how": "absent", "code": 0, "rows_before": None, "rows_after": None}
    before = _rows(running, store)
    argv: tuple[str, ...] = (python(running.step), str(path.relative_to(folder) if path.is_relative_to(folder) else path))
    ended = running.command(argv, folder, seconds=60.0)
    if not ended.ok and "Error: No module named" in ended.tail.replace("NotFound", "") and path.is_relative_to(folder):
        dotted = ".".join(path.relative_to(folder).with_suffix("").parts)
        ended = running.command((python(running.step), "-m", dotted), folder, seconds=60.0)
    after = _rows(running, store)
    shown = running.step.relative(path)
    return {"script": shown, "how": ended.how, "code": ended.code, "rows_before": before, "rows_after": after}


def _script(running: Running, folder: Path, script: str) -> Path | None:
    """Return where an import script is: as seen from the folder, else from the root."""
    for start in (folder, running.step.tree):
        path = Path(os.path.normpath(start / script))
        if path.is_relative_to(running.step.tree) and path.is_file() and not path.is_symlink():
            return path
    return None


def _rows(running: Running, store: Sqlite | Postgresql) -> int:
    """Count the rows of our database and of every other in the tree."""
    others: list[Sqlite | Postgresql] = [Sqlite(running, p) for p in _files(running) if p != getattr(store, "path", None)]
    others += list(store.others()) if isinstance(store, Postgresql) else []
    return sum(int(t["rows"]) for s in (store, *others) for t in s.tables())


def _ask(running: Running, store: Sqlite | Postgresql) -> list[dict[str, Any]]:
    """Run the queries against the schema, parameters filled in; those of absent tables again once the part's other schemas are made."""
    queries = running.step.queries[:MOST_QUERIES]
    texts = [str(q.get("text", "")) for q in queries]
    answers = store.ask(texts) if queries else []
    if any(_TABLE_ABSENT.search(str(a["error"])) for a in answers) and _add_others(running, store):
        answers = [max(pair, key=lambda a: bool(a["ok"])) for pair in zip(answers, store.ask(texts), strict=False)]
    places = [q.get("place") or {} for q in queries]
    return [{"path": p.get("path"), "line": p.get("line"), **a} for p, a in zip(places, answers, strict=False)]


def _add_others(running: Running, store: Sqlite | Postgresql) -> bool:
    """Create the part's other schemas of this engine in the same database, as far as they apply; tell whether there are any."""
    others = [
        d
        for d in running.step.databases
        if d != running.step.database
        and d.get("engine") == store.engine
        and not missing(running, str(d.get("kind")), store.engine)
    ]
    with running.aside(OTHERS_SECONDS):
        for other in others:
            create(running, dict(other), store, alone=False)
    return bool(others)

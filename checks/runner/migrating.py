"""Create the schema on an empty database, list what was made, fill it by the submission's scripts, ask its queries."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .databases import MOST_QUERIES, Postgresql, Sqlite, is_sqlite
from .running import Running
from .surroundings import INSIDE, has_package, has_python, python

_SQLITE_FILE = re.compile(r"(?:sqlite(?:\+\w+)?:///)?([\w./ -]{1,200}\.(?:db|sqlite3?|db3))", re.I)
_SCHEMES = {
    "postgresql": ["postgresql+psycopg2", "postgresql+psycopg", "postgresql+pg8000", "postgresql+asyncpg"],
    "sqlite": ["sqlite"],
}
_NEEDS = {"alembic": "alembic", "django": "django", "sqlalchemy": "sqlalchemy"}


def migrate(running: Running) -> None:
    """Run a step of kind `migrate`."""
    database = dict(running.step.database or {})
    kind, engine = str(database.get("kind")), str(database.get("engine"))
    folder = running.step.folder(str(database.get("folder", "")))
    reason = _missing(running, kind, engine)
    if reason:
        running.trouble(reason)
        return
    if kind in ("alembic", "django"):
        _set_aside(running)
    running.put(engine=engine)
    before = set(_files(running))
    ours = _store(running, engine, folder, database)
    created = _create(running, kind, folder, database, ours)
    store = _filled(running, ours, before)
    tables = store.tables() if store else []
    running.put(tables=tables if created or tables else None)
    store = store or ours
    running.put(imported=[_import(running, store, folder, str(s)) for s in database.get("imports") or ()])
    if running.document["imported"]:
        running.put(tables=store.tables())
    running.put(queries=_ask(running, store))


def _missing(running: Running, kind: str, engine: str) -> str:
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
    for text in texts:
        found = _SQLITE_FILE.fullmatch(text)
        if found:
            path = Path(os.path.normpath(folder / found.group(1)))
            if path.is_relative_to(running.step.tree):
                return path
    return None


def _create(running: Running, kind: str, folder: Path, database: dict[str, Any], store: Sqlite | Postgresql) -> bool:
    """Create the schema; tell whether the command succeeded."""
    step, target = running.step, str(database.get("target", ""))
    if kind == "ddl":
        return store.apply(folder, target) or _after_others(running, folder, database, store)
    if kind == "alembic":
        argv: tuple[str, ...] = (python(step), "-m", "alembic", "-c", target or "alembic.ini", "upgrade", "heads")
        return running.command(argv, folder, variables=store.variables()).ok
    if kind == "django":
        argv = (python(step), "manage.py", "migrate", "--noinput")
        return running.command(argv, folder, variables={"DJANGO_SETTINGS_MODULE": target}).ok
    request = running.request(module=target, url=store.url(), schemes=_SCHEMES[store.engine])
    return running.command((python(step), str(INSIDE / "create_all.py"), str(request)), folder).ok


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
    """Run the queries against the schema, parameters filled in."""
    queries = running.step.queries[:MOST_QUERIES]
    answers = store.ask([str(q.get("text", "")) for q in queries]) if queries else []
    places = [q.get("place") or {} for q in queries]
    return [{"path": p.get("path"), "line": p.get("line"), **a} for p, a in zip(places, answers, strict=False)]

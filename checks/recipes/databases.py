"""Ways to create the project's schema: Alembic, Django migrations, DDL files, the ORM's `create_all`; and the scripts that fill it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from checks.facts.python_code import Module
from checks.recipes.declarations import folder_of, inside
from checks.recipes.layout import Layout, below, dotted_from, importable
from checks.recipes.suites import django_settings
from checks.workspace import File
from grader.plan import Database, Place

MOST_DATABASES = 8
MOST_IMPORTS = 3
MOST_DDL = 6
_CREATES = re.compile(r"^[ \t]*create\s+(?:unlogged\s+)?table\b", re.I | re.M)
_POSTGRESQL = re.compile(
    r"\b(big|small)?serial\b|\bjsonb\b|\btimestamptz\b|\bbytea\b|\binet\b|\btsvector\b|\bdouble\s+precision\b|\buuid\b|\bgen_random_uuid\b|\bregclass\b"
    r"|generated\s+(always|by\s+default)\s+as\s+identity|\bcreate\s+(extension|type|schema|database|role|user|sequence|materialized|or\s+replace)\b"
    r"|::\w+|\$\$|\bplpgsql\b|\bilike\b|\bwith(out)?\s+time\s+zone\b|\bcomment\s+on\b|\w+\[\]|^\\\w+|\bowner\s+to\b|\bset\s+\w+\s*=|\bnow\(\)"
    r"|\balter\s+table\b[^;]*\badd\s+constraint\b|\bvector\(|\bgrant\b|\busing\s+(gin|gist|btree|hash)\b",
    re.I | re.M,
)
_ELSEWHERE = re.compile(  # MySQL, SQL Server, Oracle, Snowflake, BigQuery: no engine here creates these
    r"\bengine\s*=\s*\w+|\bauto_increment\b|`\w+`|\bidentity\s*\(\s*\d+|^[ \t]*go[ \t]*$|\bnvarchar\b|\bvarchar2\b|\bnumber\s*\(|\bunsigned\b"
    r"|\bcreate\s+keyspace\b|\bdatetime2\b|\bstring\s+not\s+null|\bvariant\b|\boptions\s*\(|^[ \t]*use\s+[`\w]+\s*;",
    re.I | re.M,
)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.S)
_DRIVERS = ("psycopg", "psycopg2", "psycopg2-binary", "asyncpg", "pg8000", "psycopg-binary")
_READS = frozenset(("read_csv", "read_json", "read_excel", "read_parquet", "open", "reader", "DictReader", "load", "scan_csv"))
_INSERTS = frozenset(
    (
        "to_sql",
        "executemany",
        "execute_values",
        "execute_batch",
        "copy_expert",
        "copy_from",
        "bulk_create",
        "add_all",
        "bulk_save_objects",
    )
)
_DATA = re.compile(r"[\w./ -]+\.(csv|json|jsonl|xlsx|parquet|tsv|geojson)$", re.I)


class Databases:
    """Finds what creates tables, and for which engine."""

    def __init__(self, layout: Layout, declared: frozenset[str], part_folders: dict[str, str], *, postgresql: bool) -> None:
        """Take where things are, the packages declared, path → folder of its part, and whether PostgreSQL is expected."""
        self.layout, self.part_folders, self.served = layout, part_folders, postgresql
        self.postgresql = postgresql or bool(declared & set(_DRIVERS))

    def all(self) -> tuple[Database, ...]:
        """Return the ways to create a schema, migrations first."""
        migrated = [*self._alembic(), *self._django()]
        orm = [d for d in self._orm() if not any(inside(d.place.path, m.folder) for m in migrated)]
        return (*migrated, *self._ddl(), *orm)[:MOST_DATABASES]

    def _alembic(self) -> Iterator[Database]:
        for file in self.layout.workspace.named("alembic.ini"):
            url = re.search(r"^[ \t]*sqlalchemy\.url\s*=\s*(\S+)", file.text, re.M)
            folder = folder_of(file.path)
            line = next((n for n, text in enumerate(file.lines, 1) if "script_location" in text), 1)
            yield self._made("alembic", folder, "alembic.ini", self._engine(url.group(1) if url else ""), Place(file.path, line))

    def _django(self) -> Iterator[Database]:
        for file in self.layout.workspace.named("manage.py"):
            settings, folder = django_settings(file), folder_of(file.path)
            if settings:
                found = self.layout.find(settings, [folder]) or []
                texts = [f.text for p in found if (f := self.layout.workspace.get(p))]
                yield self._made("django", folder, settings, self._django_engine("\n".join(texts)), Place(file.path, 1))

    def _django_engine(self, settings: str) -> str:
        """Return the engine of Django's settings; where they leave the choice to variables, what the project serves decides."""
        named = "backends.postgresql" in settings or "backends.postgis" in settings
        chosen = self.served or "backends.sqlite3" not in settings
        return "postgresql" if (named and chosen) or (self.served and "DATABASE_URL" in settings) else "sqlite"

    def _ddl(self) -> Iterator[Database]:
        files = [f for f in self.layout.workspace.with_suffix(".sql", ".ddl") if f.size < 2_000_000 and not f.is_binary]
        made = [d for f in files if (d := self.layout.workspace.attempt(f, self._ddl_in))]
        yield from sorted(
            made, key=lambda d: (bool(re.search(r"(^|/)(tests?|backups?|dumps?|migrations?)/", d.place.path)), d.place.path)
        )[:MOST_DDL]

    def _ddl_in(self, file: File) -> Database | None:
        text = _COMMENT.sub(" ", file.text[:400_000])
        first = _CREATES.search(text)
        if not first or _ELSEWHERE.search(text):
            return None
        engine = (
            "postgresql" if _POSTGRESQL.search(text) or (self.postgresql and "autoincrement" not in text.lower()) else "sqlite"
        )
        line = next((n for n, row in enumerate(file.lines, 1) if _CREATES.search(row)), 1)
        folder = folder_of(file.path)
        return self._made("ddl", folder, below(file.path, folder), engine, Place(file.path, line))

    def _orm(self) -> Iterator[Database]:
        """Yield the modules that call `create_all`: one for each folder, a script meant for it before an application."""
        callers = [
            (m, c.line) for m in self.layout.code.application if not m.notebook for c in m.calls if _creates_all(m, c.name)
        ]
        callers.sort(
            key=lambda c: (
                not re.search(r"init|create|setup|schema|database|db|models", c[0].path),
                c[0].path.count("/"),
                c[0].path,
            )
        )
        taken: list[str] = []
        for module, line in callers:
            folder = self.layout.best_folder(module.path, prefer=self.part_folders.get(module.path, ""))
            if folder in taken or not importable(module.path, folder) or len(taken) > 2:
                continue
            taken.append(folder)
            address = next((t for t, _ in module.strings if t.startswith(("sqlite", "postgres", "mysql"))), "")
            yield self._made(
                "sqlalchemy", folder, dotted_from(module.path, folder), self._engine(address), Place(module.path, line)
            )

    def _engine(self, address: str) -> str:
        if address.startswith("sqlite"):
            return "sqlite"
        return "postgresql" if address.startswith("postgres") or self.postgresql else "sqlite"

    def _made(self, kind: str, folder: str, target: str, engine: str, place: Place) -> Database:
        home = place.path.split("/", maxsplit=1)[0] if "/" in place.path else ""
        scripts = (m for m in self.layout.code.application if inside(m.path, home) and self._fills(m))
        imports = tuple(below(m.path, folder) if inside(m.path, folder) else m.path for m in scripts)[:MOST_IMPORTS]
        return Database(kind, folder, target, engine, place, imports)

    def _fills(self, module: Module) -> bool:
        """Tell whether a script reads a file of the repository and inserts rows."""
        if module.notebook or "/migrations/" in module.path or not _starts(module.tree):
            return False
        last = {c.name.rsplit(".", 1)[-1] for c in module.calls}
        inserts = bool(last & _INSERTS) or any(re.match(r"\s*insert\s+into\b", t, re.I) for t, _ in module.strings)
        return inserts and bool(last & _READS) and self._names_data(t for t, _ in module.strings)

    def _names_data(self, texts: Iterable[str]) -> bool:
        tails = {t.replace("\\", "/").rsplit("/", 1)[-1] for t in texts if len(t) < 200 and _DATA.match(t)}
        return any(f.rsplit("/", 1)[-1] in tails for f in self.layout.files) if tails else False


def _creates_all(module: Module, name: str) -> bool:
    known = module.imported & {"sqlalchemy", "sqlmodel", "flask_sqlalchemy"} or "metadata" in name
    return name.endswith(".create_all") and bool(known or name.split(".")[-2] in ("db", "SQLAlchemy()"))


def _starts(tree: ast.Module) -> bool:
    """Tell whether loading the module as a script does something: a guard, a loop, a call at its own level."""
    return any(
        isinstance(n, ast.If | ast.For | ast.With | ast.Try) or (isinstance(n, ast.Expr) and isinstance(n.value, ast.Call))
        for n in tree.body
    )

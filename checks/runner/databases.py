"""The two kinds of database on which a schema is created: what is in them, and what queries answer."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .parameters import filled
from .running import Running
from .services import postgresql_programs, psql, quietly
from .surroundings import INSIDE

MOST_QUERIES = 60
MOST_ROWS = 1000
QUERY_SECONDS = 3.0
Tables = list[dict[str, Any]]
_TABLES = """
SELECT coalesce(json_agg(json_build_object('schema', table_schema, 'name', table_name, 'columns', columns)), '[]') FROM (
  SELECT t.table_schema, t.table_name, (SELECT coalesce(json_agg(c.column_name ORDER BY c.ordinal_position), '[]')
    FROM information_schema.columns c WHERE c.table_schema = t.table_schema AND c.table_name = t.table_name) AS columns
  FROM information_schema.tables t WHERE t.table_type = 'BASE TABLE' AND t.table_schema NOT IN ('pg_catalog', 'information_schema')
  ORDER BY 1, 2 LIMIT 200) AS found
"""


def is_sqlite(path: Path) -> bool:
    """Tell whether a regular file is an SQLite database."""
    try:
        if path.is_symlink() or not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except OSError:
        return False


@dataclass(frozen=True)
class Sqlite:
    """A file, opened only by a process of its own: it may have been made to break whoever opens it."""

    running: Running
    path: Path
    engine = "sqlite"

    def apply(self, folder: Path, script: str) -> bool:
        """Run a script of DDL; the command is part of the document."""
        request = self.running.request(do="apply", file=str(self.path), script=str(folder / script))
        ended = self.running.command((sys.executable, "-I", str(INSIDE / "schema.py"), str(request)), folder, seconds=60.0)
        return ended.ok

    def fresh(self) -> Sqlite:
        """Return the same file, empty."""
        self.path.unlink(missing_ok=True)
        return self

    def tables(self) -> Tables:
        """List the tables with their columns and rows."""
        answer = self._inside(do="tables") if self.path.is_file() else None
        return answer if isinstance(answer, list) else []

    def ask(self, queries: list[str]) -> list[dict[str, Any]]:
        """Run queries read-only; return ok, rows, error and the number of parameters filled in for each."""
        texts = [filled(q) for q in queries]
        answers = self._inside(do="queries", queries=[t for t, _ in texts], seconds=QUERY_SECONDS, most=MOST_ROWS)
        if not isinstance(answers, list):
            return [{"ok": False, "rows": None, "error": "timeout", "parameters": n} for _, n in texts]
        return [{**a, "parameters": n} for a, (_, n) in zip(answers, texts, strict=False) if isinstance(a, dict)]

    def url(self) -> str:
        """Return what follows the scheme in an address of SQLAlchemy."""
        return f":///{self.path}"

    def variables(self) -> dict[str, str]:
        """Return nothing: an SQLite address is the submission's own."""
        return {}

    def _inside(self, **request: Any) -> Any:
        made = self.running.request(file=str(self.path), **request)
        done = quietly(self.running, (sys.executable, "-I", str(INSIDE / "schema.py"), str(made)), seconds=30.0)
        try:
            return json.loads(done.stdout) if done.returncode == 0 else None
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True)
class Postgresql:
    """One database of the cluster that we started."""

    running: Running
    port: int
    name: str
    engine = "postgresql"

    def apply(self, folder: Path, script: str) -> bool:
        """Run a script of DDL with psql; the command is part of the document."""
        program = str((postgresql_programs() or Path()) / "psql")
        argv = (program, "-X", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", self.name)
        return self.running.command((*argv, "-v", "ON_ERROR_STOP=1", "-f", script), folder, seconds=60.0).ok

    def fresh(self) -> Postgresql:
        """Return the same database, empty."""
        name = '"' + self.name.replace('"', '""') + '"'
        elsewhere = "template1"
        psql(
            self.running, self.port, elsewhere, f"DROP DATABASE {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE template0"
        )
        return self

    def tables(self) -> Tables:
        """List the tables with their columns and rows; those outside `public` with their schema."""
        try:
            found = json.loads(psql(self.running, self.port, self.name, _TABLES).stdout)
        except (ValueError, RecursionError):
            return []
        return [self._counted(t["schema"], t["name"], t["columns"]) for t in found]

    def _counted(self, schema: str, name: str, columns: list[str]) -> dict[str, Any]:
        quoted = ".".join('"' + n.replace('"', '""') + '"' for n in (schema, name))
        counted = psql(self.running, self.port, self.name, f"SELECT count(*) FROM {quoted}").stdout.strip()  # noqa: S608
        shown = name if schema == "public" else f"{schema}.{name}"
        return {"name": shown, "columns": columns, "rows": int(counted) if counted.isdigit() else None}

    def others(self) -> Iterator[Postgresql]:
        """Yield the other databases of the cluster."""
        names = psql(self.running, self.port, "postgres", "SELECT datname FROM pg_database WHERE NOT datistemplate").stdout
        for name in names.splitlines()[:10]:
            if name != self.name:
                yield Postgresql(self.running, self.port, name)

    def ask(self, queries: list[str]) -> list[dict[str, Any]]:
        """Run queries read-only, each by a cursor; return ok, rows, error and the number of parameters filled in for each."""
        return [self._one(*filled(q)) for q in queries]

    def _one(self, text: str, parameters: int) -> dict[str, Any]:
        query = text.strip().rstrip(";")
        lines = (
            f"SET statement_timeout = {int(QUERY_SECONDS * 1000)}",
            "BEGIN READ ONLY",
            f"DECLARE jurygrid CURSOR FOR {query}\n",
            f"MOVE {MOST_ROWS} IN jurygrid",
        )
        if self.running.step.time_left < 1 or query.startswith("\\"):
            return {"ok": False, "rows": None, "error": "timeout", "parameters": parameters}
        done = psql(self.running, self.port, self.name, *lines, quiet=False, seconds=2 * QUERY_SECONDS)
        moved = re.search(r"^MOVE (\d+)\s*\Z", done.stdout, re.M)
        if done.returncode == 0 and moved:
            return {"ok": True, "rows": int(moved.group(1)), "error": None, "parameters": parameters}
        error = next((line for line in done.stdout.splitlines() if "ERROR:" in line), done.stdout.strip())
        return {
            "ok": False,
            "rows": None,
            "error": error.partition("ERROR:")[2].strip()[:500] or error[:500],
            "parameters": parameters,
        }

    def url(self) -> str:
        """Return what follows the scheme in an address of SQLAlchemy."""
        return f"://postgres@127.0.0.1:{self.port}/{self.name}"

    def variables(self) -> dict[str, str]:
        """Return an address for a submission that names none of its own."""
        named = {n for n in self.running.step.variables if re.search(r"DATABASE_URL|DB_URL|SQLALCHEMY", n)}
        return {} if named else {"DATABASE_URL": f"postgresql{self.url()}"}

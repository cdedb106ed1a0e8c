"""The SQL and ORM queries of a submission, each with what it does and where it stands. SQL of documents is not code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from checks.facts.orm import OrmQuery, orm_queries
from checks.facts.python_code import PythonCode
from checks.facts.sql_parsing import Statement, parse_statement
from checks.facts.sql_text import FOREIGN, SqlText, in_foreign_code, in_module, in_notebook_magic, in_sql_file
from checks.workspace import Workspace

MOST_STATEMENTS = 3000


@dataclass(frozen=True)
class SqlStatements:
    """All statements, in path order, tests included (`test` tells them), and the queries made through an ORM."""

    all: tuple[Statement, ...]
    orm: tuple[OrmQuery, ...] = ()

    @property
    def application(self) -> tuple[Statement, ...]:
        """Statements outside tests."""
        return tuple(s for s in self.all if not s.test)

    @cached_property
    def selects(self) -> tuple[Statement, ...]:
        """Queries outside tests that read a table of a project, those of views and INSERT … SELECT included."""
        return tuple(s for s in self.application if s.reads and s.parsed)

    def of(self, *kinds: str) -> tuple[Statement, ...]:
        """Return the statements of the given kinds outside tests."""
        return tuple(s for s in self.application if s.kind in kinds)

    def at(self, path: str) -> tuple[Statement, ...]:
        """Return the statements of one file."""
        return self._by_path.get(path, ())

    @cached_property
    def _by_path(self) -> dict[str, tuple[Statement, ...]]:
        index: dict[str, list[Statement]] = {}
        for statement in self.all:
            index.setdefault(statement.path, []).append(statement)
        return {path: tuple(found) for path, found in index.items()}


def sql_texts(workspace: Workspace, python_code: PythonCode) -> list[SqlText]:
    """Gather the texts of all languages."""
    found: list[SqlText] = []
    for file in workspace.with_suffix(".sql", ".ddl", ".hql"):
        found += workspace.attempt(file, in_sql_file) or []
    for file in workspace.with_suffix(".ipynb"):
        if b"%%sql" in file.data:
            found += workspace.attempt(file, in_notebook_magic) or []
    for module in python_code.modules:
        file_of = workspace.get(module.path)
        if file_of is not None:
            found += workspace.attempt(file_of, lambda _, m=module: list(in_module(m))) or []  # type: ignore[misc]
    for file in workspace.with_suffix(*sorted(FOREIGN)):
        found += workspace.attempt(file, in_foreign_code) or []
    return found


def sql_statements(workspace: Workspace, python_code: PythonCode) -> SqlStatements:
    """Read every SQL statement of the code and every query made through an ORM."""
    texts = sql_texts(workspace, python_code)[:MOST_STATEMENTS]
    statements = []
    for text in texts:
        file = workspace.get(text.path)
        parsed = workspace.attempt(file, lambda _, t=text: parse_statement(t)) if file else None  # type: ignore[misc]
        if parsed is not None:
            statements.append(parsed)
    return SqlStatements(tuple(statements), orm_queries(python_code))


FACTS = (sql_statements,)

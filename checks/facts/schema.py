"""The structure of the project's database: DDL, models, migrations, collections, and the columns that hold personal data."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from checks.facts.python_code import PythonCode
from checks.facts.schema_models import collections_in, creations_in, indexes_in, tables_in
from checks.facts.schema_values import PersonalColumn, Schema, Table
from checks.facts.sql import SqlStatements
from grader.values import Evidence, Source

CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def _from_ddl(sql_statements: SqlStatements) -> list[Table]:
    found = []
    for s in sql_statements.of("create-table"):
        if s.parsed and s.created is not None:
            found.append(Table(s.created.name, "ddl", s.path, s.line, s.created.columns, s.created.primary, s.created.references))
        elif s.parsed and s.target:
            found.append(Table(s.target, "ddl", s.path, s.line))
    return found


def personal_words() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words of `rubrics/lexicons/personal_data.yaml` that name a column, and those that need one of them beside."""
    lexicon = Path(__file__).parents[2] / "rubrics" / "lexicons" / "personal_data.yaml"
    if not lexicon.is_file():
        return (), ()
    sure, _, doubtful = lexicon.read_text("utf-8").partition("only_with_others:")
    return _words(sure), _words(doubtful)


def _words(section: str) -> tuple[str, ...]:
    written = re.findall(r"^[ \t]*-\s*[\"']?([^\"'#\n]+)", section, re.M)
    return tuple(sorted({folded(w) for w in written}, key=lambda w: (-len(w), w)))


def folded(name: str) -> str:
    """Return a name as words in lower case without accents: `DateNaissance` and `date_naissance` → `date naissance`."""
    plain = unicodedata.normalize("NFKD", CAMEL.sub("_", name)).encode("ascii", "ignore").decode()
    return " ".join(re.split(r"[^a-z0-9]+", plain.lower())).strip()


def _personal(tables: list[Table]) -> list[PersonalColumn]:
    sure, doubtful = personal_words()
    found = []
    for table in tables:
        named = [(column, f" {folded(column.name)} ") for column in table.columns]
        certain = any(f" {w} " in name for _, name in named for w in sure)
        for column, name in named:
            word = next((w for w in (*sure, *(doubtful if certain else ())) if f" {w} " in name), "")
            if word:
                found.append(PersonalColumn(table.name, column.name, table.path, column.line or table.line, word))
    return found


def schema(python_code: PythonCode, sql_statements: SqlStatements) -> Schema:
    """Gather the tables, what creates them, indexes, collections and personal columns."""
    tables = _from_ddl(sql_statements)
    creations: list[Evidence] = []
    indexes: list[Evidence] = []
    collections: dict[str, Table] = {}
    for module in python_code.application:
        tables += tables_in(module)
        creations += creations_in(module)
        indexes += indexes_in(module)
        for name, call in collections_in(module):
            collections.setdefault(name, Table(name, "collection", module.path, call.line))
    broken = [Evidence(Source.READ, s.path, s.line, s.excerpt) for s in sql_statements.of("create-table") if not s.parsed]
    return Schema(
        tuple(tables), tuple(creations), tuple(broken), tuple(collections.values()), tuple(indexes), tuple(_personal(tables))
    )


FACTS = (schema,)

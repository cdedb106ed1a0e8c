"""The values that describe a database's structure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from checks.facts.sql_parsing import Column
from grader.values import Evidence


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `kind`: ddl, sqlalchemy, sqlmodel, core, migration, django, django-migration, collection."""

    name: str
    kind: str
    path: str
    line: int
    columns: tuple[Column, ...] = ()
    primary: bool = False
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonalColumn:
    """A column whose name says that it holds personal data; `word` is the word of the lexicon that told."""

    table: str
    column: str
    path: str
    line: int
    word: str


@dataclass(frozen=True)
class Schema:
    """Tables of the project, tests left out; `creations` are the places that create those of models; `broken` holds DDL
    that does not parse; `collections` are those of a document store."""

    tables: tuple[Table, ...] = ()
    creations: tuple[Evidence, ...] = ()
    broken: tuple[Evidence, ...] = ()
    collections: tuple[Table, ...] = ()
    indexes: tuple[Evidence, ...] = ()
    personal: tuple[PersonalColumn, ...] = ()

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of all tables, in lower case."""
        return frozenset(t.name.lower() for t in self.tables)

    def of(self, *kinds: str) -> tuple[Table, ...]:
        """Return the tables of the given kinds."""
        return tuple(t for t in self.tables if t.kind in kinds)

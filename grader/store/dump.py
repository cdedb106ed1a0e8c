"""Every row of every table, out and in again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, insert, select
from sqlmodel import Session, SQLModel

from grader.store import tables  # noqa: F401 - fills the metadata
from grader.store.tables import Document, Snapshot

_AT_ONCE = 500


def table_names() -> list[str]:
    """Return the tables, each after those that it refers to."""
    return [t.name for t in SQLModel.metadata.sorted_tables]


def read_rows(session: Session, name: str) -> Iterator[dict[str, Any]]:
    """Give the rows of a table."""
    table = SQLModel.metadata.tables[name]
    rows = session.execute(select(table).order_by(*table.primary_key).execution_options(yield_per=_AT_ONCE))
    for row in rows.mappings():
        yield dict(row)


def write_rows(session: Session, name: str, rows: Iterator[dict[str, Any]]) -> int:
    """Write the rows of a table; return how many."""
    table, count, some = SQLModel.metadata.tables[name], 0, []
    for row in rows:
        some.append(row)
        count += 1
        if len(some) == _AT_ONCE:
            session.execute(insert(table), some)
            some = []
    if some:
        session.execute(insert(table), some)
    return count


def is_empty(session: Session) -> bool:
    """Tell whether no table holds a row."""
    return not any(session.execute(select(func.count()).select_from(t)).scalar() for t in SQLModel.metadata.sorted_tables)


def revision(session: Session) -> str | None:
    """Return the version of the tables."""
    return MigrationContext.configure(session.connection()).get_current_revision()


def all_files(session: Session) -> list[str]:
    """Return the names of every kept file."""
    return sorted({*session.execute(select(Snapshot.file)).scalars(), *session.execute(select(Document.sha256)).scalars()})  # type: ignore[call-overload]

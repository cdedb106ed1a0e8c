"""Opens the database: SQLite in a file, or PostgreSQL. Transactions are short, and never held across a sandbox."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from grader.errors import OurFailure, Refused

__all__ = ("Database", "DatabaseFailed", "Session")

DatabaseFailed = SQLAlchemyError  # whatever the database answers instead of what was asked


class Database:
    """A database by its URL (`sqlite:///file`, `postgresql://…`). `pool` is how many connections are kept ready."""

    def __init__(self, url: str, *, pool: int = 10) -> None:
        """Prepare connections; none is opened yet. Raises Refused when the URL names another kind of database."""
        self.url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        try:
            kind = make_url(self.url).get_backend_name()
        except Exception:
            raise Refused("database-url") from None
        if kind not in ("sqlite", "postgresql"):
            raise Refused("database-url")
        self.is_sqlite = kind == "sqlite"
        self.engine = self._sqlite() if self.is_sqlite else create_engine(self.url, pool_size=pool, pool_pre_ping=True)

    def _sqlite(self) -> Engine:
        path = make_url(self.url).database
        if path:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(self.url, connect_args={"timeout": 30})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    @contextlib.contextmanager
    def begin(self) -> Iterator[Session]:
        """Open a session whose work is kept if nothing is raised, and undone otherwise."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session
            session.commit()

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that only reads: on SQLite it waits for no writer."""
        with Session(self.engine.execution_options(reading=True), expire_on_commit=False) as session:
            yield session

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Open a session that sees one state of the database from its beginning to its end."""
        engine = self.engine.execution_options(reading=True)
        if not self.is_sqlite:
            engine = self.engine.execution_options(isolation_level="REPEATABLE READ")
        with Session(engine, expire_on_commit=False) as session:
            yield session

    def upgrade(self, to: str = "head") -> None:
        """Bring the tables to a version; nothing happens when they are there."""
        command.upgrade(self._alembic(), to)

    def downgrade(self, to: str) -> None:
        """Bring the tables back to an earlier version."""
        command.downgrade(self._alembic(), to)

    def must_be_current(self) -> None:
        """Raise OurFailure when the tables are not those of this code."""
        with self.engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
        if found != ScriptDirectory.from_config(self._alembic()).get_current_head():
            raise OurFailure("database-outdated")

    def answers(self) -> bool:
        """Tell whether the database answers now."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except Exception:
            return False
        return True

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _alembic(self) -> Config:
        configuration = Config()
        configuration.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        configuration.attributes["engine"] = self.engine
        return configuration


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy says when a transaction begins: see _begin_sqlite
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=30000", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    """Take the write lock at once: a transaction that reads first and writes later would fail instead of waiting."""
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

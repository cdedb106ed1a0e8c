"""Alembic's entry: migrates the engine that `grader.store.database` gives, in one transaction."""

from typing import Any, Literal

from alembic import context
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from grader.store import tables  # noqa: F401 - fills the metadata


def plain(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write SQLModel's strings as SQLAlchemy's."""
    return f"sa.String(length={item.length})" if kind == "type" and isinstance(item, AutoString) else False


with context.config.attributes["engine"].connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=context.config.attributes.get("batch", connection.dialect.name == "sqlite"),
        render_item=plain,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()

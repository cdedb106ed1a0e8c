"""Long lists by pieces: what comes after a key, so that the thousandth piece costs no more than the first."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select
from sqlmodel import Session, col

from grader.errors import Refused

MOST = 200
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Piece(Generic[Row]):
    """A piece of a list; `after` is what asks for the next one, None at the end."""

    rows: list[Row]
    after: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which piece: what comes after the key `after` (None: the beginning), at most `limit` rows (1 to MOST)."""

    after: str | None = None
    limit: int = 50


def beginning(text: str) -> str:
    """Return the pattern of what begins with a text, for LIKE with a backslash as its escape: the text itself is no pattern."""
    return text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def piece(
    session: Session, rows: Select[*tuple[Any, ...]], key: object, wanted: Wanted, *, newest_first: bool = True
) -> Piece[Any]:
    """Return a piece of `rows`, those of a table or tuples that begin with one, in the order of its key (made by time).

    Raises Refused for an `after` that is none of ours.
    """
    column = col(key)
    if wanted.after is not None:
        try:
            mark = uuid.UUID(wanted.after)
        except ValueError:
            raise Refused("request-malformed", detail="after") from None
        rows = rows.where(column < mark if newest_first else column > mark)
    limit = max(1, min(wanted.limit, MOST))
    found = session.execute(rows.order_by(column.desc() if newest_first else column).limit(limit + 1)).all()
    more, found = len(found) > limit, found[:limit]
    after = str(found[-1][0].id) if more else None
    return Piece([row[0] if len(row) == 1 else row for row in found], after)

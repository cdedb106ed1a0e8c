"""What there is to tell people: in the service, and by mail where it is set."""

from __future__ import annotations

import uuid
from typing import Any

from sqlmodel import Session, col, select

from grader.store.columns import now
from grader.store.tables import Notification, Person


def tell(session: Session, person: uuid.UUID, kind: str, **values: Any) -> None:
    """Keep something to tell a person; `notice-<kind>` is its sentence."""
    session.add(Notification(person_id=person, kind=kind, values=values))


def notifications_of(session: Session, person: uuid.UUID, most: int) -> list[Notification]:
    """Return what there is to tell somebody, newest first."""
    mine = select(Notification).where(col(Notification.person_id) == person)
    return list(session.exec(mine.order_by(col(Notification.id).desc()).limit(most)))


def mark_read(session: Session, person: uuid.UUID, notification: uuid.UUID) -> bool:
    """Mark one's own notification as read. False: there is no such one."""
    row = session.get(Notification, notification)
    if row is None or row.person_id != person:
        return False
    row.read_at = row.read_at or now()
    return True


def to_mail(session: Session, *, most_tries: int, most: int = 100) -> list[tuple[Notification, Person]]:
    """Return what was not mailed yet, oldest first, with whom it is for."""
    rows = session.exec(
        select(Notification, Person)
        .join(Person, col(Person.id) == col(Notification.person_id))
        .where(col(Notification.mailed_at).is_(None), col(Notification.attempts) < most_tries, col(Person.active))
        .order_by(col(Notification.id))
        .limit(most)
    )
    return [(n, p) for n, p in rows]

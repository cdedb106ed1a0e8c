"""How a waiting assessment is told to workers. The row in the database is the queue: a message only says that something waits."""

from __future__ import annotations

from typing import Protocol

from grader.store.tables import Lane, State


class Queue(Protocol):
    """Wakes a worker. Called after the commit, never before; losing a call costs time, not an assessment: the sweep repeats it."""

    def tell(self, waiting: State, lane: Lane) -> None:
        """Say that an assessment waits in the state `waiting` (received or queued) in `lane`. Never raises."""

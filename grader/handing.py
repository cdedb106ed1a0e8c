"""Handing in, as the API and the pages do it: one call that accepts, or says why not."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass

from grader.errors import Refused
from grader.secret import Secret
from grader.store.database import Session
from grader.store.submissions import Handed, Request, accept
from grader.store.tables import Enrolment, Lane, Submission


@dataclass(frozen=True, slots=True)
class Asked:
    """What a candidate asks to hand in: (address, ref, deploy token) of repositories, ids of uploaded documents, exams."""

    repositories: tuple[tuple[str, str | None, str | None], ...] = ()
    documents: tuple[uuid.UUID, ...] = ()
    exams: tuple[str, ...] = ()

    def hash(self) -> str:
        """Name what is asked, so that a key used for something else is noticed."""
        told = [[list(r) for r in self.repositories], [str(d) for d in self.documents], list(self.exams)]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@dataclass(frozen=True)
class Hand:
    """What handing in needs of the service."""

    secret: Secret
    hosts: frozenset[str]
    samples: bool = False


def hand_in(
    session: Session,
    hand: Hand,
    enrolment: Enrolment,
    asked: Asked,
    *,
    person: uuid.UUID,
    key: str | None,
    lane: Lane = Lane.INTERACTIVE,
) -> tuple[Submission, bool]:
    """Accept a submission; return it, and whether it is new. Raises Refused, Conflict. The caller commits, then tells the queue."""
    if key is not None and not 1 <= len(key) <= 200:
        raise Refused("request-malformed", detail="Idempotency-Key")
    repositories = tuple(
        (url.strip(), ref, hand.secret.encrypt(token) if token else None) for url, ref, token in asked.repositories
    )
    handed = Handed(repositories, asked.documents, asked.exams)
    request = Request(person, key, asked.hash() if key else None, lane)
    return accept(session, enrolment, handed, request, hosts=hand.hosts, samples=hand.samples)

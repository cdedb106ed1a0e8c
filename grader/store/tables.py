"""The tables. Machine proposals and human decisions never share a row; decisions and the audit are only ever added to.

people ─┬─ grants, identities, tokens (sign-ins, API tokens, invitations), notifications
        └─ enrolments ── sessions ── cohorts
              ├─ assignments (who evaluates)
              └─ submissions ─┬─ repositories, documents
                              ├─ receipts
                              └─ snapshots ── assessments ── reports ── proposals        (machines)
                                                  └───────── decisions ── minutes        (people)
"""

from __future__ import annotations

import datetime
import uuid
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from grader.store.columns import Moment, new_id, now


class Role(StrEnum):
    """What a person may be, in one session or (session None) everywhere."""

    CANDIDATE = "candidate"
    EVALUATOR = "evaluator"
    PRESIDENT = "president"
    INSTRUCTOR = "instructor"
    ADMINISTRATOR = "administrator"


class WayIn(StrEnum):
    """How a candidate comes to the certification (the ways that French law names)."""

    INITIAL = "initial"
    CONTINUING = "continuing"
    APPRENTICESHIP = "apprenticeship"
    PROFESSIONAL_CONTRACT = "professional_contract"
    INDIVIDUAL = "individual"
    EXPERIENCE = "experience"


class State(StrEnum):
    """Where an assessment stands: `received → fetching → queued → running → ready`; `refused` is theirs to mend, `failed` ours."""

    RECEIVED = "received"
    FETCHING = "fetching"
    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"


WAITING = (State.RECEIVED, State.QUEUED)
UNDER_LEASE = (State.FETCHING, State.RUNNING)
ENDED = (State.READY, State.REFUSED, State.FAILED, State.CANCELLED)


class Lane(StrEnum):
    """Which queue: a candidate who waits at the screen comes before a whole cohort."""

    INTERACTIVE = "interactive"
    BULK = "bulk"


class Person(SQLModel, table=True):
    """Somebody who can sign in. `email` is in lower case; an erased person keeps the row and loses what names them."""

    __tablename__: ClassVar[Any] = "people"
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    email: str = Field(max_length=320, unique=True, index=True)
    name: str = Field(max_length=200)
    language: str = Field(default="fr", max_length=2)
    password_hash: str | None = Field(default=None, max_length=300)
    active: bool = True
    created_at: datetime.datetime = Field(default_factory=now, sa_type=Moment)
    erased_at: datetime.datetime | None = Field(default=None, sa_type=Moment)


class Grant(SQLModel, table=True):
    """A role that somebody holds. Candidates hold theirs through an enrolment, not here."""

    __tablename__: ClassVar[Any] = "grants"
    __table_args__ = (UniqueConstraint("person_id", "role", "session_id"),)
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    person_id: uuid.UUID = Field(foreign_key="people.id", index=True)
    role: str = Field(max_length=20)
    session_id: uuid.UUID | None = Field(default=None, foreign_key="sessions.id", index=True)
    created_at: datetime.datetime = Field(default_factory=now, sa_type=Moment)


class Identity(SQLModel, table=True):
    """A person as an identity provider knows them."""

    __tablename__: ClassVar[Any] = "identities"
    __table_args__ = (UniqueConstraint("provider", "subject"),)
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    person_id: uuid.UUID = Field(foreign_key="people.id", index=True)
    provider: str = Field(max_length=60)
    subject: str = Field(max_length=255)


class SignIn(SQLModel, table=True):
    """A browser's sign-in: the cookie holds a secret of which only the hash is here. Deleting the row signs out."""

    __tablename__: ClassVar[Any] = "sign_ins"
    token_hash: str = Field(primary_key=True, max_length=64)
    person_id: uuid.UUID = Field(foreign_key="people.id", index=True)
    csrf: str = Field(max_length=64)
    created_at: datetime.datetime = Field(default_factory=now, sa_type=Moment)
    expires_at: datetime.datetime = Field(sa_type=Moment)
    seen_at: datetime.datetime = Field(default_factory=now, sa_type=Moment)


class ApiToken(SQLModel, table=True):
    """A personal token for programs: only its hash is kept. `scopes` are `read`, `submit`, `decide`, `manage`."""

    __tablename__: ClassVar[Any] = "api_tokens"
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    person_id: uuid.UUID = Field(foreign_key="people.id", index=True)
    name: str = Field(max_length=100)
    token_hash: str = Field(max_length=64, unique=True)
    scopes: list[str] = Field(default_factory=list, sa_type=JSON)
    created_at: datetime.datetime = Field(default_factory=now, sa_type=Moment)
    expires_at: datetime.datetime | None = Field(default=None, sa_type=Moment)
    used_at: datetime.datetime | None = Field(default=None, sa_type=Moment)
    revoked_at: datetime.datetime | None = Field(default=None, sa_type=Moment)


class Invitation(SQLModel, table=True):
    """A link that lets somebody set a password, once."""

    __tablename__: ClassVar[Any] = "invitations"
    token_hash: str = Field(primary_key=True, max_length=64)
    person_id: uuid.UUID = Field(foreign_key="people.id", index=True)
    created_at: datetime.datetime = Field(default_factory=now, sa_type=Moment)
    expires_at: datetime.datetime = Field(sa_type=Moment)
    used_at: datetime.datetime | None = Field(default=None, sa_type=Moment)


class RubricText(SQLModel, table=True):
    """A rubric as it was at one version: `version` is the hash of its content, `text` its YAML."""

    __tablename__: ClassVar[Any] = "rubrics"
    version: str = Field(primary_key=True, max_length=64)
    rubric_id: str = Field(max_length=60, index=True)
    text: str = Field(sa_type=Text)
    overlay: str | None = Field(default=None, sa_type=Text)
    created_at: datetime.datetime = Field(default_factory=now, sa_type=Moment)


class CertificationSession(SQLModel, table=True):
    """One session of a certification: its rubric, its exams, its dates. `keep_days` counts from `ends_at`."""

    __tablename__: ClassVar[Any] = "sessions"
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(max_length=200)
    rubric_version: str = Field(foreign_key="rubrics.version")
    exams: list[str] = Field(default_factory=list, sa_type=JSON)
    opens_at: datetime.datetime = Field(sa_type=Moment)
    deadline: datetime.datetime = Field(sa_type=Moment, index=True)
    ends_at: datetime.datetime = Field(sa_type=Moment)
    keep_days: int = 365
    legal_hold: bool = False
    released_at: datetime.datetime | None = Field(default=None, sa_type=Moment)
    paused: bool = False
    created_at: datetime.datetime = Field(default_factory=now, sa_type=Moment)


class Cohort(SQLModel, table=True):
    """A group of candidates of one session."""

    __tablename__: ClassVar[Any] = "cohorts"
    __table_args__ = (UniqueConstraint("session_id", "name"),)
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    session_id: uuid.UUID = Field(foreign_key="sessions.id", index=True)
    name: str = Field(max_length=200)


class Enrolment(SQLModel, table=True):
    """A candidate in a session: how they come to it, and the blocks they seek (all when empty)."""

    __tablename__: ClassVar[Any] = "enrolments"
    __table_args__ = (UniqueConstraint("session_id", "person_id"),)
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    session_id: uuid.UUID = Field(foreign_key="sessions.id", index=True)
    person_id: uuid.UUID = Field(foreign_key="people.id", index=True)
    cohort_id: uuid.UUID | None = Field(default=None, foreign_key="cohorts.id", index=True)
    way_in: str = Field(default=WayIn.INITIAL, max_length=30)
    blocks: list[str] = Field(default_factory=list, sa_type=JSON)
    created_at: datetime.datetime = Field(default_factory=now, sa_type=Moment)


class Assignment(SQLModel, table=True):
    """Who evaluates whom."""

    __tablename__: ClassVar[Any] = "assignments"
    person_id: uuid.UUID = Field(foreign_key="people.id", primary_key=True)
    enrolment_id: uuid.UUID = Field(foreign_key="enrolments.id", primary_key=True, index=True)
    created_at: datetime.datetime = Field(default_factory=now, sa_type=Moment)


class Submission(SQLModel, table=True):
    """What a candidate handed in, once: `number` counts from 1 for each enrolment, and the highest counts."""

    __tablename__: ClassVar[Any] = "submissions"
    __table_args__ = (UniqueConstraint("enrolment_id", "number"), UniqueConstraint("person_id", "idempotency_key"))
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    enrolment_id: uuid.UUID = Field(foreign_key="enrolments.id", index=True)
    session_id: uuid.UUID = Field(foreign_key="sessions.id", index=True)
    person_id: uuid.UUID = Field(foreign_key="people.id", index=True)  # who handed it in
    number: int
    exams: list[str] = Field(default_factory=list, sa_type=JSON)
    idempotency_key: str | None = Field(default=None, max_length=200)
    request_hash: str | None = Field(default=None, max_length=64)  # what was asked under that key
    accepted_at: datetime.datetime = Field(default_factory=now, sa_type=Moment, index=True)


class SubmittedRepository(SQLModel, table=True):
    """One repository of a submission. `deploy_token` is encrypted; what was fetched is filled in by fetch."""

    __tablename__: ClassVar[Any] = "repositories"
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    submission_id: uuid.UUID = Field(foreign_key="submissions.id", index=True)
    position: int = 0
    url: str = Field(max_length=500)
    ref: str | None = Field(default=None, max_length=250)
    deploy_token: bytes | None = Field(default=None, sa_type=LargeBinary)
    commit: str | None = Field(default=None, max_length=40)
    tree: str | None = Field(default=None, max_length=40)


class Document(SQLModel, table=True):
    """An uploaded document: `sha256` is also its name among the files; `state` is `received`, `accepted` or `refused`."""

    __tablename__: ClassVar[Any] = "documents"
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    submission_id: uuid.UUID | None = Field(default=None, foreign_key="submissions.id", index=True)
    enrolment_id: uuid.UUID = Field(foreign_key="enrolments.id", index=True)
    exam: str = Field(max_length=20)
    name: str = Field(max_length=255)
    media_type: str = Field(max_length=120)
    size: int
    sha256: str = Field(max_length=64)
    state: str = Field(default="received", max_length=20)
    code: str | None = Field(default=None, max_length=60)
    created_at: datetime.datetime = Field(default_factory=now, sa_type=Moment)


class Snapshot(SQLModel, table=True):
    """The thing actually graded: one commit, kept as a file of ours from the moment of submission. It never changes.

    `file` names the mirror (a tar of the bare repository) among the files, `sha256` is its hash; `date` is the commit's, ISO 8601.
    Of several repositories or with documents, the commit is ours and holds them as folders, told in `parts` (folder → url, commit).
    """

    __tablename__: ClassVar[Any] = "snapshots"
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    submission_id: uuid.UUID = Field(foreign_key="submissions.id", unique=True)
    url: str = Field(max_length=500)
    ref: str = Field(max_length=250)
    commit: str = Field(max_length=40, index=True)
    tree: str = Field(max_length=40)
    date: str = Field(max_length=40)
    file: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    size: int
    parts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    fetched_at: datetime.datetime = Field(default_factory=now, sa_type=Moment)


class Receipt(SQLModel, table=True):
    """What proves a submission: `document` is the exact text that was signed, `signature` in hexadecimal (Ed25519)."""

    __tablename__: ClassVar[Any] = "receipts"
    submission_id: uuid.UUID = Field(foreign_key="submissions.id", primary_key=True)
    document: str = Field(sa_type=Text)
    signature: str = Field(max_length=128)
    key_id: str = Field(max_length=16)
    issued_at: datetime.datetime = Field(default_factory=now, sa_type=Moment)


class Assessment(SQLModel, table=True):
    """One grading of one submission, and its place in the queue: this row is the queue.

    Workers take the row with the earliest `turn_at` of their lane that is in a waiting state (it may lie ahead: it orders); a lease (`worker`, `lease_until`)
    says who has it. `attempt` fences: who lost the lease can change nothing any more. `code` and `detail` say why it ended badly.
    """

    __tablename__: ClassVar[Any] = "assessments"
    __table_args__ = (
        Index("ix_assessments_queue", "state", "lane", "turn_at"),
        Index("ix_assessments_leases", "state", "lease_until"),
        Index("ix_assessments_session", "session_id", "id"),
    )
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    submission_id: uuid.UUID = Field(foreign_key="submissions.id", index=True)
    session_id: uuid.UUID = Field(foreign_key="sessions.id")
    enrolment_id: uuid.UUID = Field(foreign_key="enrolments.id", index=True)
    snapshot_id: uuid.UUID | None = Field(default=None, foreign_key="snapshots.id")
    report_id: uuid.UUID | None = Field(default=None, foreign_key="reports.id", index=True)
    rubric_version: str | None = Field(default=None, max_length=64)  # of the proposals shown now
    counts: dict[str, int] = Field(default_factory=dict, sa_type=JSON)  # level → how many proposals
    state: str = Field(default=State.RECEIVED, max_length=12)
    lane: str = Field(default=Lane.INTERACTIVE, max_length=12)
    turn_at: datetime.datetime = Field(default_factory=now, sa_type=Moment)
    not_before: datetime.datetime | None = Field(default=None, sa_type=Moment)  # after a failure, when to try again
    attempt: int = 0
    worker: str | None = Field(default=None, max_length=120)
    lease_until: datetime.datetime | None = Field(default=None, sa_type=Moment)
    sent_at: datetime.datetime | None = Field(default=None, sa_type=Moment)
    stage: str | None = Field(default=None, max_length=20)
    stage_detail: str | None = Field(default=None, max_length=300)
    code: str | None = Field(default=None, max_length=60)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    asked_by: uuid.UUID | None = Field(default=None, foreign_key="people.id")  # of a re-run
    created_at: datetime.datetime = Field(default_factory=now, sa_type=Moment)
    started_at: datetime.datetime | None = Field(default=None, sa_type=Moment)
    ended_at: datetime.datetime | None = Field(default=None, sa_type=Moment)


class StoredReport(SQLModel, table=True):
    """What the examination of a commit said. `key` names commit, code, image and stages: the same key, the same report.

    A report that a re-run replaced loses its key, and stays for the assessments that rest on it.
    """

    __tablename__: ClassVar[Any] = "reports"
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    key: str | None = Field(default=None, max_length=64, unique=True)
    sandbox: str = Field(max_length=20)
    body: bytes = Field(sa_type=LargeBinary)  # the JSON of a Report, zlib
    timings: dict[str, float] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime.datetime = Field(default_factory=now, sa_type=Moment)


class StoredProposal(SQLModel, table=True):
    """What the rubric proposes for one criterion of one assessment: level None when it could not be told."""

    __tablename__: ClassVar[Any] = "proposals"
    assessment_id: uuid.UUID = Field(foreign_key="assessments.id", primary_key=True)
    rubric_version: str = Field(primary_key=True, max_length=64)
    criterion: str = Field(primary_key=True, max_length=30)
    level: str | None = Field(default=None, max_length=12)
    confidence: float = 0.0


class Decision(SQLModel, table=True):
    """What a juror decided on one criterion: never changed, only followed by another. The last of a juror stands.

    `level` is met, partly, not_met or none ("not seen"); `proposal` is the level that the juror saw proposed, or none.
    `comment_hash` is the SHA-256 of `comment_salt`, a colon and the comment: erasing both leaves a proof that tells nothing by itself.
    """

    __tablename__: ClassVar[Any] = "decisions"
    __table_args__ = (CheckConstraint("level IN ('met', 'partly', 'not_met', 'not_seen')", name="level_known"),)
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    enrolment_id: uuid.UUID = Field(foreign_key="enrolments.id", index=True)
    assessment_id: uuid.UUID = Field(foreign_key="assessments.id", index=True)
    person_id: uuid.UUID = Field(foreign_key="people.id", index=True)
    criterion: str = Field(max_length=30)
    level: str = Field(max_length=12)
    comment: str | None = Field(default=None, sa_type=Text)
    comment_salt: str | None = Field(default=None, max_length=32)
    comment_hash: str = Field(max_length=64)
    rubric_version: str = Field(max_length=64)
    proposal: str | None = Field(default=None, max_length=12)
    proposal_confidence: float | None = None
    decided_at: datetime.datetime = Field(default_factory=now, sa_type=Moment)


class Minutes(SQLModel, table=True):
    """A grid closed by a president: `document` is the exact text sealed, `seal` its SHA-256 chained to the audit."""

    __tablename__: ClassVar[Any] = "minutes"
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    enrolment_id: uuid.UUID = Field(foreign_key="enrolments.id", unique=True)
    assessment_id: uuid.UUID = Field(foreign_key="assessments.id")
    president_id: uuid.UUID = Field(foreign_key="people.id")
    document: str = Field(sa_type=Text)
    seal: str = Field(max_length=64)
    sealed_at: datetime.datetime = Field(default_factory=now, sa_type=Moment)


class AuditEntry(SQLModel, table=True):
    """One act of a person or of the service on what matters: each row's hash covers the row before, so that none can vanish."""

    __tablename__: ClassVar[Any] = "audit"
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime.datetime = Field(default_factory=now, sa_type=Moment)
    person_id: uuid.UUID | None = Field(default=None)
    act: str = Field(max_length=60, index=True)
    subject: str = Field(max_length=120, index=True)
    details: str = Field(default="{}", sa_type=Text)
    before: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class Notification(SQLModel, table=True):
    """Something to tell a person: `kind` names a sentence of the catalogue, `values` what it names; `mailed_at` when it left."""

    __tablename__: ClassVar[Any] = "notifications"
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    person_id: uuid.UUID = Field(foreign_key="people.id", index=True)
    kind: str = Field(max_length=60)
    values: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime.datetime = Field(default_factory=now, sa_type=Moment)
    read_at: datetime.datetime | None = Field(default=None, sa_type=Moment)
    mailed_at: datetime.datetime | None = Field(default=None, sa_type=Moment)
    attempts: int = 0

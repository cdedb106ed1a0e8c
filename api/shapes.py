"""The shapes of what the API takes and gives."""

from __future__ import annotations

import datetime
import uuid
from typing import Any, Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Item = TypeVar("Item")


class Taken(BaseModel):
    """What a request may hold: a field that is not named is refused, so that none can be slipped in."""

    model_config = ConfigDict(extra="forbid", str_max_length=5_000)


class Given(BaseModel):
    """What an answer holds, read from the rows it tells of."""

    model_config = ConfigDict(from_attributes=True)


class PieceOf(BaseModel, Generic[Item]):
    """A piece of a list: ask again with `after` for the next one; null at the end."""

    items: list[Item]
    after: str | None


class Credentials(Taken):
    """An address and its password."""

    email: str = Field(max_length=320)
    password: str = Field(max_length=200)


class NewPassword(Taken):
    """A new password, and the present one where there is one."""

    password: str = Field(max_length=200)
    present: str | None = Field(default=None, max_length=200)


class SignedIn(Given):
    """Who signed in; `csrf` goes into the header X-CSRF-Token of requests that change something."""

    person: uuid.UUID
    name: str
    csrf: str


class Me(Given):
    """Who asks, with their roles: everywhere, and by session."""

    id: uuid.UUID
    email: str
    name: str
    language: str
    roles: list[str]
    sessions: dict[str, list[str]]
    csrf: str | None


class NewToken(Taken):
    """A personal API token to make."""

    name: str = Field(min_length=1, max_length=100)
    scopes: list[Literal["read", "submit", "decide", "manage"]] = Field(min_length=1)
    days: float | None = Field(default=90, gt=0, le=3_650)


class TokenShape(Given):
    """A personal API token; `token` is shown once, when it is made."""

    id: uuid.UUID
    name: str
    scopes: list[str]
    created_at: datetime.datetime
    expires_at: datetime.datetime | None
    used_at: datetime.datetime | None
    token: str | None = None


class NewPerson(Taken):
    """An account to make."""

    email: str = Field(max_length=320)
    name: str = Field(max_length=200)
    language: Literal["fr", "en"] = "fr"


class NewGrant(Taken):
    """A role to give, in one session or everywhere."""

    role: Literal["evaluator", "president", "instructor", "administrator"]
    session_id: uuid.UUID | None = None


class PersonShape(Given):
    """An account."""

    id: uuid.UUID
    email: str
    name: str
    language: str
    active: bool
    created_at: datetime.datetime


class Invited(Given):
    """A link by which somebody sets a password, once."""

    person: PersonShape
    link: str


class SessionPlan(Taken):
    """What a certification session is to be; no exams: all of the rubric's."""

    name: str = Field(min_length=1, max_length=200)
    rubric: str = Field(default="rncp37827", max_length=64, description="Id of a bundled rubric, or version of a stored one.")
    opens_at: AwareDatetime
    deadline: AwareDatetime
    ends_at: AwareDatetime
    exams: list[str] = Field(default_factory=list, max_length=30)
    keep_days: int = Field(default=365, ge=1, le=36_500)
    legal_hold: bool = False


class SessionShape(Given):
    """A certification session."""

    id: uuid.UUID
    name: str
    rubric_version: str
    exams: list[str]
    opens_at: datetime.datetime
    deadline: datetime.datetime
    ends_at: datetime.datetime
    keep_days: int
    legal_hold: bool
    released_at: datetime.datetime | None
    paused: bool


class DefectShape(Given):
    """What is wrong with a line of a roster."""

    line: int
    what: str


class EnrolledShape(Given):
    """What a roster did, or would do (`dry_run`)."""

    dry_run: bool
    new: int
    known: int
    defects: list[DefectShape]


class AssessmentShape(Given):
    """One grading: where it stands, and why it ended badly if it did (`code`, `reason`)."""

    id: uuid.UUID
    submission_id: uuid.UUID
    state: str
    lane: str
    rank: int | None = None
    stage: str | None
    code: str | None
    reason: str | None = None
    counts: dict[str, int]
    attempt: int
    created_at: datetime.datetime
    started_at: datetime.datetime | None
    ended_at: datetime.datetime | None


class CandidateShape(Given):
    """A candidate in a list."""

    enrolment: uuid.UUID
    session: uuid.UUID
    person: uuid.UUID
    name: str
    email: str
    cohort: str | None
    way_in: str
    blocks: list[str]
    submissions: int
    decided: int
    closed: bool
    evaluators: list[str]
    assessment: AssessmentShape | None


class RepositoryAsked(Taken):
    """A repository to hand in. `deploy_token` opens a private one: kept encrypted, used by the fetch, then forgotten."""

    url: str = Field(max_length=500)
    ref: str | None = Field(default=None, max_length=250)
    deploy_token: str | None = Field(default=None, max_length=500)


class NewSubmission(Taken):
    """What is handed in."""

    repositories: list[RepositoryAsked] = Field(default_factory=list, max_length=5)
    documents: list[uuid.UUID] = Field(default_factory=list, max_length=50)
    exams: list[str] = Field(default_factory=list, max_length=30)


class RepositoryShape(Given):
    """A repository that was handed in; commit and tree once it was fetched."""

    url: str
    ref: str | None
    commit: str | None
    tree: str | None


class DocumentShape(Given):
    """An uploaded document; `state` is received, accepted or refused."""

    id: uuid.UUID
    exam: str
    name: str
    media_type: str
    size: int
    sha256: str
    state: str
    code: str | None
    reason: str | None = None


class SubmissionShape(Given):
    """A submission; the one with the highest number counts."""

    id: uuid.UUID
    enrolment_id: uuid.UUID
    number: int
    exams: list[str]
    accepted_at: datetime.datetime
    repositories: list[RepositoryShape] = Field(default_factory=list)
    documents: list[DocumentShape] = Field(default_factory=list)
    assessments: list[AssessmentShape] = Field(default_factory=list)


class ReceiptShape(Given):
    """A receipt: `document` is the exact text that `signature` (Ed25519, hexadecimal) signs under `public_key` (hexadecimal)."""

    document: str
    signature: str
    key_id: str
    public_key: str
    issued_at: datetime.datetime


class NewDecision(Taken):
    """A juror's decision on one criterion."""

    criterion: str = Field(max_length=30)
    level: Literal["met", "partly", "not_met", "not_seen"]
    comment: str | None = Field(default=None, max_length=4_000)


class DecisionShape(Given):
    """A decision; `proposal` is what was proposed when it was made."""

    id: uuid.UUID
    criterion: str
    level: str
    comment: str | None
    person_id: uuid.UUID
    proposal: str | None
    rubric_version: str
    decided_at: datetime.datetime


class VerdictShape(Given):
    """What the decisions on one criterion amount to."""

    criterion: str
    level: str | None
    differs: bool
    is_stale: bool
    decisions: list[DecisionShape]


class Closing(Taken):
    """What closes a grid: the blocks that the jury grants."""

    blocks: list[str] = Field(max_length=30)


class MinutesShape(Given):
    """Sealed minutes: `seal` is the SHA-256 of `document`."""

    id: uuid.UUID
    enrolment_id: uuid.UUID
    document: str
    seal: str
    sealed_at: datetime.datetime


class FileLines(Given):
    """Lines of a file of what was graded, the first numbered `start`."""

    path: str
    start: int
    lines: list[str]
    more: bool


class RubricShape(Given):
    """A version of a rubric."""

    version: str
    rubric_id: str
    created_at: datetime.datetime


class CheckShape(Given):
    """What a check sees, why it matters, how to fix what it finds."""

    id: str
    what: str
    why: str
    fix: str


class TakenNumber(Given):
    """How many were concerned."""

    many: int


class RubricText(Taken):
    """A rubric's YAML."""

    text: str = Field(max_length=1_000_000)


class Flips(Given):
    """What a changed rubric would change on the stored reports of a session: criterion → "before → after" → how many."""

    version: str
    assessments: int
    flips: dict[str, dict[str, int]]


class NotificationShape(Given):
    """Something to tell a person; `text` is the sentence in their language."""

    id: uuid.UUID
    kind: str
    text: str
    created_at: datetime.datetime
    read_at: datetime.datetime | None


class ReckoningShape(Given):
    """The proof that nothing is lost: received = ready + under way + waiting + explained."""

    submissions: int
    assessments: dict[str, int]
    explained: dict[str, int]
    entries: int
    holds: bool
    wrong: list[str]


class Health(Given):
    """Whether the service and its parts answer."""

    status: Literal["ok", "degraded"]
    parts: dict[str, bool]


Anything = dict[str, Any]

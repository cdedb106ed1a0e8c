"""What ran, as values: nothing here judges, and nothing here is believed further than who said it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from checks.facts.names import names

PASSED, FAILED, ERROR, SKIPPED = "passed", "failed", "error", "skipped"

BOOKKEEPING = names(
    "alembic_version django_migrations django_content_type django_session django_admin_log auth_permission auth_group"
    " auth_group_permissions auth_user_groups auth_user_user_permissions sqlite_sequence spatial_ref_sys"
)
# Tables that MLflow makes for itself in the database it is given, and those by which it is known.
TRACKER = names(
    "assessments datasets entity_associations experiment_tags experiments input_tags inputs jobs latest_metrics logged_model_metrics"
    " logged_model_params logged_model_tags logged_models metrics model_version_tags model_versions params registered_model_aliases"
    " registered_model_tags registered_models runs scorer_versions scorers spans tags trace_info trace_request_metadata trace_tags"
    " webhook_events webhooks"
)
KNOWN_BY = names("experiment_tags latest_metrics registered_models")


@dataclass(frozen=True, slots=True)
class LeftOutPackage:
    """A declared requirement that could not be installed, with the code of the reason."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Environment:
    """The packages prepared for one part: `error` is the code of what kept us from preparing it."""

    part: str
    warm: bool = False
    seconds: float = 0.0
    installed: tuple[str, ...] = ()
    left_out: tuple[LeftOutPackage, ...] = ()
    relaxed: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a step: `how` is `exit`, `signal` or `timeout`; `tail` is the end of what it printed."""

    argv: tuple[str, ...]
    folder: str
    how: str
    code: int | None
    seconds: float
    tail: str


@dataclass(frozen=True, slots=True)
class StartedService:
    """A service that the step asked for: `state` is `started`, `absent` or `failed`."""

    kind: str
    state: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried. `doubt` is the code of why what it says is not believed; None when it is.

    `what` is what the recipe named (a suite, an application, a database) and `path`, `line` where it was read.
    """

    n: int
    kind: str
    part: str
    what: Mapping[str, str]
    path: str
    line: int | None
    how: str
    code: int | None
    reason: str | None
    seconds: float
    commands: tuple[Command, ...] = ()
    services: tuple[StartedService, ...] = ()
    doubt: str | None = None
    trouble: tuple[str, ...] = ()  # codes of what kept the runner from going on

    @property
    def tail(self) -> str:
        """The end of what the last command printed."""
        return self.commands[-1].tail if self.commands else ""


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test as its suite reports it: `place` is the file or the dotted module, `trace` the end of its traceback."""

    __test__ = False  # so that pytest does not take this class for a test of ours

    place: str
    name: str
    outcome: str
    seconds: float = 0.0
    message: str = ""
    trace: str = ""
    line: int | None = None


@dataclass(frozen=True)
class TestRun:
    """A suite that ran; `again` holds the outcomes of the second run by (place, name), `coverage` (covered, statements) by file.

    `turned` names the tests that raised and whose report a hook of the submission then called passed; `given` tells whether it
    ran with the plan's variables, and after what its chain runs before.
    """

    __test__ = False

    step: Step
    results: tuple[TestResult, ...] = ()
    again: Mapping[tuple[str, str], str] = field(default_factory=dict)
    coverage: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    doubt: str | None = None
    turned: frozenset[str] = frozenset()
    given: bool = False
    folders: tuple[str, ...] = ()  # made for it, as for a server
    beside: str = ""  # the application of the project that was started for it, since it calls one


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call of the prober and its answer."""

    purpose: str
    method: str
    route: str
    path: str
    status: int | None
    error: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    @property
    def shown(self) -> str:
        """The call and its answer in a few words."""
        return f"{self.method} {self.path} → {self.status if self.status is not None else self.error or '?'}"


@dataclass(frozen=True, slots=True)
class Surprise:
    """A request allowed by the OpenAPI document whose answer was not."""

    method: str
    route: str
    status: int | None
    what: str
    sent: str


@dataclass(frozen=True)
class Server:
    """An application that was started and asked. `documented` are the (method, path) of the document that it served."""

    step: Step
    ready: bool = False
    reached: bool = False
    exchanges: tuple[Exchange, ...] = ()
    openapi_path: str | None = None
    openapi_valid: bool | None = None
    documented: frozenset[tuple[str, str]] = frozenset()
    metrics_path: str | None = None
    metrics: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()  # metrics whose value changed between two reads
    cases: int = 0
    surprises: tuple[Surprise, ...] = ()
    limited_after: int | None = None
    screenshot: str | None = None  # base64 of a PNG
    prepared: bool = False  # its schema was created before it started
    folders: tuple[str, ...] = ()  # those that a clone has not and that it writes into: made before it started

    def of(self, *purposes: str) -> tuple[Exchange, ...]:
        """Return the exchanges made for these purposes."""
        return tuple(e for e in self.exchanges if e.purpose in purposes)


@dataclass(frozen=True, slots=True)
class MadeTable:
    """A table that our listing saw after the schema was applied; `rows` after the imports."""

    name: str
    columns: tuple[str, ...]
    rows: int | None


@dataclass(frozen=True, slots=True)
class Import:
    """An import script and the rows counted by us before and after it."""

    script: str
    how: str
    code: int | None
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class RanQuery:
    """A SELECT of the submission, run against the schema that it creates."""

    path: str
    line: int | None
    ok: bool
    rows: int | None
    error: str

    @property
    def table_absent(self) -> bool:
        """Tell whether the query reads a table that the created schema does not have: it belongs to another database."""
        said = self.error.lower()
        return not self.ok and (
            "no such table" in said or ("relation" in said and "does not exist" in said and "column" not in said)
        )


@dataclass(frozen=True)
class SchemaRun:
    """A schema applied to an empty database; `tables` is None when our listing saw nothing."""

    step: Step
    engine: str = ""
    tables: tuple[MadeTable, ...] | None = None
    imports: tuple[Import, ...] = ()
    queries: tuple[RanQuery, ...] = ()

    @property
    def own(self) -> tuple[MadeTable, ...]:
        """The tables that are the project's, and not those of a tool."""
        made = {t.name.rsplit(".", 1)[-1].lower(): t for t in self.tables or ()}
        others = BOOKKEEPING | TRACKER if made.keys() >= KNOWN_BY else BOOKKEEPING
        return tuple(t for t in self.tables or () if t.name.rsplit(".", 1)[-1].lower() not in others)

    @property
    def ran_to_its_end(self) -> bool:
        """Tell whether the command that creates the schema ended without error, and the database was listed."""
        first = self.step.commands[0] if self.step.commands else None
        return self.tables is not None and first is not None and (first.how, first.code) == ("exit", 0)


@dataclass(frozen=True)
class Mutation:
    """Small faults put into the business code, and how many the tests noticed. `survived` are (path, line, change)."""

    step: Step
    mutants: int = 0
    caught: int = 0
    survived: tuple[tuple[str, int | None, str], ...] = ()


@dataclass(frozen=True)
class Ran:
    """Everything that ran. `whole` is False when nothing was run at all: reading only."""

    whole: bool = False
    sandbox: str = ""
    doubt: str | None = None
    environments: tuple[Environment, ...] = ()
    steps: tuple[Step, ...] = ()
    tests: tuple[TestRun, ...] = ()
    servers: tuple[Server, ...] = ()
    schemas: tuple[SchemaRun, ...] = ()
    mutations: tuple[Mutation, ...] = ()

    def of_kind(self, kind: str) -> tuple[Step, ...]:
        """Return the steps of a kind: `tests`, `serve`, `migrate`, `mutate`."""
        return tuple(s for s in self.steps if s.kind == kind)

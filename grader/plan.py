"""What the recognisers say about running a submission: read from its files in the sandbox, validated here before it is acted on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a recipe was found: `line` counts from 1."""

    path: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """One declared package: `text` is name, extras, version specifier and marker only (PEP 508, no URL)."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something declared that is not acted on, with the code of the reason (`url`, `option`, `local-path`, `no-wheel`…)."""

    text: str
    reason: str
    place: Place


@dataclass(frozen=True, slots=True)
class Service:
    """A service that the submission expects: `kind` is `postgresql`, `redis`, `mysql` or `mongodb`; `hosts` are the names it goes by."""

    kind: str
    hosts: tuple[str, ...]
    port: int
    user: str
    password: str
    database: str
    place: Place


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable to give to what runs, with where its value was read."""

    name: str
    value: str
    place: Place


@dataclass(frozen=True, slots=True)
class Suite:
    """A test suite: `runner` is `pytest`, `unittest`, `django`, `vitest`, `jest` or `node`; run in `folder`, on `targets` within it."""

    runner: str
    folder: str
    targets: tuple[str, ...]
    place: Place
    settings: str = ""  # DJANGO_SETTINGS_MODULE, where it applies
    seconds: int = 0  # 0: ours


@dataclass(frozen=True, slots=True)
class App:
    """A program that serves: `framework` is `fastapi`, `starlette`, `flask`, `django`, `streamlit`, `gradio` or `express`.

    `target` is what starts it in `folder`: `package.module:name` (ASGI, WSGI), a script, or a Django settings module.
    """

    framework: str
    folder: str
    target: str
    place: Place
    factory: bool = False


@dataclass(frozen=True, slots=True)
class Database:
    """A way to create a schema: `kind` is `alembic`, `django`, `ddl`, `sqlalchemy`; `target` is a file or a module; `engine` is
    `sqlite` or `postgresql`; `imports` are scripts that then fill it."""

    kind: str
    folder: str
    target: str
    engine: str
    place: Place
    imports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One installable part of the repository: what it needs, tests, serves and creates."""

    name: str
    folder: str
    language: str  # `python` or `node`
    requirements: tuple[Requirement, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    python: str = ""  # requires-python
    suites: tuple[Suite, ...] = ()
    apps: tuple[App, ...] = ()
    databases: tuple[Database, ...] = ()
    code: tuple[str, ...] = ()  # files whose coverage and mutants are measured: business code, not tests


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT found in the submission, to be run against the schema that it creates."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Expected:
    """A route that reading found: `guarded` when it asks for a credential; `kind` is `data`, `model`, `page`, `health`, `other`."""

    method: str
    path: str
    kind: str
    guarded: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that running would try, in order."""

    parts: tuple[Part, ...] = ()
    services: tuple[Service, ...] = ()
    variables: tuple[Variable, ...] = ()
    queries: tuple[Query, ...] = ()
    routes: tuple[Expected, ...] = ()

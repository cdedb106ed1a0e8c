"""What the recognisers say about running a submission: read from its files in the sandbox, validated here before it is acted on."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed

from grader.errors import SandboxFailed

MOST_PARTS, MOST_EACH, MOST_REQUIREMENTS = 12, 8, 400
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,80}")
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,60}")
_NODE = re.compile(r"(@[a-z0-9._~-]{1,100}/)?[A-Za-z0-9._~-]{1,120}@[A-Za-z0-9 .<>=^~|*+-]{1,100}")
_Item = TypeVar("_Item")


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
    """An environment variable to give to what runs, with where its value was read.

    `tests` says to give it to tests too: they set by themselves what they mention, and mean what they leave out to be absent.
    """

    name: str
    value: str
    place: Place
    tests: bool = True


@dataclass(frozen=True, slots=True)
class Preparation:
    """A command that a chain of CI runs before its tests: the words of a Python program of the submission, run in `folder`."""

    folder: str
    words: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Suite:
    """A test suite: `runner` is `pytest`, `unittest`, `django`, `vitest`, `jest` or `node`; run in `folder`, on `targets` within it.

    `variables` are those that a chain of CI gives to the step which runs it, `before` what it runs earlier in the same job.
    """

    runner: str
    folder: str
    targets: tuple[str, ...]
    place: Place
    settings: str = ""  # DJANGO_SETTINGS_MODULE, where it applies
    seconds: int = 0  # 0: ours
    variables: tuple[Variable, ...] = ()
    before: tuple[Preparation, ...] = ()


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
    """A route that reading found: `guarded` when it asks for a credential; `kind` is `data`, `model`, `page`, `health`, `other`.

    `application` is `path:name` of the object that serves it, where that is known.
    """

    method: str
    path: str
    kind: str
    guarded: bool
    place: Place
    application: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that running would try, in order."""

    parts: tuple[Part, ...] = ()
    services: tuple[Service, ...] = ()
    variables: tuple[Variable, ...] = ()
    queries: tuple[Query, ...] = ()
    routes: tuple[Expected, ...] = ()

    def routes_of(self, app: App) -> tuple[Expected, ...]:
        """Return the routes that an application is expected to serve: its own, and those of no other application."""
        apps = {a.place.path for part in self.parts for a in part.apps}
        served = {r: r.application.rpartition(":")[0] for r in self.routes}
        return tuple(r for r in self.routes if served[r] == app.place.path or served[r] not in apps)


@functools.cache
def _adapter() -> Any:
    from pydantic import TypeAdapter  # an examination, which only makes plans, starts sooner without it

    return TypeAdapter(Plan)


def read_plan(document: Any) -> Plan:
    """Return the plan that came out of a sandbox, bounded, without what is not of its kind. Raises SandboxFailed when malformed."""
    try:
        plan: Plan = _adapter().validate_python(document)
    except (ValueError, RecursionError):
        raise SandboxFailed("plan-malformed") from None
    return Plan(
        tuple(_bounded(p) for p in plan.parts[:MOST_PARTS]),
        _kept(plan.services, lambda s: all(_HOST.fullmatch(h) for h in s.hosts) and 0 < s.port < 65536),
        _kept(plan.variables, _is_variable, 200),
        plan.queries[:200],
        plan.routes[:400],
    )


def _bounded(part: Part) -> Part:
    return replace(
        part,
        requirements=_kept(part.requirements, lambda r: is_plain(r.text, part.language), MOST_REQUIREMENTS),
        left_out=part.left_out[:MOST_REQUIREMENTS],
        suites=tuple(
            replace(s, variables=_kept(s.variables, _is_variable, 40), before=s.before[:MOST_EACH])
            for s in part.suites[:MOST_EACH]
        ),
        apps=part.apps[:MOST_EACH],
        databases=part.databases[:MOST_EACH],
        code=part.code[:2000],
    )


def _is_variable(variable: Variable) -> bool:
    return bool(_NAME.fullmatch(variable.name)) and "\0" not in variable.value


def _kept(items: tuple[_Item, ...], good: Callable[[_Item], bool], most: int = MOST_EACH) -> tuple[_Item, ...]:
    return tuple(i for i in items if good(i))[:most]


def is_plain(text: str, language: str = "python") -> bool:
    """Tell whether a requirement is a name and versions (of Python: extras and a marker too), and leads nowhere else."""
    if language == "node":
        return bool(_NODE.fullmatch(text))
    try:
        return len(text) < 300 and Parsed(text).url is None
    except InvalidRequirement:
        return False

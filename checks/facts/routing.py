"""The values that describe the routes of web applications, whatever the framework."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from checks.facts.guards import Guard
from checks.facts.python_code import Module, dotted_name


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A route as a framework declares it, before it is told what it is for.

    `application` is `path:name` of the application object that serves it; `handler` the qualified name of what answers, in the
    module at `module`; `line` is where the route is declared. `html` says that it answers a page, `listed` that a generated
    OpenAPI document lists it.
    """

    method: str
    path: str
    handler: str
    module: str
    line: int
    framework: str
    application: str
    guards: tuple[Guard, ...] = ()
    html: bool = False
    listed: bool = True
    declared: str = ""  # file of `line`, when it is not the handler's
    stored: bool = False  # a view bound to a table by its class

    @property
    def where(self) -> str:
        """File in which the route is declared."""
        return self.declared or self.module


@dataclass(frozen=True, slots=True)
class Route:
    """A route and what it is for. `kind`: data, model, auth, page, system (health, metrics, documentation, static) or other.

    A route may touch several things: `data` and `model` say what it reaches whatever its kind; `model_use` is the place
    (path, line) where it reaches the model.
    """

    method: str
    path: str
    handler: str
    module: str
    line: int
    framework: str
    application: str
    kind: str
    guards: tuple[Guard, ...] = ()
    html: bool = False
    listed: bool = True
    data: bool = False
    model: bool = False
    model_use: tuple[str, int, str] | None = None
    schema: bool = False  # the input or the output is typed
    excerpt: str = ""

    @property
    def auth(self) -> str | None:
        """Name of what protects the route, refusal and verification included; None when it is open."""
        return next((g.name for g in self.guards if g.holds), None)

    @property
    def guard(self) -> Guard | None:
        """The guard that holds best: one without a published value first, then one that holds, then any."""
        return min(self.guards, key=lambda g: (not g.holds, g.default is not None, g.path, g.line), default=None)

    @property
    def protected(self) -> bool:
        """Tell whether strangers are refused."""
        return self.auth is not None

    @property
    def pretends(self) -> bool:
        """Tell whether the route asks for a credential and never checks it."""
        return bool(self.guards) and not self.protected

    @property
    def published_key(self) -> str | None:
        """The published value with which anybody passes, when every guard that holds has one."""
        holding = [g.default for g in self.guards if g.holds]
        return holding[0] if holding and all(holding) else None


@dataclass(frozen=True, slots=True)
class Application:
    """A web application: `id` is `path:name`, `documented` where an OpenAPI document is generated (framework or package)."""

    id: str
    path: str
    line: int
    framework: str
    title: str = ""
    generates: str = ""  # what generates OpenAPI; "" when nothing does
    generates_at: tuple[str, int] = ("", 0)


@dataclass(frozen=True)
class Routes:
    """Every route of every application served by the candidate's code, sorted by application, path and method."""

    all: tuple[Route, ...]
    applications: tuple[Application, ...] = ()
    unmounted: tuple[Endpoint, ...] = field(default=())

    def of_kind(self, *kinds: str) -> tuple[Route, ...]:
        """Return the routes of these kinds."""
        return tuple(r for r in self.all if r.kind in kinds)

    @cached_property
    def by_application(self) -> dict[str, tuple[Route, ...]]:
        """Application id → its routes."""
        found: dict[str, list[Route]] = {}
        for route in self.all:
            found.setdefault(route.application, []).append(route)
        return {a: tuple(rs) for a, rs in found.items()}

    @property
    def interfaces(self) -> tuple[Route, ...]:
        """Routes that answer programs rather than people."""
        return tuple(r for r in self.all if not r.html)


def constructed(module: Module) -> Iterator[tuple[str, ast.Call]]:
    """Yield every (name, call) assignment: a name may be built in a factory, then given another value at module level."""
    for node in module.nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if dotted_name(target):
                    yield dotted_name(target), node.value


def join(*parts: str) -> str:
    """Join prefixes and a path into one path with single slashes, as frameworks do."""
    whole = "/".join(p for p in parts if p)
    return "/" + re.sub(r"/{2,}", "/", whole).lstrip("/")


@lru_cache(maxsize=4096)
def shape(path: str) -> str:
    """Return a path with its parameters made alike, without query or final slash: `/users/<int:pk>/` → `/users/{}`."""
    plain = path.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]
    plain = re.sub(r"\(\?P<\w+>[^)]*\)|<[^<>]*>|\{[^{}]*\}|\$\{[^{}]*\}|:\w+", "{}", plain)
    return "/" + plain.strip("/^$").lower()

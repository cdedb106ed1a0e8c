"""OpenAPI and Swagger documents: those that a framework generates, and those written as files, compared with the routes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from checks.facts.http_calls import same_path
from checks.facts.routing import Application, Route, Routes, shape
from checks.facts.yaml_files import load_yaml
from checks.workspace import File, Workspace

VERBS = ("get", "post", "put", "patch", "delete", "options", "head")
_HEAD = re.compile(r"(?:^|[{,])\s*[\"']?(openapi|swagger)[\"']?\s*:\s*[\"']?([\d.]+)", re.M)
_LARGEST = 600_000


@dataclass(frozen=True, slots=True)
class Operation:
    """One documented operation: `secured` when it asks for a credential."""

    method: str
    path: str
    line: int
    secured: bool


@dataclass(frozen=True, slots=True)
class Specification:
    """A written OpenAPI or Swagger document. `problems` are what makes it invalid."""

    path: str
    line: int
    version: str
    operations: tuple[Operation, ...]
    schemes: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """Tell whether it says what the standard requires."""
        return not self.problems

    def documents(self, route: Route) -> Operation | None:
        """Return the operation that documents a route."""
        wanted = shape(route.path)
        return next((o for o in self.operations if o.method == route.method and same_path(shape(o.path), wanted)), None)

    def unrouted(self, routes: Routes) -> tuple[Operation, ...]:
        """Return the operations that no route serves."""
        known = [(r.method, shape(r.path)) for r in routes.all]
        return tuple(o for o in self.operations if not any(o.method == m and same_path(shape(o.path), p) for m, p in known))


@dataclass(frozen=True)
class OpenApi:
    """What documents the interfaces in OpenAPI."""

    generated: tuple[Application, ...]
    files: tuple[Specification, ...]

    def generator(self, application: str) -> Application | None:
        """Return the application when its document is generated."""
        return next((a for a in self.generated if a.id == application), None)


def _load(file: File) -> Any:
    if file.suffix == ".json":
        return json.loads(file.data.decode("utf-8-sig", "replace"))
    return next(iter(load_yaml(file)), None)


def _specification(file: File) -> Specification | None:
    document = _load(file)
    if not isinstance(document, dict) or not ("openapi" in document or "swagger" in document):
        return None
    paths = document.get("paths")
    operations = tuple(_operations(file, document, paths if isinstance(paths, dict) else {}))
    components = document.get("components")
    schemes: object = document.get("securityDefinitions")
    if isinstance(components, dict):
        schemes = components.get("securitySchemes")
    head = _HEAD.search(file.text)
    return Specification(
        file.path,
        file.text.count("\n", 0, head.start(1)) + 1 if head else 1,
        str(document.get("openapi") or document.get("swagger")),
        operations,
        tuple(sorted(str(s) for s in schemes)) if isinstance(schemes, dict) else (),
        tuple(_problems(document, paths)),
    )


def _operations(file: File, document: dict[object, Any], paths: dict[object, Any]) -> Iterator[Operation]:
    base = document.get("basePath") or ""
    everywhere = bool(document.get("security"))
    for path, item in paths.items():
        for verb in VERBS if isinstance(item, dict) else ():
            operation = item.get(verb)
            if isinstance(operation, dict):
                security = operation.get("security")
                line = next((i for i, text in enumerate(file.lines, 1) if str(path) in text), 1)
                yield Operation(verb.upper(), f"{base}{path}", line, bool(security) if security is not None else everywhere)


def _problems(document: dict[object, Any], paths: object) -> Iterator[str]:
    info = document.get("info")
    if not isinstance(info, dict) or not info.get("title"):
        yield "info.title"
    if not isinstance(paths, dict) or not paths:
        yield "paths"
        return
    for path, item in paths.items():
        for verb in VERBS if isinstance(item, dict) else ():
            operation = item.get(verb)
            if isinstance(operation, dict) and not operation.get("responses"):
                yield f"{verb.upper()} {path}: responses"


def openapi(workspace: Workspace, routes: Routes) -> OpenApi:
    """Find generated and written OpenAPI documents."""
    files = []
    for file in workspace.with_suffix(".yml", ".yaml", ".json"):
        if file.size <= _LARGEST and _HEAD.search(file.text[:4000]):
            found = workspace.attempt(file, _specification)
            if found is not None:
                files.append(found)
    return OpenApi(tuple(a for a in routes.applications if a.generates), tuple(files))


FACTS = (openapi,)

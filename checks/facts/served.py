"""Which application is the data API and which the model API: a repository often holds several."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checks.facts.ai_use import AiUse
from checks.facts.http_calls import HttpCall
from checks.facts.openapi import OpenApi, Specification
from checks.facts.routing import Application, Route, Routes
from checks.workspace import Workspace

_FOR_DATA = re.compile(r"(^|[/_\-.])(e1|bloc_?1|data|donnees|api_data|data_api|collecte?|bdd|database)([/_\-.]|$)", re.I)
_FOR_MODEL = re.compile(
    r"(^|[/_\-.])(e3|e4|e5|bloc_?[23]|models?|ia|ai|ml|llm|predict\w*|inference|rag|monitor\w*)([/_\-.]|$)", re.I
)
_CLAIM = re.compile(
    r"/(predict\w*|predi\w+|scor\w+|infer\w*|classif\w+|recomm\w+|chat\w*|generate\w*|forecast\w*|estim\w+)/?$", re.I
)
_LAUNCH = re.compile(r"([\w./\-]+):(\w+)")
_STARTER = re.compile(r"uvicorn|gunicorn|hypercorn|fastapi (run|dev)|flask --app|flask run", re.I)


@dataclass(frozen=True, slots=True)
class Api:
    """An interface for programs: its routes that matter, what generates its documentation, a written specification of it."""

    application: Application
    routes: tuple[Route, ...]
    generated: bool
    written: Specification | None

    @property
    def documented(self) -> tuple[Route, ...]:
        """Routes that an OpenAPI document lists, generated or written."""
        return tuple(
            r for r in self.routes if (self.generated and r.listed) or (self.written is not None and self.written.documents(r))
        )


@dataclass(frozen=True)
class Served:
    """The data API and the model API, None where there is none. `pages` are the pages that reach a model."""

    data: Api | None
    model: Api | None
    pages: tuple[Route, ...] = ()
    claimed: tuple[Route, ...] = ()  # routes named like a prediction that reach no known model
    elsewhere: tuple[HttpCall, ...] = ()  # where no route reaches a model: calls to an API of the model in another repository


def _launched(workspace: Workspace) -> frozenset[tuple[str, str]]:
    """Return (module as a path, variable) of the applications that containers, scripts and guides start by name."""
    found = set()
    for file in workspace.named(
        "dockerfile*", "*.dockerfile", "*compose*.y*ml", "*.sh", "procfile", "makefile", "*.md", "*.service"
    ):
        if file.size > 300_000 or not _STARTER.search(file.text):
            continue
        for line in file.lines:
            if _STARTER.search(line):
                found |= {(t.replace(".", "/").strip("/"), variable) for t, variable in _LAUNCH.findall(line[:400])}
    return frozenset(found)


def _is_launched(application: Application, launched: frozenset[tuple[str, str]]) -> bool:
    parts = application.path.removesuffix(".py").split("/")
    name = application.id.rsplit(":", 1)[-1]
    return any(("/".join(parts[start:]), name) in launched for start in range(len(parts)))


def _serves_data(application: Application, routes: tuple[Route, ...]) -> bool:
    """Tell whether an application is read by programs: one lonely route beside pages is the pages' own business."""
    reads = sum(r.kind == "data" and r.method == "GET" for r in routes)
    pages = sum(r.html for r in routes)
    return reads > 1 or (reads == 1 and (not pages or bool(application.generates)))


def _data_score(application: Application, routes: tuple[Route, ...]) -> tuple[float, int, str]:
    reads = sum(r.method == "GET" for r in routes if r.kind == "data")
    hint = bool(_FOR_DATA.search(application.path)) - bool(_FOR_MODEL.search(application.path))
    models = sum(r.kind == "model" for r in routes)
    pages = sum(r.html for r in routes)
    return hint * 3 + min(reads, 6) - min(models, 3) - min(pages, 4), reads, application.id


def _written(specifications: OpenApi, routes: tuple[Route, ...], application: Application) -> Specification | None:
    """Return the written specification that documents most of these routes."""
    scored = [(sum(s.documents(r) is not None for r in routes), s.path, s) for s in specifications.files]
    best = max(scored, key=lambda i: (i[0], i[1]), default=None)
    return best[2] if best is not None and best[0] > 0 else None


def _api(application: Application, routes: tuple[Route, ...], specifications: OpenApi) -> Api:
    generated = specifications.generator(application.id) is not None
    return Api(application, routes, generated, _written(specifications, routes, application))


def served(workspace: Workspace, routes: Routes, openapi: OpenApi, ai_use: AiUse) -> Served:
    """Choose the data API and the model API."""
    groups = [(a, routes.by_application.get(a.id, ())) for a in routes.applications]
    with_data = [(a, rs) for a, rs in groups if _serves_data(a, rs)]
    with_model = [(a, rs) for a, rs in groups if any(r.kind == "model" for r in rs)]
    data = max(with_data, key=lambda g: _data_score(*g), default=None)
    launched = _launched(workspace) if len(with_model) > 1 else frozenset()
    model = max(with_model, key=lambda g: _model_score(g[0], g[1], launched), default=None)
    return Served(
        _api(data[0], tuple(r for r in data[1] if r.kind == "data"), openapi) if data else None,
        _api(model[0], tuple(r for r in model[1] if r.kind == "model"), openapi) if model else None,
        tuple(r for r in routes.all if r.html and r.model),
        tuple(
            r for r in routes.all if not r.model and r.kind in ("data", "other") and r.method == "POST" and _CLAIM.search(r.path)
        ),
        () if model or any(r.model for r in routes.all) else ai_use.elsewhere,
    )


def _model_score(application: Application, routes: tuple[Route, ...], launched: frozenset[tuple[str, str]]) -> tuple[float, str]:
    reached = [r for r in routes if r.kind == "model"]
    guarded = sum(r.protected for r in reached)
    return 3 * _is_launched(application, launched) + min(len(reached), 4) + min(guarded, 4), application.id


FACTS = (served,)

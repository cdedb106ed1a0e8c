"""How the application reaches artificial intelligence: through the project's API, an outside API, or a service's own library."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checks.facts.http_calls import HttpCall, HttpCalls, same_path
from checks.facts.models import Models, Use
from checks.facts.routing import Route, Routes, shape

_AI_PATH = re.compile(
    r"predic|predire|infer|classif|generat|gener|chat|ask|question|analy[sz]|score|recommend|recommand|rag|embed|detect|translat|transcri"
    r"|summar|resum|forecast|sentiment|complet|agent|llm|model|recogni|similar|search",
    re.I,
)
_PREDICTION = re.compile(r"(^|[/_\-])(predi|prevision|infer(?!ence-)|classify|classif)", re.I)
_MODEL_HINT = re.compile(r"pred|infer|model|llm|chat|rag|(^|_)(ia|ai|ml)(_|$)", re.I)
# Programs that call an API without being an application: load tests, simulations, monitors, demonstrations.
_NOT_AN_APPLICATION = re.compile(
    r"(^|[/_\-.])(locust\w*|load\w*|stress|simulat\w*|bench\w*|traffic|smoke|tests?|probe|demo|example\w*|check)([/_\-.]|$)", re.I
)


@dataclass(frozen=True)
class AiUse:
    """Calls from the application. `matched` pairs a request with the project's route that it reaches.

    `outside`: requests to a predicting API that is not in the repository; `services`: uses of an AI service's library by an
    application; `local`: models loaded and called in the application itself.
    """

    matched: tuple[tuple[HttpCall, Route], ...]
    outside: tuple[HttpCall, ...]
    services: tuple[Use, ...]
    local: tuple[Use, ...]

    @property
    def elsewhere(self) -> tuple[HttpCall, ...]:
        """Requests to what may be the project's own API of the model, whose code is in another repository."""
        return tuple(c for c in self.outside if c.ours)

    @property
    def to_model(self) -> tuple[tuple[HttpCall, Route], ...]:
        """Requests that reach a route of the model."""
        return tuple((c, r) for c, r in self.matched if r.model)


def _served_by_interface(routes: Routes, http_calls: HttpCalls) -> frozenset[str]:
    """Return the applications that have pages, or that some interface calls."""
    called = {r.application for r in routes.all for c in http_calls.to(r) if c.interface and c.path != r.module}
    return frozenset(called | {r.application for r in routes.all if r.kind == "page"})


def ai_use(routes: Routes, http_calls: HttpCalls, models: Models) -> AiUse:
    """Follow the application to the model."""
    matched = []
    outside = []
    for call in http_calls.all:
        if _NOT_AN_APPLICATION.search(call.path) and not call.interface:
            continue
        reached = _reached(call, routes)
        if reached is not None:
            matched.append((call, reached))
        elif call.interface and call.language == "python" and _predicts(call):
            outside.append(call)
    living = _served_by_interface(routes, http_calls)
    places = {r.model_use[:2] for r in routes.all if r.model_use is not None and r.application in living}
    in_application = [u for u in models.of_kind("call") if (u.path, u.line) in places or u.path in http_calls.behind]
    return AiUse(
        tuple(matched),
        tuple(outside),
        tuple(u for u in in_application if u.service),
        tuple(u for u in in_application if not u.service),
    )


def _predicts(call: HttpCall) -> bool:
    """Tell whether a request asks for a prediction: one that sends nothing, or goes to strangers, must name it; a stranger's data do not."""
    named = _PREDICTION if call.method == "GET" or not call.ours else _AI_PATH
    return call.method in (("", "GET", "POST") if call.ours else ("POST",)) and bool(named.search(call.target))


def _reached(call: HttpCall, routes: Routes) -> Route | None:
    """Return the route that a request reaches: of the same method, the longest path, a route for programs first."""
    if not call.ours:
        return None
    candidates = [
        r
        for r in routes.all
        if r.module != call.path
        and r.kind not in ("page", "system")
        and call.method in ("", r.method)
        and same_path(call.target, shape(r.path))
    ]
    if not candidates and call.hint and _MODEL_HINT.search(call.hint):
        candidates = [r for r in routes.all if r.kind == "model" and r.module != call.path and call.method in ("", r.method)]
    return max(candidates, key=lambda r: (shape(r.path) == call.target, not r.html, len(r.path), r.protected), default=None)


FACTS = (ai_use,)

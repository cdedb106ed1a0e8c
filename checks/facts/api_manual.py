"""What the documents say of an API: how to authenticate, its architecture, its endpoints."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checks.facts.documents import Section
from checks.facts.install_manual import architecture, rank
from checks.facts.instructions import code_line
from checks.facts.openapi import OpenApi, Specification
from checks.facts.served import Api, Served
from checks.facts.topics import Topics
from checks.facts.zones import Explanations, Zone, body
from checks.findings import evidence
from checks.workspace import Workspace
from grader.values import Evidence

KINDS = ("sent", "obtained", "rule")
_TOPIC = {"sent": "api-credential-sent", "obtained": "api-credential-obtained", "rule": "api-access-rule"}
_HEADER = re.compile(r"authorization\s*[:=\"']|x-api-key|bearer\s+[<$\w{]|api[-_]key[\"']?\s*:|\b-u \w+:\w+|auth=\(", re.I)
_LOGIN = re.compile(r"/(token|login|auth|api-token-auth|jwt)\b[\w/-]*", re.I)
_REFUSED = re.compile(r"^[ \t]*[\"']?40[13][\"']?\s*:", re.M)
_GENERAL = frozenset(
    {"", "doc", "docs", "documentation", "documents", "rapport", "rapports", "report", "reports", "livrables", "annexes"}
)


@dataclass(frozen=True)
class Authentication:
    """How documents tell to authenticate: a place for each kind of explanation, and whether it is developed."""

    told: dict[str, Evidence]
    developed: bool
    scheme: Evidence | None  # the scheme that an OpenAPI document shows


@dataclass(frozen=True)
class ApiManual:
    """The documentation of the data API and of the model API."""

    data: Authentication
    model: Authentication
    model_architecture: Evidence | None
    drawn_only: Evidence | None
    written: tuple[Specification, ...]


def _top(path: str) -> str:
    return path.split("/", 1)[0].lower() if "/" in path else ""


class _Reading:
    def __init__(self, explanations: Explanations, served: Served, openapi: OpenApi, workspace: Workspace) -> None:
        self.explanations, self.served, self.openapi, self.workspace = explanations, served, openapi, workspace
        self.topics: Topics = explanations.topics

    def speaks_of(self, path: str, api: Api | None, other: Api | None) -> bool:
        """Tell whether a document may be about `api`: it stands in its folder or in none of an application's own."""
        top = _top(path)
        if api is None or top in _GENERAL or top == _top(api.application.path):
            return True
        return other is None or top != _top(other.application.path)

    def authentication(self, api: Api | None, other: Api | None) -> Authentication:
        """Return how the documents tell to authenticate to an API."""
        area = self.explanations.zone("api-authentication", count=2)
        area = area.narrowed(lambda s: self.speaks_of(s.path, api, other))
        named = area.narrowed(lambda s: self.topics.in_text("api-authentication", " ".join((s.heading, *s.trail[-1:]))))
        lines = self._lines(area, named, api, other)
        told = {k: next((e for e in lines if self.topics.in_text(_TOPIC[k], e.excerpt)), None) for k in KINDS}
        examples = self._examples(api, other) if api is None or any(r.guards for r in api.routes) else {}
        told["sent"] = told["sent"] or examples.get("sent")
        told["obtained"] = told["obtained"] or examples.get("obtained")
        found = {k: e for k, e in told.items() if e}
        found = {**self._specified(api), **found}
        developed = len({(e.path, e.line) for e in lines}) >= 2 or bool(examples) or bool(self._specified(api))
        return Authentication(found, developed, self._scheme(api))

    def _lines(self, area: Zone, named: Zone, api: Api | None, other: Api | None) -> list[Evidence]:
        """Return the lines under a heading on authentication, then every line that speaks of it."""
        under = [evidence(s.path, n, t) for s in named.sections for n, t in body(s)]
        eligible = tuple(s for s in self.explanations.sections if self.speaks_of(s.path, api, other))
        return list(dict.fromkeys([*under, *Zone(eligible, self.topics).said("api-authentication")]))

    def _examples(self, api: Api | None, other: Api | None) -> dict[str, Evidence]:
        """Return the examples of requests that carry or obtain a credential."""
        found: dict[str, Evidence] = {}
        for section in self.explanations.sections:
            if not self.speaks_of(section.path, api, other):
                continue
            for block in section.code:
                for offset, text in enumerate(block.text.splitlines()[:200]):
                    place = evidence(section.path, code_line(section, block, offset), text)
                    if _HEADER.search(text):
                        found.setdefault("sent", place)
                    if _LOGIN.search(text) and re.search(r"curl|POST|post\(", block.text):
                        found.setdefault("obtained", place)
        return found

    def _specified(self, api: Api | None) -> dict[str, Evidence]:
        """Return what a written OpenAPI document tells: its scheme, and the refusals of its operations."""
        files = [s for s in self.openapi.files if s.schemes and any(o.secured for o in s.operations)]
        if api is not None and api.written is not None:
            files = [s for s in files if s is api.written] or files
        for specification in files:
            place = evidence(specification.path, specification.line, ", ".join(specification.schemes))
            file = self.workspace.get(specification.path)
            refused = _REFUSED.search(file.text) if file else None
            if file and refused:
                line = file.text.count("\n", 0, refused.start()) + 1
                return {"sent": place, "rule": evidence(specification.path, line, file.line(line))}
            return {"sent": place}
        return {}

    def _scheme(self, api: Api | None) -> Evidence | None:
        if api is None or not api.generated:
            return None
        guards = [g for r in api.routes for g in r.guards if g.documented]
        return evidence(guards[0].path, guards[0].line, guards[0].name) if guards else None


def api_manual(explanations: Explanations, served: Served, openapi: OpenApi, workspace: Workspace) -> ApiManual:
    """Read what the documents say of the data API and of the model API."""
    reading = _Reading(explanations, served, openapi, workspace)
    sections: tuple[Section, ...] = tuple(
        s for s in explanations.sections if reading.speaks_of(s.path, served.model, served.data)
    )
    drawn = next(
        (
            f
            for f in workspace.own
            if f.suffix in (".png", ".jpg", ".jpeg", ".svg", ".drawio", ".pdf") and "archi" in f.name.lower()
        ),
        None,
    )
    ordered = tuple(sorted(sections, key=rank))
    return ApiManual(
        reading.authentication(served.data, served.model),
        reading.authentication(served.model, served.data),
        architecture(Zone(ordered, explanations.topics), "api-architecture", trees=False),
        evidence(drawn.path) if drawn else None,
        openapi.files,
    )


FACTS = (api_manual,)

"""Where the documentation names the routes: `GET /users/{id}` in a table, a heading or an example."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checks.facts.routing import Route, shape
from checks.findings import evidence
from checks.workspace import Workspace
from grader.values import Evidence

_PATH = re.compile(r"(?:\b(GET|POST|PUT|PATCH|DELETE)\b[\s`|*:\"'\]]{0,12})?(?:https?://[\w.:\-]+)?(/[\w\-./{}<>:]*)")


@dataclass(frozen=True)
class RouteMentions:
    """(method or "", shape of the path) → the first place that names it."""

    places: dict[tuple[str, str], Evidence]

    def of(self, route: Route) -> Evidence | None:
        """Return a place where the documentation names a route, or None."""
        path = shape(route.path)
        if path == "/":
            return self.places.get((route.method, path))
        return self.places.get((route.method, path)) or self.places.get(("", path))


def route_mentions(workspace: Workspace) -> RouteMentions:
    """Read the paths that documents name."""
    found: dict[tuple[str, str], Evidence] = {}
    for file in workspace.with_suffix(".md", ".rst", ".txt", ".adoc"):
        if file.size > 500_000 or re.match(r"requirements|robots|changelog", file.name, re.I):
            continue
        for number, line in enumerate(file.lines, 1):
            for verb, path in _PATH.findall(line[:600]):
                place = evidence(file.path, number, line)
                found.setdefault((verb, shape(path.rstrip(".:"))), place)
    return RouteMentions(found)


FACTS = (route_mentions,)

"""What each route that reading found answered to the prober."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from checks.facts.dependencies import Dependencies
from checks.facts.failures import Sorted, sort_output, surroundings
from checks.facts.python_code import PythonCode
from checks.facts.ran_values import Exchange, Ran, Server
from checks.facts.routing import Route, Routes, shape
from checks.workspace import Workspace

REFUSALS = (401, 403)


@dataclass(frozen=True)
class Answers:
    """Exchanges by route. By the number of a step, `endings` says whose the last error of a server or of a schema without tables is,
    `applications` what a server serves.
    """

    servers: tuple[Server, ...] = ()
    by_route: dict[tuple[str, str, str], tuple[Exchange, ...]] = field(default_factory=dict)
    endings: dict[int, Sorted] = field(default_factory=dict)
    applications: dict[int, frozenset[str]] = field(default_factory=dict)

    @property
    def reached(self) -> tuple[Server, ...]:
        """Servers that answered."""
        return tuple(s for s in self.servers if s.reached)

    def serving(self, application: str) -> tuple[Server, ...]:
        """Return the servers that answered and serve an application, or might."""
        found = [(s, self.applications.get(s.step.n, frozenset())) for s in self.reached]
        return tuple(s for s, own in found if application in own) or tuple(s for s, own in found if not own)

    def of(self, route: Route, *purposes: str) -> tuple[Exchange, ...]:
        """Return what a route answered to calls made for these purposes."""
        found = self.by_route.get((route.application, route.method, shape(route.path)), ())
        return tuple(e for e in found if e.purpose in purposes)


def answers(ran: Ran, routes: Routes, workspace: Workspace, python_code: PythonCode, dependencies: Dependencies) -> Answers:
    """Give each exchange to the route that it called, in the application that was started."""
    around = surroundings(workspace, python_code, dependencies, ran)
    ended = [*(s.step for s in ran.servers), *(s.step for s in ran.schemas if s.tables is None)]
    endings = {step.n: last for step in ended if (last := sort_output(step.tail, around))}
    found: dict[tuple[str, str, str], list[Exchange]] = defaultdict(list)
    applications = {s.step.n: _applications(s, routes) for s in ran.servers}
    for server in ran.servers:
        own = applications[server.step.n]
        called = {(e.method, shape(e.route)) for e in server.exchanges}
        for route in routes.all:
            key = (route.method, shape(route.path))
            if key in called and (route.application in own or not own):
                found[route.application, *key] += [e for e in server.exchanges if (e.method, shape(e.route)) == key]
    return Answers(ran.servers, {key: _answered(all_) for key, all_ in found.items()}, endings, applications)


def _applications(server: Server, routes: Routes) -> frozenset[str]:
    """Return the ids of the applications that a server started; none when its target names none of them."""
    what = server.step.what
    module, _, variable = what.get("target", "").partition(":")
    folder = what.get("folder", "").strip("./")
    file = module if module.endswith((".py", ".js", ".ts", ".mjs")) else module.replace(".", "/") + ".py"
    path = f"{folder}/{file}" if folder else file
    same = frozenset(a.id for a in routes.applications if a.path in (path, server.step.path))
    exact = frozenset(i for i in same if i.rpartition(":")[2] == variable.removesuffix("()"))
    return exact or same


def _answered(exchanges: list[Exchange]) -> tuple[Exchange, ...]:
    """Drop what another application than the route's answered: a path that it does not know."""
    known = [e for e in exchanges if e.status != 404 and e.status is not None]
    return tuple(known or exchanges)


FACTS = (answers,)

"""What the prober is asked: one JSON document, read with bounds because a stranger's files stand behind its routes."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")  # in the order of the calls: what reads first, what removes last
MOST_ROUTES = 200
LONGEST_PATH = 300


@dataclass(frozen=True, slots=True)
class Route:
    """A route that reading found: `kind` is `data`, `model`, `page`, `health` or `other`."""

    method: str
    path: str
    kind: str = "other"
    guarded: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions: where the application listens, what reading found, how long the answers may take."""

    port: int
    framework: str = ""
    routes: tuple[Route, ...] = ()
    seconds: float = 60.0
    seed: int = 1
    screenshot: bool = False
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """Counts down from `seconds`, since it was made."""

    seconds: float
    start: float = field(default_factory=time.monotonic)

    def spent(self) -> float:
        """Return the seconds that passed."""
        return time.monotonic() - self.start

    def left(self) -> float:
        """Return the seconds that remain, never below 0."""
        return max(self.seconds - self.spent(), 0.0)

    def within(self, seconds: float) -> Clock:
        """Return a clock of `seconds` that starts now and never outlives this one."""
        return Clock(min(seconds, self.left()))


def read_asked(data: bytes) -> Asked:
    """Return the questions in a JSON document. Raises ValueError when it is malformed or names no port."""
    given = json.loads(data)
    if not isinstance(given, dict):
        raise ValueError("not an object")
    port = given.get("port")
    if not isinstance(port, int) or not 0 < port < 65536:
        raise ValueError("no port")
    app = given.get("app")
    routes = given.get("routes")
    return Asked(
        port=port,
        framework=str(app.get("framework", "")) if isinstance(app, dict) else "",
        routes=tuple(_routes(routes)) if isinstance(routes, list) else (),
        seconds=min(max(float(given.get("seconds", 60)), 1.0), 600.0),
        seed=int(given.get("seed", 1)) & 0x7FFFFFFF,
        screenshot=given.get("screenshot") is True,
        repeat=given.get("repeat") is True,
    )


def _routes(given: list[Any]) -> list[Route]:
    found = [_route(item) for item in given[:MOST_ROUTES] if isinstance(item, Mapping)]
    return list(dict.fromkeys(route for route in found if route))


def _route(given: Mapping[str, Any]) -> Route | None:
    method, path = str(given.get("method", "GET")).upper(), given.get("path")
    if method not in METHODS or not isinstance(path, str) or len(path) > LONGEST_PATH:
        return None
    return Route(method, "/" + path.lstrip("/"), str(given.get("kind", "other"))[:20], given.get("guarded") is True)

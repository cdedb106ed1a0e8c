"""Repeats one cheap call to see whether the application limits its callers."""

from __future__ import annotations

from collections.abc import Sequence

from checks.prober.asked import Clock
from checks.prober.calls import Call, Caller, Exchange, exchange

MOST = 40
CHEAP_SECONDS = 0.3
_HINTS = ("ratelimit", "x-rate-limit", "retry-after", "x-limit")


def hinted(seen: Exchange) -> bool:
    """Tell whether an answer speaks of a limit."""
    return seen.status == 429 or any(name.startswith(("x-" + h, h)) for name in seen.headers for h in _HINTS)


def cheap_call(seen: Sequence[Exchange]) -> Call | None:
    """Return the best call to repeat: a quick GET, one that speaks of a limit before any other."""
    quick = [
        e
        for e in seen
        if e.method == "GET" and e.purpose in ("without-credentials", "home") and not e.error and e.seconds < CHEAP_SECONDS
    ]
    ranked = sorted(quick, key=lambda e: (not hinted(e), e.purpose == "home", (e.status or 500) >= 400, e.seconds))
    return Call("GET", ranked[0].path.split("?")[0], ranked[0].route) if ranked else None


def repeat(caller: Caller, call: Call, clock: Clock) -> tuple[int | None, Exchange | None]:
    """Return how many calls it took until 429, and the last exchange."""
    for count in range(1, MOST + 1):
        if not clock.left():
            break
        answer = caller.call(call)
        if answer.status == 429:
            return count, exchange("repeated", call, answer)
        if answer.status is None:
            return None, exchange("repeated", call, answer)
        last = exchange("repeated", call, answer)
    else:
        return None, last
    return None, None

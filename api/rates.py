"""How often somebody may ask for what can be abused: a moving window, in Redis where the service has one."""

from __future__ import annotations

import time
from collections.abc import Mapping

from fastapi import Request
from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from grader.errors import TooMany

# Each is counted by address, and sign-in by account too: a whole school may share an address, a guesser tries one account.
RATES: Mapping[str, str] = {
    "sign-in": "30/minute",
    "sign-in-account": "10/5minute",
    "token": "60/minute",
    "invitation": "20/minute",
    "submission": "20/minute",
    "upload": "60/minute",
    "export": "60/minute",
}


class Rates:
    """Counts what was asked."""

    def __init__(self, queue_url: str) -> None:
        """Count in Redis, where every process of the service sees it, else in this process."""
        self._limiter = MovingWindowRateLimiter(storage_from_string(queue_url if queue_url.startswith("redis") else "memory://"))
        self._rates: dict[str, RateLimitItem] = {name: parse(text) for name, text in RATES.items()}

    def count(self, what: str, who: str) -> None:
        """Count one request. Raises TooMany with the seconds to wait."""
        rate = self._rates[what]
        try:
            if self._limiter.hit(rate, what, who):
                return
            window = self._limiter.get_window_stats(rate, what, who)
        except OSError:  # Redis is away: it must not keep people out
            return
        raise TooMany("too-many", seconds=max(1, int(window.reset_time - time.time())))


def count(request: Request, what: str, who: str | None = None) -> None:
    """Count a request by its address, or by `who`. Raises TooMany."""
    rates: Rates = request.app.state.rates
    rates.count(what, who or (request.client.host if request.client else "?"))

"""The order of the questions, and the one document that answers them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from checks.prober.asked import Asked, Clock
from checks.prober.attempts import attempts
from checks.prober.calls import Answer, Call, Caller, Exchange, exchange
from checks.prober.fuzz import fuzz
from checks.prober.metrics import PATHS as METRICS
from checks.prober.metrics import totals
from checks.prober.openapi import find_openapi
from checks.prober.operations import operations
from checks.prober.repeats import cheap_call, hinted, repeat
from checks.prober.screenshot import screenshot

# These serve pages over an interface of their own, which says nothing about the candidate.
PAGES_ONLY = ("streamlit", "gradio")
LEAST_FUZZ = 4.0
FUZZ_SHARE = 0.3  # of the whole time, kept for fuzzing however slow the answers before it were


@dataclass
class Probe:
    """One application being asked; `document` grows as it answers, so that what is known is never lost."""

    asked: Asked
    caller: Caller
    clock: Clock
    document: dict[str, Any]
    home: Answer | None = None
    exchanges: list[Exchange] = field(default_factory=list)

    def attempt(self, step: str, ask: Callable[[], None]) -> None:
        """Ask; whatever goes wrong is written down by its code and costs only this step."""
        try:
            if self.clock.left():
                ask()
            else:
                self.trouble(step, "no-time")
        except Exception as failure:
            self.trouble(step, f"unexpected-{type(failure).__name__}")

    def trouble(self, step: str, code: str | None) -> None:
        """Write down why a step has nothing to say."""
        if code:
            self.document["troubles"].append({"step": step, "code": code})

    def before_fuzz(self) -> Clock:
        """Return a clock that leaves fuzzing its time, where there is a document to fuzz by."""
        kept = max(LEAST_FUZZ + 1.0, self.asked.seconds * FUZZ_SHARE) if self.document["openapi"] is not None else 0.0
        return self.clock.within(max(self.clock.left() - kept, 0.0))

    def ask(self, purpose: str, path: str) -> Answer:
        """Make one GET and keep it."""
        call = Call("GET", path, path)
        answer = self.caller.call(call)
        self.exchanges.append(exchange(purpose, call, answer))
        return answer


def empty() -> dict[str, Any]:
    """Return the document of an application that said nothing."""
    return {
        "reached": False,
        "openapi": None,
        "openapi_path": None,
        "openapi_valid": None,
        "exchanges": [],
        "metrics": {"path": None, "before": {}, "after": {}},
        "fuzz": {"ran": False, "cases": 0, "failures": [], "seconds": 0.0, "ended": "not-run"},
        "screenshot": None,
        "limited_after": None,
        "troubles": [],
        "seconds": 0.0,
    }


def probe(asked: Asked) -> dict[str, Any]:
    """Return everything that the application answered, whatever it did to the questions."""
    clock = Clock(asked.seconds)
    with Caller(asked.port, clock) as caller:
        seen = Probe(asked, caller, clock, empty())
        seen.attempt("home", lambda: _home(seen))
        if seen.document["reached"]:
            for step, ask in STEPS:
                seen.attempt(step, lambda ask=ask: ask(seen))  # type: ignore[misc]
    seen.document["exchanges"] = [e.document() for e in seen.exchanges]
    seen.document["seconds"] = round(clock.spent(), 2)
    return seen.document


def _home(seen: Probe) -> None:
    answer = seen.ask("home", "/")
    seen.document["reached"] = answer.error != "refused"
    onward = answer.local_redirect()
    seen.home = seen.ask("home", onward) if onward and onward != "/" else answer


def _screenshot(seen: Probe) -> None:
    has_page = seen.home is not None and seen.home.media == "text/html" and (seen.home.status or 500) < 400
    if not seen.asked.screenshot or not (has_page or seen.asked.framework in PAGES_ONLY):
        return
    picture, code = screenshot(
        seen.asked.port, seen.clock.within(seen.clock.left() * 0.6), patient=seen.asked.framework in PAGES_ONLY
    )
    seen.document["screenshot"] = base64.b64encode(picture).decode("ascii") if picture else None
    seen.trouble("screenshot", code)


def _openapi(seen: Probe) -> None:
    found = find_openapi(seen.caller, seen.clock.within(seen.asked.seconds * 0.25))
    seen.document.update(openapi=found.document, openapi_path=found.path, openapi_valid=found.valid)
    seen.trouble("openapi", found.trouble)


def _metrics_before(seen: Probe) -> None:
    read = [r.path for r in seen.asked.routes if r.method == "GET" and "metric" in r.path.lower() and "{" not in r.path]
    for path in dict.fromkeys((*METRICS, *read[:2])):
        call = Call("GET", path, path)
        answer = seen.caller.call(call)
        if answer.fine:
            seen.exchanges.append(exchange("metrics-before", call, answer))
        if before := totals(answer):
            seen.document["metrics"].update(path=path, before=before)
            return


def _attempts(seen: Probe) -> None:
    wanted = operations(seen.asked, seen.document["openapi"])
    clock = seen.clock.within(max(seen.before_fuzz().left() * 0.8, 2.0))
    for one in attempts(seen.caller, wanted, clock):
        seen.exchanges.append(one)
    if wanted and not clock.left():
        seen.trouble("exchanges", "no-time")


def _metrics_after(seen: Probe) -> None:
    if path := seen.document["metrics"]["path"]:
        seen.document["metrics"]["after"] = totals(seen.ask("metrics-after", path))


def _repeats(seen: Probe) -> None:
    call = cheap_call(seen.exchanges) if seen.asked.repeat or any(map(hinted, seen.exchanges)) else None
    clock = seen.before_fuzz().within(5.0)
    if call and not clock.left():
        seen.trouble("repeated", "no-time")
    elif call:
        seen.document["limited_after"], last = repeat(seen.caller, call, clock)
        seen.exchanges += [last] if last else []


def _fuzz(seen: Probe) -> None:
    if seen.document["openapi"] is None:
        return
    if seen.clock.left() < LEAST_FUZZ:
        seen.trouble("fuzz", "no-time")
        return
    # A margin is kept: what was learnt must still be written before the sandbox ends.
    seen.document["fuzz"] = fuzz(seen.document["openapi"], seen.asked.port, seen.asked.seed, Clock(seen.clock.left() - 1.0))
    seen.trouble("fuzz", {"exit": None}.get(seen.document["fuzz"]["ended"], seen.document["fuzz"]["ended"]))


def _interface(ask: Callable[[Probe], None]) -> Callable[[Probe], None]:
    """Return the question, asked only of applications whose interface is the candidate's own."""
    return lambda seen: None if seen.asked.framework in PAGES_ONLY else ask(seen)


# The picture first, while nothing was changed yet; fuzzing last, because it may leave the application in pieces.
STEPS: tuple[tuple[str, Callable[[Probe], None]], ...] = (
    ("screenshot", _screenshot),
    ("openapi", _interface(_openapi)),
    ("metrics", _interface(_metrics_before)),
    ("exchanges", _attempts),
    ("metrics", _metrics_after),
    ("repeated", _interface(_repeats)),
    ("fuzz", _interface(_fuzz)),
)

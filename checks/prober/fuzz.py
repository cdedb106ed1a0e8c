"""Lets Schemathesis send what the OpenAPI document allows, seeded and bounded, in a child process with limits of its own."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.prober.asked import Clock
from checks.prober.calls import printable
from checks.prober.children import run_child
from checks.prober.documents import mappings

MOST_FAILURES = 60
MOST_LINE = 4_000_000
EXAMPLES = 12
REFUSALS = (401, 403, 429)  # a guard or a limit answered, not what is behind it
MEMORY_BYTES = 2_000_000_000
CHECKS = ("not_a_server_error", "response_schema_conformance")


@dataclass(frozen=True, slots=True)
class Failure:
    """One way in which an operation failed a check (`what`), with one request that shows it."""

    method: str
    route: str
    status: int | None
    what: str
    sent: str


def fuzz(document: dict[str, Any], port: int, seed: int, clock: Clock) -> dict[str, Any]:
    """Return the document of a fuzzing run; `ended` is `exit`, `timeout` or the code of why there was none."""
    with tempfile.TemporaryDirectory(prefix="fuzz-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "openapi.json").write_text(json.dumps(document), "utf-8")
        (folder / "schemathesis.toml").write_text("", "utf-8")  # ours, so that no other is looked for
        how = run_child(_command(port, seed, clock.left()), folder, clock.left(), MEMORY_BYTES)
        cases, failures = tally(folder / "events.ndjson")
    found = [{"method": f.method, "route": f.route, "status": f.status, "what": f.what, "sent": f.sent} for f in failures]
    # Schemathesis ends with 1 when a check failed.
    ended = how if how != "failed" else ("exit" if cases else "failed")
    return {"ran": cases > 0, "cases": cases, "failures": found, "seconds": round(clock.spent(), 2), "ended": ended}


def _command(port: int, seed: int, seconds: float) -> tuple[str, ...]:
    return (
        *(sys.executable, "-I", "-m", "schemathesis.cli", "--config-file", "schemathesis.toml", "run", "openapi.json"),
        *("--url", f"http://127.0.0.1:{port}", "--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"),
        *("--report", "ndjson", "--report-ndjson-path", "events.ndjson", "--seed", str(seed), "--max-examples", str(EXAMPLES)),
        *("--generation-database", "none", "--no-shrink", "--request-timeout", "3", "--max-redirects", "0", "--workers", "1"),
        *("--suppress-health-check", "all", "--warnings", "off"),
    )


def tally(events: Path) -> tuple[int, tuple[Failure, ...]]:
    """Return the number of cases that were answered and not refused, and the distinct failures, even if the writer was killed."""
    cases = 0
    failures: dict[tuple[str, str, int | None, str], Failure] = {}
    for recorder in _recorders(events):
        statuses = [_status(recorder, case) for case in _mapping(recorder.get("cases"))]
        cases += sum(status is not None and status not in REFUSALS for status in statuses)
        for failure in _failures(recorder):
            key = (failure.method, failure.route, failure.status, failure.what)
            if len(failures) < MOST_FAILURES:
                failures.setdefault(key, failure)
    return cases, tuple(failures.values())


def _recorders(events: Path) -> Iterator[dict[str, Any]]:
    """Yield what each scenario recorded; the lines hold a stranger's answers, so each is read with care."""
    if not events.is_file():
        return
    with events.open("rb") as stream:
        while line := stream.readline(MOST_LINE):
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue
            recorder = _mapping(_mapping(_mapping(event).get("ScenarioFinished")).get("recorder"))
            if recorder:
                yield recorder


def _failures(recorder: dict[str, Any]) -> Iterator[Failure]:
    method, _, route = str(recorder.get("label", "")).partition(" ")
    for case, checks in _mapping(recorder.get("checks")).items():
        for check in mappings(checks):
            if check.get("status") == "failure" and check.get("name") in CHECKS:
                told = _mapping(_mapping(recorder.get("interactions")).get(case))
                sent = _sent(
                    _mapping(_mapping(_mapping(recorder.get("cases")).get(case)).get("value")), _mapping(told.get("request"))
                )
                yield Failure(method, printable(route, 300), _status(recorder, case), str(check["name"]), sent)


def _status(recorder: dict[str, Any], case: str) -> int | None:
    """Return the status with which a case was answered; None where no answer came in time."""
    told = _mapping(_mapping(recorder.get("interactions")).get(case))
    status = _mapping(told.get("response")).get("status_code")
    return status if isinstance(status, int) else None


def _sent(value: dict[str, Any], request: dict[str, Any]) -> str:
    path = "/" + str(request.get("uri", "")).split("://", 1)[-1].partition("/")[2]
    body = f" {json.dumps(value['body'])}" if value.get("body") is not None else ""
    return printable(f"{path[:200]}{body}", 300)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}

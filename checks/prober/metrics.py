"""Reads Prometheus text: the total of each metric, so that before and after can be compared."""

from __future__ import annotations

import math
import re

from checks.prober.calls import Answer

PATHS = ("/metrics", "/metrics/", "/api/metrics", "/prometheus")
MOST_NAMES = 2_000
MOST_LINES = 20_000
_SAMPLE = re.compile(r"([A-Za-z_:][A-Za-z0-9_:]{0,199})(?:\{.{0,2000}\})?[ \t]+([-+0-9.eE]{1,40}|[+-]?Inf|NaN)(?:[ \t]+-?\d+)?")


def totals(answer: Answer) -> dict[str, float]:
    """Return the total of the samples of each name; empty when the answer is not Prometheus text."""
    if answer.status != 200 or answer.media in ("text/html", "application/json"):
        return {}
    found: dict[str, float] = {}
    for line in answer.text.splitlines()[:MOST_LINES]:
        match = _SAMPLE.fullmatch(line.strip())
        if match and (match[1] in found or len(found) < MOST_NAMES):
            found[match[1]] = found.get(match[1], 0.0) + _finite(match[2])
    return {name: value for name, value in found.items() if math.isfinite(value)}


def _finite(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if math.isfinite(value) else 0.0

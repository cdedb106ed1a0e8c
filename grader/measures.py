"""What workers count for Prometheus. Where `PROMETHEUS_MULTIPROC_DIR` is set, the counts of all processes of a worker add up."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, multiprocess

REGISTRY = CollectorRegistry()
_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640)
ENDED = Counter(
    "jurygrid_steps_ended",
    "Steps of assessments by how they ended; the code is of a refusal or a failure",
    ("step", "how", "code"),
    registry=REGISTRY,
)
REUSED = Counter("jurygrid_reports_reused", "Assessments of a commit whose report was there already", registry=REGISTRY)
LOST = Counter("jurygrid_leases_lost", "Leases that another worker or a cancellation ended while we worked", registry=REGISTRY)
SECONDS = Histogram(
    "jurygrid_stage_seconds", "Seconds of each stage of a grading", ("stage",), buckets=_BUCKETS, registry=REGISTRY
)


def of_all_processes() -> CollectorRegistry:
    """Return what the processes that count together counted."""
    registry = CollectorRegistry()
    _Living(registry)  # type: ignore[no-untyped-call]
    return registry


class _Living(multiprocess.MultiProcessCollector):
    """Reads the counts of all processes; what was open in one that was killed is open no more, and nobody else says so."""

    def collect(self) -> Iterable[Any]:
        for file in Path(self._path).glob("gauge_live*_*.db"):
            process = file.stem.rpartition("_")[2]
            if process.isdigit() and not _lives(int(process)):
                multiprocess.mark_process_dead(int(process), self._path)  # type: ignore[no-untyped-call]
        return super().collect()  # type: ignore[no-untyped-call, no-any-return]


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def observe(timings: Mapping[str, float]) -> None:
    """Count the seconds of a grading's stages."""
    for stage, seconds in timings.items():
        SECONDS.labels(stage).observe(seconds)

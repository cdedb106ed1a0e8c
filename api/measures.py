"""What Prometheus reads: requests as they are answered, and the queue as it is now."""

from __future__ import annotations

import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader import measures as of_workers
from grader.files import Files
from grader.settings import count_together
from grader.store.assessments import late_leases, oldest_waiting, tally_by_lane
from grader.store.database import Database

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class QueueCollector(Collector):
    """Asks the database when Prometheus asks."""

    def __init__(self, database: Database, files: Files) -> None:
        """Ask this database, and how much room is left for files."""
        self.database, self.files = database, files

    def collect(self) -> Iterator[Metric]:
        """Give the queue as it is."""
        states = GaugeMetricFamily("jurygrid_assessments", "Assessments by state and lane", labels=("state", "lane"))
        age = GaugeMetricFamily("jurygrid_oldest_waiting_seconds", "How long the first in each lane has waited", labels=("lane",))
        late = GaugeMetricFamily("jurygrid_leases_late", "Leases that are over and that nobody swept yet")
        free = GaugeMetricFamily("jurygrid_files_free_bytes", "Room left for files, where it is a folder of this machine")
        up = GaugeMetricFamily("jurygrid_database_up", "Whether the database answers")
        try:
            with self.database.read() as session:
                for (state, lane), many in tally_by_lane(session).items():
                    states.add_metric((state, lane), many)
                for lane, seconds in oldest_waiting(session).items():
                    age.add_metric((lane,), seconds)
                late.add_metric((), late_leases(session))
            up.add_metric((), 1)
        except Exception:
            up.add_metric((), 0)
        if (room := self.files.free_bytes()) is not None:
            free.add_metric((), room)
        yield from (states, age, late, free, up)


class Measures:
    """The metrics of one application."""

    def __init__(self, database: Database, files: Files) -> None:
        """Start at zero."""
        self.queue, self.registry = CollectorRegistry(), CollectorRegistry()
        self.queue.register(QueueCollector(database, files))
        self.requests = Counter(
            "jurygrid_requests", "Requests by route, method and status", ("route", "method", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "jurygrid_request_seconds", "Seconds to answer", ("route",), buckets=_BUCKETS, registry=self.registry
        )
        self.streams = Gauge("jurygrid_streams", "Open streams of progress", registry=self.registry, multiprocess_mode="livesum")

    def text(self) -> bytes:
        """Return what Prometheus reads, from all processes that serve; in the embedded service, what its threads count too."""
        counted = (of_workers.of_all_processes(),) if count_together() else (self.registry, of_workers.REGISTRY)
        return b"".join(map(generate_latest, (self.queue, *counted)))


class Measured:
    """Counts each answer under its route's template: an address with a secret or a name in it is never a label."""

    def __init__(self, app: ASGIApp, *, measures: Measures) -> None:
        """Wrap an application."""
        self.app, self.measures = app, measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and count."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def listening(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, listening)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self.measures.requests.labels(route, scope["method"] if scope["method"] in _METHODS else "other", str(status)).inc()
            self.measures.seconds.labels(route).observe(time.perf_counter() - started)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

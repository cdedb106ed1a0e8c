"""The composition root of Celery's workers: `celery -A worker.app worker`, which `jurygrid worker` starts with the right options."""

from __future__ import annotations

from functools import cache
from typing import Any

from celery import signals
from prometheus_client import start_http_server

from grader.assess import Assessor
from grader.commands.parts import assessor_from_environment
from grader.measures import of_all_processes
from grader.settings import read_service_settings
from grader.store.tables import State
from worker.queue import CeleryQueue, celery_app

settings = read_service_settings()
app = celery_app(settings.queue_url)


@cache
def assessor() -> Assessor:
    """Return this process's hands: each child opens its own connections."""
    return assessor_from_environment(CeleryQueue(app))


@signals.worker_process_init.connect
def _forked(**_known: Any) -> None:
    assessor.cache_clear()


@signals.worker_ready.connect
def _show_counts(**_known: Any) -> None:
    """Let Prometheus read what all processes of this worker counted."""
    if settings.metrics_address:
        host, _, port = settings.metrics_address.rpartition(":")
        start_http_server(int(port), host, of_all_processes())


@app.task(name="jurygrid.fetch")
def fetch() -> bool:
    """Fetch the submission whose turn it is."""
    return assessor().take(State.RECEIVED)


@app.task(name="jurygrid.grade")
def grade() -> bool:
    """Grade the submission whose turn it is."""
    return assessor().take(State.QUEUED)

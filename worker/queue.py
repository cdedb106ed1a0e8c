"""Tells Celery's workers that something waits. The API sends by this module, and knows nothing else of Celery."""

from __future__ import annotations

import logging

from celery import Celery

from grader.embedded import Embedded
from grader.queue import Queue
from grader.settings import ServiceSettings
from grader.store.tables import Lane, State

log = logging.getLogger("jurygrid.queue")
TASKS = {State.RECEIVED: "jurygrid.fetch", State.QUEUED: "jurygrid.grade"}
QUEUES = tuple(f"{task}-{lane}" for task in ("fetch", "grade") for lane in Lane)
LONGEST = 3_600  # seconds of one task, fetch and run included
_RESTORE = 7_200  # above the longest task: Redis then never hands out twice what is still worked on


def celery_app(url: str) -> Celery:
    """Return the Celery application on a Redis."""
    app = Celery("jurygrid", broker=url)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_time_limit=LONGEST,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "visibility_timeout": _RESTORE,
            "socket_connect_timeout": 3,
            "socket_timeout": 30,
            "retry_policy": {"max_retries": 1, "interval_start": 0, "interval_max": 0.2},
        },
        task_default_queue="grade-interactive",
        enable_utc=True,
    )
    return app


def queue_from_settings(settings: ServiceSettings) -> Queue:
    """Return what tells workers: Celery where a queue is set, threads of this process (not started) where none is."""
    return Embedded() if settings.is_embedded else CeleryQueue(celery_app(settings.queue_url))


def queue_name(waiting: State, lane: Lane) -> str:
    """Return Celery's queue for what waits in a state and lane."""
    return f"{TASKS[waiting].rpartition('.')[2]}-{lane}"


class CeleryQueue:
    """A `Queue` on Celery. A broker that does not answer costs time, not an assessment: the sweep tells again."""

    def __init__(self, app: Celery) -> None:
        """Send by an application."""
        self.app = app

    def tell(self, waiting: State, lane: Lane) -> None:
        """Send one message, which names no assessment."""
        try:
            self.app.send_task(TASKS[waiting], queue=queue_name(waiting, lane), retry=False)
        except Exception:
            log.warning("the broker does not answer", exc_info=True)

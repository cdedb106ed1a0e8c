"""What the API works with, made once by whoever starts it."""

from __future__ import annotations

from dataclasses import dataclass

from grader.files import Files
from grader.queue import Queue
from grader.secret import Secret
from grader.settings import ServiceSettings, Settings
from grader.store.database import Database


@dataclass(frozen=True)
class Service:
    """The parts of a running service."""

    database: Database
    files: Files
    secret: Secret
    queue: Queue
    settings: Settings
    service_settings: ServiceSettings

    @property
    def is_https(self) -> bool:
        """Tell whether browsers reach us by https: cookies are then never sent otherwise."""
        return self.service_settings.address.startswith("https://")

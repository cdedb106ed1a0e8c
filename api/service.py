"""What the API works with, made once by whoever starts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from grader.engine import Check
from grader.files import Files
from grader.queue import Queue
from grader.secret import Secret
from grader.settings import ServiceSettings, Settings
from grader.store.database import Database
from grader.viewer import Viewer


@dataclass(frozen=True)
class Service:
    """The parts of a running service."""

    database: Database
    files: Files
    secret: Secret
    queue: Queue
    settings: Settings
    service_settings: ServiceSettings
    checks: Mapping[str, Check] = field(default_factory=dict)

    @cached_property
    def viewer(self) -> Viewer:
        """Shows files of what was graded."""
        place = self.service_settings.data_folder if self.service_settings.is_embedded else Path(self.settings.work_folder)
        return Viewer(self.files, place / "jurygrid-viewer", self.settings)

    @property
    def providers(self) -> tuple[tuple[str, str], ...]:
        """Identity providers one may sign in with: (id, what the button calls it)."""
        known = self.service_settings
        found = [("oidc", known.oidc_name)] if known.oidc_issuer and known.oidc_client_id else []
        return (*found, ("github", "GitHub")) if known.github_client_id else tuple(found)

    @property
    def hosts(self) -> list[str]:
        """Names under which requests may come: that of the address, and this machine's for health checks."""
        return [urlsplit(self.service_settings.address).hostname or "*", "127.0.0.1", "localhost", "[::1]"]

    @property
    def is_https(self) -> bool:
        """Tell whether browsers reach us by https: cookies are then never sent otherwise."""
        return self.service_settings.address.startswith("https://")

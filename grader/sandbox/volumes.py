"""The store of the service's sandbox: the engine's named volumes. When each was used is noted beside, on this machine."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grader.errors import SandboxFailed
from grader.sandbox import Stored
from grader.sandbox.docker import PREFIX, connect, engine_errors

_NAME = re.compile(r"[a-z0-9-]{1,80}")
LABEL = "jurygrid.store"
MEASURES = 50  # tries, a fifth of a second apart


class VolumeStore:
    """Keeps each name as a volume of the engine at `host`; `notes` is a folder where uses are noted."""

    def __init__(self, host: str, notes: Path) -> None:
        """Remember the engine and the folder, made when first needed."""
        self.host, self.notes = host, notes

    def has(self, name: str) -> bool:
        """Tell whether it exists, complete or not."""
        with self._client() as client:
            return _find(client, name) is not None

    def make(self, name: str) -> None:
        """Make it, empty; nothing happens when it exists."""
        with self._client() as client:
            client.volumes.create(_named(name), labels={LABEL: "1"})
        self._note(name)

    def remove(self, name: str) -> None:
        """Remove it with all it holds; nothing happens when it is absent. Raises SandboxFailed when it is mounted."""
        with self._client() as client:
            volume = _find(client, name)
            if volume is not None:
                volume.remove()
        (self.notes / name).unlink(missing_ok=True)

    def touch(self, name: str) -> None:
        """Note that it is used now; nothing happens when it is absent."""
        if self.has(name):
            self._note(name)

    def stored(self) -> tuple[Stored, ...]:
        """Return everything in the store, by name."""
        with self._client() as client:
            volumes = _sizes(client)
        ours = sorted((v["Name"], max((v.get("UsageData") or {}).get("Size", 0), 0)) for v in volumes if _ours(v))
        return tuple(Stored(name.removeprefix(PREFIX), size, self._used_at(name.removeprefix(PREFIX))) for name, size in ours)

    def _note(self, name: str) -> None:
        try:
            self.notes.mkdir(parents=True, exist_ok=True)
            (self.notes / name).touch()
        except OSError as error:
            raise SandboxFailed("store-unwritable", folder=str(self.notes), detail=error.strerror) from None

    def _used_at(self, name: str) -> float:
        note = self.notes / name
        return note.stat().st_mtime if note.exists() else time.time()

    @contextmanager
    def _client(self) -> Iterator[Any]:
        client = connect(self.host)
        try:
            yield client
        except engine_errors() as error:
            raise SandboxFailed("docker-failed", detail=str(error)[:300]) from error
        finally:
            client.close()


def _sizes(client: Any) -> list[dict[str, Any]]:
    """Return the engine's volumes with their sizes: it measures for one caller at a time, and refuses the others meanwhile."""
    for _ in range(MEASURES):
        try:
            return client.api.df().get("Volumes") or []
        except engine_errors() as error:
            if "already running" not in str(error):
                raise
            time.sleep(0.2)
    return client.api.df().get("Volumes") or []


def _named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name of a store: {name[:80]!r}")
    return PREFIX + name


def _find(client: Any, name: str) -> Any:
    exact = _named(name)
    return next((v for v in client.volumes.list(filters={"name": exact}) if v.name == exact), None)


def _ours(volume: dict[str, Any]) -> bool:
    return str(volume.get("Name", "")).startswith(PREFIX) and LABEL in (volume.get("Labels") or {})

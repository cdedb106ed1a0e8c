"""What goes with a sandbox: the store of its environments, and who prepares them."""

from __future__ import annotations

import contextlib
import sys
import time

from grader.environments import Environments, package_index
from grader.errors import SandboxFailed
from grader.pruning import prune
from grader.sandbox import Sandbox, Store
from grader.sandbox.bubblewrap import Bubblewrap
from grader.sandbox.folders import FolderStore
from grader.settings import Settings

DAY = 86_400.0
A_WHILE = 600.0
SYSTEM = "jurygrid-system"  # at the top of a root: names Debian's part of it


def environments_in(place: Sandbox, settings: Settings) -> Environments:
    """Return who prepares environments in a sandbox, from the package index of our settings."""
    store, identity = _store(place, settings)
    index = package_index(settings)
    folder = settings.cache_folder / place.name
    return Environments(place, store, folder, identity, index, settings.prepare_seconds, settings.most_wheel_bytes)


def prune_now_and_then(environments: Environments, settings: Settings) -> None:
    """Remove environments that nobody used for long, and the least used ones beyond the room they may take.

    Measuring them takes seconds: it is done once a day, and after a while where one was built.
    """
    note = environments.folder / "pruned"
    rest = A_WHILE if environments.grown else DAY
    if note.exists() and time.time() - note.stat().st_mtime < rest:
        return
    with contextlib.suppress(OSError, SandboxFailed):
        note.parent.mkdir(parents=True, exist_ok=True)
        note.touch()
        prune(environments.store, environments.folder, older_than=settings.cache_days * DAY, most_bytes=settings.cache_bytes)


def _store(place: Sandbox, settings: Settings) -> tuple[Store, str]:
    if isinstance(place, Bubblewrap) and place.store is not None:
        system = (place.root / SYSTEM).read_text("utf-8").strip() if place.root else sys.version
        return place.store, system
    if place.name == "docker":
        from grader.sandbox.volumes import VolumeStore

        return VolumeStore(settings.docker_host, settings.cache_folder / "uses"), settings.runner_image
    return FolderStore(settings.cache_folder / "store"), ""

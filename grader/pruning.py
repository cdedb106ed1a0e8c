"""Pruning prepared environments by age and size; never one that is in use."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from grader.environments import PACKAGES, discard, ready
from grader.errors import SandboxFailed
from grader.holds import Hold
from grader.sandbox import Store

_MEMORIES = ("resolved", "installed", "compiled", "building")


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed: environments by name, bytes freed, and the bytes that the store still takes."""

    names: tuple[str, ...]
    bytes: int
    left: int


def prune(store: Store, folder: Path, *, older_than: float, most_bytes: int) -> Pruned:
    """Remove what nobody completed, what was not used for `older_than` seconds, then the least recently used until `most_bytes` hold.

    Downloaded packages go last, when the environments alone leave too much. What is in use stays.
    """
    stored = {s.name: s for s in store.stored()}
    now, removed, freed = time.time(), [], 0
    total = sum(s.bytes for s in stored.values())
    environments = sorted((s for s in stored.values() if s.name.startswith("environment-")), key=lambda s: s.used_at)
    for one in environments:
        complete = ready(one.name) in stored
        kept = complete and now - one.used_at <= older_than and total - freed <= most_bytes
        if not kept and _removed(store, folder, one.name, complete=complete):
            removed.append(one.name)
            freed += one.bytes
    packages = stored.get(PACKAGES)
    if packages is not None and total - freed > most_bytes and _emptied(store, folder):
        freed += packages.bytes
    _forget(folder, now - older_than)
    return Pruned(tuple(removed), freed, total - freed)


def _removed(store: Store, folder: Path, name: str, *, complete: bool) -> bool:
    """Remove one unless it is in use: what was never completed has no users, only a builder, who holds alone."""
    hold = Hold(folder / "holds" / name.split("-")[1])
    if not (hold.exclusive(0) if complete else hold.shared(0)):
        return False
    try:
        discard(store, name)
        if complete:
            hold.path.unlink(missing_ok=True)
    except SandboxFailed:  # a sandbox that outlived its grader still mounts it
        return False
    finally:
        hold.release()
    return True


def _emptied(store: Store, folder: Path) -> bool:
    hold = Hold(folder / "holds" / PACKAGES)
    if not hold.exclusive(0):
        return False
    try:
        store.remove(PACKAGES)
    except SandboxFailed:
        return False
    finally:
        hold.release()
    return True


def _forget(folder: Path, before: float) -> None:
    """Remove what was remembered long ago, and what a killed writer left."""
    for name in _MEMORIES:
        for path in (folder / name).glob("*") if (folder / name).is_dir() else ():
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)

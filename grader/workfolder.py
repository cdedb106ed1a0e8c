"""The folder of one grading: made under a lock, so that what a killed command left is told from what is in use."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from grader.settings import COUNTS_VARIABLE, hand_down

PREFIX, COUNTS = "jurygrid-", ".jurygrid-counts-"
_LOCK, _BEFORE = "in-use", "in-use.new"


@contextlib.contextmanager
def work_folder(parent: Path, prefix: str = PREFIX) -> Iterator[Path]:
    """Make a folder below `parent`; it is removed at the end, whatever happened."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    lock = os.open(folder / _BEFORE, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (folder / _BEFORE).rename(folder / _LOCK)  # a sweep that looks meanwhile sees no lock yet, and leaves the folder alone
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


@contextlib.contextmanager
def counts_folder(parent: Path) -> Iterator[None]:
    """Let every process that starts in here count together for Prometheus. To be entered before its client is imported."""
    sweep_folders(parent, COUNTS)
    with work_folder(parent, COUNTS) as folder:
        hand_down(COUNTS_VARIABLE, str(folder))
        yield


def sweep_folders(parent: Path, prefix: str = PREFIX) -> int:
    """Remove the folders of gradings that are over without having removed theirs; return how many."""
    return sum(_removed(folder) for folder in parent.glob(f"{prefix}*") if (folder / _LOCK).exists())


def _removed(folder: Path) -> bool:
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR)
    except OSError:  # removed meanwhile, or another person's
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
        return True
    except OSError:
        return False
    finally:
        os.close(lock)

"""The store of the embedded sandbox: folders below the cache folder."""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.errors import SandboxFailed
from grader.sandbox import Stored

_NAME = re.compile(r"[a-z0-9-]{1,80}")
_LEAVING = ".leaving-"
_USED = ".used"


class FolderStore:
    """Keeps each name as a folder of `root`. When it was used is the time of a file beside it: what mounts it cannot change that."""

    def __init__(self, root: Path) -> None:
        """Keep folders below `root`, made when first needed."""
        self.root = root

    def path(self, name: str) -> Path:
        """Return the folder of a name, for whoever mounts it. Raises ValueError for what is not a name."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a name of a store: {name[:80]!r}")
        return self.root / name

    def has(self, name: str) -> bool:
        """Tell whether it exists, complete or not."""
        return self.path(name).is_dir()

    def make(self, name: str) -> None:
        """Make it, empty; nothing happens when it exists. Raises SandboxFailed when the folder cannot be written."""
        try:
            self.path(name).mkdir(parents=True, exist_ok=True, mode=0o755)
        except OSError as error:
            raise SandboxFailed("store-unwritable", folder=str(self.root), detail=error.strerror) from None
        self.touch(name)

    def remove(self, name: str) -> None:
        """Remove it with all it holds; nothing happens when it is absent.

        It is renamed first, so that nobody sees it half empty; what an earlier removal left is removed too.
        """
        folder = self.path(name)
        if folder.is_dir():
            folder.rename(Path(tempfile.mkdtemp(prefix=_LEAVING, dir=self.root)) / name)
        (self.root / f"{name}{_USED}").unlink(missing_ok=True)
        for left in self.root.glob(f"{_LEAVING}*"):
            shutil.rmtree(left, onerror=_writable)

    def touch(self, name: str) -> None:
        """Note that it is used now; nothing happens when it is absent."""
        if self.has(name):
            (self.root / f"{name}{_USED}").touch()

    def stored(self) -> tuple[Stored, ...]:
        """Return everything in the store, by name."""
        if not self.root.is_dir():
            return ()
        names = sorted(p.name for p in self.root.iterdir() if _NAME.fullmatch(p.name) and p.is_dir())
        return tuple(Stored(name, _bytes(self.root / name), self._used_at(name)) for name in names)

    def _used_at(self, name: str) -> float:
        used = self.root / f"{name}{_USED}"
        return used.stat().st_mtime if used.exists() else time.time()


def _writable(again: Callable[..., Any], path: str, _why: object) -> None:
    """Make a folder writable and try once more; what is gone meanwhile is no trouble."""
    try:
        for folder in (Path(path).parent, Path(path)):
            if stat.S_ISDIR(folder.lstat().st_mode):
                folder.chmod(0o700)
        if Path(path).is_dir() and not Path(path).is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            again(path)
    except OSError:
        return


def _bytes(folder: Path) -> int:
    """Return the bytes that its files take on disk, a file with several names counted once."""
    seen: dict[tuple[int, int], int] = {}
    for above, _, names in os.walk(folder):
        for name in names:
            try:
                told = (Path(above) / name).lstat()
            except OSError:
                continue
            seen[told.st_dev, told.st_ino] = told.st_blocks * 512
    return sum(seen.values())

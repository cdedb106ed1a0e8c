"""Keeps files by the hash of their content, in a folder or in any storage that fsspec reaches. Never below a web root."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import fsspec

from grader.errors import OurFailure

CHUNK = 1 << 20


class Files:
    """A store of files: `url` is a folder's path, or an fsspec address such as `s3://bucket/prefix`."""

    def __init__(self, url: str) -> None:
        """Open the store; a folder is made when absent."""
        self.system, self.base = fsspec.core.url_to_fs(url)
        self.system.makedirs(self.base, exist_ok=True)

    def keep(self, source: BinaryIO) -> tuple[str, int]:
        """Keep what `source` gives; return its SHA-256, which names it, and its size. Whole or not at all."""
        digest, size, new = hashlib.sha256(), 0, f"{self.base}/new-{secrets.token_hex(12)}"
        try:
            with self.system.open(new, "wb") as target:
                while block := source.read(CHUNK):
                    digest.update(block)
                    size += len(block)
                    target.write(block)
            name = digest.hexdigest()
            self.system.makedirs(self._folder(name), exist_ok=True)
            self.system.mv(new, self._path(name))
        except BaseException as error:
            with contextlib.suppress(OSError):
                self.system.rm(new)
            if not isinstance(error, OSError):
                raise
            raise OurFailure("files-unwritable", detail=error.strerror or type(error).__name__) from error
        return name, size

    def bring(self, name: str, target: Path) -> None:
        """Copy a kept file to `target`. Raises OurFailure when it is absent or no longer what its name says."""
        digest = hashlib.sha256()
        with self.open(name) as source, target.open("wb") as copy:
            while block := source.read(CHUNK):
                digest.update(block)
                copy.write(block)
        if digest.hexdigest() != name:
            raise OurFailure("file-damaged", name=name)

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a kept file for reading. Raises OurFailure when it is absent."""
        try:
            with self.system.open(self._path(name), "rb") as source:
                yield source
        except FileNotFoundError:
            raise OurFailure("file-absent", name=name) from None

    def has(self, name: str) -> bool:
        """Tell whether a file is kept."""
        return bool(self.system.exists(self._path(name)))

    def answers(self) -> bool:
        """Tell whether the store answers now."""
        try:
            return bool(self.system.exists(self.base))
        except Exception:
            return False

    def free_bytes(self) -> int | None:
        """Return the room left, None where the store is no folder of this machine."""
        return shutil.disk_usage(self.base).free if "file" in self.system.protocol else None

    def remove(self, name: str) -> None:
        """Remove a file; nothing happens when it is absent."""
        with contextlib.suppress(FileNotFoundError):
            self.system.rm(self._path(name))

    def _folder(self, name: str) -> str:
        return f"{self.base}/{name[:2]}"

    def _path(self, name: str) -> str:
        return f"{self._folder(name)}/{name}"

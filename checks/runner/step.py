"""The step to run: `step.json` as a value, and the submission's files written where they run."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import tarfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KINDS = ("tests", "serve", "migrate", "mutate")
MOST_STEP = 4_000_000
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """What to run: values of the plan as dictionaries, seconds in total, and where everything stands."""

    kind: str
    nonce: str
    part: Values
    suite: Values | None
    app: Values | None
    database: Values | None
    services: tuple[Values, ...]
    variables: Mapping[str, str]
    queries: tuple[Values, ...]
    databases: tuple[Values, ...]
    environment: Path
    seconds: float
    per_test_seconds: float
    port: int
    base: Path
    seed: int
    started: float = field(default_factory=time.monotonic)

    @property
    def tree(self) -> Path:
        """Return the folder of the submission's files."""
        return self.base / "work"

    @property
    def home(self) -> Path:
        """Return the home of what runs."""
        return self.base / "home"

    @property
    def deadline(self) -> float:
        """Return when the document must leave, on the monotonic clock."""
        return self.started + self.seconds - min(1.5, self.seconds * 0.05)

    @property
    def time_left(self) -> float:
        """Return the seconds that commands may still take: what stopping, killing and telling cost is kept back."""
        return self.deadline - 1.5 * self.grace - time.monotonic()

    @property
    def grace(self) -> float:
        """Return the seconds that a command has to write its results once it is asked to stop."""
        return min(5.0, self.seconds * 0.2)

    def folder(self, name: str) -> Path:
        """Return a folder of the submission where it is, the root when `name` leads outside or nowhere."""
        path = Path(os.path.normpath(self.tree / name))
        return path if path.is_relative_to(self.tree) and path.is_dir() else self.tree

    def relative(self, path: str | Path) -> str:
        """Return a path as seen from the root of the repository."""
        return os.path.relpath(path, self.tree)


def read_step(archive: bytes) -> Step:
    """Read `step.json`, the first file of the archive. Raises ValueError when it is not one."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        first = tar.next()
        if first is None or first.name != "step.json" or not first.isreg() or first.size > MOST_STEP:
            raise ValueError("no step.json")
        stream = tar.extractfile(first)
        document = json.loads(stream.read() if stream else b"")
    if not isinstance(document, dict) or document.get("kind") not in KINDS:
        raise ValueError("unknown kind of step")
    return _made(document)


def _made(document: dict[str, Any]) -> Step:
    return Step(
        kind=document["kind"],
        nonce=str(document.get("nonce", "")),
        part=document.get("part") or {},
        suite=document.get("suite"),
        app=document.get("app"),
        database=document.get("database"),
        services=tuple(document.get("services") or ()),
        variables={str(k): str(v) for k, v in (document.get("variables") or {}).items()},
        queries=tuple(document.get("queries") or ()),
        databases=tuple(document.get("databases") or (document.get("part") or {}).get("databases") or ()),
        environment=Path(document.get("environment") or "/opt/environment"),
        seconds=float(document.get("seconds") or 300),
        per_test_seconds=float(document.get("per_test_seconds") or 30),
        port=int(document.get("port") or 8000),
        base=Path(document.get("base") or "/tmp"),  # noqa: S108 - the sandbox's own, of limited size
        seed=int(document.get("seed") or 1),
    )


def write_tree(archive: bytes, step: Step) -> list[str]:
    """Write the files of `tree/` into the step's folder, regular files only; return the troubles met."""
    trouble: dict[str, None] = {}
    for folder in (step.tree, step.home):
        folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            name = member.name.removeprefix("tree/")
            if name == member.name:
                continue
            inside = name and not name.startswith("/") and ".." not in name.split("/") and "\0" not in name
            if not member.isreg() or not inside:
                trouble["odd-file"] = None
                continue
            try:
                _write(tar, member, step.tree / name)
            except OSError as error:
                trouble["disk-full" if error.errno == errno.ENOSPC else "odd-file"] = None
    return list(trouble)


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = tar.extractfile(member)
    mode = 0o755 if member.mode & 0o100 else 0o644
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode), "wb") as file:
        while stream and (piece := stream.read(1 << 20)):
            file.write(piece)
    with contextlib.suppress(OSError):
        os.utime(path, (member.mtime, member.mtime))

"""What an examination is asked for, read from the frames that the sandbox is sent."""

from __future__ import annotations

import json
import tarfile
from dataclasses import dataclass, field
from typing import IO, Any, cast

from checks.runner.frames import HEAD
from grader.values import Commit, History, Skipped


@dataclass
class Job:
    """What the examination is asked for: `run` says that an archive of what ran will follow, for which it is worth waiting."""

    nonce: str
    checks: frozenset[str]
    history: History
    skipped: tuple[Skipped, ...]
    memory_bytes: int
    run: bool = False
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Frame:
    """The next frame of a stream, read piece by piece: an archive need not be held twice."""

    stream: IO[bytes]
    left: int = 0

    def __post_init__(self) -> None:
        """Read the length. Raises ValueError when the stream ends first."""
        head = self.stream.read(HEAD.size)
        if len(head) < HEAD.size:
            raise ValueError("no frame")
        (self.left,) = HEAD.unpack(head)

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, all that is left when negative, b"" at the end of the frame."""
        data = self.stream.read(self.left if size < 0 else min(size, self.left))
        self.left -= len(data)
        return data


def read_job(stream: IO[bytes]) -> Job:
    """Read the archive that `grader.pack` wrote, a frame of `stream`. Raises ValueError when it has no job."""
    files: dict[str, bytes] = {}
    job: dict[str, Any] | None = None
    whole = Frame(stream)
    with tarfile.open(fileobj=cast(IO[bytes], whole), mode="r|") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isreg() else None
            if content is None:
                continue
            if member.name == "job.json":
                job = json.load(content)
            else:
                files[member.name.removeprefix("tree/")] = content.read()
    while whole.read(1 << 20):
        pass
    if job is None:
        raise ValueError("the archive holds no job.json")
    past = job["history"]
    commits = tuple(Commit(**{**c, "parents": tuple(c["parents"]), "files": tuple(c["files"])}) for c in past["commits"])
    return Job(
        job["nonce"],
        frozenset(job["checks"]),
        History(commits, tuple(past["branches"]), past["complete"]),
        tuple(Skipped(**s) for s in job["skipped"]),
        job["memory_bytes"],
        bool(job.get("run")),
        files,
    )

"""Shows a file of what was graded, out of its mirror: from here evidence opens at the line, whatever became of the repository."""

from __future__ import annotations

import fcntl
import shutil
from dataclasses import dataclass
from pathlib import Path

from grader.errors import Refused, Unknown
from grader.fetch import Snapshot as Fetched
from grader.fetch import git
from grader.files import Files
from grader.mirror import OBJECTS
from grader.process import Limits
from grader.receive import opened
from grader.settings import Settings
from grader.store.tables import Snapshot

MOST_BYTES, MOST_LINES, MOST_LINE = 2_000_000, 400, 2_000
_KEPT = 30  # mirrors laid out at a time


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a file, the first numbered `start`; `more` says that the file goes on."""

    path: str
    start: int
    lines: tuple[str, ...]
    more: bool


@dataclass(frozen=True)
class Viewer:
    """Lays out mirrors in `folder`, the least recently laid out are removed."""

    files: Files
    folder: Path
    settings: Settings

    def lines(self, snapshot: Snapshot, path: str, *, start: int = 1, count: int = MOST_LINES) -> Lines:
        """Return lines of a text file. Raises Unknown when there is no such file, Refused when it is no text or too large."""
        data = self._blob(self._laid_out(snapshot), snapshot.commit, path)
        if b"\0" in data[:8_000]:
            raise Refused("file-binary", path=path)
        rows = data.decode("utf-8", "replace").splitlines()
        start = max(1, min(start, max(1, len(rows))))
        shown = rows[start - 1 : start - 1 + max(1, min(count, MOST_LINES))]
        return Lines(path, start, tuple(line[:MOST_LINE] for line in shown), start - 1 + len(shown) < len(rows))

    def _blob(self, git_dir: Path, commit: str, path: str) -> bytes:
        """Return a file's bytes. The path is looked up among the tree's own names: it is never a pattern or an option."""
        limits = Limits(seconds=30, file_bytes=MOST_BYTES)
        wanted = path.encode("utf-8", "surrogateescape")
        if not path or "\0" in path or len(wanted) > 4_096:
            raise Unknown("unknown")
        listed = git(git_dir, "--literal-pathspecs", "ls-tree", "-zl", "--full-tree", commit, "--", path, limits=limits).stdout
        for row in listed.split(b"\0"):
            head, _, name = row.partition(b"\t")
            if name == wanted and head.split()[1] == b"blob":
                size = head.split()[3]
                if not size.isdigit() or int(size) > MOST_BYTES:
                    raise Refused("file-too-large", path=path)
                return git(git_dir, "cat-file", "blob", head.split()[2].decode(), limits=limits).stdout
        raise Unknown("unknown")

    def _laid_out(self, snapshot: Snapshot) -> Path:
        """Return the objects of a snapshot, laid out once; another process that wants the same waits."""
        place = self.folder / snapshot.sha256
        if (place / "done").exists():
            return place / OBJECTS
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (place / "done").exists():
                self._make_room()
                shutil.rmtree(place, ignore_errors=True)
                place.mkdir()
                self.files.bring(snapshot.file, place / "mirror.tar")
                found: Fetched = opened(snapshot, place / "mirror.tar", place)
                (place / "mirror.tar").unlink()
                (place / "done").touch()
                return found.git_dir
        return place / OBJECTS

    def _make_room(self) -> None:
        places = sorted((p for p in self.folder.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime)
        for old in places[: max(0, len(places) - _KEPT + 1)]:
            shutil.rmtree(old, ignore_errors=True)

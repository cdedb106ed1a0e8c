"""Writes the archive that sandboxes get: the bounded files of the snapshot, and what is asked. Nothing is checked out."""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from grader.errors import RepositoryRefused
from grader.fetch import Snapshot, git
from grader.paths import environment_roots, is_unsafe, vendored_folder
from grader.process import Limits
from grader.settings import Settings
from grader.values import Skipped

MOST_ENTRIES = 400_000
CROWD = 200  # files of one kind in one folder, from which they are a data set: they come last
_DATA = re.compile(
    r"png|jpe?g|gif|bmp|webp|tiff?|np[yz]|wav|mp[34]|flac|ogg|avi|mov|zip|t?gz|tar|7z|pkl|pth?|onnx|h5|bin|parquet"
)
_LFS = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the tree: `size` is None when the object is not here."""

    path: str
    mode: str
    sha: str
    size: int | None


def read_tree(snapshot: Snapshot, settings: Settings) -> list[Entry]:
    """List every file of the snapshot. Raises RepositoryRefused when there are absurdly many or none."""
    limits = Limits(seconds=settings.fetch_seconds, file_bytes=settings.most_bytes)
    done = git(snapshot.git_dir, "ls-tree", "-rzl", "--full-tree", "--end-of-options", snapshot.commit, limits=limits)
    rows = done.stdout.split(b"\0")[:-1]
    if not done.ok or len(rows) > MOST_ENTRIES:
        raise RepositoryRefused("repository-too-large" if len(rows) > MOST_ENTRIES else "repository-damaged")
    if not rows:
        raise RepositoryRefused("repository-empty")
    return [_entry(row) for row in rows]


def _entry(row: bytes) -> Entry:
    head, _, path = row.partition(b"\t")
    mode, _, sha, size = head.split()
    return Entry(path.decode("utf-8", "surrogateescape"), mode.decode(), sha.decode(), int(size) if size.isdigit() else None)


def choose(entries: list[Entry], settings: Settings) -> tuple[list[Entry], list[Skipped]]:
    """Return the entries to examine and what is left out, each with its reason. Path order decides, images and data sets last."""
    kept: list[Entry] = []
    skipped: list[Skipped] = []
    folders: Counter[str] = Counter()
    environments = environment_roots([e.path for e in entries])
    total = 0
    alike = Counter(_kind(e.path) for e in entries)
    crowded = {kind for kind, count in alike.items() if count > CROWD or _DATA.fullmatch(kind[1])}
    for entry in sorted(entries, key=lambda e: (_kind(e.path) in crowded, e.path)):
        folder = vendored_folder(entry.path) or next((r for r in environments if entry.path.startswith(r)), None)
        reason = _reason(entry, settings)
        if folder:
            folders[folder] += 1
        elif reason:
            skipped.append(Skipped(entry.path, reason))
        elif len(kept) >= settings.most_files or total + (entry.size or 0) > settings.most_bytes:
            folders["…"] += 1
        else:
            kept.append(entry)
            total += entry.size or 0
    beyond = folders.pop("…", 0)
    skipped += [Skipped(folder, f"vendored:{count}") for folder, count in sorted(folders.items())]
    if beyond:
        skipped.append(Skipped("…", f"beyond-the-limits:{beyond}"))
    return kept, skipped


def _kind(path: str) -> tuple[str, str]:
    """Return the folder and the suffix of a path."""
    folder, _, name = path.rpartition("/")
    return folder, name.rpartition(".")[2].lower()


def _reason(entry: Entry, settings: Settings) -> str | None:
    if is_unsafe(entry.path):
        return "unsafe-name"
    if entry.mode == "120000":
        return "symlink"
    if entry.mode == "160000":
        return "submodule"
    if entry.size is None:
        return "absent-from-the-host"
    return "too-large" if entry.size > settings.most_file_bytes else None


@dataclass(frozen=True, slots=True)
class Packed:
    """`files` is an archive of `tree/<path>` for each file, the same for every job; `skipped` is what was left out of it."""

    files: Path
    skipped: tuple[Skipped, ...]

    def frame(self, name: str, document: object) -> tuple[bytes, Path]:
        """Return the frame of an archive that holds `document` as JSON under `name`, then the files."""
        return entry(name, json.dumps(document, ensure_ascii=True).encode()), self.files


def pack(snapshot: Snapshot, *, settings: Settings, folder: Path) -> Packed:
    """Write `files.tar` in `folder`."""
    kept, skipped = choose(read_tree(snapshot, settings), settings)
    blobs = folder / "blobs"
    limits = Limits(seconds=settings.fetch_seconds, file_bytes=2 * settings.most_bytes + 200 * len(kept))
    order = b"".join(e.sha.encode() + b"\n" for e in kept)
    git(snapshot.git_dir, "cat-file", "--batch", limits=limits, stdin=order, stdout=blobs)
    files = folder / "files.tar"
    with blobs.open("rb") as stream, tarfile.open(files, "w", format=tarfile.PAX_FORMAT) as archive:
        for kept_entry in kept:
            data = _read_blob(stream)
            if data is None or data.startswith(_LFS):
                skipped.append(Skipped(kept_entry.path, "lfs-pointer" if data else "absent-from-the-host"))
            else:
                _add(archive, f"tree/{kept_entry.path}", data)
    blobs.unlink()
    return Packed(files, (*snapshot.history.elsewhere, *skipped))


def entry(name: str, data: bytes) -> bytes:
    """Return one member of an archive, without the archive's end: other members can follow."""
    whole = io.BytesIO()
    archive = tarfile.open(fileobj=whole, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closing would write the end
    _add(archive, name, data)
    return whole.getvalue()


def _read_blob(stream: io.BufferedReader) -> bytes | None:
    head = stream.readline().split()
    if len(head) != 3 or head[1] != b"blob":
        return None
    data = stream.read(int(head[2]))
    stream.read(1)
    return data


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))

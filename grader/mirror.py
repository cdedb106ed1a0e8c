"""Keeps a snapshot as one file: its objects and history as they were at submission, so that a later force-push changes nothing."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter

from grader.errors import OurFailure, RepositoryRefused
from grader.fetch import Snapshot, git, is_disk_full
from grader.process import Limits
from grader.settings import Settings
from grader.values import History

OBJECTS, HISTORY = "objects.git", "history.json"
_HISTORY = TypeAdapter(History)
_TOO_LARGE = "repository-too-large"
_KEPT = ("HEAD", "config", "shallow", "packed-refs", "objects", "refs")


def write_mirror(snapshot: Snapshot, target: Path, *, settings: Settings, folder: Path) -> None:
    """Write the snapshot into the tar file `target`: only what its commit needs, whatever else its repository holds.

    Raises RepositoryRefused when it is over the accepted size or damaged.
    """
    bare = folder / "mirror.git"
    limits = Limits(seconds=settings.fetch_seconds, file_bytes=settings.most_bytes)
    git(bare, "init", "--quiet", "--bare", str(bare), limits=limits)
    _copy_objects(snapshot, bare, folder, limits)
    (bare / "shallow").write_text(f"{snapshot.commit}\n")
    (bare / "HEAD").write_text("ref: refs/heads/submitted\n")
    (bare / "refs" / "heads" / "submitted").write_text(f"{snapshot.commit}\n")
    (bare / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
    history = folder / HISTORY
    history.write_text(json.dumps(asdict(snapshot.history)), "utf-8", errors="surrogatepass")
    with tarfile.open(target, "w") as archive:
        archive.add(history, HISTORY)
        for name in _KEPT:
            if (bare / name).exists():
                archive.add(bare / name, f"{OBJECTS}/{name}")


def _copy_objects(snapshot: Snapshot, bare: Path, folder: Path, limits: Limits) -> None:
    """Copy the commit, its trees and the blobs that are here; those that were too large to fetch stay absent, as they were."""
    roots = f"{snapshot.commit}\n{snapshot.tree}\n".encode()
    listed = git(
        snapshot.git_dir,
        "rev-list",
        "--objects",
        "--missing=allow-any",
        "--no-object-names",
        f"{snapshot.commit}^{{tree}}",
        limits=limits,
    )
    if not listed.ok:
        raise RepositoryRefused("repository-damaged")
    pack = folder / "mirror.pack"
    made = git(
        snapshot.git_dir,
        "pack-objects",
        "--stdout",
        "--missing=allow-any",
        "-q",
        stdin=roots + listed.stdout,
        stdout=pack,
        limits=limits,
    )
    indexed = git(bare, "index-pack", "--stdin", "--fix-thin", stdin=pack, limits=limits) if made.ok else made
    if not indexed.ok and is_disk_full(indexed.stderr.decode("utf-8", "replace")):
        raise OurFailure("disk-full")
    if not indexed.ok:
        too_large = indexed.how == "output-too-large"
        raise RepositoryRefused(_TOO_LARGE if too_large else "repository-damaged")


def _lay(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Write a file of the archive below `folder`; anything that is no plain file or folder with a plain name is damage."""
    parts = member.name.split("/")
    if any(part in ("", ".", "..") for part in parts) or not (member.isfile() or member.isdir()):
        raise ValueError(member.name)
    place = folder.joinpath(*parts)
    if member.isdir():
        place.mkdir(parents=True, exist_ok=True)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    source = archive.extractfile(member)
    with place.open("xb") as target:
        shutil.copyfileobj(source or io.BytesIO(), target)


def open_mirror(file: Path, folder: Path, *, url: str, ref: str, date: str, commit: str, tree: str) -> Snapshot:
    """Return the snapshot that the tar file holds, its objects laid out below `folder`. Raises OurFailure when it is damaged."""
    try:
        with tarfile.open(file) as archive:
            for member in archive:
                _lay(archive, member, folder)
        history = _HISTORY.validate_json((folder / HISTORY).read_bytes())
    except (OSError, tarfile.TarError, ValueError) as error:
        raise OurFailure("file-damaged", name=file.name) from error
    return Snapshot(url, ref, commit, tree, date, folder / OBJECTS, history)

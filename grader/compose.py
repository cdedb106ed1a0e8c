"""Makes one commit of all that was handed in: several repositories as folders, documents in a folder by exam. Nothing is checked out.

The commit is ours and says nothing of when or where it was made: the same parts give the same commit, whose report is then reused.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.errors import OurFailure, RepositoryRefused
from grader.fetch import Snapshot, git
from grader.paths import DOCUMENTS
from grader.process import Limits
from grader.settings import Settings
from grader.values import Commit, History

_EPOCH = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """A document to hand in with the rest: its bytes are in `file`."""

    exam: str
    name: str
    file: Path


def compose(
    parts: Sequence[Snapshot], documents: Sequence[DocumentFile], *, settings: Settings, folder: Path
) -> tuple[Snapshot, dict[str, Any]]:
    """Return one snapshot of all parts, and what each folder is. One repository alone is itself; with documents, its paths stay.

    Raises RepositoryRefused, OurFailure.
    """
    if len(parts) == 1 and not documents:
        return parts[0], {}
    return _Composition(parts, documents, settings, folder).made()


class _Composition:
    def __init__(self, parts: Sequence[Snapshot], documents: Sequence[DocumentFile], settings: Settings, folder: Path) -> None:
        self.parts, self.documents = parts, documents
        self.limits = Limits(seconds=settings.fetch_seconds, file_bytes=settings.most_bytes)
        self.bare = folder / "composed.git"
        git(self.bare, "init", "--quiet", "--bare", str(self.bare), limits=self.limits)
        others = "".join(f"{(p.git_dir / 'objects').resolve()}\n" for p in parts)
        (self.bare / "objects" / "info" / "alternates").write_text(others)

    def made(self) -> tuple[Snapshot, dict[str, Any]]:
        names = _folders(self.parts)
        told: dict[str, Any] = {n: {"url": p.url, "commit": p.commit} for n, p in zip(names, self.parts, strict=True)}
        if len(self.parts) == 1:
            told = {"": {"url": self.parts[0].url, "commit": self.parts[0].commit}}
            rows = [r for r in self._entries(self.parts[0].tree) if not r.endswith(f"\t{DOCUMENTS}".encode())]
        else:
            rows = [_row(n, p.tree) for n, p in zip(names, self.parts, strict=True)]
        if self.documents:
            rows.append(_row(DOCUMENTS, self._documents()))
            told[DOCUMENTS] = {}
        tree = self._tree(rows)
        date = max((p.date for p in self.parts), default=_EPOCH)
        commit = self._commit(tree, date)
        url = self.parts[0].url if self.parts else f"{DOCUMENTS}:"
        ref = self.parts[0].ref if len(self.parts) == 1 else "HEAD"
        return Snapshot(url, ref, commit, tree, date, self.bare, _history(self.parts, names)), told

    def _documents(self) -> str:
        """Write the folder of documents, by exam; two of the same name get a number."""
        exams: dict[str, dict[str, str]] = {}
        for document in sorted(self.documents, key=lambda d: (d.exam, d.name)):
            mine = exams.setdefault(document.exam, {})
            mine[_free(document.name, mine)] = self._blob(document.file)
        return self._tree(
            [_row(exam, self._tree([_row(n, sha, kind="blob") for n, sha in files.items()])) for exam, files in exams.items()]
        )

    def _entries(self, tree: str) -> list[bytes]:
        return self._ok("ls-tree", "-z", tree).split(b"\0")[:-1]

    def _blob(self, file: Path) -> str:
        return self._ok("hash-object", "-w", "--stdin", stdin=file).decode().strip()

    def _tree(self, rows: Sequence[bytes]) -> str:
        return self._ok("mktree", "-z", "--missing", stdin=b"".join(r + b"\0" for r in rows)).decode().strip()

    def _commit(self, tree: str, date: str) -> str:
        seconds = int(datetime.datetime.fromisoformat(date).timestamp())
        who = f"Jurygrid <jurygrid@invalid> {seconds} +0000"
        text = f"tree {tree}\nauthor {who}\ncommitter {who}\n\nWhat was handed in\n"
        return self._ok("hash-object", "-t", "commit", "-w", "--stdin", stdin=text.encode()).decode().strip()

    def _ok(self, *arguments: str, stdin: bytes | Path = b"") -> bytes:
        done = git(self.bare, *arguments, limits=self.limits, stdin=stdin)
        if not done.ok and b"No space left" in done.stderr:
            raise OurFailure("disk-full")
        if not done.ok:
            raise RepositoryRefused("repository-damaged")
        return done.stdout


def _row(name: str, sha: str, *, kind: str = "tree") -> bytes:
    """Return a line of a tree, as `git mktree -z` reads it."""
    return f"{'040000' if kind == 'tree' else '100644'} {kind} {sha}\t{name}".encode()


def _folders(parts: Sequence[Snapshot]) -> list[str]:
    names: dict[str, str] = {}
    for part in parts:
        names[_free(part.url.rstrip("/").rsplit("/", 1)[-1].replace(":", "-") or "repository", names)] = part.url
    return list(names)


def _free(name: str, taken: dict[str, str]) -> str:
    stem, dot, ending = name.rpartition(".") if "." in name[1:] else (name, "", "")
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{stem}-{number}{dot}{ending}"
    return free


def _history(parts: Sequence[Snapshot], names: Sequence[str]) -> History:
    """Return the history of one repository as it is; of several together, newest first, with paths as they now are."""
    if len(parts) == 1:
        return parts[0].history
    commits: list[Commit] = [
        replace(c, files=tuple(f"{n}/{f}" for f in c.files)) for n, p in zip(names, parts, strict=True) for c in p.history.commits
    ]
    branches = tuple(sorted({b for p in parts for b in p.history.branches}))
    newest = tuple(sorted(commits, key=lambda c: c.date, reverse=True))
    elsewhere = tuple(replace(s, path=f"{n}/{s.path}") for n, p in zip(names, parts, strict=True) for s in p.history.elsewhere)
    return History(newest, branches, all(p.history.complete for p in parts), elsewhere)

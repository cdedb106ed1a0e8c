"""Receives what was handed in: fetches each repository, keeps it as one file, and remembers the commit that will be graded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from grader.errors import SourceRefused
from grader.fetch import Snapshot as Fetched
from grader.fetch import fetch
from grader.files import Files
from grader.mirror import open_mirror, write_mirror
from grader.samples import make, names
from grader.settings import Settings
from grader.source import parse_remote, parse_source
from grader.store.tables import Snapshot

SAMPLE = "sample:"


@dataclass(frozen=True, slots=True)
class HandedRepository:
    """One repository to fetch; `token` is the deploy token in clear, for this fetch alone."""

    url: str
    ref: str | None
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Received:
    """What was fetched and kept: the snapshot graded, its file, and each repository's own commit and tree, in their order."""

    graded: Fetched
    file: str
    size: int
    repositories: tuple[tuple[str, str], ...]
    parts: dict[str, Any] = field(default_factory=dict)


def accepted_address(url: str, hosts: frozenset[str], *, samples: bool) -> str:
    """Return the address of a repository as it is kept. Raises SourceRefused for one that no service may fetch."""
    if samples and url.startswith(SAMPLE):
        if url.removeprefix(SAMPLE) not in names():
            raise SourceRefused("source-not-found", source=url)
        return url
    return parse_remote(url, hosts).url


def receive(
    handed: tuple[HandedRepository, ...],
    files: Files,
    settings: Settings,
    folder: Path,
    *,
    samples: bool,
    say: Callable[[str, str], None],
) -> Received:
    """Fetch and keep. Raises Refused with the reason that the candidate can mend, OurFailure else."""
    fetched = []
    for number, repository in enumerate(handed):
        place = folder / f"repository-{number}"
        place.mkdir()
        fetched.append(_fetched(repository, settings, place, samples=samples, say=say))
    graded = fetched[0]
    mirror = folder / "mirror.tar"
    write_mirror(graded, mirror, settings=settings, folder=folder)
    with mirror.open("rb") as source:
        name, size = files.keep(source)
    return Received(graded, name, size, tuple((f.commit, f.tree) for f in fetched))


def _fetched(
    repository: HandedRepository, settings: Settings, place: Path, *, samples: bool, say: Callable[[str, str], None]
) -> Fetched:
    say("fetch", repository.url)
    if samples and repository.url.startswith(SAMPLE):
        name = accepted_address(repository.url, settings.hosts, samples=True).removeprefix(SAMPLE)
        made = fetch(parse_source(str(make(name, place / name)), frozenset()), None, settings=settings, folder=place)
        return replace(made, url=repository.url)
    source = parse_remote(repository.url, settings.hosts)
    return fetch(
        source, repository.ref, settings=settings, folder=place, say=lambda what: say("fetch", what), token=repository.token
    )


def opened(snapshot: Snapshot, mirror: Path, folder: Path) -> Fetched:
    """Return what was fetched at submission, out of its mirror file."""
    return open_mirror(
        mirror, folder, url=snapshot.url, ref=snapshot.ref, date=snapshot.date, commit=snapshot.commit, tree=snapshot.tree
    )

"""Receives what was handed in: fetches each repository, keeps it as one file, and remembers the commit that will be graded."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from grader.compose import DocumentFile, compose
from grader.errors import RepositoryRefused, SourceRefused
from grader.fetch import Snapshot as Fetched
from grader.fetch import fetch
from grader.files import Files
from grader.inspect import inspect
from grader.mirror import open_mirror, write_mirror
from grader.samples import make, named
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
class HandedDocument:
    """A document to hand in: its bytes are kept under `sha256`."""

    id: uuid.UUID
    exam: str
    name: str
    media_type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Handed:
    """What a submission holds."""

    repositories: tuple[HandedRepository, ...] = ()
    documents: tuple[HandedDocument, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """What was fetched and kept: the snapshot graded, its file, each repository's own commit and tree, each document's code."""

    graded: Fetched
    file: str
    size: int
    repositories: tuple[tuple[str, str], ...]
    parts: dict[str, Any] = field(default_factory=dict)
    documents: dict[uuid.UUID, str | None] = field(default_factory=dict)


def accepted_address(url: str, hosts: frozenset[str], *, samples: bool) -> str:
    """Return the address of a repository as it is kept. Raises SourceRefused for one that no service may fetch."""
    if samples and url.startswith(SAMPLE):
        _sample(url)
        return url
    return parse_remote(url, hosts).url


def _sample(url: str) -> tuple[str, str]:
    """Return the rubric and the name of a sample. Raises SourceRefused for one that there is not."""
    sample = named(url.removeprefix(SAMPLE))
    if sample is None:
        raise SourceRefused("source-not-found", source=url)
    return sample


@dataclass(frozen=True)
class Reception:
    """What receiving needs: where to keep, the settings, the sandbox in which documents are looked into."""

    files: Files
    settings: Settings
    sandbox: str = "auto"
    samples: bool = False


def receive(handed: Handed, reception: Reception, folder: Path, say: Callable[[str, str], None]) -> Received:
    """Fetch, look into documents, and keep it all as one commit. Raises Refused with the reason that the candidate can mend, OurFailure else.

    A document that is refused costs itself alone, unless nothing else was handed in.
    """
    fetched = []
    for number, repository in enumerate(handed.repositories):
        place = folder / f"repository-{number}"
        place.mkdir()
        fetched.append(_fetched(repository, reception.settings, place, samples=reception.samples, say=say))
    documents, codes = _documents(handed.documents, reception, folder, say)
    if not fetched and not documents:
        raise RepositoryRefused("documents-refused")
    graded, parts = compose(fetched, documents, settings=reception.settings, folder=folder)
    mirror = folder / "mirror.tar"
    write_mirror(graded, mirror, settings=reception.settings, folder=folder)
    with mirror.open("rb") as source:
        name, size = reception.files.keep(source)
    return Received(graded, name, size, tuple((f.commit, f.tree) for f in fetched), parts, codes)


def _documents(
    handed: tuple[HandedDocument, ...], reception: Reception, folder: Path, say: Callable[[str, str], None]
) -> tuple[list[DocumentFile], dict[uuid.UUID, str | None]]:
    """Bring documents here and have them looked into; return those that are accepted, and what was said of each."""
    brought = [(d, folder / f"document-{number}") for number, d in enumerate(handed)]
    for document, file in brought:
        say("fetch", document.name)
        reception.files.bring(document.sha256, file)
    codes = inspect([(d.media_type, file) for d, file in brought], reception.settings, reception.sandbox)
    good = [DocumentFile(d.exam, d.name, file) for (d, file), code in zip(brought, codes, strict=True) if code is None]
    return good, {d.id: code for d, code in zip(handed, codes, strict=True)}


def _fetched(
    repository: HandedRepository, settings: Settings, place: Path, *, samples: bool, say: Callable[[str, str], None]
) -> Fetched:
    say("fetch", repository.url)
    if samples and repository.url.startswith(SAMPLE):
        rubric, name = _sample(repository.url)
        made = fetch(parse_source(str(make(name, place / name, rubric)), frozenset()), None, settings=settings, folder=place)
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

"""Fixtures: repositories made on the spot, a real HTTPS Git host on loopback, a real Docker engine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.store.database import Database
from tests.git_host import GitHost, GitServer
from tests.servers import PostgreSQL, Redis, postgresql, redis

Make = Callable[..., Path]


@pytest.fixture
def make_repository(tmp_path: Path) -> Make:
    """Return a function that commits files (path → bytes or text) into a new repository and gives its folder."""

    def make(files: dict[str, bytes | str], *, name: str = "work") -> Path:
        return commit(tmp_path / name, files)

    return make


def commit(folder: Path, files: dict[str, bytes | str]) -> Path:
    """Commit files into the repository at `folder`, made when absent."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "first work")
    return folder


def git(folder: Path, *arguments: str, stdin: bytes | None = None) -> str:
    """Run Git in `folder` as a fixed person at a fixed time."""
    who = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in _PERSON.items()}
    environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(("git", "-C", str(folder), *arguments), env=environment, check=True, capture_output=True, input=stdin)
    return done.stdout.decode("utf-8", "replace").strip()


_PERSON = {"NAME": "Ada", "EMAIL": "ada@example.org", "DATE": "2026-03-02T09:00:00Z"}


@pytest.fixture(scope="session")
def git_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    """Serve bare repositories over HTTPS on loopback, with a certificate of its own."""
    with GitServer(tmp_path_factory.mktemp("git-host")) as server:
        yield server


@pytest.fixture
def git_host(git_server: GitServer, tmp_path: Path) -> GitHost:
    """Return a Git host whose settings allow it, as an institution's own would be."""
    return git_server.host(tmp_path)


def engine_address() -> str | None:
    """Return the address of a Docker engine that has our image, or None."""
    host = os.environ.get("JURYGRID_DOCKER_HOST") or os.environ.get("DOCKER_HOST", "")
    if not host or shutil.which("docker") is None:
        return None
    from grader.sandbox.docker import has_image
    from grader.settings import read_settings

    return host if has_image(read_settings().image, host) else None


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQL]:
    """Run one PostgreSQL for all the tests of this process."""
    with postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """Run one Redis for all the tests of this process."""
    with redis() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Return an empty database with its tables, of each kind that is supported."""
    url = f"sqlite:///{tmp_path}/jurygrid.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_server").new_database()
    opened = Database(url)
    opened.upgrade()
    yield opened
    opened.close()

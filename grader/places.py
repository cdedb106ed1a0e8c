"""Chooses the sandbox."""

from __future__ import annotations

from pathlib import Path

from grader.sandbox import Sandbox
from grader.sandbox.bubblewrap import Bubblewrap, works
from grader.sandbox.child import ChildProcess
from grader.sandbox.code import root_is_current
from grader.sandbox.folders import FolderStore
from grader.settings import Settings


def choose_sandbox(name: str, settings: Settings) -> Sandbox:
    """Return the sandbox called `auto`, `docker`, `bubblewrap` or `none`.

    `auto` is docker where an engine answers and has our image, then bubblewrap, then a limited child process.
    """
    if name in ("auto", "docker"):
        from grader.sandbox.docker import Docker, has_image

        if name == "docker" or (_engine_likely(settings) and has_image(settings.image, settings.docker_host)):
            return Docker(
                settings.image, settings.runner_image, settings.docker_host, settings.docker_runtime, settings.index_network
            )
    if name == "bubblewrap" or (name == "auto" and works() is None):
        return Bubblewrap(usable_root(settings), FolderStore(settings.cache_folder / "store"))
    return ChildProcess()


def usable_root(settings: Settings) -> Path | None:
    """Return the system in which bubblewrap runs submissions, if it was made from the very code that asks.

    The folder itself, not the link that leads to it: who makes a new root meanwhile changes nothing for a grading that goes on.
    """
    root = settings.root.resolve()
    return root if root_is_current(root) else None


def _engine_likely(settings: Settings) -> bool:
    """Tell, without importing the client, whether it is worth asking an engine."""
    return bool(settings.docker_host) or Path("/var/run/docker.sock").exists()

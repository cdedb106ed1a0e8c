"""Installing a lock into an environment: wheels are unpacked, nothing of theirs is run. `bytecode` compiles them afterwards."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from .index import Answer, Index, say
from .resolve import IndexUnreachableError, is_unreachable

MOST_BROKEN = 4
_BLAMED = re.compile(r"`([A-Za-z0-9][A-Za-z0-9._-]*)==([^`\s]+)`")


class InstallFailedError(Exception):
    """The lock could not be installed."""


def install(index: Index, lock: str, environment: Path) -> dict[str, object]:
    """Make the environment and return what the host is told. A package whose wheel is broken is left out by name.

    Raises OutOfTimeError, IndexUnreachableError, InstallFailedError.
    """
    lines = lock.splitlines()
    broken: list[str] = []
    say(f"install {len(lines)} packages")
    while (answer := _installed(index, lines, environment)).code != 0:
        if is_unreachable(answer):
            raise IndexUnreachableError
        blamed = _blamed(answer, lines)
        if not blamed or len(broken) >= MOST_BROKEN:
            raise InstallFailedError(answer.words[-500:])
        broken.append(blamed)
        lines.remove(blamed)
    return {
        "installed": [line.split(" ", 1)[0] for line in lines],
        "left_out": [{"text": line.split(" ", 1)[0], "reason": "broken"} for line in broken],
        "bytes": size_of(environment),
    }


def _installed(index: Index, lines: list[str], environment: Path) -> Answer:
    lock = index.folder / "requirements.lock"
    lock.write_text("".join(f"{line}\n" for line in lines))
    _empty(environment)
    made = index.call("venv", str(environment), "--no-project", "--quiet", "--python", sys.executable)
    if made.code != 0 or not lines:
        return made
    python = str(environment / "bin" / "python")
    options = ("--require-hashes", "--no-deps", "--quiet", "--python", python, "--requirement", str(lock))
    return index.call("pip", "install", *options, *index.sources())


def _empty(folder: Path) -> None:
    """Remove what an earlier try left: the folder itself is mounted, so it stays."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _blamed(answer: Answer, lines: list[str]) -> str:
    named = {f"{name}=={version}".lower() for name, version in _BLAMED.findall(answer.words)}
    return next((line for line in lines if line.split(" ", 1)[0].lower() in named), "")


def size_of(folder: Path) -> int:
    """Return the bytes of a folder's files."""
    total, waiting = 0, [str(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:  # each folder is read once: an environment has tens of thousands of files
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    total += entry.stat(follow_symlinks=False).st_size
    return total

"""Small documents remembered in files, written at once and read with distrust."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from grader.answers import Answer, read_answer
from grader.errors import SandboxFailed

_T = TypeVar("_T", bound=Answer)


def remembered(path: Path, kind: TypeAdapter[_T]) -> _T | None:
    """Return what was remembered; None when nothing was, or nothing that can be read."""
    try:
        return read_answer(kind, path.read_bytes())
    except (OSError, SandboxFailed):
        return None


def remember(path: Path, text: str) -> None:
    """Write a file at once: whoever reads it sees all of it or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".", delete=False, encoding="utf-8") as file:
        file.write(text)
    Path(file.name).replace(path)

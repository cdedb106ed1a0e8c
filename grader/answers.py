"""Reads what a preparation answers: bytes from a sandbox, believed only once they have the shape that was asked for."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from grader.errors import SandboxFailed

MOST_BYTES = 8_000_000
MOST_LISTED = 1_500
FAILURES = frozenset({"resolve-timeout", "install-timeout", "index-unreachable", "install-failed"})
_T = TypeVar("_T", bound="Answer")
FORMAT = 2  # of the environments themselves: a new number rebuilds them all

_Pinned = Annotated[
    str, StringConstraints(pattern=r"^(@[A-Za-z0-9._-]{1,100}/)?[A-Za-z0-9._-]{1,120}(==|@)[A-Za-z0-9][A-Za-z0-9.!+_-]{0,100}$")
]
_Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}$")]
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{0,80}$")]
_Asked = Annotated[str, StringConstraints(max_length=400)]
_About = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+() -]{0,100}$")]
_LINE = re.compile(r"^[a-z0-9._-]{1,120}==[A-Za-z0-9][A-Za-z0-9.!+_-]{0,100}( --hash=sha256:[0-9a-f]{64}){1,200}$")


def _is_lock(text: str) -> str:
    """Refuse anything but one pinned package with its hashes on each line: no option, no address."""
    lines = text.split("\n")
    if lines.pop() or len(lines) > MOST_LISTED or not all(_LINE.match(line) for line in lines):
        raise ValueError("not a lock")
    return text


_Lock = Annotated[str, AfterValidator(_is_lock)]


class Answer(BaseModel):
    """What every answer may say: the code of a failure of ours."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    error: _Code | None = None


class Dropped(Answer):
    """One requirement that is not there, and why."""

    text: _Asked
    reason: _Code


class Loosened(Answer):
    """One requirement for which another version had to be taken."""

    text: _Asked
    used: _Pinned


class Resolved(Answer):
    """A lock, and what was given up to have it."""

    lock: _Lock = ""
    left_out: Annotated[tuple[Dropped, ...], Field(max_length=MOST_LISTED, strict=False)] = ()
    relaxed: Annotated[tuple[Loosened, ...], Field(max_length=MOST_LISTED, strict=False)] = ()
    undated: Annotated[tuple[_Code, ...], Field(max_length=MOST_LISTED, strict=False)] = ()
    python: _About = "unknown"
    platform: _About = "unknown"
    uv: _About = "unknown"

    def key(self) -> str:
        """Return the name of the environment that this lock makes, the same for everyone who resolves to it."""
        parts = (str(FORMAT), self.python, self.platform, self.uv, self.lock)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


class Installed(Answer):
    """What an environment holds; `name` is what we stored it under, whatever a sandbox says."""

    name: _Name = ""
    installed: Annotated[tuple[_Pinned, ...], Field(max_length=MOST_LISTED, strict=False)] = ()
    left_out: Annotated[tuple[Dropped, ...], Field(max_length=MOST_LISTED, strict=False)] = ()
    relaxed: Annotated[tuple[Loosened, ...], Field(max_length=MOST_LISTED, strict=False)] = ()


class Compiled(Answer):
    """Whether an environment holds all its bytecode; `name` is the environment's, whatever a sandbox says."""

    name: _Name = ""
    compiled: bool = False


RESOLVED = TypeAdapter(Resolved)
INSTALLED = TypeAdapter(Installed)
COMPILED = TypeAdapter(Compiled)


def read_answer(kind: TypeAdapter[_T], data: bytes) -> _T:
    """Return the answer. Raises SandboxFailed when it is too large, has not the shape asked for, or says that it failed."""
    if len(data) > MOST_BYTES:
        raise SandboxFailed("preparation-malformed")
    try:
        answer = kind.validate_json(data)
    except (ValidationError, RecursionError):
        raise SandboxFailed("preparation-malformed") from None
    if answer.error is not None:
        raise SandboxFailed(answer.error if answer.error in FAILURES else "preparation-malformed")
    return answer

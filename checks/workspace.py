"""A bounded, read-only view of the submission's files. It exists only inside a sandbox."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from checks.limits import Overtime, deadline
from grader.paths import environment_roots, is_vendored
from grader.values import Skipped

Result = TypeVar("Result")
FILE_SECONDS = 4.0

TEXT_LIMIT = 2_000_000

_PACKAGE = ("pyproject.toml", "setup.py", "setup.cfg", "package.json")
_SAMPLES = ("examples/", "example/")
_BESIDE = (*_SAMPLES, "test", "doc")
_CODE = (".py", ".js", ".ts", ".jsx", ".tsx", ".cs", ".java", ".go", ".php", ".rb")
_LIBRARY = 3  # files of code outside its samples, from which a package is more than its samples


@dataclass(frozen=True, slots=False)
class File:
    """One tracked file: `path` is relative to the root of the repository, with `/`."""

    path: str
    data: bytes

    @property
    def size(self) -> int:
        """Size in bytes."""
        return len(self.data)

    @cached_property
    def name(self) -> str:
        """Last part of the path."""
        return self.path.rsplit("/", 1)[-1]

    @cached_property
    def suffix(self) -> str:
        """Extension in lower case with its dot, or an empty string."""
        stem, dot, extension = self.name.rpartition(".")
        return f".{extension.lower()}" if stem and dot and extension else ""

    @cached_property
    def is_binary(self) -> bool:
        """Tell whether the first bytes hold a NUL, as Git does."""
        head = self.data[:8000]
        return b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff"))

    @cached_property
    def text(self) -> str:
        """Content decoded as UTF-8, UTF-16 with a mark, or Windows-1252: never fails, cut at two million bytes."""
        return decode(self.data[:TEXT_LIMIT])

    @cached_property
    def lines(self) -> list[str]:
        """Lines without their ends; line N of the file is `lines[N - 1]`."""
        return re.split(r"\r\n|\n|\r", self.text)

    def line(self, number: int | None) -> str:
        """Return line `number` (from 1), or an empty string."""
        return self.lines[number - 1].strip() if number and 0 < number <= len(self.lines) else ""


def decode(data: bytes) -> str:
    """Decode text of unknown encoding without ever failing."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start > len(data) - 4:  # a character cut by the limit
            return data.decode("utf-8-sig", "replace")
    return data.decode("cp1252", "replace")


def _samples(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the folders where a package shows how to use it: applications in there are samples, not the project's."""
    known = list(paths)
    code = [p for p in known if p.endswith(_CODE) and not p.lower().startswith(_BESIDE) and "/" in p]
    return _SAMPLES if len(code) >= _LIBRARY and any(name in known for name in _PACKAGE) else ()


class Workspace:
    """The files of a submission, sorted by path, with what was left out."""

    def __init__(
        self,
        files: dict[str, bytes],
        skipped: Iterable[Skipped] = (),
        *,
        crashed: frozenset[str] = frozenset(),
        progress: Callable[[str], None] | None = None,
    ) -> None:
        """Build a view over `files` (path → content); paths in `crashed` are not parsed again; `progress` hears of each file."""
        self.files = tuple(File(path, files[path]) for path in sorted(files))
        self.skipped = set(skipped)
        self._crashed = crashed
        self._progress = progress or (lambda _: None)
        self._by_path = {f.path: f for f in self.files}
        environments = environment_roots(list(files))
        aside = (*environments, *_samples(files))
        self.own = tuple(f for f in self.files if not is_vendored(f.path) and not f.path.startswith(aside))

    def get(self, path: str) -> File | None:
        """Return the file at exactly `path`, or None."""
        return self._by_path.get(path)

    def with_suffix(self, *suffixes: str) -> Iterator[File]:
        """Yield the candidate's own files whose extension is one of `suffixes` (lower case, with the dot)."""
        return (f for f in self.own if f.suffix in suffixes)

    def named(self, *patterns: str) -> Iterator[File]:
        """Yield the candidate's own files whose name (not path) matches one of the shell patterns, case ignored."""
        shapes = [re.compile(fnmatch.translate(p.lower())) for p in patterns]
        return (f for f in self.own if any(shape.match(f.name.lower()) for shape in shapes))

    def under(self, folder: str) -> Iterator[File]:
        """Yield the candidate's own files below `folder`."""
        return (f for f in self.own if f.path.startswith(folder.rstrip("/") + "/"))

    def exists(self, path: str) -> bool:
        """Tell whether a file or a folder stands at `path`."""
        return path in self._by_path or path.rstrip("/") in self._folders

    @cached_property
    def _folders(self) -> frozenset[str]:
        """Every folder above a file; the empty name is no folder."""
        return frozenset(f.path[:at] for f in self.files for at, mark in enumerate(f.path) if mark == "/" and at)

    def attempt(self, file: File, work: Callable[[File], Result], seconds: float = 0.0) -> Result | None:
        """Return `work(file)`, or None with the file listed in `skipped` when it fails, runs out of time or crashed before.

        Every parser of hostile bytes goes through here: one bad file costs that file.
        """
        if file.path in self._crashed:
            self.skipped.add(Skipped(file.path, "crashed-the-examiner"))
            return None
        self._progress(file.path)
        try:
            with deadline(seconds or FILE_SECONDS):
                return work(file)
        except Overtime:
            self.skipped.add(Skipped(file.path, "took-too-long"))
        except (RecursionError, MemoryError):
            self.skipped.add(Skipped(file.path, "too-deep"))
        except Exception:
            self.skipped.add(Skipped(file.path, "unreadable"))
        finally:
            self._progress("")
        return None

"""Resolving: the versions that go together as of a day, and by name what cannot be had."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from .asked import Asked, asked, canonical
from .complaints import Complaint, complaint
from .index import Answer, Index, OutOfTimeError, say
from .locks import Locked, read_lock, write_lock

MOST_CALLS = 300
MOST_PACKAGES = 1000
MOST_DATED_ROUNDS = 12
TROUBLES_BEFORE_SURVEY = 3
NUMPY_2 = "2024-03-11"  # its first release that others could be built against
_UNREACHABLE = re.compile(r"Failed to fetch|Request failed|error sending request|Could not connect", re.I)


class IndexUnreachableError(Exception):
    """The index did not answer: nothing can be said about what was asked."""


class ResolverFailedError(Exception):
    """The resolver does not work here: its refusals say nothing about what was asked."""


def is_unreachable(answer: Answer) -> bool:
    """Tell whether a call failed because the index did not answer."""
    return answer.code not in (0, 1) and bool(_UNREACHABLE.search(answer.words))


@dataclass
class Resolution:
    """What is still wanted, and what was given up to make it resolve.

    `exempt` are packages whose day is not looked at: pinned to something newer, or from an index that tells no days. `beside` are lines
    to add where they go together with the rest: what every environment of this Python holds, and nobody declares.
    """

    index: Index
    wanted: list[Asked]
    before: str
    most_bytes: int
    beside: tuple[str, ...] = ()
    exempt: set[str] = field(default_factory=set)
    left_out: dict[Asked, str] = field(default_factory=dict)
    troubles: int = 0
    _holds_beside: bool = False
    _numbers: Iterator[int] = field(default_factory=count)

    def settle(self) -> tuple[Locked, ...]:
        """Return the packages that go together. Raises OutOfTimeError, IndexUnreachableError, ResolverFailedError."""
        packages = self._resolved()
        while (roots := self._too_heavy(packages)) and self.wanted:
            for one in [a for a in self.wanted if a.name in roots]:
                self._leave_out(one, "too-large")
            packages = self._resolved()
        packages, bounds = self._with_older_numpy(packages)
        lacks = packages and self.beside and (bounds or not self._holds_beside)
        return self._bounded((*bounds, *self.beside), packages) if lacks else packages

    def _bounded(self, bounds: tuple[str, ...], packages: tuple[Locked, ...]) -> tuple[Locked, ...]:
        """Return what is wanted within more bounds; the packages as they are where that does not go together."""
        answer, lock = self._attempt(self.wanted, bounds=bounds)
        return read_lock(lock) if answer.code == 0 else packages

    def _with_older_numpy(self, packages: tuple[Locked, ...]) -> tuple[tuple[Locked, ...], tuple[str, ...]]:
        """Return the packages, and the bound by which they were found: with numpy 1 where one of them was built before numpy 2, beside which it does not load.

        Old wheels do not say so: they were published without an upper bound, and whoever installed them then got numpy 1.
        """
        if not any(p.name == "numpy" and int(p.version.split(".")[0]) >= 2 for p in packages):
            return packages, ()
        old = {p.name for p in packages if p.compiled and p.compiled < NUMPY_2}
        if not old & set(map(canonical, self._needed_by().get("numpy", ()))):
            return packages, ()
        older = self._bounded(("numpy<2",), packages)
        return older, ("numpy<2",) if older is not packages else ()

    def _resolved(self) -> tuple[Locked, ...]:
        if self.wanted and self.beside:  # most lists go together with it at once
            answer, lock = self._attempt(self.wanted, bounds=self.beside)
            self._holds_beside = answer.code == 0
            if self._holds_beside:
                return read_lock(lock)
        for _ in range(MOST_CALLS):
            if not self.wanted:
                return ()
            answer, lock = self._attempt(self.wanted)
            if answer.code == 0:
                return read_lock(lock)
            if not self._concede(complaint(answer.words)):
                self._halve()
        raise OutOfTimeError

    def _attempt(
        self, wanted: Iterable[Asked], *options: str, exempt: Iterable[str] = (), bounds: Iterable[str] = ()
    ) -> tuple[Answer, Path]:
        number = next(self._numbers)
        lines, lock = self.index.folder / f"{number}.in", self.index.folder / f"pylock.{number}.toml"
        lines.write_text("".join(f"{line}\n" for line in (*(one.tried for one in wanted), *bounds)))
        answer = self.index.call(
            *("pip", "compile", str(lines), "--output-file", str(lock), "--format", "pylock.toml", "--quiet"),
            *("--no-header", "--no-annotate", "--python", sys.executable),
            *self._days(exempt or self.exempt),
            *self.index.sources(),
            *options,
        )
        if is_unreachable(answer):
            raise IndexUnreachableError
        return answer, lock

    def _days(self, exempt: Iterable[str]) -> tuple[str, ...]:
        if not self.before:
            return ()
        exempt = (part for name in sorted(exempt) for part in ("--exclude-newer-package", f"{name}=false"))
        return ("--exclude-newer", self.before, *exempt)

    def _concede(self, told: Complaint) -> bool:
        """Give up what a refusal blames: a day, a version or a package. False when it blames nothing that is wanted."""
        newly = {*told.filtered, *told.undated} - self.exempt if self.before else set()
        blamed = self._wanted({*told.absent, *told.no_wheel, *told.no_version}, told)
        self.troubles += bool(newly or blamed)
        if self.troubles == TROUBLES_BEFORE_SURVEY:
            self.troubles += 1
            self._survey()
            return True
        if newly:
            self.exempt |= newly
            self.before = self.before if self.troubles < MOST_DATED_ROUNDS else ""
            return True
        if not blamed:
            blamed = sorted(self._wanted(set(told.mentioned), told), key=lambda a: _cost(a, told))[:1]
        for one in blamed:
            self._give_up(one, told)
        return bool(blamed)

    def _wanted(self, names: set[str], told: Complaint) -> list[Asked]:
        """Return what is wanted under these names: with the very versions named, where any is; ours only where nobody else asks."""
        found = [a for a in self.wanted if a.name in names]
        named = [a for a in found if a.versions and f"{a.name}{a.versions}" in told.cause]
        exact = [a for a in found if a in named or not any(n.name == a.name for n in named)]
        return [a for a in exact if not a.ours] or [a for a in found if not a.ours] or found

    def _give_up(self, one: Asked, told: Complaint) -> None:
        """Give up the version asked for; the package itself when the index has none, no looser words remain, or time is short."""
        hopeless = one.name in told.absent or self.index.left < self.index.seconds / 3
        looser = None if hopeless else one.looser()
        if looser is None and not hopeless and self.before and one.name in told.no_wheel and one.name not in self.exempt:
            self.exempt.add(one.name)  # nothing built for this Python on that day: of another day, then
        elif looser is None:
            self._leave_out(one, told.reason_for(one.name))
        else:
            self.wanted[self.wanted.index(one)] = looser

    def _leave_out(self, one: Asked, reason: str) -> None:
        self.wanted.remove(one)
        self.left_out[one] = reason

    def _survey(self) -> None:
        """Try each requirement alone, several at a time: the troubles of a long list are then found at once, not one a call."""
        say(f"try {len(self.wanted)} packages one by one")
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(self._alone, self.wanted))
        for one, (had, exempt, reason) in zip(list(self.wanted), found, strict=True):
            self.exempt |= exempt
            if had is None:
                self._leave_out(one, reason)
            elif had != one:
                self.wanted[self.wanted.index(one)] = had

    def _alone(self, one: Asked) -> tuple[Asked | None, set[str], str]:
        """Return the words under which a requirement can be had by itself (None: under none, and why), and the days to forget for it."""
        had: Asked | None = one
        exempt: set[str] = set()
        reason = ""
        while had is not None:
            answer, _ = self._attempt([had], "--no-deps", exempt=self.exempt | exempt)
            told = complaint(answer.words)
            if answer.code != 1:
                break
            if newly := {*told.filtered, *told.undated} - exempt - self.exempt:
                exempt |= newly
                continue
            reason = told.reason_for(one.name)
            had = None if one.name in told.absent else had.looser()
            if had is None and one.name not in {*told.absent, *self.exempt, *exempt} and self.before:
                exempt.add(one.name)  # nothing built for this Python on that day: of another day, then
                had = one
        return had, exempt, reason

    def _halve(self) -> None:
        """Find by halves what resolves together, when the words of a refusal name nothing that is wanted.

        Raises ResolverFailedError where even an empty list is refused: each requirement would be called a conflict, and be remembered as one.
        """
        say("search what resolves together")
        nothing, _ = self._attempt(())
        if nothing.code != 0:
            raise ResolverFailedError(nothing.words[-500:])
        kept = [a for a in self.wanted if a.ours]
        groups = [[a for a in self.wanted if not a.ours]]
        if not groups[0]:  # nothing but our tools, and they do not go together
            groups = [kept]
            kept = []
        while groups:
            group = groups.pop()
            if self._attempt([*kept, *group])[0].code == 0:
                kept += group
            elif len(group) < 2:
                self.left_out |= dict.fromkeys(group, "conflict")
            else:
                groups += [group[len(group) // 2 :], group[: len(group) // 2]]
        self.wanted = kept

    def _too_heavy(self, packages: tuple[Locked, ...]) -> set[str]:
        """Return the wanted packages that bring the largest one, when all together are too many or too large."""
        if sum(p.size for p in packages) <= self.most_bytes and len(packages) <= MOST_PACKAGES:
            return set()
        heaviest = max(packages, key=lambda p: p.size)
        roots = _above(heaviest.name, self._needed_by(), {a.name for a in self.wanted})
        return roots or {a.name for a in self.wanted if not a.ours} or {a.name for a in self.wanted}

    def _needed_by(self) -> dict[str, tuple[str, ...]]:
        """Return which packages each package is needed by."""
        number = next(self._numbers)
        lines, told = self.index.folder / f"{number}.in", self.index.folder / f"{number}.txt"
        lines.write_text("".join(f"{one.tried}\n" for one in self.wanted))
        self.index.call(
            *("pip", "compile", str(lines), "--output-file", str(told), "--annotation-style", "line", "--no-header", "--quiet"),
            *("--python", sys.executable),
            *self._days(self.exempt),
            *self.index.sources(),
        )
        written = told.read_text("utf-8").splitlines() if told.is_file() else []
        pairs = (re.match(r"^([A-Za-z0-9._-]+)==\S+\s+# via (.*)$", line) for line in written)
        return {canonical(m[1]): tuple(re.findall(r"[A-Za-z0-9][A-Za-z0-9._-]*", m[2])) for m in pairs if m}


def _is_pin(text: str, version: str) -> bool:
    """Tell whether what was asked for is what was taken after all."""
    first = asked(text)
    return first is not None and f"{first.name}{first.versions}" == version


def _cost(one: Asked, told: Complaint) -> tuple[bool, bool, bool]:
    """Order what a conflict names by what it costs to loosen: a pin on what others need first, a package without version last."""
    return not one.versions, one.name not in told.below, not one.pinned


def _above(name: str, needed_by: dict[str, tuple[str, ...]], wanted: set[str]) -> set[str]:
    seen, pending = {name}, [name]
    while pending:
        new = [n for n in map(canonical, needed_by.get(pending.pop(), ())) if n not in seen]
        seen.update(new)
        pending += new
    return seen & wanted


def document(resolution: Resolution) -> dict[str, Any]:
    """Resolve and return what the host is told."""
    say(f"resolve {len(resolution.wanted)} packages")
    packages = resolution.settle()
    versions = {p.name: p.text for p in packages}
    kept = [a for a in resolution.wanted if a.name in versions]
    return {
        "lock": write_lock(packages),
        "left_out": [{"text": a.text, "reason": reason} for a, reason in resolution.left_out.items()],
        "relaxed": [
            {"text": a.text, "used": versions[a.name]} for a in kept if a.loosened and not _is_pin(a.text, versions[a.name])
        ],
        "undated": sorted(resolution.exempt & set(versions)) if resolution.before else sorted(versions),
        "bytes": sum(p.size for p in packages),
        "calls": resolution.index.calls,
    }

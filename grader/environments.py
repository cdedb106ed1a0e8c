"""Prepared environments: resolved once, built once, shared read-only by everyone whose requirements come to the same lock."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import secrets
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from grader.answers import FORMAT, INSTALLED, RESOLVED, Installed, Resolved, read_answer
from grader.compiling import Compiling
from grader.errors import SandboxFailed
from grader.holds import Hold
from grader.memory import remember, remembered
from grader.plan import LeftOut, Part, Place, Requirement
from grader.process import Completed, Limits
from grader.sandbox import CACHE, ENVIRONMENT, PREPARE, Contact, Job, Mount, Network, Sandbox, Store
from grader.settings import Settings

TOOLS = ("pytest>=7", "coverage>=7", "pytest-timeout>=2.1")
BESIDE = ("setuptools<81",)  # every environment of Python 3.11 holds it, and older packages import its pkg_resources, gone since
MEMORY_BYTES = 2_000_000_000
PACKAGES = "cache"  # the store's name for what was downloaded


@dataclass(frozen=True, slots=True)
class PackageIndex:
    """Where packages come from: our settings, never the submission's. `ca_bundle` holds certificates (PEM), not a path."""

    url: str = ""
    extra: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    ca_bundle: str = ""
    npm: str = ""


def package_index(settings: Settings) -> PackageIndex:
    """Return where our settings say that packages come from. Raises OSError when the certificates cannot be read."""
    certificates = Path(settings.ca_bundle).read_text("utf-8") if settings.ca_bundle else ""
    return PackageIndex(settings.index_url, settings.extra_index_urls, settings.find_links, certificates, settings.npm_registry)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A requirement whose version could not be had: `used` is the version taken, `name==version`."""

    requirement: Requirement
    used: str


@dataclass(frozen=True, slots=True)
class Environment:
    """A prepared environment, or why there is none (`error`, our failure). `warm` when it was there already.

    `undated` are packages that could not be taken as of the commit's day. `seconds` is what it cost this time.
    """

    key: str = ""
    mount: Mount | None = None
    warm: bool = False
    installed: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    relaxed: tuple[Relaxed, ...] = ()
    undated: tuple[str, ...] = ()
    error: str | None = None
    seconds: float = 0.0


@dataclass
class Environments:
    """Prepares environments in `sandbox`, keeps them in its `store`, and remembers resolutions below `folder`.

    `identity` names what the sandbox runs (an image, a Python): resolutions of another are not believed. What was prepared is held,
    so that nobody prunes it, until `close` or the end of this process. `grown` tells whether one was built.
    """

    sandbox: Sandbox
    store: Store
    folder: Path
    identity: str
    index: PackageIndex = PackageIndex()
    seconds: float = 600.0
    most_wheel_bytes: int = 3_000_000_000
    _holds: list[Hold] = field(default_factory=list)
    grown: bool = field(default=False, init=False)
    compiling: Compiling = field(init=False)

    def __post_init__(self) -> None:
        """Be ready to compile what is prepared."""
        self.compiling = Compiling(self._run, self.folder, self.seconds)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        """Let go of what was prepared."""
        self.close()

    def close(self) -> None:
        """Let go of what was prepared: it may now be pruned."""
        self.compiling.close()
        while self._holds:
            self._holds.pop().release()

    def prepare(self, part: Part, *, before: str, contact: Contact, tools: tuple[str, ...] = TOOLS) -> Environment:
        """Return the environment of a part as of the day `before` (`2026-03-01`). Never raises: our failure is its `error`."""
        begun = time.monotonic()
        try:
            heard = Contact(line=contact.line, stop=contact.stop)
            made = self._node(part, before, heard) if part.language == "node" else self._python(part, before, tools, heard)
        except SandboxFailed as error:
            made = Environment(error=error.code)
        except OSError:
            made = Environment(error="store-unwritable")
        return replace(made, seconds=round(time.monotonic() - begun, 3))

    def compile(self, made: Environment) -> None:
        """Compile what was prepared in the background, where that was not done before."""
        if made.mount is not None:
            self.compiling.begin(made.key, made.mount.name)

    def _python(self, part: Part, before: str, tools: tuple[str, ...], contact: Contact) -> Environment:
        resolved = self._resolved(tuple(r.text for r in part.requirements), before, tools, contact)
        key = resolved.key()
        warm, installed = self._built(key, {"do": "install", "lock": resolved.lock}, contact)
        installed = _among(installed, resolved.lock)
        asked = {r.text: r for r in part.requirements}
        return Environment(
            key,
            Mount(installed.name, ENVIRONMENT),
            warm,
            installed.installed,
            tuple(LeftOut(d.text, d.reason, _place(d.text, part)) for d in (*resolved.left_out, *installed.left_out)),
            tuple(Relaxed(asked[r.text], r.used) for r in resolved.relaxed if r.text in asked),
            resolved.undated,
        )

    def _node(self, part: Part, before: str, contact: Contact) -> Environment:
        """Prepare the packages of a Node part in `node_modules`: the same names, ranges and day share them."""
        packages = dict(r.text.rpartition("@")[::2] for r in part.requirements)
        key = _hash("node", packages, before, self.index.npm, self.identity, FORMAT)
        warm, installed = self._built(key, {"do": "install-node", "packages": packages, "before": before}, contact)
        asked = {r.text: r for r in part.requirements}
        return Environment(
            key,
            Mount(installed.name, ENVIRONMENT),
            warm,
            installed.installed,
            tuple(LeftOut(d.text, d.reason, asked[d.text].place) for d in installed.left_out if d.text in asked),
            tuple(Relaxed(asked[r.text], r.used) for r in installed.relaxed if r.text in asked),
        )

    def _resolved(self, requirements: tuple[str, ...], before: str, tools: tuple[str, ...], contact: Contact) -> Resolved:
        """Return the lock, remembered from whoever asked for the same on the same day."""
        task: dict[str, Any] = {"do": "resolve", "requirements": requirements, "tools": tools, "before": before}
        task |= {"beside": BESIDE, "most_bytes": self.most_wheel_bytes}
        places = (self.index.url, self.index.extra, self.index.find_links)
        memory = self.folder / "resolved" / f"{_hash(task, places, self.identity, FORMAT)}.json"
        known = remembered(memory, RESOLVED)
        if known is not None and (known.lock or not requirements):
            return known
        data = self._run(task | {"seconds": self.seconds / 2}, (), contact)
        resolved = _kept(read_answer(RESOLVED, data), {*requirements, *tools})
        if resolved.lock or not requirements:  # where nothing at all goes together, the cause may be ours, and pass
            remember(memory, resolved.model_dump_json())
        return resolved

    def _built(self, key: str, task: dict[str, Any], contact: Contact) -> tuple[bool, Installed]:
        """Return what an environment holds, built by one process while the others wait; tell whether it was there already."""
        hold, warm = Hold(self.folder / "holds" / key), True
        for _ in range(2):
            if (known := self._ready(hold, key, contact)) is not None:
                self._holds.append(hold)
                return warm, known
            try:
                if not hold.exclusive(self.seconds, contact.stop):
                    raise SandboxFailed("preparation-timeout")
                if self._remembered(key) is None:
                    warm = False
                    self._build(key, task, contact)
            finally:
                hold.release()
        raise SandboxFailed("preparation-lost")  # built, then pruned before it could be held, twice

    def _ready(self, hold: Hold, key: str, contact: Contact) -> Installed | None:
        """Hold a complete environment and return what it holds; None, and nothing held, when there is none."""
        if not hold.shared(self.seconds, contact.stop):
            raise SandboxFailed("preparation-timeout")
        known = self._remembered(key)
        if known is None:
            hold.release()
        else:
            self.store.touch(known.name)
        return known

    def _remembered(self, key: str) -> Installed | None:
        known = remembered(self.folder / "installed" / f"{key}.json", INSTALLED)
        return (
            known
            if known is not None and known.name and self.store.has(ready(known.name)) and self.store.has(known.name)
            else None
        )

    def _build(self, key: str, task: dict[str, Any], contact: Contact) -> None:
        """Build an environment anew, under a name of its own: the sandbox of a builder that was killed may still be writing."""
        name, building = f"environment-{key}-{secrets.token_hex(4)}", self.folder / "building" / key
        self._discard_half(building)
        remember(building, name)
        self.store.make(name)
        self.grown = True
        try:
            data = self._run(task | {"seconds": self.seconds}, (Mount(name, ENVIRONMENT, writable=True),), contact)
            installed = read_answer(INSTALLED, data).model_copy(update={"name": name})
            self.store.make(ready(name))
            remember(self.folder / "installed" / f"{key}.json", installed.model_dump_json())
        except SandboxFailed:
            self._discard_half(building)
            raise
        building.unlink(missing_ok=True)

    def _discard_half(self, building: Path) -> None:
        """Remove what was never completed; what its sandbox still mounts is left to the next pruning."""
        with contextlib.suppress(OSError, SandboxFailed, ValueError):
            discard(self.store, building.read_text("utf-8"))
            building.unlink()

    def _run(self, task: dict[str, Any], mounts: tuple[Mount, ...], contact: Contact) -> bytes:
        """Run one preparation, the downloaded packages at hand."""
        task |= {"index": asdict(self.index)}
        with contextlib.closing(_using_packages(self.folder, contact)):
            self.store.make(PACKAGES)
            job = Job(
                inputs=(json.dumps(task, sort_keys=True).encode(),),
                limits=Limits(seconds=float(task["seconds"]) + 15, memory_bytes=MEMORY_BYTES),
                arguments=PREPARE,
                candidate=True,
                mounts=(Mount(PACKAGES, CACHE, writable=True), *mounts),
                network=Network.INDEX,
                label="prepare",
            )
            return _product(self.sandbox.run(job, contact))


def _using_packages(folder: Path, contact: Contact) -> Hold:
    hold = Hold(folder / "holds" / PACKAGES)
    if not hold.shared(60.0, contact.stop):
        raise SandboxFailed("preparation-timeout")
    return hold


def _product(done: Completed) -> bytes:
    if done.how == "timeout":
        raise SandboxFailed("preparation-timeout")
    if not done.ok or len(done.products) != 1:
        raise SandboxFailed("preparation-failed", how=done.how, status=done.code)
    return done.products[0]


def _kept(resolved: Resolved, asked: set[str]) -> Resolved:
    """Return the answer without what was never asked."""
    return resolved.model_copy(
        update={
            "left_out": tuple(d for d in resolved.left_out if d.text in asked),
            "relaxed": tuple(r for r in resolved.relaxed if r.text in asked),
        }
    )


def _among(installed: Installed, lock: str) -> Installed:
    """Return the answer without what was not in the lock."""
    locked = {line.split(" ", 1)[0] for line in lock.splitlines()}
    return installed.model_copy(
        update={
            "installed": tuple(name for name in installed.installed if name in locked),
            "left_out": tuple(d for d in installed.left_out if d.text in locked),
        }
    )


def _place(text: str, part: Part) -> Place:
    """Return where something is asked for: as written, else by its name; nowhere for what only another package needs."""
    name = re.split(r"[\s\[<>=!~;@]", text, maxsplit=1)[0]
    exact = (r.place for r in part.requirements if r.text == text)
    by_name = (r.place for r in part.requirements if re.split(r"[\s\[<>=!~;@]", r.text, maxsplit=1)[0] == name)
    return next(exact, None) or next(by_name, None) or Place("")


def _hash(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def ready(name: str) -> str:
    """Return the name of what says that an environment is complete."""
    return name.replace("environment-", "ready-", 1)


def discard(store: Store, name: str) -> None:
    """Remove an environment: what says that it is complete goes first."""
    store.remove(ready(name))
    store.remove(name)

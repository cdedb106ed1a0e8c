"""The lock: one exact version and the hashes of its wheels for each package, made of what the resolver wrote."""

from __future__ import annotations

import datetime
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .asked import canonical

MOST_LOCK_BYTES = 20_000_000
_VERSION = re.compile(r"^[A-Za-z0-9][A-Za-z0-9.!+_-]{0,100}$")
_SHA256 = re.compile(r"^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of a lock: `size` is the bytes of its wheel, 0 where the index tells none.

    `compiled` is the day on which a wheel for one system alone was published (`2024-03-01`), "" for plain Python and where no day is told.
    """

    name: str
    version: str
    hashes: tuple[str, ...]
    size: int
    compiled: str = ""

    @property
    def text(self) -> str:
        """Return `name==version`."""
        return f"{self.name}=={self.version}"


def read_lock(path: Path) -> tuple[Locked, ...]:
    """Read a pylock.toml (PEP 751). Raises ValueError when it is malformed or a package has no wheel with a hash."""
    if path.stat().st_size > MOST_LOCK_BYTES:
        raise ValueError("the lock is too large")
    packages = tomllib.loads(path.read_text("utf-8")).get("packages", [])
    return tuple(sorted((_locked(p) for p in packages), key=lambda p: p.name))


def _locked(package: dict[str, Any]) -> Locked:
    wheels = package.get("wheels") or []
    hashes = sorted({str(w.get("hashes", {}).get("sha256", "")) for w in wheels})
    name, version = canonical(str(package.get("name", ""))), str(package.get("version", ""))
    if not _VERSION.match(version) or not hashes or not all(_SHA256.match(h) for h in hashes):
        raise ValueError(f"no hashed wheel of {name[:100]}")
    return Locked(name, version, tuple(hashes), max(int(w.get("size") or 0) for w in wheels), _compiled(wheels))


def _compiled(wheels: list[dict[str, Any]]) -> str:
    """Return the last day on which one of these wheels was published, if all are for one system; an ISO date."""
    names = [str(w.get("name") or w.get("url") or w.get("path") or "") for w in wheels]
    days = [w["upload-time"].date().isoformat() for w in wheels if isinstance(w.get("upload-time"), datetime.datetime)]
    return max(days) if len(days) == len(wheels) and not any(n.endswith("-any.whl") for n in names) else ""


def write_lock(packages: tuple[Locked, ...]) -> str:
    """Return requirements with hashes, one package a line."""
    return "".join(f"{p.text} {' '.join(f'--hash=sha256:{h}' for h in p.hashes)}\n" for p in packages)

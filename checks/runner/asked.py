"""What is asked of the package index: one requirement, and the looser words it may be given when it cannot be had as written."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

LONGEST = 400
_PARTS = re.compile(
    r"^(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?P<extras>\[[A-Za-z0-9._,\s-]*\])?"
    r"\s*(?P<versions>[A-Za-z0-9<>=!~.*+,\s_-]*?)\s*(?P<marker>;[^@\r\n]*)?$"
)
_PIN = re.compile(r"^===?\s*(?P<public>[A-Za-z0-9.!_-]+?)(?P<local>\+[A-Za-z0-9._-]+)?$")


def canonical(name: str) -> str:
    """Return the name by which an index knows a package (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True, slots=True)
class Asked:
    """One requirement as written, and the version words now tried for it. `ours` marks a tool of ours, which nothing displaces."""

    text: str
    name: str
    extras: str
    versions: str
    marker: str
    ours: bool = False
    loosened: bool = False

    @property
    def tried(self) -> str:
        """Return the line given to the resolver."""
        return f"{self.name}{self.extras}{self.versions} {self.marker}".strip()

    @property
    def pinned(self) -> bool:
        """Tell whether one version only answers."""
        return bool(_PIN.match(self.versions))

    def looser(self) -> Asked | None:
        """Return the next words to try: without its local version, the same major version, any version; None when none is left."""
        if not self.versions:
            return None
        pin = _PIN.match(self.versions)
        if pin and pin["local"]:
            return replace(self, versions=f"=={pin['public']}", loosened=True)
        major = re.match(r"^(?:\d+!)?(\d{1,9})(?=\.|$)", pin["public"]) if pin else None
        if pin and major and "!" not in pin["public"] and "*" not in pin["public"]:
            return replace(self, versions=f">={pin['public']},<{int(major[1]) + 1}", loosened=True)
        return replace(self, versions="", loosened=True)


def asked(text: str, *, ours: bool = False) -> Asked | None:
    """Read a requirement (name, extras, versions, marker: PEP 508 without address); None when it is anything else."""
    found = _PARTS.match(text.strip()) if len(text) <= LONGEST else None
    if found is None:
        return None
    versions = re.sub(r"\s+", "", found["versions"])
    if versions and versions[0] not in "<>=!~":
        return None
    extras = re.sub(r"\s+", "", found["extras"] or "")
    return Asked(text, canonical(found["name"]), extras, versions, found["marker"] or "", ours)

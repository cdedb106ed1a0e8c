"""What a package.json asks for, sorted: names and ranges of the registry's packages; exact versions where its lock file tells them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from checks.recipes.requirement_lines import Item
from checks.workspace import File
from grader.plan import LeftOut, Place, Requirement

SECTIONS = ("dependencies", "devDependencies", "optionalDependencies")
_NAME = re.compile(r"(@[A-Za-z0-9._-]{1,100}/)?[A-Za-z0-9_-][A-Za-z0-9._-]{0,119}")
_RANGE = re.compile(r"[0-9A-Za-z.*^~<>=| +-]{1,100}")
_EXACT = re.compile(r"\d{1,9}\.\d{1,9}\.\d{1,9}([-+][0-9A-Za-z.+-]{1,60})?")
_LOCAL = ("file:", "link:", "workspace:", "portal:", ".", "/", "~/")


def node_packages(document: dict[str, Any], place: Callable[[str], Place]) -> Iterator[Item]:
    """Yield `name@range` for each dependency, each name once; addresses, folders and aliases are left out."""
    given: dict[str, Any] = {}
    for section in SECTIONS:
        declared = document.get(section)
        given = (declared if isinstance(declared, dict) else {}) | given
    for name, wanted in given.items():
        version = wanted.strip() or "*" if isinstance(wanted, str) else ""
        text = f"{name}@{version}"[:200]
        if not _NAME.fullmatch(name) or not version:
            yield LeftOut(text, "malformed", place(name))
        elif not _RANGE.fullmatch(version):
            yield LeftOut(text, "local-path" if version.startswith(_LOCAL) else "url", place(name))
        else:
            yield Requirement(text, place(name))


def as_locked(item: Item, locked: dict[str, str]) -> Item:
    """Give an item of `node_packages` the exact version of the lock file."""
    name = item.text.rpartition("@")[0]
    return Requirement(f"{name}@{locked[name]}", item.place) if isinstance(item, Requirement) and name in locked else item


def locked_versions(file: File) -> dict[str, str]:
    """Return the exact versions that a package-lock.json gives to packages of a registry. Raises ValueError."""
    document = json.loads(file.text)
    packages = document.get("packages") if isinstance(document, dict) else None
    found = {}
    for path, entry in packages.items() if isinstance(packages, dict) else ():
        name = path.removeprefix("node_modules/")
        if _NAME.fullmatch(name) and isinstance(entry, dict) and _of_registry(entry):
            found[name] = str(entry["version"])
    return found


def _of_registry(entry: dict[str, Any]) -> bool:
    """Tell whether an entry of a lock file is a released package: not a link, nor fetched from elsewhere."""
    resolved = entry.get("resolved", "https://")
    exact = isinstance(entry.get("version"), str) and bool(_EXACT.fullmatch(entry["version"]))
    return exact and not entry.get("link") and isinstance(resolved, str) and resolved.startswith("https://")

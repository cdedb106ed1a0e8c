"""One declared requirement, sorted: what may be installed, and what is left out with its reason."""

from __future__ import annotations

import re

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed

from checks.recipes.names import CONDA_NAMES, CONDA_ONLY, NATIVE, WINDOWS_ONLY, canonical
from grader.plan import LeftOut, Place, Requirement

LONGEST = 400
Item = Requirement | LeftOut

_REMOTE = re.compile(r"^(git|hg|svn|bzr)\+|^(https?|ftp|git|ssh)://|@\s*((git|hg|svn|bzr)\+|(https?|ftp|git|ssh)://)", re.I)
_LOCAL = re.compile(r"^(\.{1,2}([/\\]|$)|[/\\~]|[A-Za-z]:[/\\]|file:)|\.(whl|tar\.gz|zip|egg)(\s|$)", re.I)
_FROM_FILE = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*@\s*file:", re.I)
_CONDA_LIST = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)=([0-9][A-Za-z0-9.!+]*)=[A-Za-z0-9_.]+$")
_OPTIONS = re.compile(r"\s+--(hash|config-settings?|global-option|install-option)\b.*$")


def sort_requirement(text: str, place: Place) -> tuple[Item, ...]:
    """Return what one requirement asks for: nothing, a requirement, something left out, or both for a package of a local file."""
    text = _OPTIONS.sub("", re.sub(r"(^|\s)#.*$", "", text[: LONGEST + 1])).strip()
    if not text:
        return ()
    shown = text[:200]
    if len(text) > LONGEST:
        return (LeftOut(shown, "malformed", place),)
    if text.startswith("-"):
        return (LeftOut(shown, "url" if _has_address(text) else "option", place),)
    if found := _FROM_FILE.match(text):  # a conda environment frozen by pip: the version is lost, the name is known
        return (LeftOut(shown, "local-path", place), *sort_requirement(found.group(1), place))
    if _REMOTE.search(text):
        return (LeftOut(shown, "url", place),)
    if _LOCAL.search(text):
        return (LeftOut(shown, "local-path", place),)
    if found := _CONDA_LIST.match(text):
        return sort_conda(text, place)
    return (_parsed(text, shown, place),)


def _has_address(text: str) -> bool:
    return text.startswith(("-e", "--editable")) and bool(re.search(r"(git|hg|svn|bzr)\+|://", text))


def _parsed(text: str, shown: str, place: Place) -> Item:
    try:
        parsed = Parsed(text)
    except (InvalidRequirement, RecursionError):
        return LeftOut(shown, "malformed", place)
    name = canonical(parsed.name)
    if parsed.url:
        return LeftOut(shown, "url", place)
    if name in WINDOWS_ONLY:
        return LeftOut(shown, "windows-only", place)
    return Requirement(written(parsed), place)


def written(parsed: Parsed) -> str:
    """Return the canonical text of a requirement: `name[extras]specifier ; marker`."""
    extras = f"[{','.join(sorted(parsed.extras))}]" if parsed.extras else ""
    marker = f" ; {parsed.marker}" if parsed.marker else ""
    return f"{canonical(parsed.name)}{extras}{parsed.specifier}{marker}"


def sort_conda(text: str, place: Place) -> tuple[Item, ...]:
    """Sort a requirement of conda (`numpy`, `numpy=1.26`, `numpy=1.26.4=py311_0`, `numpy>=1.2`); what is no Python package is `conda`."""
    text = text.rsplit("::", 1)[-1].split("#", maxsplit=1)[0].strip()
    found = re.match(r"^([A-Za-z0-9_][\w.-]*)\s*(.*)$", text[:LONGEST])
    if not found:
        return (LeftOut(text[:200], "conda" if text else "malformed", place),)
    name, version = found.group(1).lower(), found.group(2).strip()
    if name in CONDA_ONLY or NATIVE.match(name):
        return () if name in ("python", "pip") else (LeftOut(text[:200], "conda", place),)
    return sort_requirement(CONDA_NAMES.get(name, name) + _conda_version(version), place)


def _conda_version(version: str) -> str:
    if not version.startswith("=") and not version[:1].isdigit():
        return version.split(" ", maxsplit=1)[0] if version[:1] in "<>!~" else ""
    exact = version.startswith("==") or version.strip("=").count("=") == 1
    number = version.strip("= ").split("=")[0].split(" ")[0].rstrip("*.")
    return f"=={number}" if exact else f"=={number}.*"


def name_of(text: str) -> str:
    """Return the canonical name of a canonical requirement."""
    return re.split(r"[\s\[<>=!~;]", text, maxsplit=1)[0]

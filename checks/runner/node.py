"""Installing Node packages: names and ranges only, from our registry, without any of their scripts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .index import Index, run, say
from .install import InstallFailedError, size_of
from .resolve import IndexUnreachableError

MOST_CALLS = 40
MOST_LISTED = 1_400
_NAME = re.compile(r"^(@[A-Za-z0-9._-]{1,100}/)?[A-Za-z0-9._-]{1,120}$")
_RANGE = re.compile(r"^[0-9A-Za-z.*^~<>=| +-]{1,100}$")
_QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error", "--json")
_TRIES = ("--fetch-retries=2", "--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=3000", "--fetch-timeout=60000")
_BLAMED = re.compile(r"(?:for|'|of) ?((?:@[A-Za-z0-9._-]+/)?[A-Za-z0-9._-]+)@")
_UNREACHABLE = (
    "ENOTFOUND",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "EAI_AGAIN",
    "ENETUNREACH",
    "UNABLE_TO",
    "SELF_SIGNED",
    "CERT_",
)
# npm breaks by itself ("Cannot read properties of null") on some peers that are optional, and then has no code.
_PEERS = ("ERESOLVE", "unknown")
_REASONS = {"E404": "not-found", "ETARGET": "not-found", "ERESOLVE": "conflict", "EBADPLATFORM": "no-wheel"}


@dataclass
class Wanted:
    """What is still wanted (name → range), and what was given up."""

    ranges: dict[str, str]
    left_out: dict[str, str] = field(default_factory=dict)
    relaxed: set[str] = field(default_factory=set)
    peers: bool = True

    def concede(self, code: str, words: str) -> bool:
        """Give up what a refusal blames: peer requirements, a range, then a package. False when it blames nothing that is wanted."""
        if code in _PEERS and self.peers:
            self.peers = False
            return True
        name = next((n for n in _BLAMED.findall(words) if n in self.ranges), "")
        if not name:
            return False
        if code == "ETARGET" and name not in self.relaxed:
            self.ranges[name] = "*"
            self.relaxed.add(name)
        else:
            del self.ranges[name]
            self.relaxed.discard(name)
            self.left_out[name] = _REASONS.get(code, "broken")
        return True


def install_node(index: Index, task: dict[str, Any]) -> dict[str, Any]:
    """Install `packages` (name → range) as of the day `before` below `environment`, in `node_modules`.

    Raises OutOfTimeError, IndexUnreachableError, InstallFailedError.
    """
    given = {str(n): str(r) for n, r in dict(task["packages"]).items()}
    wanted = Wanted({n: r for n, r in given.items() if _NAME.match(n) and _RANGE.match(r)})
    wanted.left_out |= dict.fromkeys(given.keys() - wanted.ranges.keys(), "malformed")
    folder = Path(task.get("environment") or "/opt/environment")
    say(f"install {len(wanted.ranges)} Node packages")
    for _ in range(MOST_CALLS):
        code, words = _npm(index, task, wanted, folder)
        if not code:
            return _told(given, wanted, folder)
        if any(mark in code or mark in words for mark in _UNREACHABLE):
            raise IndexUnreachableError
        if not wanted.concede(code, words):
            raise InstallFailedError(code)
    raise InstallFailedError("too many calls")


def _npm(index: Index, task: dict[str, Any], wanted: Wanted, folder: Path) -> tuple[str, str]:
    """Return the code and the words of a failure, two empty strings for none."""
    package = {"name": "environment", "version": "0.0.0", "private": True, "dependencies": wanted.ranges}
    (folder / "package.json").write_text(json.dumps(package, indent=1))
    (folder / "package-lock.json").unlink(missing_ok=True)
    registry = str((task.get("index") or {}).get("npm") or "")
    options = [*_QUIET, *_TRIES, *_configuration(index), f"--cache={index.cache}/npm", f"--prefix={folder}"]
    options += [f"--registry={registry}"] if registry else []
    options += [f"--before={task['before']}T23:59:59Z"] if task.get("before") else []
    options += [] if wanted.peers else ["--legacy-peer-deps"]
    environment = index.environment()
    if "SSL_CERT_FILE" in environment:
        environment["NODE_EXTRA_CA_CERTS"] = environment["SSL_CERT_FILE"]
    done = run((str(task.get("npm") or "/usr/bin/npm"), "install", *options), environment, max(index.left, 0.001))
    if done.code == 0:
        return "", ""
    try:
        error = json.loads(done.output).get("error", {})
    except (ValueError, AttributeError):
        error = {}
    return str(error.get("code") or "unknown"), f"{error.get('summary', '')} {error.get('detail', '')} {done.words}"[:20_000]


def _configuration(index: Index) -> tuple[str, str]:
    """Return options that name settings files which do not exist: nobody's settings are read (npm refuses the same name twice)."""
    return f"--userconfig={index.folder}/no-user", f"--globalconfig={index.folder}/no-global"


def _told(given: dict[str, str], wanted: Wanted, folder: Path) -> dict[str, Any]:
    listed = folder / "node_modules" / ".package-lock.json"
    packages = json.loads(listed.read_text("utf-8")).get("packages", {}) if listed.is_file() else {}
    versions = {path.removeprefix("node_modules/"): str(p.get("version")) for path, p in packages.items() if p.get("version")}
    top = {name: version for name, version in versions.items() if _NAME.match(name)}
    return {
        "installed": [f"{name}@{version}" for name, version in sorted(top.items())][:MOST_LISTED],
        "left_out": [{"text": f"{n}@{given[n]}", "reason": r} for n, r in wanted.left_out.items()],
        "relaxed": [{"text": f"{n}@{given[n]}", "used": f"{n}@{top[n]}"} for n in sorted(wanted.relaxed & top.keys())],
        "bytes": size_of(folder),
    }

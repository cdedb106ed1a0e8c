"""What a person types to name a repository, parsed and rebuilt from its parts; everything else is refused with a reason."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from grader.errors import SourceRefused

_SEGMENT = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?|[A-Za-z0-9_]")
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")
_SCP = re.compile(r"^[^/\s]+@[^/\s]+:")


@dataclass(frozen=True, slots=True)
class RemoteSource:
    """A repository of an allow-listed Git host."""

    host: str
    path: tuple[str, ...]  # owner, (groups,) name
    port: int = 443

    @property
    def url(self) -> str:
        """Address rebuilt from the parts."""
        place = self.host if self.port == 443 else f"{self.host}:{self.port}"
        return f"https://{place}/{'/'.join(self.path)}"


@dataclass(frozen=True, slots=True)
class LocalSource:
    """A checkout or a bare repository on this machine: `git_dir` is where its objects are."""

    path: Path
    git_dir: Path

    @property
    def url(self) -> str:
        """Name shown in the grid: the folder's name only, never a path of the machine."""
        return f"local:{self.path.resolve().name}"


Source = RemoteSource | LocalSource


def parse_source(text: str, hosts: frozenset[str]) -> Source:
    """Return the source that `text` names. Raises SourceRefused.

    Accepts `https://host/owner/name` of a host in `hosts`, `gh:owner/name`, or the path of a local repository.
    """
    text = text.strip()
    if not text or any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise SourceRefused("source-empty")
    if text.startswith("gh:"):
        return _remote("github.com", text[3:], hosts)
    if text.lower().startswith("https://"):
        return _from_url(text, hosts)
    if "::" in text or _SCP.match(text) or (_SCHEME.match(text) and not Path(text).exists()):
        raise SourceRefused("source-scheme", source=text)
    return _local(Path(text).expanduser())


def parse_remote(text: str, hosts: frozenset[str]) -> RemoteSource:
    """Return the remote source that `text` names: what a service accepts, where no path of its machine may be named. Raises SourceRefused."""
    if not text.strip().lower().startswith(("https://", "gh:")):
        raise SourceRefused("source-not-https", source=text)
    source = parse_source(text, hosts)
    assert isinstance(source, RemoteSource)
    return source


def _from_url(text: str, hosts: frozenset[str]) -> RemoteSource:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise SourceRefused("source-malformed", source=text) from None
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise SourceRefused("source-credentials")
    if port is not None and f"{parts.hostname}:{port}" not in hosts:
        raise SourceRefused("source-port", source=text)
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise SourceRefused("source-malformed", source=text)
    host = (parts.hostname or "").rstrip(".")
    return _remote(host if port is None else f"{host}:{port}", parts.path, hosts)


def _remote(host: str, path: str, hosts: frozenset[str]) -> RemoteSource:
    if host not in hosts:
        raise SourceRefused("source-host", host=host, hosts=", ".join(sorted(hosts)))
    pieces = tuple(path.strip("/").removesuffix(".git").split("/"))
    for mark in ("tree", "blob", "-", "commit", "commits", "pull", "issues", "actions", "src"):
        if mark in pieces[2:]:
            raise SourceRefused("source-page", url=f"https://{host}/{'/'.join(pieces[:2])}")
    most = 2 if host == "github.com" else 6
    if not 2 <= len(pieces) <= most or not all(_SEGMENT.fullmatch(p) for p in pieces):
        raise SourceRefused("source-malformed", source=f"{host}/{'/'.join(pieces)}")
    name, _, port = host.partition(":")
    return RemoteSource(name, pieces, int(port or 443))


def _local(path: Path) -> LocalSource:
    if not path.exists():
        raise SourceRefused("source-not-found", source=str(path))
    for git_dir in (path / ".git", path):
        if (git_dir / "HEAD").is_file() and (git_dir / "objects").is_dir():
            return LocalSource(path, git_dir.resolve())
    return LocalSource(path, _linked_git_dir(path))


def _linked_git_dir(path: Path) -> Path:
    """Follow the `.git` file of a worktree to the folder it names."""
    pointer = path / ".git"
    text = pointer.read_text("utf-8", "replace") if pointer.is_file() else ""
    target = (path / text.removeprefix("gitdir:").strip()).resolve() if text.startswith("gitdir:") else None
    if target is None or not (target / "HEAD").is_file():
        raise SourceRefused("source-no-repository", source=str(path))
    return target


_TRANSLATED = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")))


def _carried(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the IPv4 address that an IPv6 one carries (mapped, 6to4, NAT64, compatible), else the address itself."""
    if isinstance(address, ipaddress.IPv4Address) or address.is_loopback or address.is_unspecified:
        return address
    if any(address in network for network in _TRANSLATED):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def public_addresses(host: str, allowed: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Resolve `host` and return its addresses. Raises SourceRefused when one is inside a private range.

    `allowed` holds networks (CIDR) that an institution opens for a Git host of its own.
    """
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise SourceRefused("host-unknown", host=host) from None
    networks = [ipaddress.ip_network(n) for n in allowed]
    for text in sorted(found):
        address = _carried(ipaddress.ip_address(text.split("%")[0]))
        inside = any(address in n for n in networks if n.version == address.version)
        if not inside and (not address.is_global or address.is_multicast):
            raise SourceRefused("host-private", host=host, address=text)
    return tuple(sorted(found))

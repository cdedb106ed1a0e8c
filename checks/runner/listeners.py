"""Which ports the processes below us listen on, as the kernel tells."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator
from pathlib import Path

from .processes import descendants

_LISTEN = "0A"


def ports_below(spared: Collection[int] = ()) -> dict[int, str]:
    """Return port → address to reach it at, for what listens below us, the `spared` apart."""
    sockets = set(_sockets(descendants(os.getpid(), spared)))
    found: dict[int, str] = {}
    for table, address in (("tcp", "127.0.0.1"), ("tcp6", "::1")):
        for port, inode, any_address in _listening(table):
            if inode in sockets:
                found.setdefault(port, "127.0.0.1" if any_address else address)
    return found


def _sockets(pids: Collection[int]) -> Iterator[str]:
    for pid in pids:
        with contextlib.suppress(OSError):
            for entry in os.scandir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    link = str(Path(entry.path).readlink())
                    if link.startswith("socket:["):
                        yield link[8:-1]


def _listening(table: str) -> Iterator[tuple[int, str, bool]]:
    with contextlib.suppress(OSError), Path("/proc/net", table).open(encoding="ascii") as file:
        for line in list(file)[1:]:
            fields = line.split()
            if fields[3] == _LISTEN:
                address, port = fields[1].split(":")
                yield int(port, 16), fields[9], not address.strip("0")

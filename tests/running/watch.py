"""What must stay as it was around a hostile run: files, processes, containers, control groups, and a port that nobody may reach."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import socket
import subprocess
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]
OURS = tuple(ROOT / name for name in ("grader", "checks", "rubrics"))
ENGINE = os.environ.get("JURYGRID_DOCKER_HOST") or os.environ.get("DOCKER_HOST", "")


def files_in(*folders: Path) -> dict[str, tuple[int, ...]]:
    """Return path → (mode, owner, size, time of change) of everything below some folders; bytecode that we write ourselves apart."""
    found = {}
    for folder in folders:
        for above, inner, names in os.walk(folder):
            inner[:] = [n for n in inner if n != "__pycache__"]
            for name in (*inner, *names):
                path = f"{above}/{name}"
                told = os.lstat(path)
                found[path] = (told.st_mode, told.st_uid, told.st_size, told.st_mtime_ns, told.st_nlink if name in names else 0)
    return found


def marked(mark: str) -> list[str]:
    """Return the processes of this machine whose command line holds a mark."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and mark.encode() in (entry / "cmdline").read_bytes():
                found.append(f"{entry.name} {(entry / 'cmdline').read_bytes()!r}")
    return found


def groups_of(pid: int) -> list[Path]:
    """Return the control groups that a process made for its sandboxes and did not remove."""
    places = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/pids"), Path("/sys/fs/cgroup/memory"))
    return [g for place in places for g in (place / "jurygrid").glob(f"{pid}-*")]


def containers(label: str, engine: str = ENGINE, *, owner: str = "") -> list[str]:
    """Return the containers whose job's label begins so, running or not, of any owner whose mark holds `owner`; none without engine."""
    if not engine:
        return []
    shown = '{{.ID}} {{.Label "jurygrid.job"}} {{.Label "jurygrid.owner"}}'
    argv = ("docker", "--host", engine, "ps", "--all", "--no-trunc", "--format", shown)
    lines = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    return [line for line in lines if line.partition(" ")[2].startswith(label) and owner in line]


def mounts_below(folder: Path) -> list[str]:
    """Return the mounts of this machine that stand below a folder."""
    lines = Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines()
    return [line for line in lines if line.split()[4].startswith(f"{folder}/")]


def addresses() -> list[str]:
    """Return the addresses of this machine: loopback, its network, the bridges of its engines."""
    shown = subprocess.run(("ip", "-brief", "-4", "address"), capture_output=True, text=True, check=True).stdout.splitlines()
    return [word.split("/")[0] for line in shown for word in line.split()[2:] if "/" in word]


class Listener:
    """Listens on every address of the machine, TCP and UDP; `heard` is whoever came."""

    def __enter__(self) -> Self:
        """Open one port for both."""
        self.stream = socket.socket()
        self.stream.bind(("0.0.0.0", 0))
        self.stream.listen(64)
        self.port = int(self.stream.getsockname()[1])
        self.datagrams = socket.socket(type=socket.SOCK_DGRAM)
        self.datagrams.bind(("0.0.0.0", self.port))
        self.abstract = f"jurygrid-{secrets.token_hex(6)}"
        self.local = socket.socket(socket.AF_UNIX)
        self.local.bind(f"\0{self.abstract}")
        self.local.listen(8)
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        for one in (self.stream, self.datagrams, self.local):
            one.close()

    @property
    def heard(self) -> list[str]:
        """Return who came since the last time."""
        waiting = select.select([self.stream, self.datagrams, self.local], [], [], 0)[0]
        return [str(s.recvfrom(100)[1] if s is self.datagrams else s.accept()[1]) for s in waiting]

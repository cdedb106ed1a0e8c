"""Real servers for tests: PostgreSQL and Redis from Debian's packages, on loopback or sockets, ended by the id of their process."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


def free_port() -> int:
    """Return a port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, seconds: float = 30) -> None:
    """Wait until somebody listens."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise TimeoutError(f"nobody listens on {port}")


def as_postgres(argv: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root: as root, it runs as its own user."""
    return ["runuser", "-u", "postgres", "--", *argv] if os.geteuid() == 0 else argv


@dataclass
class PostgreSQL:
    """A cluster of its own in a temporary folder."""

    folder: Path
    port: int
    count: int = 0

    @property
    def programs(self) -> Path:
        return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))

    def start(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c max_connections=200"
        )
        argv = [
            str(self.programs / "pg_ctl"),
            "-D",
            str(self.folder / "data"),
            "-o",
            options,
            "-l",
            str(self.folder / "log"),
            "-w",
            "start",
        ]
        subprocess.run(as_postgres(argv), check=True, capture_output=True, cwd="/")

    def stop(self, how: str = "immediate") -> None:
        argv = [str(self.programs / "pg_ctl"), "-D", str(self.folder / "data"), "-m", how, "-w", "stop"]
        subprocess.run(as_postgres(argv), check=False, capture_output=True, cwd="/")

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        import psycopg

        self.count += 1
        name = f"t{os.getpid()}_{self.count}"
        with psycopg.connect(f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"


@contextlib.contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """Run a PostgreSQL of its own."""
    folder = Path(tempfile.mkdtemp(prefix="test-postgresql-"))
    server = PostgreSQL(folder, free_port())
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        argv = [
            str(server.programs / "initdb"),
            "-D",
            str(folder / "data"),
            "-U",
            "postgres",
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
        ]
        subprocess.run(as_postgres(argv), check=True, capture_output=True, cwd="/")
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Redis:
    """A Redis of its own, without persistence."""

    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        argv = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        wait_for_port(self.port)

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def redis() -> Iterator[Redis]:
    """Run a Redis of its own."""
    server = Redis(free_port())
    try:
        server.start()
        yield server
    finally:
        server.stop()

"""Throw-away services on loopback: PostgreSQL, MariaDB (also for MySQL) and Redis, where the sandbox has them."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .commands import Tail, ends, start
from .running import Running
from .surroundings import environment_of

PATIENCE = 20.0
_CLUSTER = (
    *("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions", "--wal-segsize=1"),
)
_POSTGRESQL = (
    *("-c", "listen_addresses=127.0.0.1,::1", "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"),
    *("-c", "shared_buffers=16MB", "-c", "max_connections=60", "-c", "wal_level=minimal", "-c", "max_wal_senders=0"),
    *("-c", "min_wal_size=4MB", "-c", "max_wal_size=32MB", "-c", "autovacuum=off", "-c", "timezone=UTC"),
)

# Small logs and buffers: it lives for minutes.
_INNODB = ("--innodb-log-file-size=4M", "--innodb-buffer-pool-size=16M", "--innodb-flush-method=nosync")
_MARIADB = (
    *(
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--character-set-server=utf8mb4",
        "--collation-server=utf8mb4_general_ci",
    ),
    *("--innodb-flush-log-at-trx-commit=0", "--max-connections=60", "--default-time-zone=+00:00", *_INNODB),
)


def postgresql_programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, the newest version's."""
    found = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(found, key=lambda p: int(p.parent.name) if p.parent.name.isdigit() else 0, default=None)


def start_services(running: Running) -> None:
    """Start each service that the step asks for; note what came of it."""
    asked = [dict(s) for s in running.step.services]
    if (running.step.database or {}).get("engine") == "postgresql" and not any(s.get("kind") == "postgresql" for s in asked):
        asked.append({"kind": "postgresql", "port": 5432, "user": "postgres", "database": "postgres", "password": ""})
    for kind in dict.fromkeys(str(s.get("kind")) for s in asked):
        same = [s for s in asked if s.get("kind") == kind]
        for port in list(dict.fromkeys(int(s.get("port") or 0) for s in same))[:2]:
            state, detail = _start(running, kind, port, [s for s in same if s.get("port") == port])
            running.document["services"].append({"kind": kind, "port": port, "state": state, "detail": detail[-1000:]})
    running.tell(running.document)


def _start(running: Running, kind: str, port: int, services: list[dict[str, Any]]) -> tuple[str, str]:
    try:
        if kind == "postgresql":
            return _postgresql(running, port, services)
        if kind == "redis":
            return _redis(running, port, services)
        if kind == "mysql":
            return _mariadb(running, port, services)
    except (OSError, subprocess.SubprocessError) as error:
        return "failed", str(error)
    return "absent", ""


def _postgresql(running: Running, port: int, services: list[dict[str, Any]]) -> tuple[str, str]:
    programs = postgresql_programs()
    if programs is None:
        return "absent", ""
    data = running.new("postgresql")
    made = quietly(running, (str(programs / "initdb"), "-D", str(data), *_CLUSTER))
    if made.returncode != 0:
        return "failed", made.stdout
    state, detail = _listening(
        running, (str(programs / "postgres"), "-D", str(data), "-p", str(port), "-k", str(running.scratch), *_POSTGRESQL), port
    )
    if state == "started" and not _answers(running, port):
        return "failed", "it accepts connections and answers nothing"
    if state == "started":
        said = [psql(running, port, "postgres", sql) for sql in _accounts(services)]
        detail = "\n".join(s.stdout for s in said if s.returncode != 0)
    return state, detail


def _answers(running: Running, port: int) -> bool:
    """Wait until PostgreSQL answers: it listens a moment before."""
    end = time.monotonic() + min(PATIENCE, running.step.time_left)
    while time.monotonic() < end:
        if psql(running, port, "postgres", "SELECT 1").returncode == 0:
            return True
        time.sleep(0.05)
    return False


def _accounts(services: Iterable[dict[str, Any]]) -> Iterable[str]:
    """Yield what makes the declared users, all-powerful as in the official image, and their databases."""
    users: dict[str, None] = {"postgres": None}
    databases: dict[str, None] = {"postgres": None}
    for service in services:
        user = str(service.get("user") or "postgres")
        name = str(service.get("database") or user)
        if user not in users:
            yield f"CREATE ROLE {_name(user)} SUPERUSER LOGIN PASSWORD {_literal(str(service.get('password') or ''))}"
        if name not in databases:
            yield f"CREATE DATABASE {_name(name)} OWNER {_name(user)}"
        users[user] = databases[name] = None


def _name(text: str) -> str:
    return '"' + text.replace('"', '""').replace("\0", "") + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("\0", "").replace("'", "''") + "'"


def psql(
    running: Running, port: int, database: str, *commands: str, quiet: bool = True, seconds: float = 20.0
) -> subprocess.CompletedProcess[str]:
    """Run SQL as the superuser; its output and errors come back together, unaligned, without headers."""
    programs = postgresql_programs() or Path("/nonexistent")
    given = [part for c in commands for part in ("-c", c)]
    argv = (
        str(programs / "psql"),
        "-X",
        *(("-q",) if quiet else ()),
        "-A",
        "-t",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        "-U",
        "postgres",
        "-v",
        "ON_ERROR_STOP=1",
    )
    return quietly(running, (*argv, "-d", database, *given), seconds=seconds)


def quietly(running: Running, argv: tuple[str, ...], seconds: float = 60.0) -> subprocess.CompletedProcess[str]:
    """Run a program of ours that is no command of the step; one that is late has status 124."""
    try:
        done = _bounded(running, argv, seconds)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(argv, 124, "timeout", "")
    return subprocess.CompletedProcess(argv, done.returncode, done.stdout[:4_000_000].decode("utf-8", "replace"), "")


def _bounded(running: Running, argv: tuple[str, ...], seconds: float) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        argv,
        env={**environment_of(running.step), "PGCONNECT_TIMEOUT": "5"},
        cwd=running.scratch,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=max(1.0, min(seconds, running.step.time_left)),
        check=False,
    )


def _redis(running: Running, port: int, services: list[dict[str, Any]]) -> tuple[str, str]:
    password = next((str(s["password"]) for s in services if s.get("password")), "")
    argv = ("redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
    argv += ("--dir", str(running.scratch), *(("--requirepass", password) if password else ()))
    return _listening(running, argv, port)


def _mariadb(running: Running, port: int, services: list[dict[str, Any]]) -> tuple[str, str]:
    data, socket_file, first = running.new("mariadb"), running.new("mariadb.sock"), running.new("accounts.sql")
    plain = ("--no-defaults", f"--datadir={data}")
    made = quietly(
        running, ("mariadb-install-db", *plain, "--auth-root-authentication-method=normal", "--skip-test-db", *_INNODB)
    )
    if made.returncode != 0:
        return "failed", made.stdout
    first.write_text("".join(f"{line};\n" for line in _mariadb_accounts(services)), "utf-8")
    place = (f"--socket={socket_file}", f"--pid-file={running.new('mariadb.pid')}", f"--port={port}", f"--init-file={first}")
    return _listening(running, ("/usr/sbin/mariadbd", *plain, *place, *_MARIADB), port)


def _mariadb_accounts(services: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield what makes the declared users, all-powerful, and their databases; one that is named without a user is root's."""
    passwords: dict[str, str] = {"root": ""}
    for service in services:
        user, password = str(service.get("user") or "root"), str(service.get("password") or "")
        passwords[user] = passwords.get(user) or password
        if service.get("database"):
            yield f"CREATE DATABASE IF NOT EXISTS {_backquoted(str(service['database']))}"
    for user, password in passwords.items():
        account = f"{_escaped(user)}@'%'"
        yield f"CREATE OR REPLACE USER {account} IDENTIFIED BY {_escaped(password)}"
        yield f"GRANT ALL ON *.* TO {account} WITH GRANT OPTION"
    yield "DROP USER IF EXISTS 'root'@'localhost'"  # it would come before root from anywhere, without the password that is declared


def _backquoted(text: str) -> str:
    return "`" + _one_line(text).replace("`", "``") + "`"


def _escaped(text: str) -> str:
    return "'" + _one_line(text).replace("\\", "\\\\").replace("'", "''") + "'"


def _one_line(text: str) -> str:
    """Return text without what would end a line: the server reads one statement from each."""
    return "".join(c for c in text if c.isprintable())


def _listening(running: Running, argv: tuple[str, ...], port: int) -> tuple[str, str]:
    """Start a service and wait until it accepts connections; it then outlives the commands."""
    try:
        process = start(argv, folder=running.scratch, environment=environment_of(running.step))
    except FileNotFoundError:
        return "absent", ""
    running.spared.add(process.pid)
    running.kept.append(process)
    tail = Tail(process.stdout) if process.stdout else None
    end = time.monotonic() + min(PATIENCE, running.step.time_left)
    while time.monotonic() < end:
        if ends(process, 0.05):
            running.spared.discard(process.pid)
            return "failed", tail.text(1.0) if tail else ""
        if _accepts(port):
            return "started", ""
    return "failed", tail.text() if tail else ""


def _accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False

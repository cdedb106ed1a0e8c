"""Ending the engine, a sandbox or the command at any moment: what is unknown is said to be, and the next run finds nothing left."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.places import choose_sandbox
from grader.settings import Settings, read_settings
from grader.workfolder import sweep_folders
from tests.conftest import commit
from tests.engines import private_engine, start_engine
from tests.running.arena import Arena
from tests.running.watch import ROOT, containers, groups_of, mounts_below

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SLOW = {
    "requirements.txt": "fastapi\n",
    "tests/test_slow.py": "import time\n\n\ndef test_slow():\n    time.sleep(25)\n",
    "api/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/hives')\ndef hives():\n    return []\n",
    "db/schema.sql": "CREATE TABLE hive (id INTEGER PRIMARY KEY);\n",
}
MOMENTS = tuple(round(random.Random(n).uniform(0.2, 1.0) + n * 1.3, 2) for n in range(8))


class Command:
    """One `jurygrid grade` of a slow repository, as a process of its own."""

    def __init__(self, sandbox: str, folder: Path, **settings: str) -> None:
        """Start it."""
        self.work = folder / "work"
        self.work.mkdir()
        self.json = folder / "grid.json"
        repository = commit(folder / "repository", dict(SLOW))
        argv = (
            str(Path(sys.executable).with_name("jurygrid")),
            "grade",
            str(repository),
            "--sandbox",
            sandbox,
            "--json",
            str(self.json),
        )
        environment = {**os.environ, "JURYGRID_WORK_FOLDER": str(self.work), **settings}
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen((*argv, "--lang", "en"), cwd=ROOT, env=environment, stdout=log, stderr=log)

    def until(self, word: str, seconds: float = 120) -> None:
        """Wait until the command says a word."""
        end = time.monotonic() + seconds
        while word not in self.log.read_text("utf-8", "replace"):
            assert time.monotonic() < end, self.log.read_text("utf-8", "replace")
            assert self.process.poll() is None, self.log.read_text("utf-8", "replace")
            time.sleep(0.1)

    def grid(self) -> dict[str, Any]:
        """Return the grid that it wrote."""
        document = json.loads(self.json.read_text("utf-8"))
        assert isinstance(document, dict)
        return document


def swept(sandbox: str, settings: Settings, command: Command) -> None:
    """Sweep as the next run would, and assert that nothing of the command is left."""
    place = choose_sandbox(sandbox, settings)
    place.sweep()
    sweep_folders(command.work)
    end = time.monotonic() + 15
    while left := what_is_left(command, settings):
        assert time.monotonic() < end, left
        time.sleep(0.2)


def what_is_left(command: Command, settings: Settings) -> list[str]:
    """Return what still stands of a command: its groups, its children, containers, mounts, folders."""
    pid = command.process.pid
    found = [str(g) for g in groups_of(pid)] + [str(p) for p in command.work.iterdir()] + mounts_below(command.work)
    found += [f"process {n}" for n in started_by(command)]
    return found + containers("", settings.docker_host, owner=f":{pid}:")


def started_by(command: Command) -> list[str]:
    """Return the processes that carry the work folder of a command among their variables or words."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if str(command.work).encode() in told:
                found.append(entry.name)
    return found


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_command_is_killed(arena: Arena, tmp_path: Path, moment: float) -> None:
    command = Command(arena.name, tmp_path)
    time.sleep(moment)
    command.process.kill()
    command.process.wait()
    swept(arena.name, arena.settings, command)
    assert not command.json.exists()


def test_the_command_is_asked_to_stop(arena: Arena, tmp_path: Path) -> None:
    command = Command(arena.name, tmp_path)
    command.until("tests")
    command.process.send_signal(signal.SIGINT)
    assert command.process.wait(timeout=60) == 130
    assert what_is_left(command, arena.settings) == []


def test_the_sandbox_of_a_step_is_killed(arena: Arena, tmp_path: Path) -> None:
    command = Command(arena.name, tmp_path)
    command.until("tests")
    killed = kill_step(arena, command)
    assert command.process.wait(timeout=250) == 0, command.log.read_text()
    grid = command.grid()
    steps = [s for s in grid["run"]["steps"] if s["kind"] == "tests"]
    assert [(s["how"] in ("signal", "exit", "killed"), bool(s["reason"])) for s in steps] == [(True, True)], (killed, steps)
    found = [f for c in grid["criteria"] for f in c["findings"] if f["check"] == "run-tests.succeed"]
    assert {f["outcome"] for f in found} == {"inconclusive"}
    swept(arena.name, arena.settings, command)


def kill_step(arena: Arena, command: Command) -> str:
    """Kill what runs the tests, once it runs them."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and is_of(entry, command, arena) and b"with_pytest" in words(entry):
                root = first_of_its_space(int(entry.name))
                os.kill(root, 9)
                return str(root)
        time.sleep(0.1)
    raise AssertionError("the tests never ran")


def words(entry: Path) -> bytes:
    """Return the command line of a process."""
    try:
        return (entry / "cmdline").read_bytes()
    except OSError:
        return b""


def is_of(entry: Path, command: Command, arena: Arena) -> bool:
    """Tell whether a process runs in a sandbox of the command."""
    try:
        group = (entry / "cgroup").read_text()
    except OSError:
        return False
    if arena.name == "bubblewrap":
        return f"jurygrid/{command.process.pid}-" in group
    return any(line.split()[0] in group for line in containers("", arena.settings.docker_host, owner=f":{command.process.pid}:"))


def first_of_its_space(pid: int) -> int:
    """Return the process that is number 1 where `pid` lives."""
    while True:
        told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
        if told["NSpid"].split()[-1] == "1":
            return pid
        pid = int(told["PPid"])


@pytest.fixture(scope="module")
def own_engine() -> Iterator[tuple[Path, str]]:
    with private_engine() as made:
        yield made


@pytest.mark.engine
@pytest.mark.timeout(600)
def test_the_engine_is_killed(own_engine: tuple[Path, str], tmp_path: Path) -> None:
    folder, host = own_engine
    own = {"JURYGRID_DOCKER_HOST": host, "DOCKER_HOST": host, "JURYGRID_CACHE_FOLDER": str(tmp_path / "cache")}
    command = Command("docker", tmp_path, **own)
    command.until("tests", seconds=200)
    time.sleep(2)
    os.kill(int((folder / "engine.pid").read_text()), signal.SIGKILL)
    code = command.process.wait(timeout=120)
    assert list(command.work.iterdir()) == []
    assert code == 0, command.log.read_text()
    told(command)
    assert start_engine(folder) == host
    swept("docker", replace(read_settings(), docker_host=host), command)


def told(command: Command) -> None:
    """Assert that the grid stands on reading alone, says why, and holds nothing against the project."""
    grid = command.grid()
    assert {s["reason"] for s in grid["run"]["steps"]} == {"docker-failed"}
    assert {s["how"] for s in grid["run"]["steps"]} == {"not-run"}
    ran = [f for c in grid["criteria"] for f in c["findings"] if f["check"].startswith("run-")]
    assert {f["outcome"] for f in ran} <= {"inconclusive", "not_applicable"}

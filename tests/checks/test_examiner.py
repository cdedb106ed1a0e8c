"""The supervisor, with checks that really crash, hang and eat memory."""

from __future__ import annotations

import io
import json
import os
import re
import resource
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from checks import examiner, registry, supervisor
from checks.findings import evidence, met
from checks.runner.frames import frame
from checks.workspace import File, Workspace
from grader.engine import Check
from grader.pack import entry
from grader.plan import Expected, Place, Plan
from grader.report import read_report
from grader.values import Finding, Outcome, Text

BLANK = Text("x", "x")


def fine(workspace: Workspace) -> Finding:
    return met("bien", "fine", [evidence("a.py", 1, "x = 1")])


def crashes(workspace: Workspace) -> Finding:
    os.kill(os.getpid(), signal.SIGSEGV)
    raise AssertionError


def runs_away(workspace: Workspace) -> Finding:
    re.fullmatch(r"(a+)+b", "a" * 60)
    raise AssertionError


def eats(workspace: Workspace) -> Finding:
    hoard = [bytearray(50_000_000) for _ in range(1000)]
    raise AssertionError(len(hoard))


def digs(workspace: Workspace) -> Finding:
    return digs(workspace)


def stands_still(workspace: Workspace) -> Finding:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    time.sleep(600)
    raise AssertionError


def broken_fact(workspace: Workspace) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def asks_broken(broken_fact: int) -> Finding:
    raise AssertionError


def parsed(workspace: Workspace) -> tuple[str, ...]:
    def parse(file: File) -> str:
        if b"crash" in file.data:
            os.kill(os.getpid(), signal.SIGSEGV)
        if b"hang" in file.data:
            re.fullmatch(r"(a+)+b", "a" * 60)
        return file.path

    return tuple(p for f in workspace.own if (p := workspace.attempt(f, parse)))


def names_parsed(parsed: tuple[str, ...]) -> Finding:
    return met(" ".join(parsed), " ".join(parsed), [])


ALL = (fine, crashes, runs_away, eats, digs, stands_still, asks_broken, names_parsed)


@pytest.fixture(autouse=True)
def small_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = tuple(Check(f.__name__, f, tuple(f.__annotations__)[:-1], BLANK, BLANK, BLANK) for f in ALL)
    monkeypatch.setattr(registry, "CHECKS", checks)
    monkeypatch.setattr(registry, "FACTS", (broken_fact, parsed, suppressions))
    monkeypatch.setattr(supervisor, "STANDSTILL_SECONDS", 5.0)
    monkeypatch.setattr("grader.engine.CHECK_SECONDS", 2.5)
    monkeypatch.setattr("checks.workspace.FILE_SECONDS", 1.0)


def suppressions(workspace: Workspace) -> tuple[()]:
    return ()


def archive_of(names: tuple[str, ...], files: dict[str, bytes], *, memory: int = 0, run: bool = False) -> bytes:
    job = {
        "nonce": "n",
        "checks": names,
        "memory_bytes": memory,
        "run": run,
        "skipped": [],
        "history": {"commits": [], "branches": [], "complete": True},
    }
    members = [entry(f"tree/{path}", data) for path, data in files.items()]
    return b"".join((entry("job.json", json.dumps(job).encode()), *members, bytes(1024)))


def examined(names: tuple[str, ...], files: dict[str, bytes] | None = None, memory: int = 0) -> dict[str, Finding]:
    archive = archive_of(names, files or {"a.py": b"x = 1"}, memory=memory)
    sent: list[dict[str, Any]] = []
    examiner.examine(io.BytesIO(frame(archive)), sent.append)
    assert [list(document) for document in sent] == [["report"]]
    report = read_report(examiner.product(sent[0]["report"]), nonce="n", checks=frozenset(names))
    examined.skipped = {s.path: s.reason for s in report.skipped}  # type: ignore[attr-defined]
    return {f.check: f for f in report.findings}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("crashes", "crashed"),
        ("runs_away", "took-too-long"),
        ("digs", "error-RecursionError"),
        ("stands_still", "took-too-long"),
        ("asks_broken", "crashed"),
    ],
)
def test_what_goes_wrong_costs_one_check(name: str, reason: str) -> None:
    found = examined((name, "fine"))
    assert (found[name].outcome, found[name].reason) == (Outcome.INCONCLUSIVE, reason)
    assert found["fine"].outcome == Outcome.MET


def test_a_check_that_is_not_ours_is_not_looked_for_again_and_again() -> None:
    began = time.monotonic()
    assert set(examined(("fine", "of-another-version"))) == {"fine"}
    assert time.monotonic() - began < 5


def test_a_memory_blow_up_costs_one_check() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    found = examined(("eats", "fine"), memory=pages * resource.getpagesize() + 300_000_000)
    assert (found["eats"].outcome, found["eats"].reason) == (Outcome.INCONCLUSIVE, "out-of-memory")
    assert found["fine"].outcome == Outcome.MET


def test_a_file_that_crashes_or_hangs_a_parser_costs_that_file() -> None:
    found = examined(("names_parsed",), {"a.py": b"1", "b.py": b"crash", "c.py": b"2", "d.py": b"hang"})
    assert found["names_parsed"].why.en == "a.py c.py"
    assert examined.skipped == {"b.py": "crashed-the-examiner", "d.py": "took-too-long"}  # type: ignore[attr-defined]


def test_no_child_is_left() -> None:
    examined(("crashes", "fine"))
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def reads_ran(ran_archive: bytes) -> str:
    return ran_archive.decode()


def tells_what_ran(reads_ran: str, parsed: tuple[str, ...]) -> Finding:
    if reads_ran == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    return met(f"{reads_ran} {os.getpid()}", f"{reads_ran} {os.getpid()}", [])


def plan(workspace: Workspace) -> Plan:
    return Plan(routes=(Expected("GET", "/", "other", False, Place("a.py", 1)),))


@pytest.fixture
def with_run(small_registry: None, monkeypatch: pytest.MonkeyPatch) -> None:
    more = (tells_what_ran, fine, crashes)
    checks = tuple(Check(f.__name__, f, tuple(f.__annotations__)[:-1], BLANK, BLANK, BLANK) for f in more)
    monkeypatch.setattr(registry, "CHECKS", checks)
    monkeypatch.setattr(registry, "FACTS", (parsed, suppressions, reads_ran, plan))
    monkeypatch.setattr("checks.examination.PLANNING", (plan,))


def examined_with_run(names: tuple[str, ...], ran: bytes) -> list[dict[str, Any]]:
    """Return what is sent, by an examination that gets what ran only once it has sent its first report."""
    reading, writing = os.pipe()
    sent: list[dict[str, Any]] = []

    def emit(document: dict[str, Any]) -> None:
        sent.append(document)
        if "report" in document and len(sent) == 2:
            os.write(writing, frame(ran))

    os.write(writing, frame(archive_of(names, {"a.py": b"x = 1"}, run=True)))
    with os.fdopen(reading, "rb") as stream:
        examiner.examine(stream, emit)
    os.close(writing)
    return sent


def by_check(document: dict[str, Any]) -> dict[str, Finding]:
    report = read_report(
        examiner.product(document["report"]), nonce="n", checks=frozenset(f.__name__ for f in (*ALL, tells_what_ran))
    )
    return {f.check: f for f in report.findings}


def test_the_plan_comes_first_then_reading_then_what_ran_in_the_same_child(with_run: None) -> None:
    planned, read, complete = examined_with_run(("tells_what_ran", "fine"), b"ran")
    assert planned["plan"]["routes"][0]["path"] == "/"
    before, after = by_check(read)["tells_what_ran"].why.en, by_check(complete)["tells_what_ran"].why.en
    assert before.split()[0].isdigit()
    assert after.split() == ["ran", before.split()[0]]
    assert by_check(complete)["fine"] == by_check(read)["fine"]


def test_a_crash_on_what_ran_leaves_what_reading_found(with_run: None) -> None:
    _, read, complete = examined_with_run(("tells_what_ran", "fine"), b"crash")
    assert by_check(read)["tells_what_ran"].outcome == Outcome.MET
    assert by_check(complete)["tells_what_ran"] == by_check(read)["tells_what_ran"]
    assert by_check(complete)["fine"].outcome == Outcome.MET
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_a_crash_while_reading_does_not_lose_what_ran(with_run: None) -> None:
    planned, read, complete = examined_with_run(("tells_what_ran", "crashes"), b"ran")
    assert planned["plan"] is not None
    assert by_check(read)["crashes"].reason == "crashed"
    assert by_check(complete)["tells_what_ran"].why.en.startswith("ran ")

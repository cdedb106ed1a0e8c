"""Taking everything there is: processes, memory, disk, time, words. The step is lost, its neighbour is not, and nothing stays."""

from __future__ import annotations

import pytest

from tests.running.arena import Arena, Case, Told

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SOON = 16.0
LATE = ("timeout", "out-of-time", "out-of-memory", "killed", "runner-killed")
EITHER = (*LATE, "stopped-early", "disk-full", "no-report", None)


def bounded(told: Told) -> None:
    assert len(told.archive) < 3_000_000
    assert all(len(c.tail) <= 8_000 for c in told.step.commands)


def ours(told: Told) -> None:
    """A bound of the sandbox is nobody's failure."""
    bounded(told)
    assert [(f.whose, f.code) for f in told.run.steps[0].failures] == [("sandbox", "out-of-memory")]


def short(tests: str, conftest: str = "", **more: object) -> Case:
    """Return a case that never ends by itself."""
    return Case(**{"tests": tests, "conftest": conftest, "seconds": SOON, "doubt": LATE, "then": bounded, **more})  # type: ignore[arg-type]


CASES = {
    "a fork bomb": short("""
        import os
        def test_a():
            while True:
                try: os.fork()
                except OSError: pass
        """),
    "a fork bomb of programs": short(
        """
        import os, subprocess
        def test_a():
            script = "/tmp/bomb.sh"
            open(script, "w").write("#!/bin/sh\\nsh -c 'sleep 600; : @MARK@' &\\n$0 & $0 & wait\\n")
            os.chmod(script, 0o755)
            subprocess.run([script])
        """,
        doubt=EITHER,
    ),
    "all the memory": Case(
        tests="""
        def test_a():
            kept = []
            while True: kept.append(bytearray(b"x" * 20_000_000))
        """,
        memory=300_000_000,
        doubt=("killed", "out-of-memory", "runner-killed", "stopped-early"),
        then=bounded,
    ),
    "all the memory, by many": Case(
        tests="""
        import os, time
        def test_a():
            for _ in range(20):
                if os.fork() == 0:
                    kept = [bytearray(b"x" * 1_000_000) for _ in range(200)]
                    time.sleep(600)
            time.sleep(600)
        """,
        memory=300_000_000,
        seconds=SOON,
        doubt=LATE,
        then=bounded,
    ),
    "the whole disk": Case(
        tests="""
        import os, pytest
        def test_a():
            with pytest.raises(OSError):
                with open("/tmp/big", "wb") as file:
                    while True: file.write(b"x" * 1_000_000)
            assert os.path.getsize("/tmp/big") <= 60_000_000
        """,
        disk=60_000_000,
        outcomes={"test_a": "passed"},  # it expects the error that it gets, and our record has kept its place
        then=bounded,
    ),
    "the whole disk, and no care for it": Case(
        tests="""
        def test_a():
            with open("/tmp/big", "wb") as file:
                while True: file.write(b"x" * 1_000_000)
        """,
        disk=60_000_000,
        outcomes={"test_a": "failed"},
        then=ours,
    ),
    "a million files": short(
        """
        def test_a():
            n = 0
            while True:
                n += 1
                try: open(f"/tmp/{n}", "w").close()
                except OSError: pass
        """
    ),
    "one enormous file": Case(
        tests="""
        import pytest, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        def test_a():
            for path in ("/tmp/sparse", "/dev/shm/sparse"):
                with pytest.raises(OSError):
                    with open(path, "wb") as file: file.truncate(10**15)
        """,
        outcomes={"test_a": "passed"},
    ),
    "a flood of words": short(
        "def test_a(): pass\n",
        """
        import os
        while True: os.write(1, b"\\x1b[2J<script>" * 8_000); os.write(2, b"\\0" * 65_536)
        """,
        doubt=EITHER,
    ),
    "a flood past every capture": short(
        "def test_a(): pass\n",
        """
        import os
        for number in range(3, 64):
            if os.path.lexists(f"/proc/self/fd/{number}") and os.readlink(f"/proc/self/fd/{number}").startswith("pipe:"):
                while True: os.write(number, b"x" * 65_536)
        while True: os.write(1, b"x" * 65_536)
        """,
    ),
    "sleeping for ever": short("import time\ndef test_a(): time.sleep(10**6)\n"),
    "sleeping at collection": short("import time\ntime.sleep(10**6)\ndef test_a(): pass\n"),
    "deaf to every signal": short("""
        import signal, time
        def test_a():
            for number in range(1, 65):
                try: signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError): pass
            while True:
                try: time.sleep(10**6)
                except BaseException: pass
        """),
    "stopped in the middle": short("import os\ndef test_a(): os.kill(os.getpid(), 19)\n"),
    "spinning in every process": short("""
        import os
        def test_a():
            for _ in range(32):
                if os.fork() == 0:
                    while True: pass
            while True: pass
        """),
    "threads without end": short("""
        import threading, time
        def test_a():
            while True:
                try: threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
                except RuntimeError: time.sleep(0.01)
        """),
    "tests without end": short(
        "def test_a(n): pass\n",
        """
        def pytest_generate_tests(metafunc):
            metafunc.parametrize("n", range(10**9))
        """,
        memory=600_000_000,
    ),
    "a crash of the interpreter": Case(
        tests="import ctypes\ndef test_a(): ctypes.string_at(0)\n", doubt=("killed", "stopped-early"), then=bounded
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_used_up(arena: Arena, name: str) -> None:
    arena.play(CASES[name])

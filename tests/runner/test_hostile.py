"""Submissions that attack whoever runs them: there is always a document, and nothing is left running."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.runner.steps import part, run, suite
from tests.runner.test_tests import outcomes


def attacked(environment: Path, conftest: str = "", tests: str = "def test_one(): pass\n", **more: Any) -> dict[str, Any]:
    """Run a suite with a hostile conftest or hostile tests."""
    files = {"conftest.py": conftest, "tests/test_one.py": tests}
    return run(files, environment, suite=suite("pytest", "tests"), part=part(), **{"seconds": 30, **more})


def test_leaving_at_once_is_no_success(environment: Path) -> None:
    document = attacked(environment, "import os\nos._exit(0)\n")
    assert (document["junit"], document["finished"]) == (None, False)
    assert document["commands"][0]["code"] == 0


def test_leaving_in_a_test_keeps_what_was_told(environment: Path) -> None:
    document = attacked(environment, tests="import os\ndef test_a(): pass\ndef test_b(): os._exit(0)\ndef test_c(): pass\n")
    assert outcomes(document["junit"]) == {"test_a": "passed", "test_b": "error"}
    assert document["finished"] is False


def test_killing_the_parent(environment: Path) -> None:
    document = attacked(environment, tests="import os, time\ndef test_a(): os.kill(os.getppid(), 9); time.sleep(3)\n")
    assert document["trouble"] == ["runner-killed"]


def test_stopping_the_parent(environment: Path) -> None:
    document = attacked(
        environment, tests="import os, time\ndef test_a(): os.kill(os.getppid(), 19); time.sleep(60)\n", seconds=8
    )
    assert document["trouble"] == ["out-of-time"]


def test_signals_do_not_end_us(environment: Path) -> None:
    tests = """
        import os, signal
        def test_a():
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGALRM):
                os.kill(os.getppid(), number)
        """
    document = attacked(environment, tests=tests)
    assert outcomes(document["junit"]) == {"test_a": "passed"}
    assert document["trouble"] == []


def test_daemons_are_killed(environment: Path) -> None:
    tests = """
        import os, signal, time
        def test_a():
            for _ in range(5):
                if os.fork() == 0:
                    os.setsid()
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                    if os.fork(): os._exit(0)
                    time.sleep(600)
        """
    assert attacked(environment, tests=tests)["finished"] is True  # `run` looks for what is left


def test_fork_bomb(environment: Path) -> None:
    tests = """
        import os, resource, time
        def test_a():
            resource.setrlimit(resource.RLIMIT_NPROC, (300, 300))
            end = time.monotonic() + 4
            while time.monotonic() < end:
                try: os.fork()
                except OSError: pass
            time.sleep(60)
        """
    document = attacked(environment, tests=tests, seconds=10)
    assert document["commands"][0]["how"] == "timeout"


def test_a_flood_of_words(environment: Path) -> None:
    conftest = """
        import os
        for number in range(3, 64):  # past the capture of pytest
            if os.path.lexists(f"/proc/self/fd/{number}") and os.readlink(f"/proc/self/fd/{number}").startswith("pipe:"):
                while True: os.write(number, b"x" * 65536)
        """
    document = attacked(environment, conftest, seconds=8)
    assert document["commands"][0]["how"] == "timeout"
    assert len(document["commands"][0]["tail"]) == 8000


def test_we_cannot_be_read(environment: Path) -> None:
    tests = """
        import os, pathlib, pytest
        def ancestors():
            pid = os.getppid()
            while pid > 1:
                stat = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                if b"runner.main" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes(): yield pid
                pid = int(stat[1])
        def test_a():
            found = list(ancestors())
            assert len(found) >= 2
            for pid in found[:2]:
                for name in ("mem", "maps", "environ", "fd/1", "fd/3"):
                    with pytest.raises(OSError): open(f"/proc/{pid}/{name}", "rb").read(1)
                with pytest.raises(OSError): os.listdir(f"/proc/{pid}/fd")
        def test_b():
            links = {os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd") if os.path.lexists(f"/proc/self/fd/{n}")}
            assert len([link for link in links if link.startswith("pipe:")]) <= 1, links
        """
    assert outcomes(attacked(environment, tests=tests)["junit"]) == {"test_a": "passed", "test_b": "passed"}


def test_closing_every_descriptor(environment: Path) -> None:
    document = attacked(environment, tests="import os\ndef test_a(): os.closerange(0, 4096)\ndef test_b(): pass\n")
    assert document["commands"][0]["seconds"] < 25
    assert document["kind"] == "tests"


def test_hooks_that_turn_failures_into_passes_are_told(environment: Path) -> None:
    conftest = """
        import pytest
        @pytest.hookimpl(hookwrapper=True)
        def pytest_runtest_makereport(item, call):
            outcome = yield
            outcome.get_result().outcome = "passed"
        """
    document = attacked(environment, conftest, "def test_a(): assert False\n")
    assert document["turned"] == ["tests/test_one.py::test_a"]


def test_results_replaced_by_pipes_links_and_nonsense(environment: Path) -> None:
    conftest = """
        import json, os, pathlib, sys
        options = json.loads(pathlib.Path(ORIGINAL).read_text()) if (ORIGINAL := next((a for a in open("/proc/self/cmdline").read().split(chr(0)) if a.endswith(".json")), "")) else {}
        def pytest_unconfigure(config):
            xml = config.option.xmlpath
            pathlib.Path(xml).unlink(missing_ok=True)
            os.mkfifo(xml)
            lines = pathlib.Path(options["record"])
            lines.write_bytes(b'[[[[' * 100000 + b'\\n{"start": 3}\\n{"test": null}\\nnull\\n{"finished": "x"}\\n')
        """
    document = attacked(environment, conftest)
    assert document["junit"] is None
    assert document["finished"] is False


def test_an_endless_result(environment: Path) -> None:
    conftest = """
        def pytest_unconfigure(config):
            with open(config.option.xmlpath, "w") as file: file.write("x" * 9_000_000)
        """
    document = attacked(environment, conftest)
    assert outcomes(document["junit"]) == {"test_one": "passed"}
    assert len(json.dumps(document)) < 100_000


def test_files_that_shadow_what_we_use(environment: Path) -> None:
    shadows = {
        f"{name}.py": "raise SystemExit('shadowed')\n"
        for name in ("json", "checks", "runner", "lines", "measure", "grader", "typing")
    }
    document = run(
        {**shadows, "sitecustomize.py": "import os; os._exit(3)\n", "tests/test_one.py": "def test_one(): pass\n"},
        environment,
        suite=suite("pytest", "tests"),
        part=part(),
    )
    assert outcomes(document["junit"]) == {"test_one": "passed"}


def test_what_had_ended_when_the_runner_was_killed_is_told(environment: Path) -> None:
    tests = """
        import os, time
        def test_right(): pass
        def test_wrong(): assert 1 == 2
        def test_kills(): os.kill(os.getppid(), 9); time.sleep(3)
        def test_never(): pass
        """
    document = attacked(environment, tests=tests)
    assert document["trouble"] == ["runner-killed"]
    assert "record" not in document
    assert outcomes(document["junit"]) == {"test_right": "passed", "test_wrong": "failure", "test_kills": "error"}

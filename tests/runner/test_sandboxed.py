"""The runner as process 1 of a real sandbox, with a small /tmp: what only the kernel can keep from the submission."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from tests.runner.steps import PYTHON, ROOT, archive, part, suite, unframed
from tests.runner.test_tests import outcomes

PROGRAM = "import sys; sys.path.insert(0,'/opt/runner'); from runner.main import main; raise SystemExit(main())"
SYSTEM = tuple(p for p in ("/lib", "/lib64", "/bin") if Path(p).is_symlink())


def boxed(environment: Path, tests: str, **more: Any) -> dict[str, Any]:
    """Run a file of tests in bubblewrap and return the document."""
    argv = (
        *("bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL", "--as-pid-1"),
        *("--uid", "65534", "--gid", "65534", "--proc", "/proc", "--dev", "/dev", "--size", "48000000", "--tmpfs", "/tmp"),
        *("--ro-bind", "/usr", "/usr", "--ro-bind", "/etc/passwd", "/etc/passwd"),
        *(part for p in SYSTEM for part in ("--symlink", str(Path(p).readlink()), p)),
        *("--ro-bind", str(environment), "/opt/environment", "--ro-bind", str(ROOT / "checks" / "runner"), "/opt/runner/runner"),
        *("--remount-ro", "/", "--chdir", "/tmp", "--", PYTHON, "-I", "-c", PROGRAM),
    )
    step = {"nonce": "n", "kind": "tests", "seconds": 40, "suite": suite("pytest", "tests"), "part": part(), **more}
    done = subprocess.run(argv, input=archive(step, {"tests/test_a.py": tests}), capture_output=True, timeout=60, check=True)
    return unframed(done.stdout)


def test_killing_everything_leaves_the_guardian(environment: Path) -> None:
    document = boxed(environment, "import os, time\ndef test_a(): os.kill(-1, 9); time.sleep(3)\n")
    assert document["trouble"] == ["runner-killed"]


def test_killing_every_ancestor_leaves_the_guardian(environment: Path) -> None:
    tests = """
        import os
        def test_a():
            for pid in sorted((int(n) for n in os.listdir("/proc") if n.isdigit()), reverse=True):
                if pid != os.getpid(): os.kill(pid, 9)
        """
    assert boxed(environment, tests)["trouble"] == ["runner-killed"]


def test_a_full_disk_is_told(environment: Path) -> None:
    document = boxed(environment, "def test_a():\n    open('/tmp/big', 'wb').write(b'x' * 90_000_000)\ndef test_b(): pass\n")
    assert "disk-full" in document["trouble"]
    assert document["junit"] is None or outcomes(document["junit"])["test_a"] == "failure"


def test_there_is_no_network_but_loopback(environment: Path) -> None:
    tests = """
        import socket, pytest
        def test_a():
            with pytest.raises(OSError): socket.create_connection(("198.51.100.7", 80), timeout=3)
        """
    assert outcomes(boxed(environment, tests)["junit"]) == {"test_a": "passed"}

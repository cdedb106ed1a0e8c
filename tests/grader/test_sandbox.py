"""One conformance suite that every sandbox must pass, each for real."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
from pathlib import Path

import pytest

from grader.process import Limits
from grader.sandbox import Job, Sandbox
from grader.sandbox.bubblewrap import Bubblewrap
from grader.sandbox.child import ChildProcess
from grader.sandbox.docker import LABEL, Docker, connect, sweep
from grader.settings import read_settings
from tests.conftest import engine_address

LIMITS = Limits(seconds=20, memory_bytes=2_000_000_000, file_bytes=30_000_000)
ISOLATED = ("docker", "bubblewrap")


def sandbox_called(name: str) -> Sandbox:
    if name == "docker":
        host = engine_address()
        assert host, (
            "no Docker engine with our image answers: run the tests by `make test`, or say ENGINE=none to leave these out"
        )
        return Docker(read_settings().image, host=host)
    return Bubblewrap() if name == "bubblewrap" else ChildProcess()


@pytest.fixture(params=[pytest.param("docker", marks=pytest.mark.engine), "bubblewrap", "none"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return sandbox_called(request.param)


@pytest.fixture(params=[pytest.param("docker", marks=pytest.mark.engine), "bubblewrap"])
def isolated(request: pytest.FixtureRequest) -> Sandbox:
    return sandbox_called(request.param)


def job(tmp_path: Path, code: str, limits: Limits = LIMITS) -> Job:
    """Return a job that runs `code`; it may use `out`, a function that writes the product."""
    path = tmp_path / "job.tar"
    with tarfile.open(path, "w") as archive:
        info = tarfile.TarInfo("tree/a.txt")
        info.size = 5
        archive.addfile(info, io.BytesIO(b"hello"))
    prelude = (
        "import sys\n"
        "def out(data):\n"
        "    place = sys.argv[sys.argv.index('--out') + 1] if '--out' in sys.argv else None\n"
        "    open(place, 'wb').write(data) if place else sys.stdout.buffer.write(data)\n"
        "def source():\n"
        "    return open(sys.argv[sys.argv.index('--in') + 1], 'rb') if '--in' in sys.argv else sys.stdin.buffer\n"
    )
    return Job(path, limits, arguments=("-I", "-c", prelude + code), label="conformance")


def quiet(_line: str) -> None:
    pass


def test_bytes_go_in_and_come_out(sandbox: Sandbox, tmp_path: Path) -> None:
    done = sandbox.run(job(tmp_path, "out(b'read %d' % len(source().read()))"), quiet)
    assert (done.how, done.code) == ("exit", 0)
    assert done.stdout == b"read 10240"


def test_a_failure_is_told(sandbox: Sandbox, tmp_path: Path) -> None:
    done = sandbox.run(job(tmp_path, "sys.exit('it broke')"), quiet)
    assert done.code == 1
    assert b"it broke" in done.stderr


def test_a_sleeper_is_stopped(sandbox: Sandbox, tmp_path: Path) -> None:
    slow = Limits(seconds=2, memory_bytes=LIMITS.memory_bytes, file_bytes=LIMITS.file_bytes)
    assert sandbox.run(job(tmp_path, "import time; time.sleep(60)", slow), quiet).how == "timeout"


def test_memory_is_bounded(sandbox: Sandbox, tmp_path: Path) -> None:
    small = Limits(seconds=30, memory_bytes=300_000_000, file_bytes=LIMITS.file_bytes)
    done = sandbox.run(job(tmp_path, "x = b'a' * 900_000_000; out(b'got it')", small), quiet)
    assert not done.ok
    assert done.stdout == b""


def test_output_is_bounded(sandbox: Sandbox, tmp_path: Path) -> None:
    small = Limits(seconds=30, memory_bytes=LIMITS.memory_bytes, file_bytes=1_000_000)
    done = sandbox.run(job(tmp_path, "out(b'x' * 5_000_000)", small), quiet)
    assert not done.ok
    assert done.stdout == b""


def test_there_is_no_network(isolated: Sandbox, tmp_path: Path) -> None:
    code = (
        "import socket\n"
        "names = sorted(n for _, n in socket.if_nameindex())\n"
        "try:\n    socket.create_connection(('169.254.169.254', 80), 2); out(b'reached')\n"
        "except OSError:\n    out(','.join(names).encode())\n"
    )
    assert isolated.run(job(tmp_path, code), quiet).stdout == b"lo"


def test_the_machine_is_out_of_sight(isolated: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "host-secret").write_text("secret")
    code = (
        "import os\n"
        f"seen = [p for p in ({str(tmp_path / 'host-secret')!r}, '/etc/shadow', '/root/.ssh', '/var/run/docker.sock') if os.access(p, os.R_OK)]\n"
        "out(repr((seen, sorted(k for k in os.environ if 'SECRET' in k))).encode())"
    )
    os.environ["JURYGRID_TEST_SECRET"] = "1"
    try:
        assert isolated.run(job(tmp_path, code), quiet).stdout == b"([], [])"
    finally:
        del os.environ["JURYGRID_TEST_SECRET"]


def test_the_system_and_our_code_are_read_only(isolated: Sandbox, tmp_path: Path) -> None:
    code = (
        "import checks, os\n"
        "tried = []\n"
        "for place in ('/usr/evil', '/evil', os.path.join(os.path.dirname(checks.__file__), 'evil')):\n"
        "    try:\n        open(place, 'w'); tried.append(place)\n"
        "    except OSError: pass\n"
        "out(repr(tried).encode())"
    )
    assert isolated.run(job(tmp_path, code), quiet).stdout == b"[]"


def test_it_is_nobody_without_powers(isolated: Sandbox, tmp_path: Path) -> None:
    code = (
        "import os\n"
        "status = dict(line.split(':', 1) for line in open('/proc/self/status') if ':' in line)\n"
        "out(f\"{os.getuid() != 0} {int(status['CapEff'], 16)} {status['NoNewPrivs'].strip()}\".encode())"
    )
    assert isolated.run(job(tmp_path, code), quiet).stdout == b"True 0 1"


def test_other_processes_are_out_of_sight(isolated: Sandbox, tmp_path: Path) -> None:
    code = "import os; out(str(len([p for p in os.listdir('/proc') if p.isdigit()]) < 5).encode())"
    assert isolated.run(job(tmp_path, code), quiet).stdout == b"True"


def test_a_daemon_does_not_outlive_the_job(isolated: Sandbox, tmp_path: Path) -> None:
    mark = f"jurygrid-daemon-{os.getpid()}"
    code = f"import subprocess; subprocess.Popen(['sleep', '300', {mark!r}] if False else [sys.executable, '-c', 'import time; time.sleep(300)', {mark!r}], start_new_session=True); out(b'left')"
    isolated.run(job(tmp_path, code), quiet)
    running = [p for p in Path("/proc").glob("[0-9]*/cmdline") if mark.encode() in _read(p)]
    assert running == []


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.mark.engine
def test_no_container_is_left_and_orphans_are_swept(tmp_path: Path) -> None:
    docker = sandbox_called("docker")
    docker.run(job(tmp_path, "out(b'done')"), quiet)
    client = connect(engine_address() or "")
    orphan = client.containers.create(read_settings().image, ["true"], labels={LABEL: "lost"}, network_mode="none")
    assert sweep(engine_address() or "") >= 1
    assert orphan.id not in {c.id for c in client.containers.list(all=True)}
    client.close()


def test_bubblewrap_is_really_here() -> None:
    assert shutil.which("bwrap"), "install bubblewrap: `make test` does it as root"

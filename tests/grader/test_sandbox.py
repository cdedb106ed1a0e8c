"""One conformance suite that every sandbox must pass, each for real."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.places import usable_root
from grader.process import Completed, Limits
from grader.sandbox import Contact, Job, Network, Sandbox
from grader.sandbox.bubblewrap import Bubblewrap
from grader.sandbox.child import ChildProcess
from grader.sandbox.docker import LABEL, OWNER, Docker, connect
from grader.settings import read_settings
from tests.conftest import engine_address

LIMITS = Limits(seconds=30, memory_bytes=2_000_000_000, file_bytes=30_000_000)
PRELUDE = """
import os, struct, sys
def take():
    head = sys.stdin.buffer.read(8)
    return sys.stdin.buffer.read(struct.unpack('>Q', head)[0]) if len(head) == 8 else None
def out(data):
    data = data if isinstance(data, bytes) else str(data).encode()
    sys.stdout.buffer.write(struct.pack('>Q', len(data)) + data); sys.stdout.buffer.flush()
"""


def sandbox_called(name: str) -> Sandbox:
    settings = read_settings()
    if name == "docker":
        host = engine_address()
        assert host, "no Docker engine with our images answers: run the tests by `make test`"
        return Docker(settings.image, settings.runner_image, host=host)
    return Bubblewrap(usable_root(settings)) if name == "bubblewrap" else ChildProcess()


@pytest.fixture(params=[pytest.param("docker", marks=pytest.mark.engine), "bubblewrap", "none"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return sandbox_called(request.param)


@pytest.fixture(params=[pytest.param("docker", marks=pytest.mark.engine), "bubblewrap"])
def isolated(request: pytest.FixtureRequest) -> Sandbox:
    return sandbox_called(request.param)


Start = Callable[..., Completed]


@pytest.fixture(params=[False, True], ids=["ours", "candidate"])
def start(request: pytest.FixtureRequest, isolated: Sandbox) -> Start:
    """Return a function that runs code in the sandbox, as a program of ours and as one that runs candidate code."""

    def run(code: str, *, limits: Limits = LIMITS, contact: Contact | None = None, **more: object) -> Completed:
        return isolated.run(job(code, limits=limits, candidate=request.param, **more), contact or Contact())

    return run


def job(code: str, *, limits: Limits = LIMITS, inputs: tuple[bytes, ...] = (), **more: object) -> Job:
    """Return a job that runs `code`: `take()` gives the next input or None, `out(product)` sends a product."""
    return Job(inputs, limits, arguments=("-I", "-c", PRELUDE + code), label="conformance", **more)  # type: ignore[arg-type]


def test_frames_go_in_and_come_out(sandbox: Sandbox, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(b"x" * 3_000_000)
    heard: list[bytes] = []
    asked = Job((b"one", large), LIMITS, arguments=("-I", "-c", PRELUDE + "out(take()); out(len(take())); out(take() is None)"))
    done = sandbox.run(asked, Contact(product=heard.append))
    assert done.ok, done.stderr
    assert done.products == tuple(heard) == (b"one", b"3000000", b"True")


def test_a_caller_can_answer_what_it_heard(sandbox: Sandbox) -> None:
    heard = threading.Event()

    def inputs() -> object:
        yield b"first"
        assert heard.wait(20)
        yield b"second"

    asked = Job(inputs(), LIMITS, arguments=("-I", "-c", PRELUDE + "out(take()); out(take())"))  # type: ignore[arg-type]
    assert sandbox.run(asked, Contact(product=lambda _: heard.set())).products == (b"first", b"second")


def test_a_failure_is_told(sandbox: Sandbox) -> None:
    lines: list[str] = []
    done = sandbox.run(job("sys.exit('it broke')"), Contact(line=lines.append))
    assert (done.how, done.code) == ("exit", 1)
    assert b"it broke" in done.stderr
    assert "it broke" in lines


def test_a_sleeper_is_stopped(sandbox: Sandbox) -> None:
    slow = Limits(seconds=2, memory_bytes=LIMITS.memory_bytes)
    assert sandbox.run(job("out(1); import time; time.sleep(60)", limits=slow), Contact()).how == "timeout"


def test_what_ignores_signals_is_stopped(start: Start) -> None:
    code = "import signal, time\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\ntime.sleep(60)"
    assert start(code, limits=Limits(seconds=2, memory_bytes=LIMITS.memory_bytes)).how == "timeout"


def test_a_job_can_be_stopped_from_outside(start: Start) -> None:
    stop = threading.Event()
    done = start("out(1); import time; time.sleep(60)", contact=Contact(product=lambda _: stop.set(), stop=stop))
    assert done.how == "stopped"


def test_memory_is_bounded(sandbox: Sandbox) -> None:
    small = Limits(seconds=30, memory_bytes=300_000_000)
    done = sandbox.run(job("x = b'a' * 900_000_000; out('got it')", limits=small), Contact())
    assert not done.ok
    assert done.products == ()


def test_memory_of_all_processes_is_bounded_together(isolated: Sandbox) -> None:
    if isolated.name == "bubblewrap" and os.geteuid() != 0:
        return  # each process by itself: said in SECURITY.md
    code = (
        "import subprocess\n"
        "each = 'x = bytearray(120_000_000); import time; time.sleep(8)'\n"
        "many = [subprocess.Popen([sys.executable, '-I', '-c', each]) for _ in range(8)]\n"
        "out(sum(p.wait() == 0 for p in many))"
    )
    done = isolated.run(job(code, limits=Limits(seconds=40, memory_bytes=400_000_000), candidate=True), Contact())
    assert not done.ok or int(done.products[0]) < 8


def test_a_fork_bomb_is_bounded(start: Start) -> None:
    code = (
        "import time\n"
        "made = 0\n"
        "try:\n"
        "    while made < 3000:\n"
        "        if os.fork() == 0: time.sleep(20); os._exit(0)\n"
        "        made += 1\n"
        "except OSError: pass\n"
        "out(made)"
    )
    done = start(code, limits=Limits(seconds=60, memory_bytes=4_000_000_000))
    assert int(done.products[0]) < 1000


def test_output_is_bounded(sandbox: Sandbox) -> None:
    done = sandbox.run(job("out(b'x' * 5_000_000)", product_bytes=1_000_000), Contact())
    assert done.how == "output-too-large"
    assert done.products == ()


def test_a_flood_of_lines_is_bounded(start: Start) -> None:
    done = start(
        "sys.stderr.write('x' * 100 + '\\n') if False else [sys.stderr.write('y' * 999 + '\\n') for _ in range(30000)]; out(1)"
    )
    assert done.products == (b"1",)
    assert len(done.stderr) < 100_000


def test_a_frame_that_lies_is_too_large(sandbox: Sandbox) -> None:
    done = sandbox.run(job("sys.stdout.buffer.write(b'\\xff' * 64); sys.stdout.buffer.flush(); take()"), Contact())
    assert (done.how, done.products) == ("output-too-large", ())


def test_there_is_no_network(start: Start) -> None:
    code = (
        "import socket\n"
        "names = sorted(n for _, n in socket.if_nameindex())\n"
        "for address in ('169.254.169.254', '1.1.1.1', '172.17.0.1'):\n"
        "    try:\n        socket.create_connection((address, 80), 2); names.append('reached')\n"
        "    except OSError: pass\n"
        "try:\n    socket.getaddrinfo('example.org', 80); names.append('resolved')\n"
        "except OSError: pass\n"
        "out(','.join(names))"
    )
    assert start(code).products == (b"lo",)


def test_names_lead_to_the_loopback(isolated: Sandbox) -> None:
    code = "import socket; out(socket.gethostbyname('db') + ' ' + socket.gethostbyname('localhost'))"
    assert isolated.run(job(code, candidate=True, hosts=("db",)), Contact()).products == (b"127.0.0.1 127.0.0.1",)


def test_the_machine_is_out_of_sight(start: Start, tmp_path: Path) -> None:
    (tmp_path / "host-secret").write_text("secret")
    places = (str(tmp_path / "host-secret"), "/root/.ssh", "/var/run/docker.sock", "/etc/gshadow")
    code = (
        f"seen = [p for p in {places!r} if os.access(p, os.R_OK)]\n"
        "out(repr((seen, sorted(k for k in os.environ if 'SECRET' in k), sorted(os.listdir('/proc/self/fd')))))"
    )
    os.environ["JURYGRID_TEST_SECRET"] = "1"
    try:
        assert start(code).products == (b"([], [], ['0', '1', '2', '3'])",)
    finally:
        del os.environ["JURYGRID_TEST_SECRET"]


def test_our_packages_are_out_of_sight_of_candidate_code(isolated: Sandbox) -> None:
    code = (
        "import importlib.util\n"
        "out(','.join(n for n in ('grader', 'checks', 'rubrics') if importlib.util.find_spec(n)) + os.path.join('|', *os.listdir('/opt/runner')))"
    )
    assert isolated.run(job(code, candidate=True), Contact()).products == (b"|/runner",)


def test_the_system_and_our_code_are_read_only(start: Start) -> None:
    code = (
        "tried = []\n"
        "for place in ('/usr/evil', '/evil', '/etc/evil', '/opt/runner/evil', '/proc/sys/kernel/hostname', '/sys/fs/cgroup/pids/pids.max'):\n"
        "    try:\n        open(place, 'w').write('x'); tried.append(place)\n"
        "    except OSError: pass\n"
        "out(repr(tried))"
    )
    assert start(code).products == (b"[]",)


def test_it_is_nobody_without_powers(start: Start) -> None:
    code = (
        "status = dict(line.split(':', 1) for line in open('/proc/self/status') if ':' in line)\n"
        "out(f\"{os.getuid() != 0} {int(status['CapEff'], 16)} {status['NoNewPrivs'].strip()}\")"
    )
    assert start(code).products == (b"True 0 1",)


def test_devices_and_mounts_cannot_be_made(start: Start) -> None:
    code = (
        "import ctypes\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "made = []\n"
        "try:\n    os.mknod('/tmp/disk', 0o60600, os.makedev(8, 0)); made.append('device')\n"
        "except OSError: pass\n"
        "if libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0: made.append('mount')\n"
        "out(repr(made))"
    )
    assert start(code).products == (b"[]",)


def test_other_processes_are_out_of_sight(start: Start) -> None:
    assert start("out(len([p for p in os.listdir('/proc') if p.isdigit()]) < 5)").products == (b"True",)


def test_the_disk_is_bounded(isolated: Sandbox) -> None:
    code = (
        "written = 0\n"
        "try:\n"
        "    for n in range(40):\n"
        "        with open(f'/tmp/{n}', 'wb') as f: written += f.write(bytes(10_000_000))\n"
        "except OSError: pass\n"
        "out(written < 80_000_000)"
    )
    assert isolated.run(job(code, candidate=True, tmp_bytes=60_000_000), Contact()).products == (b"True",)


def test_a_daemon_does_not_outlive_the_job(start: Start) -> None:
    mark = f"jurygrid-daemon-{os.getpid()}-{time.monotonic_ns()}"
    code = (
        "import time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        f"    if os.fork() == 0: os.execv(sys.executable, [sys.executable, '-I', '-c', 'import time; time.sleep(300)', {mark!r}])\n"
        "    os._exit(0)\n"
        "time.sleep(0.5); out('left')"
    )
    assert start(code).products == (b"left",)
    assert processes(mark) == []


def processes(mark: str) -> list[Path]:
    return [p for p in Path("/proc").glob("[0-9]*/cmdline") if mark.encode() in _read(p)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_a_prober_shares_the_loopback_of_a_run_and_nothing_else(isolated: Sandbox) -> None:
    handle: list[str] = []
    started, ready, end = threading.Event(), threading.Event(), threading.Event()
    serve = (
        "import http.server, threading\n"
        "server = http.server.HTTPServer(('127.0.0.1', 8000), http.server.SimpleHTTPRequestHandler)\n"
        "open('/tmp/of-the-run', 'w').close()\n"
        "threading.Thread(target=server.serve_forever, daemon=True).start()\n"
        "sys.stderr.write('ready\\n'); sys.stderr.flush(); out(take())"
    )

    def inputs() -> object:
        end.wait(30)
        yield b"stop"

    def hear(line: str) -> None:
        if line == "ready":
            ready.set()

    def named(name: str) -> None:
        handle.append(name)
        started.set()

    served: list[Completed] = []
    asked = Job(inputs(), LIMITS, arguments=("-I", "-c", PRELUDE + serve), candidate=True)  # type: ignore[arg-type]
    thread = threading.Thread(target=lambda: served.append(isolated.run(asked, Contact(line=hear, started=named))))
    thread.start()
    assert started.wait(20)
    assert ready.wait(20)
    ask = (
        "import urllib.request\n"
        "status = urllib.request.urlopen('http://127.0.0.1:8000/', timeout=5).status\n"
        "out(f\"{status} {os.path.exists('/tmp/of-the-run')} {len([p for p in os.listdir('/proc') if p.isdigit()]) < 5}\")"
    )
    done = isolated.run(job(ask, network=Network.JOINED, join=handle[0]), Contact())
    end.set()
    thread.join(20)
    assert done.products == (b"200 False True",), done.stderr
    assert served[0].products == (b"stop",)


@pytest.mark.engine
def test_no_container_is_left_and_orphans_are_swept() -> None:
    docker = sandbox_called("docker")
    docker.run(job("out('done')"), Contact())
    client = connect(engine_address() or "")
    image = read_settings().image
    labels = {LABEL: "lost", OWNER: "of-another-machine:1:1", "jurygrid.until": "1"}
    orphan = client.containers.create(image, ["true"], labels=labels, network_mode="none")
    assert docker.sweep() >= 1
    assert orphan.id not in {c.id for c in client.containers.list(all=True)}
    client.close()


def test_a_killed_command_leaves_nothing_running(isolated: Sandbox) -> None:
    mark = f"jurygrid-killed-{os.getpid()}-{time.monotonic_ns()}"
    code = (
        "from tests.grader.test_sandbox import *\n"
        f"sandbox_called({isolated.name!r}).run(job('import time; sys.stderr.write(\"here\\\\n\"); sys.stderr.flush(); time.sleep(300) # {mark}', "
        "limits=Limits(seconds=250, memory_bytes=2_000_000_000), candidate=True), Contact(line=lambda l: print(l, flush=True)))"
    )
    import subprocess

    command = subprocess.Popen((sys.executable, "-c", code), stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert command.stdout is not None
    assert command.stdout.readline() == b"here\n"
    command.kill()
    command.wait()
    command.stdout.close()
    isolated.sweep()
    until = time.monotonic() + 10
    while processes(mark) and time.monotonic() < until:
        time.sleep(0.05)
    assert processes(mark) == []


def test_bubblewrap_is_really_here() -> None:
    assert shutil.which("bwrap"), "install bubblewrap: `make test` does it as root"

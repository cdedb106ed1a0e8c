"""The system in which submissions run has what they need, the same in the runner image and in the root that bubblewrap shows."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.places import usable_root
from grader.sandbox.code import RUNNER, code_hash, root_is_current
from grader.sandbox.docker import has_image
from grader.sandbox.tools import TOOLS, in_image, in_root
from grader.settings import Settings, read_settings
from tests.conftest import engine_address

System = Callable[..., "subprocess.CompletedProcess[bytes]"]

POSTGRESQL = """
initdb --pgdata=/tmp/pg --username=app --auth=trust --no-sync --encoding=UTF8 >/tmp/initdb.log
pg_ctl --pgdata=/tmp/pg --options='-k /tmp -h 127.0.0.1 -F' --log=/tmp/pg.log --wait start >/dev/null
psql -h 127.0.0.1 -U app -d postgres -Atc 'SELECT 6 * 7'
pg_ctl --pgdata=/tmp/pg --mode=immediate stop >/dev/null
"""
REDIS = """
redis-server --port 6390 --bind 127.0.0.1 --save '' --dir /tmp --daemonize yes --pidfile /tmp/redis.pid >/dev/null
for _ in $(seq 100); do redis-cli -p 6390 PING 2>/dev/null | grep PONG && break; sleep 0.1; done
redis-cli -p 6390 SHUTDOWN NOSAVE
"""
SCREENSHOT = """
chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir=/tmp/chromium --hide-scrollbars \
  --window-size=320,200 --screenshot=/tmp/page.png 'data:text/html,<h1>Bonjour</h1>' >/tmp/chromium.log 2>&1 || cat /tmp/chromium.log >&2
cat /tmp/page.png
"""


def in_container(
    script: str, *options: str, image: str = "", network: str = "none", stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run a script as a run does: nobody's rights, a read-only system, a /tmp; `options` are Docker's."""
    argv = (
        *("docker", "--host", engine_address() or "", "run", "--rm", "--interactive", "--network", network, "--read-only"),
        *(
            "--cap-drop",
            "ALL",
            "--security-opt",
            "no-new-privileges",
            "--tmpfs",
            "/tmp:mode=1777,exec,size=1g",
            "--env",
            "HOME=/tmp",
        ),
        *(*options, image or read_settings().runner_image, "sh", "-ec", script),
    )
    return subprocess.run(argv, capture_output=True, input=stdin, timeout=100)


def in_bubblewrap(script: str) -> subprocess.CompletedProcess[bytes]:
    """Run a script with the root as its whole system."""
    argv = (
        *("bwrap", "--unshare-all", "--die-with-parent", "--clearenv", "--uid", "65534", "--gid", "65534", "--cap-drop", "ALL"),
        *("--ro-bind", str(read_settings().root), "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/tmp"),
        *("--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", "/tmp", "--", "/bin/sh", "-ec", script),
    )
    return subprocess.run(argv, capture_output=True, timeout=100)


@pytest.fixture(
    params=[
        pytest.param(in_container, marks=pytest.mark.engine, id="docker"),
        pytest.param(in_bubblewrap, marks=pytest.mark.root, id="bubblewrap"),
    ]
)
def system(request: pytest.FixtureRequest) -> System:
    run: System = request.param
    return run


def said(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return what a script printed; it must have ended well."""
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-2000:]
    return done.stdout.decode("utf-8", "replace").strip()


def test_python_is_recent_and_makes_environments(system: System) -> None:
    assert said(system("python3 -c 'import sys; print(sys.version_info >= (3, 11))'")) == "True"
    assert said(system("python3 -m venv /tmp/e && /tmp/e/bin/python -m pip --version")).startswith("pip ")
    assert (
        said(system("/opt/tools/uv venv --quiet --offline --python /usr/bin/python3 /tmp/e && /tmp/e/bin/python -c 'print(1)'"))
        == "1"
    )


def test_git_node_and_npm_start(system: System) -> None:
    lines = said(
        system("git --version; node -e 'console.log([1, 2].map(n => n * 2).join())'; npm --version; node --version")
    ).splitlines()
    assert lines[0].startswith("git version")
    assert lines[1] == "2,4"
    assert lines[2][0].isdigit()
    assert lines[3].startswith("v22.")  # vitest 4 and jest 30 want more than Debian's


def test_postgresql_serves_without_root(system: System) -> None:
    assert said(system(POSTGRESQL)) == "42"


def test_redis_serves_without_root(system: System) -> None:
    assert said(system(REDIS)) == "PONG"


def test_chromium_takes_a_picture(system: System) -> None:
    done = system(SCREENSHOT)
    assert done.stdout.startswith(b"\x89PNG"), done.stderr[-2000:]
    assert len(done.stdout) > 1000


def test_libraries_that_wheels_expect_are_there(system: System) -> None:
    load = (
        "import ctypes; [ctypes.CDLL(n) for n in ('libgomp.so.1', 'libGL.so.1', 'libglib-2.0.so.0', 'libpq.so.5')]; print('all')"
    )
    assert said(system(f'python3 -c "{load}"')) == "all"


def test_none_of_our_packages_is_in_sight_but_the_runner(system: System) -> None:
    seen = "import importlib.util as i; print([n for n in ('grader', 'checks', 'rubrics', 'httpx', 'pytest') if i.find_spec(n)])"
    assert said(system(f'python3 -I -c "{seen}"')) == "[]"
    assert said(system("ls /opt/runner /opt/runner/runner/frames.py; ls /opt/jurygrid 2>/dev/null || true")).split() == [
        "/opt/runner/runner/frames.py",
        "/opt/runner:",
        "runner",
    ]


def test_no_program_gives_more_rights(system: System) -> None:
    assert said(system("find / -xdev -type f -perm /6000 2>/dev/null || true")) == ""


def test_nothing_runs_and_no_cluster_waits(system: System) -> None:
    assert (
        said(system("ls /var/lib/postgresql/*/* 2>/dev/null || true; cat /proc/*/comm | grep -E 'postgres|redis' || true")) == ""
    )


@pytest.mark.engine
@pytest.mark.root
def test_both_systems_have_the_same_tools() -> None:
    image, root = in_image(read_settings().runner_image, engine_address() or ""), in_root(read_settings().root)
    assert set(image) == set(TOOLS)
    assert all(image.values())
    assert image == root


@pytest.mark.engine
def test_volumes_belong_to_who_runs() -> None:
    script = "touch /opt/environment/a /opt/cache/b && stat -c %u /opt/environment/a"
    assert said(in_container(script, "--volume", "/opt/environment", "--volume", "/opt/cache")) == "1000"


@pytest.mark.engine
def test_both_images_carry_the_code_that_asks() -> None:
    settings, host = read_settings(), engine_address() or ""
    assert has_image(settings.image, host)
    assert has_image(settings.runner_image, host, RUNNER)


@pytest.mark.engine
def test_the_examiner_finds_our_packages_and_their_libraries() -> None:
    script = "python3 -I -c 'import checks, grader, rubrics, schemathesis, httpx, uv; print(uv.find_uv_bin())'"
    path = said(in_container(script, image=read_settings().image))
    assert path == "/opt/jurygrid/bin/uv"
    assert said(in_container(f"{path} --version", image=read_settings().image)).startswith("uv ")


@pytest.mark.engine
def test_a_container_on_the_bridge_reaches_the_package_index() -> None:
    settings = read_settings()
    index = ("--index-url", settings.index_url) if settings.index_url else ()
    script = (
        "cat >/tmp/ca.crt; if [ -s /tmp/ca.crt ]; then export SSL_CERT_FILE=/tmp/ca.crt; fi; export UV_CACHE_DIR=/tmp/cache\n"
        "/opt/tools/uv venv --quiet --python /usr/bin/python3 /tmp/e\n"
        f"/opt/tools/uv pip install --quiet --python /tmp/e/bin/python --only-binary :all: {' '.join(index)} iniconfig\n"
        "/tmp/e/bin/python -c 'import iniconfig; print(iniconfig.__name__)'"
    )
    bundle = Path(settings.ca_bundle).read_bytes() if settings.ca_bundle else b""
    assert said(in_container(script, network="bridge", stdin=bundle)) == "iniconfig"


@pytest.mark.root
def test_the_root_is_of_this_code_and_every_user_can_read_it() -> None:
    root = read_settings().root
    assert root_is_current(root)
    assert all(p.stat().st_mode & 0o005 == 0o005 for p in (*root.resolve().parents, root, *(root / "opt").iterdir()))


def test_a_root_of_other_code_is_refused(tmp_path: Path) -> None:
    assert not root_is_current(tmp_path)
    (tmp_path / "jurygrid-code").write_text("0" * 64)
    assert not root_is_current(tmp_path)
    (tmp_path / "jurygrid-code").write_bytes(b"\xff")
    assert not root_is_current(tmp_path)
    (tmp_path / "jurygrid-code").write_text(code_hash(RUNNER) + "\n")
    assert root_is_current(tmp_path)


def test_a_grading_keeps_the_root_that_it_began_with(tmp_path: Path) -> None:
    for name, code in (("old", code_hash(RUNNER)), ("new", "0" * 64)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "jurygrid-code").write_text(code)
    link = tmp_path / "root"
    link.symlink_to("old")
    found = usable_root(Settings(root=link))
    link.unlink()
    link.symlink_to("new")
    assert found is not None and root_is_current(found)
    assert usable_root(Settings(root=link)) is None


def test_tools_of_no_system_are_none(tmp_path: Path) -> None:
    assert in_root(tmp_path / "absent") == {}
    assert in_root(tmp_path) == {}
    assert in_image("jurygrid-runner:absent", f"unix://{tmp_path}/engine.sock") == {}

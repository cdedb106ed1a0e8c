"""docker-compose.yml brought up for real, on images built from Debian's packages under the names that it asks for."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.servers import free_port

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent / "compose"
pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]
NAMES = {"redis": "redis:7-bookworm", "postgres": "postgres:15-bookworm"}


def docker(*arguments: str) -> str:
    done = subprocess.run(
        ("docker", *arguments), capture_output=True, text=True, check=False, env={**os.environ, "DOCKER_BUILDKIT": "0"}
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout.strip()


class Composed:
    """The services that were brought up."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.environment = folder, environment
        self.address = f"http://127.0.0.1:{environment['PORT']}"

    def run(self, *arguments: str) -> str:
        argv = ("docker-compose", "--project-name", "jurygrid-test", *arguments)
        done = subprocess.run(argv, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def logs(self) -> str:
        return self.run("logs", "--no-color", "--tail", "40")


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    host = os.environ["DOCKER_HOST"]
    subprocess.run(
        (str(ROOT / "images" / "service.sh"), str(ROOT / ".venv/bin/python"), str(ROOT / ".venv/bin/uv"), "test"), check=True
    )
    for target, name in NAMES.items():
        docker("build", "--target", target, "--tag", name, "--build-arg", "SYSTEM=jurygrid-system:test", str(HERE))
    folder = tmp_path_factory.mktemp("compose")
    for name in ("docker-compose.yml", "Makefile"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "operations", folder / "operations")
    subprocess.run(("make", "secrets", "PYTHON=python3"), cwd=folder, check=True)
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("JURYGRID_")},
        "TAG": "test",
        "PORT": str(free_port()),
        "DOCKER_SOCKET": host.removeprefix("unix://"),
        "DOCKER_GROUP": str(Path(host.removeprefix("unix://")).stat().st_gid),
        "JURYGRID_SAMPLES": "1",
        "JURYGRID_RUN": "0",
        "WORKER_PROCESSES": "1",
        "COMPOSE_HTTP_TIMEOUT": "180",
    }
    made = Composed(folder, environment)
    try:
        made.run("up", "-d", "--no-build", "--scale", "worker=2")
        yield made
    finally:
        subprocess.run(
            ("docker-compose", "--project-name", "jurygrid-test", "down", "--volumes", "--timeout", "5"),
            cwd=folder,
            env=environment,
            check=False,
        )


def ready(composed: Composed) -> None:
    late = time.monotonic() + 180
    while True:
        try:
            if httpx.get(f"{composed.address}/health/ready", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        assert time.monotonic() < late, composed.logs()
        time.sleep(1)


def test_a_submission_becomes_a_grid_through_every_part(composed: Composed) -> None:
    ready(composed)
    link = composed.run("run", "--rm", "-T", "api", "admin", "invite", "root@example.org").strip().splitlines()[-1]
    with httpx.Client(base_url=composed.address, timeout=60) as root:
        secret = "a long enough secret"
        assert root.post(f"/api/invitations/{link.rsplit('/', 1)[1]}", json={"password": secret}).status_code == 204
        signed = root.post("/api/sign-in", json={"email": "root@example.org", "password": secret}).json()
        root.headers["X-CSRF-Token"] = signed["csrf"]
        dates = {"opens_at": "2020-01-01T00:00:00Z", "deadline": "2040-01-01T00:00:00Z", "ends_at": "2040-02-01T00:00:00Z"}
        session = root.post("/api/sessions", json={"name": "S", **dates}).json()["id"]
        invited = root.post("/api/people", json={"email": "ada@example.org", "name": "Ada"}).json()
        roster = {"file": ("r.csv", b"email\nada@example.org\n")}
        assert root.post(f"/api/sessions/{session}/roster", params={"dry_run": False}, files=roster).json()["defects"] == []
        enrolment = root.get(f"/api/sessions/{session}/candidates").json()["items"][0]["enrolment"]
        root.post(f"/api/people/{signed['person']}/grants", json={"role": "president"})
    with httpx.Client(base_url=composed.address, timeout=60) as ada:
        ada.post(f"/api/invitations/{invited['link'].rsplit('/', 1)[1]}", json={"password": secret})
        ada.headers["X-CSRF-Token"] = ada.post("/api/sign-in", json={"email": "ada@example.org", "password": secret}).json()[
            "csrf"
        ]
        body = {"repositories": [{"url": "sample:strong"}]}
        answer = ada.post(f"/api/candidates/{enrolment}/submissions", json=body)
        assert answer.status_code == 202, answer.text
        assessment, late = answer.json()["assessments"][0]["id"], time.monotonic() + 240
        while (state := ada.get(f"/api/assessments/{assessment}").json())["state"] not in ("ready", "failed", "refused"):
            assert time.monotonic() < late, composed.logs()
            time.sleep(1)
        assert state["state"] == "ready", f"{state}\n{composed.logs()}"
        assert ada.get(f"/api/submissions/{answer.json()['id']}/receipt").status_code == 200
    with httpx.Client(base_url=composed.address, timeout=60) as root:
        root.post("/api/sign-in", json={"email": "root@example.org", "password": secret})
        grid = root.get(f"/api/assessments/{assessment}/grid").json()
        assert (grid["sandbox"], len(grid["criteria"])) == ("docker", 142)
        assert root.get("/api/audit").json()["holds"] is True
    assert "It adds up" in composed.run("run", "--rm", "-T", "api", "audit")
    left = docker("ps", "--all", "--quiet", "--filter", "label=jurygrid.job")
    assert left == ""


def test_only_the_proxy_sees_the_engine_and_it_refuses_what_reaches_the_host(composed: Composed) -> None:
    ready(composed)
    probe = (
        "import docker,sys; c=docker.DockerClient(base_url='tcp://socket-proxy:2375'); print('version', c.version()['ApiVersion']);\n"
        "try: c.containers.create('jurygrid-runner:test', 'true', volumes={'/': {'bind': '/h', 'mode': 'rw'}})\n"
        "except docker.errors.APIError as e: print('refused', e.response.status_code)\n"
    )
    command = ("exec", "-T", "worker", "python3", "-c", f"exec({probe!r})")
    said = composed.run(*command)
    assert "version" in said and "refused 403" in said
    assert "docker.sock" not in composed.run("exec", "-T", "worker", "sh", "-c", "ls /var/run /run")

"""The service's sandbox: a container without network, privileges, or a way to write outside its own bounded folders."""

from __future__ import annotations

import io
import tarfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grader.errors import SandboxFailed
from grader.process import Completed, Limits
from grader.sandbox import Job, Say, code

LABEL = "jurygrid.job"
USER = "1000:1000"
TMP_BYTES = 512_000_000
PIDS = 256
CPUS = 2
PULSE = 0.05


class Docker:
    """Runs our Python in a container of `image`; archives are copied in and out, no path of the host is mounted."""

    name = "docker"

    def __init__(self, image: str, *, host: str = "", runtime: str = "") -> None:
        """Remember which engine (`host`, empty for the default), image and runtime (empty for the engine's own) to use."""
        self.image, self.host, self.runtime = image, host, runtime

    def run(self, job: Job, say: Say) -> Completed:
        """Run the job. Raises SandboxFailed when no engine answers, or it has not the image."""
        if not has_image(self.image, self.host):
            connect(self.host).close()
            raise SandboxFailed("docker-image-absent", image=self.image)
        client = connect(self.host)
        try:
            with self._container(client, job) as container:
                _put(container, job.archive)
                say("container")
                container.start()
                how = _wait(container, job.limits.seconds)
                state = _state(container)
                errors = container.logs(stdout=False, stderr=True, tail=200)
                if how == "exit" and state.get("OOMKilled"):
                    how = "signal"
                status = int(state.get("ExitCode", -1))
                return (
                    _completed(container, how, status, errors, job.limits)
                    if how == "exit"
                    else Completed(how, status, b"", errors)
                )
        except _engine_errors() as error:
            raise SandboxFailed("docker-failed", detail=str(error)[:300]) from error
        finally:
            client.close()

    @contextmanager
    def _container(self, client: Any, job: Job) -> Iterator[Any]:
        container = client.containers.create(self.image, self._command(job), **self._restrictions(job))
        try:
            yield container
        finally:
            container.remove(force=True, v=True)

    def _command(self, job: Job) -> list[str]:
        return ["python3", *job.arguments, "--in", "/in/job.tar", "--out", "/out/report.json"]

    def _restrictions(self, job: Job) -> dict[str, Any]:
        import docker.types

        memory = job.limits.memory_bytes or None
        return {
            "name": f"jurygrid-{uuid.uuid4().hex}",
            "labels": {LABEL: job.label},
            "user": USER,
            "network_mode": "none",
            "read_only": True,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges"],
            "pids_limit": PIDS,
            "mem_limit": memory,
            "memswap_limit": memory,
            "nano_cpus": CPUS * 1_000_000_000,
            "tmpfs": {"/tmp": f"size={TMP_BYTES},mode=1777,nosuid,nodev"},  # noqa: S108
            "volumes": ["/in", "/out"],
            "ulimits": [docker.types.Ulimit(name="core", soft=0, hard=0), *_file_limit(job.limits)],
            "log_config": docker.types.LogConfig(type="json-file", config={"max-size": "1m", "max-file": "1"}),
            "environment": {"LC_ALL": "C.UTF-8", "HOME": "/tmp"},  # noqa: S108
            "working_dir": "/tmp",  # noqa: S108
            "stdin_open": False,
            **({"runtime": self.runtime} if self.runtime else {}),
        }


def _file_limit(limits: Limits) -> list[Any]:
    import docker.types

    if not limits.file_bytes:
        return []
    return [docker.types.Ulimit(name="fsize", soft=limits.file_bytes, hard=limits.file_bytes)]


def connect(host: str = "") -> Any:
    """Return a client of the engine that answers. Raises SandboxFailed when none does."""
    import docker
    import docker.errors

    try:
        client = docker.DockerClient(base_url=host, timeout=60) if host else docker.from_env(timeout=60)
        client.ping()
    except (docker.errors.DockerException, OSError) as error:
        raise SandboxFailed("docker-absent", detail=str(error)[:200]) from None
    return client


def has_image(image: str, host: str = "") -> bool:
    """Tell whether an engine answers and has the image, built from the very code that asks."""
    import docker.errors

    try:
        client = connect(host)
        try:
            return bool(client.images.get(image).labels.get(code.LABEL) == code.code_hash())
        finally:
            client.close()
    except (SandboxFailed, docker.errors.DockerException):
        return False


def sweep(host: str = "") -> int:
    """Remove containers that an interrupted run left behind; return how many."""
    client = connect(host)
    try:
        orphans = client.containers.list(all=True, filters={"label": LABEL, "status": "exited"})
        orphans += client.containers.list(all=True, filters={"label": LABEL, "status": "created"})
        for container in orphans:
            container.remove(force=True, v=True)
        return len(orphans)
    finally:
        client.close()


def _engine_errors() -> tuple[type[Exception], ...]:
    import docker.errors
    import requests

    return (docker.errors.DockerException, requests.exceptions.RequestException)


def _put(container: Any, archive: Path) -> None:
    outer = io.BytesIO()
    with tarfile.open(fileobj=outer, mode="w") as tar:
        info = tarfile.TarInfo("job.tar")
        info.size, info.mode = archive.stat().st_size, 0o444
        with archive.open("rb") as stream:
            tar.addfile(info, stream)
    container.put_archive("/in", outer.getvalue())


def _state(container: Any) -> dict[str, Any]:
    container.reload()
    state: dict[str, Any] = container.attrs["State"]
    return state


def _wait(container: Any, seconds: float) -> str:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if _state(container)["Status"] in ("exited", "dead"):
            return "exit"
        time.sleep(PULSE)
    container.kill()
    return "timeout"


def _completed(container: Any, how: str, code: int, errors: bytes, limits: Limits) -> Completed:
    if code != 0:
        return Completed(how, code, b"", errors)
    blocks, stat = container.get_archive("/out/report.json")
    if limits.file_bytes and stat["size"] > limits.file_bytes:
        return Completed("output-too-large", code, b"", errors)
    outer = io.BytesIO(b"".join(blocks))
    with tarfile.open(fileobj=outer, mode="r:") as tar:
        member = tar.next()
        content = tar.extractfile(member) if member is not None and member.isreg() else None
        return Completed(how, code, content.read() if content else b"", errors)

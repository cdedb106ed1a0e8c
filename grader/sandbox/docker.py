"""The service's sandbox: a container without network, privileges, or a way to write outside its own bounded folders."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any, cast

from grader.errors import SandboxFailed
from grader.frames import Frames, send
from grader.process import MOST_STDERR, PROGRESS_LINE, Completed, Limits
from grader.sandbox import PIDS, Contact, Countdown, Job, Network, code
from grader.sandbox.owners import alive, owner

LABEL = "jurygrid.job"
PREFIX = "jurygrid-"  # of the names of containers and volumes
OWNER = "jurygrid.owner"
UNTIL = "jurygrid.until"
USER = "1000:1000"
CPUS = 2
CANDIDATE_SHARES = 512  # of the usual 1024: what runs gives way to what examines
FILES = 8192
PULSE = 0.05
CLIENT_SECONDS = 60
_GRACE = 600


@dataclass(frozen=True)
class Docker:
    """Runs our programs in containers; frames go in and out by attaching, no path of the host is mounted.

    `image` holds our packages, `runner_image` is the system in which submissions run. `host` is the engine's address (empty: the
    default), `runtime` such as `runsc` (empty: the engine's own), `index_network` the network from which the package index is reached.
    """

    image: str
    runner_image: str = ""
    host: str = ""
    runtime: str = ""
    index_network: str = "bridge"

    name = "docker"
    runs_code = True

    def run(self, job: Job, contact: Contact) -> Completed:
        """Run the job. Raises SandboxFailed when no engine answers, or it has not the image."""
        image = self.runner_image if job.candidate else self.image
        client = connect(self.host)
        try:
            if not _current(client, image, code.code_hash(code.RUNNER if job.candidate else code.PACKAGES)):
                raise SandboxFailed("docker-image-absent", image=image)
            with self._container(client, image, job) as container:
                return _Conversation(container, job, contact).run()
        except engine_errors() as error:
            raise SandboxFailed("docker-failed", detail=str(error)[:300]) from error
        finally:
            client.close()

    def sweep(self) -> int:
        """Remove the containers of commands that are gone; return how many."""
        try:
            client = connect(self.host)
        except SandboxFailed:
            return 0
        try:
            orphans = [c for c in client.containers.list(all=True, filters={"label": LABEL}) if _orphan(c.labels)]
            for container in orphans:
                with contextlib.suppress(*engine_errors()):
                    container.remove(force=True, v=True)
            return len(orphans)
        finally:
            client.close()

    @contextlib.contextmanager
    def _container(self, client: Any, image: str, job: Job) -> Iterator[Any]:
        container = client.containers.create(image, ["python3", *job.arguments], **self._restrictions(job))
        try:
            yield container
        finally:
            container.remove(force=True, v=True)

    def _restrictions(self, job: Job) -> dict[str, Any]:
        import docker.types

        memory = job.limits.memory_bytes or None
        runnable = ",exec" if job.candidate else ""
        return {
            "name": f"{PREFIX}{uuid.uuid4().hex}",
            "labels": {LABEL: job.label, OWNER: owner(), UNTIL: str(int(time.time() + job.limits.seconds + _GRACE))},
            "user": USER,
            "network_mode": self._network(job),
            "read_only": True,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges"],
            "pids_limit": PIDS,
            "mem_limit": memory,
            "memswap_limit": memory,
            "nano_cpus": CPUS * 1_000_000_000,
            "tmpfs": {"/tmp": f"size={job.tmp_bytes},mode=1777,nosuid,nodev{runnable}"},  # noqa: S108
            "volumes": {PREFIX + m.name: {"bind": m.at, "mode": "rw" if m.writable else "ro"} for m in job.mounts},
            "ulimits": _ulimits(job.limits),
            "log_config": docker.types.LogConfig(type="none"),
            "environment": {"LC_ALL": "C.UTF-8", "HOME": "/tmp"},  # noqa: S108
            "working_dir": "/tmp",  # noqa: S108
            "stdin_open": True,
            **({"cpu_shares": CANDIDATE_SHARES} if job.candidate else {}),
            **({"extra_hosts": dict.fromkeys(job.hosts, "127.0.0.1")} if job.hosts else {}),
            **({"runtime": self.runtime} if self.runtime else {}),
        }

    def _network(self, job: Job) -> str:
        if job.network == Network.JOINED:
            return f"container:{job.join}"
        return self.index_network if job.network == Network.INDEX else "none"


@dataclass
class _Conversation:
    """Frames exchanged with one container, from its start to its end."""

    container: Any
    job: Job
    contact: Contact
    errors: bytearray = field(default_factory=bytearray)

    def run(self) -> Completed:
        frames = Frames(self.contact.product, self.job.product_bytes)
        wire = _attach(self.container)
        threads = [
            threading.Thread(target=self._feed, args=(wire,), daemon=True),
            threading.Thread(target=self._hear, args=(wire, frames), daemon=True),
        ]
        try:
            self.container.start()
            self.contact.started(self.container.id)
            for thread in threads:
                thread.start()
            how = self._wait(threads[1], frames)
        finally:
            with contextlib.suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
            wire.close()
        state = _state(self.container)
        how = "output-too-large" if frames.overflow else "out-of-memory" if how == "exit" and state.get("OOMKilled") else how
        return Completed(how, int(state.get("ExitCode", -1)), b"", bytes(self.errors), tuple(frames.products))

    def _wait(self, hearing: threading.Thread, frames: Frames) -> str:
        countdown = Countdown(self.job)
        while True:
            hearing.join(PULSE)
            if not hearing.is_alive() and not frames.overflow:
                with contextlib.suppress(*engine_errors()):
                    self.container.wait(timeout=max(countdown.left, 1.0))
                    return "exit"
                return self._ended("timeout")
            if frames.overflow:
                return self._ended("output-too-large")
            if self.contact.stop.is_set():
                return self._ended("stopped")
            if countdown.left <= 0:
                return self._ended("timeout")

    def _ended(self, how: str) -> str:
        with contextlib.suppress(*engine_errors()):  # it may have ended by itself meanwhile
            self.container.kill()
        return how

    def _feed(self, wire: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            with wire.makefile("wb", buffering=1 << 16) as stream:
                for item in self.job.inputs:
                    send(cast(IO[bytes], stream), item)
            wire.shutdown(socket.SHUT_WR)

    def _hear(self, wire: socket.socket, frames: Frames) -> None:
        """Take apart what the engine sends: a kind, a length, then bytes of standard output (1) or standard error (2)."""
        line = bytearray()
        with contextlib.suppress(OSError, ValueError), wire.makefile("rb", buffering=1 << 16) as stream:
            while len(head := stream.read(8)) == 8 and not frames.overflow:
                data = stream.read(int.from_bytes(head[4:], "big"))
                if head[0] == 1:
                    frames.feed(data)
                else:
                    self.errors += data[: max(MOST_STDERR - len(self.errors), 0)]
                    self._tell(line, data)

    def _tell(self, line: bytearray, data: bytes) -> None:
        for piece in data.splitlines(keepends=True):
            line += piece[: PROGRESS_LINE - len(line)]
            if piece.endswith(b"\n") or len(line) >= PROGRESS_LINE:
                self.contact.line(line.decode("utf-8", "replace").rstrip("\n"))
                line.clear()


def _attach(container: Any) -> socket.socket:
    parameters = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
    stream = container.attach_socket(params=parameters)
    wire: socket.socket = getattr(stream, "_sock", stream)
    wire.settimeout(None)
    return wire


def _ulimits(limits: Limits) -> list[Any]:
    import docker.types

    bounds = {"core": (0, 0), "nofile": (FILES, FILES)}
    bounds |= {"fsize": (limits.file_bytes,) * 2} if limits.file_bytes else {}
    bounds |= {"cpu": (limits.cpu_seconds,) * 2} if limits.cpu_seconds else {}
    return [docker.types.Ulimit(name=name, soft=soft, hard=hard) for name, (soft, hard) in bounds.items()]


def connect(host: str = "") -> Any:
    """Return a client of the engine that answers. Raises SandboxFailed when none does."""
    import docker
    import docker.errors

    try:
        client = docker.DockerClient(base_url=host, timeout=CLIENT_SECONDS) if host else docker.from_env(timeout=CLIENT_SECONDS)
        client.ping()
    except (docker.errors.DockerException, OSError) as error:
        raise SandboxFailed("docker-absent", detail=str(error)[:200]) from None
    return client


def has_image(image: str, host: str = "", packages: tuple[str, ...] = code.PACKAGES) -> bool:
    """Tell whether an engine answers and has the image, built from the very code that asks: these packages of it."""
    try:
        client = connect(host)
    except SandboxFailed:
        return False
    try:
        return _current(client, image, code.code_hash(packages))
    finally:
        client.close()


def _current(client: Any, image: str, wanted: str) -> bool:
    import docker.errors

    try:
        return bool(client.images.get(image).labels.get(code.LABEL) == wanted)
    except docker.errors.DockerException:
        return False


def _orphan(labels: dict[str, str]) -> bool:
    """Tell whether whoever started a container is gone: known at once on this machine, by its time elsewhere."""
    living = alive(labels.get(OWNER, ""))
    late = labels.get(UNTIL, "0").isdigit() and int(labels.get(UNTIL, "0")) < time.time()
    return not living if living is not None else late


def engine_errors() -> tuple[type[Exception], ...]:
    """Return what the client raises when the engine refuses, fails or is gone."""
    import docker.errors
    import requests

    return (docker.errors.DockerException, requests.exceptions.RequestException)


def _state(container: Any) -> dict[str, Any]:
    container.reload()
    state: dict[str, Any] = container.attrs["State"]
    return state

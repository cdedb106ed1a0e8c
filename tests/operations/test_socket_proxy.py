"""The socket proxy: what sandboxes ask for goes through, anything that reaches the host does not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from worker.socket_proxy import Proxy, Rules, check_create, is_allowed

RULES = Rules(frozenset({"jurygrid-examiner:latest", "jurygrid-runner:latest"}))
GOOD: dict[str, Any] = {
    "Image": "jurygrid-runner:latest",
    "HostConfig": {
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges"],
        "ReadonlyRootfs": True,
        "NetworkMode": "none",
        "Memory": 3_000_000_000,
        "LogConfig": {"Type": "none", "Config": {}},
        "Tmpfs": {"/tmp": "size=1"},
        "Binds": ["jurygrid-env-0a1b:/opt/environment:ro"],
        "Privileged": False,
    },
}


def changed(**host: Any) -> bytes:
    return json.dumps({**GOOD, "HostConfig": {**GOOD["HostConfig"], **host}}).encode()


def test_what_a_sandbox_asks_for_goes_through() -> None:
    assert check_create(json.dumps(GOOD).encode(), RULES) is None
    assert check_create(changed(NetworkMode="container:" + "a" * 64), RULES) is None


@pytest.mark.parametrize(
    "host",
    [
        {"Privileged": True},
        {"Binds": ["/:/host"]},
        {"Binds": ["/var/run/docker.sock:/s"]},
        {"Binds": ["jurygrid-x/../..:/s"]},
        {"Mounts": [{"Type": "bind", "Source": "/", "Target": "/h"}]},
        {"NetworkMode": "host"},
        {"NetworkMode": "container:redis"},
        {"PidMode": "host"},
        {"IpcMode": "host"},
        {"UsernsMode": "host"},
        {"CapAdd": ["SYS_ADMIN"]},
        {"CapDrop": []},
        {"SecurityOpt": ["seccomp=unconfined"]},
        {"Devices": [{"PathOnHost": "/dev/kmsg"}]},
        {"ReadonlyRootfs": False},
        {"Runtime": "evil"},
        {"CgroupParent": "/"},
        {"VolumesFrom": ["worker"]},
        {"Tmpfs": {"/etc": ""}},
        {"ExtraHosts": ["index:10.0.0.1"]},
        {"PortBindings": {"80/tcp": [{"HostPort": "80"}]}},
        {"Sysctls": {"kernel.x": "1"}},
    ],
    ids=str,
)
def test_what_reaches_the_host_does_not(host: dict[str, Any]) -> None:
    assert check_create(changed(**host), RULES) is not None


def test_another_image_or_no_restriction_at_all_does_not() -> None:
    assert check_create(json.dumps({**GOOD, "Image": "alpine"}).encode(), RULES) == "image"
    assert check_create(json.dumps({"Image": GOOD["Image"]}).encode(), RULES) is not None
    for nonsense in (b"", b"[]", b'{"HostConfig": []}', b"[" * 100_000):
        assert check_create(nonsense, RULES) is not None


@pytest.mark.parametrize(
    ("method", "target", "allowed"),
    [
        ("GET", "/_ping", True),
        ("GET", "/v1.41/version", True),
        ("POST", "/v1.41/containers/create?name=jurygrid-x", True),
        ("POST", "/containers/abc/attach?stdin=1&stream=1", True),
        ("DELETE", "/v1.41/containers/abc?v=True&force=True", True),
        ("POST", "/v1.41/containers/abc/exec", False),
        ("GET", "/v1.41/containers/abc/archive?path=/", False),
        ("PUT", "/v1.41/containers/abc/archive?path=/", False),
        ("POST", "/v1.41/build", False),
        ("POST", "/v1.41/images/create?fromImage=x", False),
        ("POST", "/v1.41/networks/create", False),
        ("POST", "/v1.41/containers/abc/update", False),
        ("POST", "/v1.41/containers/../images/create", False),
        ("POST", "/v1.41/containers/abc%2f..%2fexec/start", False),
        ("POST", "/v1.41//containers/create", False),
        ("GET", "/v1.41/containers/abc/json/../../../secrets", False),
        ("GET", "/secrets", False),
    ],
)
def test_only_what_sandboxes_send(method: str, target: str, allowed: bool) -> None:
    assert is_allowed(method, target) is allowed


Ask = Callable[[bytes], Awaitable[bytes]]


def talked(tmp_path: Path, *requests: bytes) -> tuple[list[bytes], list[bytes]]:
    """Send each request on a connection of its own through a real proxy; return the answers, and what the engine heard."""
    heard: list[bytes] = []

    async def engine(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(1 << 16))
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nOK")
        await writer.drain()
        writer.close()

    async def all_of_it() -> list[bytes]:
        server = await asyncio.start_unix_server(engine, str(tmp_path / "e.sock"))
        proxy = await asyncio.start_server(Proxy(str(tmp_path / "e.sock"), RULES).serve, "127.0.0.1", 0)
        port = proxy.sockets[0].getsockname()[1]
        answers = []
        for request in requests:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            await writer.drain()
            answers.append(await asyncio.wait_for(reader.read(), 10))
            writer.close()
        proxy.close()
        server.close()
        return answers

    return asyncio.run(all_of_it()), heard


def test_nothing_rides_behind_an_allowed_request(tmp_path: Path) -> None:
    behind = b"POST /containers/x/exec HTTP/1.1\r\nHost: e\r\nContent-Length: 0\r\n\r\n"
    body = json.dumps(GOOD).encode()
    create = (
        b"POST /v1.41/containers/create HTTP/1.1\r\nHost: e\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        % (len(body), body)
    )
    answers, heard = talked(
        tmp_path,
        b"GET /_ping HTTP/1.1\r\nHost: e\r\n\r\n" + behind,
        create + behind,
        b"POST /containers/create HTTP/1.1\r\nHost: e\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        b"POST /containers/create HTTP/1.1\r\nHost: e\r\nContent-Length: 2\r\nContent-Length: 900\r\n\r\n{}",
        behind,
    )
    assert [a[:12] for a in answers] == [b"HTTP/1.1 200", b"HTTP/1.1 200", b"", b"", b"HTTP/1.1 403"]
    assert len(heard) == 2
    assert all(b"exec" not in h and b"connection: close" in h for h in heard)
    assert heard[1].endswith(body)

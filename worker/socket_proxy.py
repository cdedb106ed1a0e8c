"""Stands between workers and the engine: lets through what our sandboxes ask for, and refuses whatever would reach the host.

usage: python -m worker.socket_proxy LISTEN ENGINE        e.g. 0.0.0.0:2375 /var/run/docker.sock

Only the standard library. Each connection carries one request, so that nothing can ride behind one that was allowed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

log = logging.getLogger("jurygrid.socket-proxy")
MOST_HEAD, MOST_BODY = 64_000, 1_000_000
_ID = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}"
# Method and path, the API's version aside. There is no exec, no build, no pull, no network, no swarm, and no copy out of a container.
ALLOWED = (
    ("GET|HEAD", r"/_ping"),
    ("GET", r"/(version|info|system/df)"),
    ("GET", r"/images/[\w./:@-]{1,200}/json"),
    ("GET", r"/containers/json"),
    ("POST", r"/containers/create"),
    ("GET", rf"/containers/{_ID}/json"),
    ("POST", rf"/containers/{_ID}/(start|attach|wait|kill)"),
    ("DELETE", rf"/containers/{_ID}"),
    ("GET", r"/volumes"),
    ("POST", r"/volumes/create"),
    ("GET|DELETE", rf"/volumes/{_ID}"),
)
_VERSION = re.compile(r"^/v1\.\d{1,2}(?=/)")
_VOLUME = re.compile(r"jurygrid-[a-z0-9-]{1,80}")
_JOINED = re.compile(r"container:[0-9a-f]{12,64}")


@dataclass(frozen=True, slots=True)
class Rules:
    """What a container may be made of: images by name, the network of the package index, runtimes."""

    images: frozenset[str]
    networks: frozenset[str] = frozenset({"none", "bridge"})
    runtimes: frozenset[str] = frozenset({"", "runsc"})


def is_allowed(method: str, target: str) -> bool:
    """Tell whether a request line is one of those that sandboxes send."""
    path = _VERSION.sub("", target.split("?", 1)[0])
    return any(re.fullmatch(methods, method) and re.fullmatch(pattern, path) for methods, pattern in ALLOWED)


def refusal(body: Mapping[str, Any], rules: Rules) -> str | None:
    """Return what a body of `containers/create` asks for that no sandbox does, None when it is a sandbox's."""
    host = body.get("HostConfig") or {}
    if body.get("Image") not in rules.images:
        return "image"
    for key, value in host.items():
        if not _harmless(key, value, rules):
            return f"HostConfig.{key}"
    binds = host.get("Binds") or []
    return None if all(_VOLUME.fullmatch(str(b).split(":")[0]) for b in binds) else "HostConfig.Binds"


# What our sandboxes set, each with what it may be; everything else must be empty.
_SET: dict[str, Callable[[Any, Rules], bool]] = {
    "Binds": lambda v, r: isinstance(v, list),
    "CapDrop": lambda v, r: v == ["ALL"],
    "SecurityOpt": lambda v, r: v == ["no-new-privileges"],
    "ReadonlyRootfs": lambda v, r: v is True,
    "NetworkMode": lambda v, r: v in r.networks or bool(_JOINED.fullmatch(str(v))),
    "Runtime": lambda v, r: v in r.runtimes,
    "LogConfig": lambda v, r: v.get("Type") == "none",
    "Tmpfs": lambda v, r: set(v) == {"/tmp"},  # noqa: S108
    "ExtraHosts": lambda v, r: all(str(h).endswith(":127.0.0.1") for h in v),
    **dict.fromkeys(("Memory", "MemorySwap", "NanoCpus", "CpuShares", "PidsLimit", "Ulimits"), lambda v, r: True),
}
_NEEDED = ("CapDrop", "SecurityOpt", "ReadonlyRootfs", "NetworkMode")


def _harmless(key: str, value: Any, rules: Rules) -> bool:
    if key in _SET:
        return bool(_SET[key](value, rules))
    return value in (None, False, "", 0, -1, [], {}, "default")


def check_create(data: bytes, rules: Rules) -> str | None:
    """Return why a body of `containers/create` is refused, None when it is good."""
    try:
        body = json.loads(data)
        missing = [k for k in _NEEDED if k not in (body.get("HostConfig") or {})]
        return f"HostConfig.{missing[0]}" if missing else refusal(body, rules)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return "body"


@dataclass(frozen=True)
class Proxy:
    """Serves connections of workers, each by one of its own to the engine."""

    engine: str
    rules: Rules

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        try:
            await self._serve(reader, writer)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, ValueError):
            log.info("a connection ended early")
        finally:
            with contextlib.suppress(OSError):
                writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        headers = [(n.strip().lower(), v.strip()) for n, _, v in (line.partition(":") for line in lines)]
        body = await self._body(reader, headers)
        why = None if is_allowed(method, target) else "path"
        if why is None and _VERSION.sub("", target.split("?", 1)[0]) == "/containers/create":
            why = check_create(body, self.rules)
        if why is not None:
            log.warning("refused", extra={"method": method, "why": why})
            await self._refuse(writer, why)
            return
        await self._pass(reader, writer, self._rewritten(first, headers, body))

    async def _body(self, reader: asyncio.StreamReader, headers: list[tuple[str, str]]) -> bytes:
        """Read a body whose length is told, once and plainly: two lengths, or pieces, could be read in two ways."""
        lengths = [v for n, v in headers if n == "content-length"]
        if any(n == "transfer-encoding" for n, _ in headers) or len(lengths) > 1:
            raise ValueError("ambiguous length")
        length = int(lengths[0]) if lengths else 0
        if not 0 <= length <= MOST_BODY:
            raise ValueError("too large")
        return await reader.readexactly(length)

    def _rewritten(self, first: str, headers: list[tuple[str, str]], body: bytes) -> bytes:
        """Return the request anew: the connection ends with its answer, unless it becomes a stream."""
        upgrade = any(n == "upgrade" and v.lower() == "tcp" for n, v in headers)
        kept = [(n, v) for n, v in headers if n in ("host", "content-type", "content-length", "user-agent", "accept")]
        kept += [("connection", "Upgrade"), ("upgrade", "tcp")] if upgrade else [("connection", "close")]
        return "\r\n".join([first, *(f"{n}: {v}" for n, v in kept), "", ""]).encode("latin-1") + body

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
        try:
            engine_reader, engine_writer = await asyncio.open_unix_connection(self.engine)
        except OSError as error:
            log.error("the engine cannot be reached: %s", error.strerror)
            await self._refuse(writer, "the engine cannot be reached", status=b"502 Bad Gateway")
            return
        try:
            engine_writer.write(request)
            await engine_writer.drain()
            is_stream = b"upgrade: tcp" in request.split(b"\r\n\r\n", 1)[0]
            up = asyncio.create_task(_copy(reader, engine_writer)) if is_stream else None
            await _copy(engine_reader, writer)
            if up:
                up.cancel()
        finally:
            engine_writer.close()

    async def _refuse(self, writer: asyncio.StreamWriter, why: str, *, status: bytes = b"403 Forbidden") -> None:
        body = json.dumps({"message": f"socket proxy: {why}"}).encode()
        head = b"Content-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
        writer.write(b"HTTP/1.1 " + status + b"\r\n" + head)
        writer.write(body)
        await writer.drain()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while block := await source.read(1 << 16):
            target.write(block)
            await target.drain()
        if target.can_write_eof():
            target.write_eof()


async def listen(address: str, engine: str, rules: Rules) -> None:
    """Serve for ever."""
    host, _, port = address.rpartition(":")
    server = await asyncio.start_server(Proxy(engine, rules).serve, host, int(port), limit=MOST_HEAD)
    async with server:
        await server.serve_forever()


def main() -> int:
    """Read what to allow from the settings, and serve."""
    from grader.settings import read_settings

    logging.basicConfig(level=logging.INFO)
    settings = read_settings()
    rules = Rules(frozenset({settings.image, settings.runner_image}), frozenset({"none", settings.index_network}))
    asyncio.run(listen(sys.argv[1], sys.argv[2], rules))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Servers on the loopback to probe: real applications, and raw sockets that misbehave."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
from flask import Flask
from werkzeug.serving import make_server

Behaviour = Callable[[socket.socket, bytes], None]


@contextlib.contextmanager
def asgi(application: Any) -> Iterator[int]:
    """Serve an ASGI application; yield its port."""
    server = uvicorn.Server(uvicorn.Config(application, port=0, log_level="critical", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(timeout=5)


@contextlib.contextmanager
def wsgi(application: Flask) -> Iterator[int]:
    """Serve a WSGI application; yield its port."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join(timeout=5)


@contextlib.contextmanager
def raw(behave: Behaviour) -> Iterator[int]:
    """Accept connections and let `behave` answer the bytes of each request; yield the port."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    threading.Thread(target=one, args=(connection,), daemon=True).start()

        def one(connection: socket.socket) -> None:
            with contextlib.suppress(OSError), connection:
                behave(connection, connection.recv(65_536))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=5)


def says(*parts: bytes, forever: bytes = b"", pause: float = 0.0) -> Behaviour:
    """Send the parts, then `forever` again and again."""

    def behave(connection: socket.socket, _request: bytes) -> None:
        for part in parts:
            connection.sendall(part)
        while forever:
            connection.sendall(forever)
            time.sleep(pause)

    return behave


def ask(port: int, **questions: Any) -> dict[str, Any]:
    """Run the prober as the process that it is, and return its document."""
    asked = json.dumps(
        {"port": port, "app": {"framework": "fastapi"}, "routes": [], "seconds": 30, "seed": 1, **questions}
    ).encode()
    done = subprocess.run(
        (sys.executable, "-I", "-m", "checks.prober"),
        input=struct.pack(">Q", len(asked)) + asked,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    (length,) = struct.unpack(">Q", done.stdout[:8])
    assert len(done.stdout) == 8 + length
    document: dict[str, Any] = json.loads(done.stdout[8:])
    return document


def seen(document: dict[str, Any], purpose: str) -> dict[tuple[str, str], int | None]:
    """Return the status of each exchange of a purpose, by method and route."""
    return {(e["method"], e["route"]): e["status"] for e in document["exchanges"] if e["purpose"] == purpose}

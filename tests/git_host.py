"""A Git host for tests: `git http-backend` behind HTTPS, with pages that redirect and refuse."""

from __future__ import annotations

import base64
import os
import ssl
import subprocess
import threading
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from grader.settings import Settings, read_settings

NAME = "localhost"
TOKEN = "deploy-token-of-a-private-repository"
AUTHORIZATION = "Basic " + base64.b64encode(f"oauth2:{TOKEN}".encode()).decode()


@dataclass(frozen=True)
class GitHost:
    """Where repositories are served from, and the settings that reach it."""

    root: Path
    settings: Settings
    address: str

    def publish(self, repository: Path, name: str = "camille/projet") -> str:
        """Serve a repository as `name`; return its address."""
        bare = self.root / f"{name}.git"
        subprocess.run(("rm", "-rf", str(bare)), check=True)
        bare.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(("git", "clone", "--quiet", "--bare", str(repository), str(bare)), check=True)
        for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant", "http.uploadpack"):
            subprocess.run(("git", "-C", str(bare), "config", key, "true"), check=True)
        return f"{self.address}/{name}"


class GitServer:
    """The HTTPS server: /redirect/… goes elsewhere, /private/… asks for a password, the rest is Git."""

    def __init__(self, root: Path) -> None:
        self.cut_after: int | None = None  # bytes of an answer, after which the connection ends
        self.root = root / "repositories"
        self.root.mkdir()
        self.certificate, self.key = root / "cert.pem", root / "key.pem"
        subprocess.run(
            (
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"),
                *("-addext", f"subjectAltName=DNS:{NAME}", "-keyout", str(self.key), "-out", str(self.certificate)),
            ),
            check=True,
            capture_output=True,
        )
        served = self.root

        server = self

        class Handler(_Handler):
            root = served

            @property
            def cut_after(self) -> int | None:
                return server.cut_after

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)

    def __enter__(self) -> GitServer:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.server.shutdown()
        self.server.server_close()

    def host(self, folder: Path) -> GitHost:
        place = f"{NAME}:{self.server.server_address[1]}"
        settings = replace(
            read_settings({}),
            hosts=frozenset({place}),
            private_networks=frozenset({"127.0.0.0/8", "::1/128"}),
            ca_bundle=str(self.certificate),
            fetch_seconds=20.0,
            work_folder=folder,
        )
        return GitHost(self.root, settings, f"https://{place}")


class _Handler(BaseHTTPRequestHandler):
    root: Path
    cut_after: int | None = None
    protocol_version = "HTTP/1.0"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path, _, query = self.path.partition("?")
        if path.startswith("/redirect/"):
            self.send_response(301)
            self.send_header("Location", "https://elsewhere.test/" + path.removeprefix("/redirect/"))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path.startswith("/private/") and self.headers.get("Authorization") != AUTHORIZATION:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="private"')
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._backend(path.replace("/info/refs", ".git/info/refs").replace("/git-upload-pack", ".git/git-upload-pack"), query)

    def _backend(self, path: str, query: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path.replace(".git.git", ".git"),
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "CONTENT_LENGTH": str(len(body)),
        }
        done = subprocess.run(("git", "http-backend"), input=body, env=environment, capture_output=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for key, value in {**fields, "Content-Length": str(len(content))}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(content if self.cut_after is None else content[: self.cut_after])

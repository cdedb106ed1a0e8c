"""Hostile servers: each answer is bounded in time and bytes, and has the code of what was wrong with it."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import time
from typing import Any

import pytest

from checks.prober.asked import Clock
from checks.prober.calls import MOST_BODY, Call, Caller, exchange
from tests.prober.servers import Behaviour, ask, raw, says

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = b"10000\r\n" + b"a" * 65_536 + b"\r\n"


def resets(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(HEAD + b"Content-Length: 100\r\n\r\nabc")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


BEHAVIOURS: dict[str, tuple[Behaviour, int | None, set[str | None]]] = {
    "endless-chunks": (says(CHUNKED, forever=CHUNK), 200, {"too-large"}),
    "endless-until-closed": (says(HEAD + b"\r\n", forever=b"a" * 65_536), 200, {"too-large"}),
    "gigabyte-of-headers": (says(HEAD, forever=b"X-A: " + b"a" * 60_000 + b"\r\n"), None, {"too-large"}),
    "one-endless-header": (says(HEAD + b"X-A: ", forever=b"a" * 65_536), None, {"too-large"}),
    "many-headers": (says(HEAD, forever=b"a:\r\n" * 1_000), None, {"too-large"}),
    "slow-headers": (says(HEAD, forever=b"X-A: a\r\n", pause=0.1), None, {"timeout"}),
    "slow-status": (says(b"H", forever=b"T", pause=0.1), None, {"timeout", "malformed"}),
    "slow-body": (says(CHUNKED, forever=b"1\r\na\r\n", pause=0.1), 200, {"timeout"}),
    "silent": (says(forever=b"", pause=0), None, {"reset"}),
    "never-answers": (lambda c, _r: time.sleep(3), None, {"timeout"}),
    "only-continue": (says(forever=b"HTTP/1.1 100 Continue\r\n\r\n" * 100), None, {"timeout", "too-large"}),
    "not-http": (says(b"SSH-2.0-OpenSSH\r\n\r\n"), None, {"malformed"}),
    "zeros": (says(b"\0" * 200_000), None, {"malformed", "too-large"}),
    "bad-length": (says(HEAD + b"Content-Length: -5\r\n\r\nabc"), None, {"malformed"}),
    "two-lengths": (says(HEAD + b"Content-Length: 5\r\nContent-Length: 9\r\n\r\nabc"), None, {"malformed"}),
    "huge-length": (says(HEAD + b"Content-Length: 999999999999999\r\n\r\nabc"), 200, {"reset", "malformed"}),
    "bad-chunks": (says(CHUNKED + b"zz\r\nabc"), 200, {"malformed"}),
    "cut": (resets, 200, {"reset"}),
    "redirect-elsewhere": (
        says(b"HTTP/1.1 302 Found\r\nLocation: http://169.254.1.1/\r\nContent-Length: 0\r\n\r\n"),
        302,
        {"redirect"},
    ),
    "redirect-file": (
        says(b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"),
        302,
        {"redirect"},
    ),
    "redirect-nonsense": (says(b"HTTP/1.1 302 Found\r\nLocation: http://[::\r\nContent-Length: 0\r\n\r\n"), 302, {"redirect"}),
    "switches": (
        says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
        None,
        {"malformed", "reset"},
    ),
}


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_one_call_ends_with_a_code(name: str) -> None:
    behave, status, errors = BEHAVIOURS[name]
    with raw(behave) as port, Caller(port, Clock(10)) as caller:
        started = time.monotonic()
        answer = caller.call(Call("GET", "/"), seconds=0.8)
    assert time.monotonic() - started < 2
    assert (answer.status, answer.error in errors) == (status, True), answer
    assert len(answer.body) <= MOST_BODY
    json.dumps(exchange("home", Call("GET", "/"), answer).document(), allow_nan=False)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    with (
        raw(says(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb), bomb)) as port,
        Caller(port, Clock(5)) as caller,
    ):
        answer = caller.get("/")
    assert (answer.status, answer.error, answer.body) == (200, "encoded", b"")


def test_what_a_terminal_would_obey_is_replaced() -> None:
    reply = HEAD + b"X-Evil: \x1b[31mred\r\n\r\n\x1b]0;title\x07<script>\xe2\x80\xae\x00"
    with raw(says(reply)) as port, Caller(port, Clock(5)) as caller:
        shown = exchange("home", Call("GET", "/\x1b\u202e"), caller.get("/")).document()
    text = json.dumps(shown, ensure_ascii=False)
    assert "<script>" in text
    assert not any(c in text for c in ("\\u001b", "\\u0007", "\u202e", "\\u0000"))


def test_a_call_says_only_what_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    heard: list[bytes] = []

    def behave(connection: socket.socket, request: bytes) -> None:
        heard.append(request)
        connection.sendall(HEAD + b"Set-Cookie: a=1\r\nContent-Length: 0\r\n\r\n")

    odd = (("Host", "elsewhere"), ("X-Ok", "yes"), ("X-Split", "a\r\nB: c"), ("Bad Name", "x"), ("Content-Length", "7"))
    with raw(behave) as port, Caller(port, Clock(5)) as caller:
        for path in ("//elsewhere/a?b#c", "/é\r\nX: y"):
            assert caller.call(Call("GET", path, headers=odd, query=(("q", "a&b=c"),))).status == 200
    first, second = heard
    assert first.startswith(b"GET //elsewhere/a%3Fb%23c?q=a%26b%3Dc HTTP/1.1\r\n")
    assert b"Host: localhost:" in first and b"X-Ok: yes" in first
    assert b"X-Split" not in first and b"elsewhere\r\n" not in first and b"Accept-Encoding: identity" in first
    assert second.startswith(b"GET /%C3%A9%0D%0AX:%20y?")
    assert b"Cookie" not in second


def reply(document: Any) -> bytes:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return HEAD + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


@pytest.mark.parametrize(
    ("served", "code"),
    [
        (b'{"paths": ' + b"[" * 200_000, "too-deep"),
        (b'{"openapi": "3.0.0", "paths": {"/a": ' + b'{"a":' * 500 + b"1" + b"}" * 502, "too-deep"),
        (b'{"openapi": "3.0.0", "paths": [' + b"1," * 900_000 + b"1]}", "too-large"),
        (b'{"openapi": "' + b"3" * 3_000_000 + b'"}', "too-large"),
        (b"paths: &a [x, x]\nb: [*a, *a]\nopenapi: 3.0.0\n", "aliases"),
        (b"- " * 50_000, "too-deep"),
        (b"!!python/object/apply:os.system ['true']", "malformed"),
        (b"\xff\xfe\x00{", "malformed"),
    ],
)
def test_a_hostile_document_costs_only_itself(served: bytes, code: str) -> None:
    with raw(says(reply(served))) as port:
        answered = ask(port, seconds=12)
    assert answered["reached"] is True
    assert answered["openapi"] is None
    assert {"step": "openapi", "code": code} in answered["troubles"]


def test_references_that_leave_are_not_followed() -> None:
    contacted = threading.Event()

    def behave(connection: socket.socket, request: bytes) -> None:
        if request.startswith(b"GET /openapi.json"):
            connection.sendall(reply(document))
        else:
            contacted.set() if b"/remote" in request else None
            connection.sendall(reply({}))

    with raw(behave) as port:
        away = {"schema": {"$ref": f"http://127.0.0.1:{port}/remote.json"}}
        loop = {"schema": {"$ref": "#/components/schemas/Loop"}}
        document = {
            "openapi": "3.0.3",
            "info": {"title": "a", "version": "1"},
            "paths": {
                "/a": {"$ref": f"http://127.0.0.1:{port}/remote.json#/a"},
                "/file": {
                    "post": {
                        "requestBody": {"content": {"application/json": {"schema": {"$ref": "file:///etc/passwd"}}}},
                        "responses": {},
                    }
                },
                "/away": {
                    "post": {"requestBody": {"content": {"application/json": away}}, "responses": {"200": {"description": "a"}}}
                },
                "/loop": {
                    "post": {"requestBody": {"content": {"application/json": loop}}, "responses": {"200": {"description": "a"}}}
                },
            },
            "components": {
                "schemas": {
                    "Loop": {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/components/schemas/Loop"}}}
                }
            },
        }
        answered = ask(port, seconds=15)
    assert not contacted.is_set()
    assert answered["openapi"]["paths"]["/a"] == {}
    assert {e["route"] for e in answered["exchanges"]} >= {"/file", "/away", "/loop"}
    assert json.dumps(answered["openapi"]).count("127.0.0.1") == 0


@pytest.mark.parametrize("name", ["endless-chunks", "slow-headers", "never-answers", "only-continue"])
def test_the_whole_probe_keeps_its_time(name: str) -> None:
    routes = [{"method": "GET", "path": f"/{n}", "kind": "data", "guarded": True} for n in range(80)]
    with raw(BEHAVIOURS[name][0]) as port:
        started = time.monotonic()
        answered = ask(port, routes=routes, seconds=3, screenshot=True)
    assert time.monotonic() - started < 6
    assert answered["reached"] is True
    assert answered["openapi"] is None


def test_fuzzing_is_killed_in_time_and_what_it_saw_is_kept() -> None:
    document = {
        "openapi": "3.0.3",
        "info": {"title": "a", "version": "1"},
        "paths": {
            "/quick": {"get": {"responses": {"200": {"description": "a"}}}},
            "/slow/{n}": {"get": {"responses": {"200": {"description": "a"}}}},
        },
    }

    def behave(connection: socket.socket, request: bytes) -> None:
        if b"/openapi.json" in request:
            connection.sendall(reply(document))
        elif b"/slow" in request:
            says(CHUNKED, forever=b"1\r\na\r\n", pause=0.2)(connection, request)
        else:
            connection.sendall(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")

    with raw(behave) as port:
        started = time.monotonic()
        answered = ask(port, seconds=24)
    assert time.monotonic() - started < 27
    assert answered["fuzz"]["ended"] == "timeout"
    assert {"step": "fuzz", "code": "timeout"} in answered["troubles"]
    assert [f["route"] for f in answered["fuzz"]["failures"]] == ["/quick"]

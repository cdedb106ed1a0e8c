"""One HTTP call to the application: a fresh connection, no redirect, no decompression, a bounded body, one deadline in total."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from checks.prober.asked import Clock

MOST_BODY = 200_000
CALL_SECONDS = 5.0
SHOWN = 500
MOST_HEADERS = 40
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_OURS = {"host", "content-length", "transfer-encoding", "connection", "upgrade", "expect", "te", "trailer", "accept-encoding"}


def printable(text: str, most: int) -> str:
    """Return the beginning of a stranger's text, without what a terminal or a bidirectional layout would obey."""
    return _UNSEEN.sub("\ufffd", text[:most])


@dataclass(frozen=True, slots=True)
class Call:
    """What is sent. `route` is the template that `path` fills; `query` pairs are sent with it."""

    method: str
    path: str
    route: str = ""
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    media: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `status` is None when no head came; `error` is a code; `body` is cut at the bound asked for.

    Codes: `refused`, `timeout`, `reset`, `too-large`, `redirect` (it leaves the application), `malformed`, `encoded`, `unsendable`.
    A status with an error is a head whose body did not come whole.
    """

    status: int | None
    error: str | None
    seconds: float
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def fine(self) -> bool:
        """Tell whether a success came whole."""
        return self.error is None and self.status is not None and 200 <= self.status < 300

    @property
    def media(self) -> str:
        """Return the media type, in lower case and without parameters."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    def local_redirect(self) -> str | None:
        """Return the path of this same application that a redirect leads to, if it does."""
        if self.status is None or not 300 <= self.status < 400 or self.error:
            return None
        try:
            path = urlsplit(self.headers.get("location", "")).path
        except ValueError:
            return None
        return path if path.startswith("/") else None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call as the report shows it."""

    purpose: str
    method: str
    route: str
    path: str
    status: int | None
    error: str | None
    seconds: float
    headers: Mapping[str, str]
    body: str

    def document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def exchange(purpose: str, call: Call, answer: Answer) -> Exchange:
    """Return what the report keeps of a call and its answer."""
    path = target(call).decode("ascii")
    shown = printable(answer.text[: SHOWN * 2], SHOWN)
    return Exchange(
        purpose,
        call.method,
        printable(call.route or call.path, 300),
        path[:300],
        answer.status,
        answer.error,
        round(answer.seconds, 3),
        {printable(k, 64): printable(v, 300) for k, v in list(answer.headers.items())[:MOST_HEADERS]},
        shown,
    )


def target(call: Call) -> bytes:
    """Return the request target, ASCII only."""
    query = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in call.query)
    path = quote(call.path, safe="/%:@!$&'()*+,;=~-._", errors="replace")
    return (path + (f"?{query}" if query else "")).encode("ascii")[:2_000]


class Caller:
    """Calls one port of the loopback. Each call is alone: no connection, cookie or environment is kept between two."""

    def __init__(self, port: int, clock: Clock) -> None:
        self.clock = clock
        self._port = port
        self._runner = asyncio.Runner()
        self._ssl = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used; without it httpx loads every authority

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.close()

    def get(self, path: str, *, most: int = MOST_BODY, accept: str = "*/*") -> Answer:
        """Call `GET path`."""
        return self.call(Call("GET", path, headers=(("Accept", accept),)), most=most)

    def call(self, call: Call, *, most: int = MOST_BODY, seconds: float = CALL_SECONDS) -> Answer:
        """Make the call; an answer always comes, within `seconds` in total."""
        limit = min(seconds, self.clock.left())
        return self._runner.run(self._bounded(call, most, limit))

    async def _bounded(self, call: Call, most: int, seconds: float) -> Answer:
        started = time.monotonic()
        heard = _Heard()
        try:
            async with asyncio.timeout(seconds):
                error = await self._exchange(call, most, heard)
        except Exception as failure:
            error = _code(failure)
        return heard.answer(error, time.monotonic() - started)

    async def _exchange(self, call: Call, most: int, heard: _Heard) -> str | None:
        transport = httpx.AsyncHTTPTransport(verify=self._ssl, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
        async with transport:
            response = await transport.handle_async_request(self._request(call))
            heard.status = response.status_code
            for name, value in response.headers.raw[:400]:
                heard.headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
            try:
                async for block in response.aiter_raw():
                    heard.body += block[: most - len(heard.body)]
                    if len(heard.body) >= most:
                        return "too-large"
            finally:
                await response.aclose()
        return heard.doubt(self._port)

    def _request(self, call: Call) -> httpx.Request:
        # Host is the name that frameworks with a list of allowed hosts accept most often.
        headers = [("Host", f"localhost:{self._port}"), ("User-Agent", "jurygrid-prober")]
        headers += [("Accept-Encoding", "identity"), ("Connection", "close"), ("Accept", "*/*")]
        own = [(k, v) for k, v in call.headers if _sendable(k, v)]
        named = {k.lower() for k, _ in own}
        if call.media:
            own.append(("Content-Type", call.media))
        url = httpx.URL(f"http://127.0.0.1:{self._port}/").copy_with(raw_path=target(call))
        return httpx.Request(
            call.method,
            url,
            headers=[(k, v) for k, v in headers if k.lower() not in named] + own,
            content=call.body,
            extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), CALL_SECONDS)},
        )


def _sendable(name: str, value: str) -> bool:
    plain = len(value) <= 500 and value.isascii() and value.isprintable()
    return plain and _TOKEN.fullmatch(name) is not None and name.lower() not in _OURS


@dataclass(slots=True)
class _Heard:
    """What came so far, kept even when the rest never comes."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def doubt(self, port: int) -> str | None:
        """Return the code of what is wrong with an answer that came whole."""
        if self.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            self.body = b""  # not asked for, and never unpacked
            return "encoded"
        if self.status is not None and 300 <= self.status < 400 and _leaves(self.headers.get("location", ""), port):
            return "redirect"
        return None

    def answer(self, error: str | None, seconds: float) -> Answer:
        return Answer(self.status, error, seconds, self.headers, self.body)


def _leaves(location: str, port: int) -> bool:
    try:
        parts = urlsplit(location)
        here = (parts.hostname or "localhost") in ("localhost", "127.0.0.1") and (parts.port or port) == port
    except ValueError:
        return True
    return not here or parts.scheme not in ("", "http")


def _code(failure: Exception) -> str:
    """Return the code of what httpx raised."""
    said = str(failure)
    if isinstance(failure, TimeoutError | httpx.TimeoutException):
        return "timeout"
    if isinstance(failure, httpx.ConnectError):
        return "refused"
    if isinstance(failure, httpx.RemoteProtocolError):
        if "too long" in said:
            return "too-large"
        return "reset" if said.startswith(("Server disconnected", "peer closed")) else "malformed"
    if isinstance(failure, httpx.NetworkError):
        return "reset"
    return "unsendable" if isinstance(failure, httpx.LocalProtocolError | httpx.InvalidURL) else "malformed"


def json_body(value: Any) -> bytes:
    """Return a value as the bytes of a JSON body."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False).encode()

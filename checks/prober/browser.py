"""Speaks to a headless Chromium over a pair of pipes: no port is opened that a page could find."""

from __future__ import annotations

import base64
import binascii
import contextlib
import fcntl
import json
import os
import select
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from checks.prober.asked import Clock
from checks.prober.children import child

WIDTH, HEIGHT = 1200, 900
MOST_MESSAGE = 30_000_000
NEEDLESS = (
    *("background-networking", "component-update", "sync", "extensions", "default-apps", "breakpad", "crash-reporter"),
    *("dev-shm-usage", "gpu", "client-side-phishing-detection", "domain-reliability"),
)
# Chromium takes orders on descriptor 3 and answers on 4.
_PLACE = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"


class BrowserSilent(Exception):
    """The browser ended, said too much, or said nothing in time; its text is a code: `failed`, `too-large`, `timeout`."""


class Browser:
    """One headless browser with one page."""

    def __init__(self, orders: int, answers: int, clock: Clock) -> None:
        self._orders, self._answers, self._clock = orders, answers, clock
        self._buffer = bytearray()
        self._sent = 0
        self._session = ""

    def open(self, address: str) -> None:
        """Open the page. Raises BrowserSilent."""
        target = self.order("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.order("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.order("Page.enable")
        self._send("Page.navigate", {"url": address})  # its answer waits for the head of the page, which may never come

    def picture(self) -> bytes:
        """Return what the window shows, as PNG. Raises BrowserSilent."""
        try:
            return base64.b64decode(str(self.order("Page.captureScreenshot", format="png").get("data", "")), validate=True)
        except binascii.Error:
            raise BrowserSilent("failed") from None

    def order(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Give an order and return its result. Raises BrowserSilent."""
        number = self._send(method, parameters)
        while True:
            heard = self._hear()
            if heard.get("method") == "Page.javascriptDialogOpening":
                self._send("Page.handleJavaScriptDialog", {"accept": True})
            if heard.get("id") == number:
                if not isinstance(result := heard.get("result"), dict):
                    raise BrowserSilent("failed")
                return result

    def _send(self, method: str, parameters: dict[str, Any]) -> int:
        self._sent += 1
        session = {"sessionId": self._session} if self._session else {}
        order = {"id": self._sent, "method": method, "params": parameters, **session}
        try:
            os.write(self._orders, json.dumps(order).encode() + b"\0")
        except OSError:
            raise BrowserSilent("failed") from None
        return self._sent

    def _hear(self) -> dict[str, Any]:
        while (end := self._buffer.find(0)) < 0:
            if not select.select([self._answers], [], [], self._clock.left())[0]:
                raise BrowserSilent("timeout")
            block = os.read(self._answers, 1 << 20)
            if not block or len(self._buffer) > MOST_MESSAGE:
                raise BrowserSilent("too-large" if block else "failed")
            self._buffer += block
        message, self._buffer = self._buffer[:end], self._buffer[end + 1 :]
        heard = json.loads(message)
        return heard if isinstance(heard, dict) else {}


@contextlib.contextmanager
def browsing(program: str, folder: Path, clock: Clock) -> Iterator[Browser]:
    """Start a browser with a fresh profile in `folder`; it is killed at the end. Raises OSError."""
    with contextlib.ExitStack() as opened:
        their_orders, orders = _pipe(opened)
        answers, their_answers = _pipe(opened)
        argv = (sys.executable, "-I", "-c", _PLACE, str(their_orders), str(their_answers), program, *_options(folder))
        with child(argv, folder, pass_fds=(their_orders, their_answers)):
            os.close(their_answers)  # so that the end of the browser is heard
            yield Browser(orders, answers, clock)


def _pipe(opened: contextlib.ExitStack) -> tuple[int, int]:
    """Return the two ends of a pipe, above the descriptors that the browser wants."""
    ends = []
    for end in os.pipe():
        ends.append(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10))
        os.close(end)
        opened.callback(_close, ends[-1])
    return ends[0], ends[1]


def _close(descriptor: int) -> None:
    with contextlib.suppress(OSError):
        os.close(descriptor)


def _options(folder: Path) -> tuple[str, ...]:
    return (
        *(
            "--headless",
            "--no-sandbox",
            "--no-zygote",
            "--no-first-run",
            "--no-proxy-server",
            "--hide-scrollbars",
            "--mute-audio",
        ),
        *(f"--disable-{name}" for name in NEEDLESS),
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        *("--remote-debugging-pipe", f"--user-data-dir={folder / 'profile'}", f"--window-size={WIDTH},{HEIGHT}"),
    )


def settled(browser: Browser, *, least: float, most: float, pause: float = 0.7) -> bytes:
    """Return the first picture, `least` seconds on, that equals the one before it; or the last one after `most` seconds."""
    clock = Clock(most)
    before = b""
    while True:
        time.sleep(least if not before else pause)
        now = browser.picture()
        if now == before or not clock.left():
            return now
        before = now

"""The desk served for real on loopback, and a browser for each person."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from api.main import create_app
from tests.api.test_rules import World, world  # noqa: F401 - the fixture
from tests.servers import free_port, wait_for_port


@dataclass
class Desk:
    """A served desk."""

    address: str
    world: World


@pytest.fixture(scope="module")
def desk(world: World) -> Iterator[Desk]:  # noqa: F811
    port = free_port()
    config = uvicorn.Config(create_app(world.service), host="127.0.0.1", port=port, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for_port(port)
    yield Desk(f"http://127.0.0.1:{port}", world)
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield started
        started.close()


Open = Callable[..., Page]


@pytest.fixture
def as_person(desk: Desk, browser: Browser) -> Iterator[Open]:
    """Return a function that opens a page for somebody: signed in, in a language, with or without JavaScript."""
    contexts: list[BrowserContext] = []

    def opened(
        who: str | None, path: str, *, language: str = "fr", script: bool = True, width: int = 1200, dark: bool = False
    ) -> Page:
        context = browser.new_context(
            base_url=desk.address,
            java_script_enabled=script,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            locale="fr-FR" if language == "fr" else "en-GB",
        )
        contexts.append(context)
        if who:
            secret = desk.world.clients[who].cookies["jurygrid"]
            context.add_cookies([{"name": "jurygrid", "value": secret, "url": desk.address}])
        context.add_cookies([{"name": "lang", "value": language, "url": desk.address}])
        page = context.new_page()
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()


def eventually(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something holds."""
    late = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < late
        time.sleep(0.05)

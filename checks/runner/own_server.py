"""The submission's own application, started beside tests that call it over the network and found nobody there."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from .commands import kill, start
from .junit import read_text
from .listeners import ports_below
from .preparing import prepare_schema
from .running import Running
from .serving import accepts, command_of, missing_for, variables_of
from .surroundings import environment_of, link_modules

SERVING = ("fastapi", "starlette", "flask", "django")  # what tests call: pages for people are not among them
MOST_WAIT = 30.0  # seconds until it listens
LEAST = 20.0  # seconds without which it is not tried
MOST_APPS = 3
MOST_FILES = 200
_REFUSED = re.compile(r"refused|Max retries exceeded|ConnectError|All connection attempts failed|Failed to establish", re.I)
_LOCAL = re.compile(
    r"host=['\"](?:localhost|127\.0\.0\.1|0\.0\.0\.0)['\"], port=(\d{2,5})|(?:https?|wss?)://(?:localhost|127\.0\.0\.1|0\.0\.0\.0):(\d{2,5})\b"
)


def port_called(said: str, folder: Path) -> int:
    """Return the port of this machine at which tests found nobody: by what they said, else by what the files of tests below `folder` name.

    0 when nobody was missed.
    """
    if not _REFUSED.search(said):
        return 0
    return _port_in(said) or next((p for path in _files_of_tests(folder) if (p := _port_in(read_text(path) or ""))), 0)


def _port_in(text: str) -> int:
    known = [p for one, other in _LOCAL.findall(text) if 1024 <= (p := int(one or other)) < 65536]
    return max(set(known), key=known.count, default=0)


def _files_of_tests(folder: Path) -> list[Path]:
    found = (p for p in folder.rglob("*.py") if p.name.startswith(("test", "conftest")) or "tests" in p.parts)
    return sorted(islice(found, MOST_FILES))


def candidates(running: Running) -> list[dict[str, Any]]:
    """Return the applications that may be the one that is called, in the order of the plan."""
    apps = [dict(a) for a in running.step.part.get("apps") or () if isinstance(a, dict)]
    return [a for a in apps if a.get("framework") in SERVING and not missing_for(running, str(a["framework"]))][:MOST_APPS]


@contextlib.contextmanager
def served(running: Running, app: dict[str, Any], port: int) -> Iterator[bool]:
    """Keep an application listening on `port` while the block runs; yield False when it does not come up."""
    step = running.step
    running.step = replace(step, port=port, app=app)
    folder = step.folder(str(app.get("folder", "")))
    process = None
    try:
        prepare_schema(running, folder)
        link_modules(running.step, folder)
        with contextlib.suppress(OSError):
            variables = variables_of(running, app)
            process = start(command_of(running, app), folder=folder, environment=environment_of(running.step, variables))
            running.spared.add(process.pid)
        yield process is not None and _listens(running, process.poll, port)
    finally:
        if process is not None:
            running.spared.discard(process.pid)
            kill(process, running.spared)
            if process.stdout:
                process.stdout.close()
        running.step = step


def _listens(running: Running, ended: Any, port: int) -> bool:
    """Wait until something below us accepts connections on a port."""
    until = time.monotonic() + min(MOST_WAIT, running.step.time_left / 2)
    while time.monotonic() < until and ended() is None:
        if accepts(ports_below().get(port, "127.0.0.1"), port):
            return True
        time.sleep(0.1)
    return False

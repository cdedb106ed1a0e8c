"""Start one application, say when it accepts connections and on which port, and keep it until it may stop."""

from __future__ import annotations

import contextlib
import errno
import re
import select
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from . import accounts, empty_folders
from .commands import Ended, Tail, ends, kill, start
from .listeners import ports_below
from .preparing import LATER, prepare_schema
from .running import Running
from .surroundings import environment_of, has_package, has_python, link_modules, python


class Source(Protocol):
    """What can be waited on."""

    def fileno(self) -> int:
        """Return the descriptor."""


ELSEWHERE = 1.5  # seconds during which it may still open the port that it was given, once it listens on another
_STREAMLIT = (
    *("--server.address", "127.0.0.1", "--server.headless", "true", "--server.fileWatcherType", "none"),
    *("--browser.gatherUsageStats", "false", "--client.toolbarMode", "minimal"),
)
_UNLOADED = re.compile(r"^(ModuleNotFoundError|ImportError|SyntaxError|IndentationError)\b", re.M)
_MODULES = {
    "fastapi": ("uvicorn", "hypercorn"),
    "starlette": ("uvicorn", "hypercorn"),
    "flask": ("flask",),
    "django": ("django",),
    "streamlit": ("streamlit",),
    "gradio": ("gradio",),
}


def serve(running: Running, source: Source) -> None:
    """Start the application and keep it; a frame on `source`, or its end, stops it."""
    app = dict(running.step.app or {})
    folder = running.step.folder(str(app.get("folder", "")))
    framework = str(app.get("framework"))
    reason = missing_for(running, framework)
    if reason:
        running.trouble(reason)
        return
    if framework == "django":
        migrate = (python(running.step), "manage.py", "migrate", "--noinput", "-v", "0")
        running.command(migrate, folder, seconds=60.0, variables=variables_of(running, app))
    prepare_schema(running, folder)
    link_modules(running.step, folder)
    for _ in range(1 + accounts.ROUNDS):
        running.put(ended=None)
        _keep(running, app, folder, source)
        told = running.document["commands"][-1]["tail"]
        if running.document["ready"] or not running.document["ended"]:
            break
        if not (accounts.provide(running, told) or empty_folders.provide(running, told, folder)):
            break
        prepare_schema(running, folder)
    if running.document["ended"] and not running.document["ready"] and running.step.variables and not _UNLOADED.search(told):
        _keep_bare(running, app, folder, source)


def _keep_bare(running: Running, app: dict[str, Any], folder: Path, source: Source) -> None:
    """Start once more without the plan's variables: a value that is only an example may stop what starts without one.

    What came of that is told only where it did start: the first end says more about the rest.
    """
    before = running.document["ended"]
    running.put(ended=None)
    _keep(running, app, folder, source, bare=True)
    if not running.document["ready"]:
        running.document["commands"].pop()
        running.put(ended=before)


def _keep(running: Running, app: dict[str, Any], folder: Path, source: Source, *, bare: bool = False) -> None:
    """Start the application, watch it until it may stop, and tell how it ended."""
    argv = command_of(running, app)
    running.say(f"{Path(argv[0]).name} {' '.join(argv[1:])}"[:200])
    began = time.monotonic()
    try:
        process = start(argv, folder=folder, environment=environment_of(running.step, variables_of(running, app), bare=bare))
    except OSError as error:
        running.add(Ended(argv, running.shown(folder), "absent", error.errno or errno.ENOENT, 0.0, str(error)))
        return
    tail = Tail(process.stdout) if process.stdout else None
    _until_stopped(running, process, source, lambda: accounts.provide(running, tail.text()) if tail else False)
    by_itself = process.poll() is not None
    kill(process, running.spared)
    code = process.returncode or 0
    how = ("signal" if code < 0 else "exit") if by_itself else "stopped"
    running.add(Ended(argv, running.shown(folder), how, code, time.monotonic() - began, tail.text(2.0) if tail else ""))


def missing_for(running: Running, framework: str) -> str:
    """Return why an application of this framework cannot be started here, "" when it can."""
    if framework == "express":
        return ""
    if not has_python(running.step):
        return "no-environment"
    names = _MODULES.get(framework, ())
    return "" if any(has_package(running.step, n) for n in names) else f"no-{names[0]}" if names else "unknown-framework"


def command_of(running: Running, app: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what starts the application on the port of the step."""
    step, target, port = running.step, str(app.get("target", "")), str(running.step.port)
    if app.get("framework") == "express":
        return "node", target
    if app.get("framework") == "gradio":
        return python(step), target
    module = (python(step), "-m")
    if app.get("framework") == "flask":
        called = f"{target}()" if app.get("factory") else target
        return (*module, "flask", "--app", called, "run", "--host", "127.0.0.1", "--port", port, "--no-debugger", "--no-reload")
    if app.get("framework") == "django":
        return python(step), "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"
    if app.get("framework") == "streamlit":
        return (*module, "streamlit", "run", target, "--server.port", port, *_STREAMLIT)
    factory = ("--factory",) if app.get("factory") else ()
    if has_package(step, "uvicorn"):
        return (*module, "uvicorn", target, "--host", "127.0.0.1", "--port", port, *factory)
    return (*module, "hypercorn", "--bind", f"127.0.0.1:{port}", f"{target}()" if factory else target)


def variables_of(running: Running, app: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables by which frameworks are told where to listen, and not to call home."""
    port = str(running.step.port)
    given = {"PORT": port, "HOST": "127.0.0.1", "FLASK_RUN_PORT": port, "GRADIO_SERVER_PORT": port}
    given |= {"GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_ANALYTICS_ENABLED": "False", "STREAMLIT_SERVER_PORT": port}
    if app.get("framework") == "django":
        given["DJANGO_SETTINGS_MODULE"] = str(app.get("target", ""))
    return given


def _until_stopped(running: Running, process: subprocess.Popen[bytes], source: Source, provide: Callable[[], bool]) -> None:
    """Watch the application until it ends, may stop, or has no time left; what its first calls find absent is made meanwhile."""
    began, elsewhere = time.monotonic(), 0.0
    ready = False
    while running.step.time_left > 0 and not _may_stop(source, 0.05 if not ready else 0.25):
        if ends(process, 0.01):
            running.put(ended={"how": "signal" if process.returncode < 0 else "exit", "code": process.returncode})
            return
        if ready:
            if provide():
                _prepare_beside(running, process)
            continue
        open_ports = ports_below(running.spared)
        elsewhere = elsewhere or (time.monotonic() if open_ports else 0.0)
        waited = bool(open_ports) and time.monotonic() - elsewhere > ELSEWHERE
        port = running.step.port if running.step.port in open_ports else min(open_ports) if waited else 0
        if port and accepts(open_ports[port], port):
            ready = True
            running.put(ready=True, port=port, seconds_to_ready=round(time.monotonic() - began, 3))
            running.say(f"ready {port}")


def _prepare_beside(running: Running, process: subprocess.Popen[bytes]) -> None:
    """Create the schemas in a database made while the application runs, which must outlive the commands."""
    running.spared.add(process.pid)
    try:
        prepare_schema(running, running.step.folder(str((running.step.app or {}).get("folder", ""))), seconds=LATER)
    finally:
        running.spared.discard(process.pid)


def _may_stop(source: Source, seconds: float) -> bool:
    """Tell whether the frame that says so has come: anything more on the input, or its end."""
    return bool(select.select([source], [], [], seconds)[0])


def accepts(address: str, port: int) -> bool:
    """Tell whether somebody answers a connection."""
    with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=1):
        return True
    return False

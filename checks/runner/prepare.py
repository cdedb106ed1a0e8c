"""Prepares an environment: resolves requirements, installs a lock, compiles what it installed. Never runs what it installs.

One JSON frame in, one JSON frame out; progress on standard error.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .asked import Asked, asked
from .bytecode import compile_bytecode
from .frames import frame, read_frame
from .index import Index, OutOfTimeError
from .install import InstallFailedError, install
from .node import install_node
from .resolve import IndexUnreachableError, Resolution, ResolverFailedError, document

MOST_TASK_BYTES = 4_000_000
MOST_WHEEL_BYTES = 3_000_000_000


def resolve_task(index: Index, task: dict[str, Any]) -> dict[str, Any]:
    """Resolve `requirements` and `tools` as of the day `before` (`2026-03-01`, included), with what is `beside` where that goes."""
    wanted, refused = _read(task)
    beside = tuple(map(str, task.get("beside") or ()))
    resolution = Resolution(index, wanted, str(task.get("before") or ""), int(task.get("most_bytes") or MOST_WHEEL_BYTES), beside)
    told = document(resolution)
    told["left_out"] += [{"text": text, "reason": "malformed"} for text in refused]
    return told | {"python": platform.python_version(), "platform": _platform(), "uv": _version(index)}


def _read(task: dict[str, Any]) -> tuple[list[Asked], list[str]]:
    wanted, refused = [], []
    for key in ("tools", "requirements"):
        for text in task.get(key) or ():
            one = asked(str(text), ours=key == "tools")
            if one is None:
                refused.append(str(text))
            else:
                wanted.append(one)
    return list(dict.fromkeys(wanted)), refused


def _platform() -> str:
    return f"{sys.platform}-{platform.machine()}-{'-'.join(platform.libc_ver())}"


def _version(index: Index) -> str:
    done = index.call("--version")
    return done.output.strip()


def install_task(index: Index, task: dict[str, Any]) -> dict[str, Any]:
    """Install `lock` at `environment`."""
    return install(index, str(task["lock"]), _environment(task))


def compile_task(index: Index, task: dict[str, Any]) -> dict[str, Any]:
    """Compile what is installed at `environment`; `compiled` tells whether nothing is left to do."""
    return {"compiled": compile_bytecode(index, _environment(task))}


def _environment(task: dict[str, Any]) -> Path:
    return Path(task.get("environment") or "/opt/environment")


TASKS: dict[str, Callable[[Index, dict[str, Any]], dict[str, Any]]] = {
    "resolve": resolve_task,
    "install": install_task,
    "compile": compile_task,
    "install-node": install_node,
}


def answer(task: dict[str, Any]) -> dict[str, Any]:
    """Do one task (`do`: a key of TASKS) and return its document; `error` is the code of what went wrong on our side, None otherwise."""
    begun = time.monotonic()
    what = str(task.get("do"))
    index = Index.of(task)
    told: dict[str, Any] = {"do": what, "error": None}
    try:
        told |= TASKS[what](index, task)
    except OutOfTimeError:
        told["error"] = "resolve-timeout" if what == "resolve" else "install-timeout"
    except IndexUnreachableError:
        told["error"] = "index-unreachable"
    except (InstallFailedError, ResolverFailedError) as error:
        told |= {"error": "install-failed", "detail": str(error)}
    finally:
        shutil.rmtree(index.folder, ignore_errors=True)
    return told | {"seconds": round(time.monotonic() - begun, 3)}


def main() -> int:
    """Read a task, do it, write its document."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing but the document goes to standard output
    data = read_frame(sys.stdin.buffer, MOST_TASK_BYTES)
    if data is None:
        return 2
    with out:
        out.write(frame(json.dumps(answer(json.loads(data))).encode()))
    return 0

"""Which programs the system of a sandbox has, asked in the sandbox itself."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from grader.errors import SandboxFailed
from grader.process import Limits, run
from grader.sandbox.docker import USER, connect, engine_errors

_COMMANDS = {
    "python3": "python3",
    "uv": "/opt/tools/uv",
    "node": "node",
    "postgresql": "postgres",
    "redis": "redis-server",
    "chromium": "chromium",
}
TOOLS = tuple(_COMMANDS)
_ASK = "; ".join(f'echo "{name} $({command} --version 2>/dev/null | head -n 1)"' for name, command in _COMMANDS.items())
_SECONDS = 30


def in_root(root: Path) -> dict[str, str]:
    """Return tool → version (empty: absent) of the system that bubblewrap shows; nothing when it cannot be asked."""
    program = shutil.which("bwrap")
    if program is None or not root.is_dir():
        return {}
    argv = (
        *(program, "--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"),
        *("--uid", "65534", "--gid", "65534", "--ro-bind", str(root), "/", "--proc", "/proc", "--dev", "/dev"),
        *("--tmpfs", "/tmp", "--chdir", "/tmp", "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", "/tmp"),  # noqa: S108
        *("--", "/bin/sh", "-c", _ASK),
    )
    done = run(argv, environment={"PATH": "/usr/bin:/bin"}, limits=Limits(seconds=_SECONDS))
    return _versions(done.stdout) if done.ok else {}


def in_image(image: str, host: str = "") -> dict[str, str]:
    """Return tool → version (empty: absent) of the runner image; nothing when it cannot be asked."""
    try:
        client = connect(host)
    except SandboxFailed:
        return {}
    try:
        return _versions(client.containers.run(image, ["sh", "-c", _ASK], **_restrictions()))
    except engine_errors():
        return {}
    finally:
        client.close()


def _restrictions() -> dict[str, Any]:
    return {
        "remove": True,
        "user": USER,
        "network_mode": "none",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "tmpfs": {"/tmp": "size=64m,mode=1777"},  # noqa: S108
        "environment": {"HOME": "/tmp"},  # noqa: S108
    }


def _versions(said: bytes) -> dict[str, str]:
    found = {}
    for line in said.decode("utf-8", "replace").splitlines():
        name, _, rest = line.partition(" ")
        version = re.search(r"\d+(?:\.\d+)+", rest)
        if name in _COMMANDS:
            found[name] = version.group() if version else ""
    return found

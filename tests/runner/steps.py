"""Runs the runner as a sandbox would: by its own command line, a frame in and a frame out, as a user without rights."""

from __future__ import annotations

import io
import json
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from textwrap import dedent
from typing import Any

PYTHON = shutil.which("python3", path="/usr/local/bin:/usr/bin") or sys.executable  # one that any user may run
ROOT = Path(__file__).parents[2]
PROGRAM = "import sys; sys.path.insert(0, {!r}); from runner.main import main; raise SystemExit(main())".format(
    str(ROOT / "checks")
)
NOBODY = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")
FIRST_LINE = {"path": "x.py", "line": 1}


def command() -> tuple[str, ...]:
    """Return the runner's command line; PostgreSQL refuses to be root, and so do we."""
    return (*(NOBODY if os.geteuid() == 0 else ()), PYTHON, "-I", "-c", PROGRAM)


def archive(step: dict[str, Any], files: dict[str, str | bytes]) -> bytes:
    """Return the frame of a step and its files."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        content = {"step.json": json.dumps(step), **{f"tree/{p}": c for p, c in files.items()}}
        for name, text in content.items():
            data = text if isinstance(text, bytes) else dedent(text).encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return struct.pack(">Q", len(stream.getvalue())) + stream.getvalue()


class Base:
    """A folder that anybody may write to, as the sandbox's /tmp is."""

    def __enter__(self) -> Path:
        """Make it."""
        self.path = Path(tempfile.mkdtemp(prefix="runner-"))
        self.path.chmod(0o777)
        return self.path

    def __exit__(self, *_: object) -> None:
        """Remove it."""
        shutil.rmtree(self.path, ignore_errors=True)


def unframed(data: bytes) -> dict[str, Any]:
    """Return the one document of the runner's standard output."""
    (length,) = struct.unpack(">Q", data[:8])
    assert len(data) == 8 + length
    document = json.loads(data[8:])
    assert isinstance(document, dict)
    return document


def run(files: dict[str, str | bytes], environment: Path, *, seconds: float = 60, **step: Any) -> dict[str, Any]:
    """Run one step to its end and return its document; nothing of it may be left running."""
    with Base() as base:
        full = {"nonce": "n-1", "kind": "tests", "environment": str(environment), "seconds": seconds, "base": str(base), **step}
        done = subprocess.run(command(), input=archive(full, files), capture_output=True, timeout=seconds + 30, check=True)
        document = unframed(done.stdout)
        assert document["nonce"] == "n-1"
        assert left_running(base) == []
        return document


def left_running(base: Path) -> list[str]:
    """Return the command lines of the processes that stand in a step's folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                where, said = str((entry / "cwd").readlink()), (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if where.startswith(str(base)) and said:
                found.append(said.decode("utf-8", "replace"))
    return found


def suite(runner: str = "pytest", *targets: str, folder: str = "", **more: Any) -> dict[str, Any]:
    """Return a suite of the plan, as it travels."""
    return {
        "runner": runner,
        "folder": folder,
        "targets": list(targets),
        "place": FIRST_LINE,
        "settings": "",
        "seconds": 0,
        **more,
    }


def part(*code: str, folder: str = "", language: str = "python") -> dict[str, Any]:
    """Return a part of the plan that has only code."""
    return {"name": folder or "root", "folder": folder, "language": language, "code": list(code)}

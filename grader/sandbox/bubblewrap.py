"""The embedded sandbox: all namespaces unshared, a read-only system, no network, a size-limited /tmp."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from grader.errors import SandboxFailed
from grader.process import Completed, Limits, run
from grader.sandbox import Job, Say

TMP_BYTES = 512_000_000
_SYSTEM = ("/usr", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime")
_MERGED = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")


class Bubblewrap:
    """Runs our Python with nothing of the machine in sight but the system's libraries and our own packages."""

    name = "bubblewrap"

    def run(self, job: Job, say: Say) -> Completed:
        """Run the job. Raises SandboxFailed when bubblewrap is absent or may not make namespaces."""
        argv = (*command(), "--", sys.executable, *job.arguments)
        try:
            done = run(argv, environment={"PATH": "/usr/bin:/bin"}, limits=job.limits, stdin=job.archive, on_line=say)
        except FileNotFoundError:
            raise SandboxFailed("bubblewrap-absent") from None
        if done.stderr.startswith(b"bwrap:"):
            raise SandboxFailed("bubblewrap-refused", detail=done.stderr.decode("utf-8", "replace").splitlines()[0])
        return done


def command() -> tuple[str, ...]:
    """Return the bubblewrap command up to the program to run."""
    program = shutil.which("bwrap")
    if program is None:
        raise SandboxFailed("bubblewrap-absent")
    shown = [p for p in _SYSTEM if Path(p).exists()]
    shown += [p for p in _MERGED if Path(p).exists() and not Path(p).is_symlink()]
    links = [part for p in _MERGED if Path(p).is_symlink() for part in ("--symlink", str(Path(p).readlink()), p)]
    binds = [part for p in (*shown, *_our_folders()) for part in ("--ro-bind", p, p)]
    return (
        program,
        *("--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--hostname", "sandbox"),
        *("--cap-drop", "ALL", "--uid", "65534", "--gid", "65534"),
        # /tmp comes before our folders, which may stand below it.
        *("--proc", "/proc", "--dev", "/dev", "--size", str(TMP_BYTES), "--tmpfs", "/tmp"),
        *binds,
        *links,
        *("--remount-ro", "/", "--chdir", "/tmp"),
        *("--setenv", "LC_ALL", "C.UTF-8", "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", "/tmp"),
    )


def _our_folders() -> tuple[str, ...]:
    """Return the folders that hold Python, its libraries and our packages, outermost only and outside /usr."""
    packages = [
        Path(spec.submodule_search_locations[0])
        for spec in map(importlib.util.find_spec, ("grader", "checks", "rubrics"))
        if spec and spec.submodule_search_locations
    ]
    wanted = {str(p) for p in (sys.prefix, sys.base_prefix, *(os.path.realpath(p) for p in packages))}
    wanted |= {os.path.realpath(sys.executable).rsplit("/", 2)[0]}
    outside = sorted(p for p in wanted if not p.startswith("/usr/") and p != "/usr")
    return tuple(p for p in outside if not any(p != q and p.startswith(q + "/") for q in outside))


def works() -> str | None:
    """Return None when bubblewrap works here, else what it said."""
    try:
        done = run((*command(), "--", "/usr/bin/true"), environment={}, limits=Limits(seconds=10))
    except (SandboxFailed, FileNotFoundError) as error:
        return str(error)
    return None if done.ok else done.stderr.decode("utf-8", "replace").strip() or f"exit {done.code}"

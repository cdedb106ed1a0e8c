"""The embedded sandbox: all namespaces unshared, a read-only system, no network, a size-limited /tmp."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from grader.converse import converse
from grader.errors import SandboxFailed
from grader.process import Completed, Limits, run
from grader.sandbox import PIDS, RUNNER, TMP_BYTES, TOOLS, Contact, Job, Network
from grader.sandbox.folders import FolderStore
from grader.sandbox.groups import Group, group, sweep_groups

NOBODY = "65534"
_SYSTEM = ("/usr", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime")
_MERGED = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_NAMES = ("/etc/resolv.conf", "/etc/ssl", "/usr/share/ca-certificates", "/etc/ca-certificates")
# Bubblewrap leaves these writable to root's own number, which ours is outside when root starts it.
_COVERED = tuple(
    part for p in ("/proc/sys", "/proc/sysrq-trigger", "/proc/fs") if Path(p).exists() for part in ("--ro-bind", p, p)
)
_PLAIN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


@dataclass(frozen=True)
class Bubblewrap:
    """Runs our programs with nothing of the machine in sight but what they need.

    `root` is the system in which submissions run (`make images` makes it; the machine's own libraries serve where it is None), `store`
    the folder of prepared environments, `ca_bundle` the certificates with which the package index is checked.
    """

    root: Path | None = None
    store: FolderStore | None = None
    ca_bundle: str = ""

    name = "bubblewrap"
    runs_code = True

    def run(self, job: Job, contact: Contact) -> Completed:
        """Run the job. Raises SandboxFailed when bubblewrap is absent or may not make namespaces."""
        with group(job.limits.memory_bytes, PIDS) as groups, contextlib.ExitStack() as opened:
            argv, descriptors = self._command(job, groups, contact, opened)
            try:
                done = converse(argv, job, contact, environment=_PLAIN, pass_fds=descriptors)
            except FileNotFoundError:
                raise SandboxFailed("bubblewrap-absent") from None
            if done.stderr.startswith(b"bwrap:"):
                raise SandboxFailed("bubblewrap-refused", detail=done.stderr.decode("utf-8", "replace").splitlines()[0])
            return replace(done, how="out-of-memory") if not done.ok and groups.ran_out_of_memory() else done

    def sweep(self) -> int:
        """Remove the control groups of commands that are gone: their processes died with them."""
        return sweep_groups()

    def _command(
        self, job: Job, groups: Group, contact: Contact, opened: contextlib.ExitStack
    ) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """Return the whole command, and the descriptors that it inherits."""
        told, descriptors = _handle(contact, opened)
        files, more = _files(job, opened)
        argv = (
            *groups.prefix(),
            *_joined(job),
            *self._owner(job),
            *(("nice", "-n", "5") if job.candidate else ()),  # what runs gives way to what examines
            *_limits(job, bounded=bool(groups.folders)).prefix(),
            *_isolation(job),
            *told,
            *self._system(job),
            *self._mounts(job),
            *files,
            *("--remount-ro", "/", "--chdir", "/tmp"),
            "--",
            *_processes(job, bounded=bool(groups.folders)),
            self._python(job),
            *job.arguments,
        )
        return argv, (*descriptors, *more)

    def _owner(self, job: Job) -> tuple[str, ...]:
        """Return the command that gives up root for what runs a submission, so that no file of root's is ever its own."""
        return ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--") if self._gives_up(job) else ()

    def _gives_up(self, job: Job) -> bool:
        """Tell whether root is given up: where everything that is shown can be reached without it."""
        if os.geteuid() != 0 or not job.candidate or self.root is None:
            return False
        return _reachable(self.root) and (self.store is None or _reachable(self.store.root))

    def _system(self, job: Job) -> tuple[str, ...]:
        if job.candidate and self.root is not None:
            # Each folder by itself: what mounts need below the root can then still be made.
            root = self.root.resolve()
            entries = sorted(p for p in root.iterdir() if p.name not in ("proc", "dev", "tmp", "sys", "run", "opt"))
            plain = [_link(p) if p.is_symlink() else ("--ro-bind", str(p), f"/{p.name}") for p in entries]
            return (*(part for one in plain for part in one), *_shown({root / "opt" / n: o for n, o in _OPT.items()}))
        if job.candidate:
            python = {Path(sys.base_prefix): sys.base_prefix} if not sys.base_prefix.startswith("/usr") else {}
            return (*_machine(), *_shown({**python, _runner_folder(): f"{RUNNER}/runner", _uv(): f"{TOOLS}/uv"}))
        return (*_machine(), *_shown({Path(p): p for p in _our_folders()}))

    def _mounts(self, job: Job) -> tuple[str, ...]:
        shown = []
        for mount in job.mounts:
            if self.store is None:
                raise SandboxFailed("no-store")
            folder = self.store.path(mount.name)
            if mount.writable and os.geteuid() == 0:
                _give(folder, int(NOBODY) if self._gives_up(job) else 0)
            shown += ["--bind" if mount.writable else "--ro-bind", str(folder), mount.at]
        if job.network == Network.INDEX:
            shown += [part for p in (*_NAMES, self.ca_bundle) if p and Path(p).exists() for part in ("--ro-bind", p, p)]
        return tuple(shown)

    def _python(self, job: Job) -> str:
        if not job.candidate:
            return sys.executable
        return "/usr/bin/python3" if self.root is not None else os.path.realpath(sys.executable)


_OPT = {"runner": RUNNER, "tools": TOOLS}


def _limits(job: Job, *, bounded: bool) -> Limits:
    """Return what bounds each process: its address space only where nothing bounds the memory of all of them together.

    Browsers and JavaScript engines reserve far more than they use.
    """
    return replace(job.limits, memory_bytes=0) if bounded else job.limits


def _processes(job: Job, *, bounded: bool) -> tuple[str, ...]:
    """Return the command that bounds the number of processes from inside, where they are counted for this sandbox alone."""
    return ("prlimit", f"--nproc={PIDS}", "--") if job.candidate and not bounded else ()


def _isolation(job: Job) -> tuple[str, ...]:
    shares = ("--share-net",) if job.network != Network.NONE else ()
    # As root alone: otherwise the prober, who joins this job, could not make its own namespaces.
    nested = ("--disable-userns",) if job.candidate and os.geteuid() == 0 else ()
    # The first process of a name space cannot be killed from inside it: what runs cannot end what guards it.
    first = ("--as-pid-1",) if job.candidate else ()
    return (
        _program(),
        *("--unshare-all", *shares, "--unshare-user", *nested, *first, "--die-with-parent", "--new-session", "--clearenv"),
        *("--hostname", "sandbox", "--cap-drop", "ALL", "--uid", NOBODY, "--gid", NOBODY),
        # /tmp comes before our folders, which may stand below it.
        *("--proc", "/proc", *_COVERED, "--dev", "/dev", "--size", str(job.tmp_bytes), "--tmpfs", "/tmp"),
        *("--setenv", "LC_ALL", "C.UTF-8", "--setenv", "PATH", _PLAIN["PATH"], "--setenv", "HOME", "/tmp"),
    )


def _joined(job: Job) -> tuple[str, ...]:
    """Return the command that enters the network of the job to join, and nothing else of it."""
    if job.network != Network.JOINED:
        return ()
    mine = () if os.geteuid() == 0 else ("--user", "--preserve-credentials")
    return ("nsenter", f"--target={int(job.join)}", *mine, "--net", "--")


def _handle(contact: Contact, opened: contextlib.ExitStack) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Let bubblewrap tell the process whose network others may join; `contact.started` hears it."""
    reading, writing = os.pipe()
    opened.callback(os.close, writing)

    def hear() -> None:
        told = b""
        while not told.rstrip().endswith(b"}") and (block := os.read(reading, 4096)):
            told += block
        os.close(reading)
        with contextlib.suppress(ValueError, KeyError):
            contact.started(str(int(json.loads(told)["child-pid"])))

    threading.Thread(target=hear, daemon=True).start()
    return ("--info-fd", str(writing)), (writing,)


def _files(job: Job, opened: contextlib.ExitStack) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Show the few files of /etc that programs ask for: who they are, and which names lead to the loopback."""
    texts = {"/etc/passwd": f"sandbox:x:{NOBODY}:{NOBODY}::/tmp:/bin/sh\n", "/etc/group": f"sandbox:x:{NOBODY}:\n"}
    if job.network != Network.INDEX:
        texts["/etc/hosts"] = "".join(f"127.0.0.1 {name}\n" for name in ("localhost", "sandbox", *job.hosts))
    shown, descriptors = [], []
    for path, text in texts.items():
        descriptors.append(_pipe_with(text, opened))
        shown += ["--ro-bind-data", str(descriptors[-1]), path]
    if job.network == Network.INDEX and Path("/etc/hosts").exists():
        shown += ["--ro-bind", "/etc/hosts", "/etc/hosts"]
    return tuple(shown), tuple(descriptors)


def _pipe_with(text: str, opened: contextlib.ExitStack) -> int:
    """Return the end of a pipe from which a short text can be read."""
    reading, writing = os.pipe()
    opened.callback(os.close, reading)
    with os.fdopen(writing, "w") as stream:
        stream.write(text)
    return reading


def _reachable(path: Path) -> bool:
    """Tell whether anybody may look into a folder that exists, or into where it will be."""
    real = path.resolve()
    return all(p.stat().st_mode & 0o001 for p in (real, *real.parents) if p.exists())


def _give(folder: Path, owner: int) -> None:
    """Make a folder, with all it holds, that of who is to write it: nobody, or root without its rights where there is no root folder (any more)."""
    if folder.stat().st_uid == owner:
        return
    for above, _, names in os.walk(folder):
        for path in (above, *(os.path.join(above, n) for n in names)):  # noqa: PTH118 - a Path a file would be slow
            os.chown(path, owner, owner, follow_symlinks=False)


def _program() -> str:
    program = shutil.which("bwrap")
    if program is None:
        raise SandboxFailed("bubblewrap-absent")
    return program


def _machine() -> tuple[str, ...]:
    """Return the options that show the machine's own system, and nothing of its settings or its people."""
    shown = [p for p in _SYSTEM if Path(p).exists()]
    shown += [p for p in _MERGED if Path(p).exists() and not Path(p).is_symlink()]
    links = [part for p in _MERGED if Path(p).is_symlink() for part in _link(Path(p))]
    return (*(part for p in shown for part in ("--ro-bind", p, p)), *links)


def _link(path: Path) -> tuple[str, ...]:
    return ("--symlink", str(path.readlink()), f"/{path.name}")


def _shown(places: dict[Path, str]) -> tuple[str, ...]:
    return tuple(part for path, at in places.items() if path.exists() for part in ("--ro-bind", str(path), at))


def _package(name: str) -> Iterator[Path]:
    spec = importlib.util.find_spec(name)
    if spec and spec.submodule_search_locations:
        yield Path(os.path.realpath(spec.submodule_search_locations[0]))


def _runner_folder() -> Path:
    return next(_package("checks.runner"))


def _uv() -> Path:
    return Path(sys.prefix) / "bin" / "uv"


def _our_folders() -> tuple[str, ...]:
    """Return the folders that hold Python, its libraries and our packages, outermost only and outside /usr."""
    packages = [str(p) for name in ("grader", "checks", "rubrics") for p in _package(name)]
    wanted = {sys.prefix, sys.base_prefix, *packages, os.path.realpath(sys.executable).rsplit("/", 2)[0]}
    outside = sorted(p for p in wanted if not p.startswith("/usr/") and p != "/usr")
    return tuple(p for p in outside if not any(p != q and p.startswith(q + "/") for q in outside))


def works() -> str | None:
    """Return None when bubblewrap works here, else what it said."""
    job = Job((), Limits(seconds=10))
    try:
        argv = (*_isolation(replace(job, tmp_bytes=TMP_BYTES)), *_machine(), "--", "/usr/bin/true")
        done = run(argv, environment=_PLAIN, limits=job.limits)
    except (SandboxFailed, FileNotFoundError) as error:
        return str(error)
    return None if done.ok else done.stderr.decode("utf-8", "replace").strip() or f"exit {done.code}"

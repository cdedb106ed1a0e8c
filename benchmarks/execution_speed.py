"""Times running beside what a user would do by hand, on the same projects in the same minutes.

usage: python -m benchmarks.execution_speed [--sandbox bubblewrap|docker] [PATH …]

By hand: `python3 -m venv`, `pip install --no-cache-dir -r requirements.txt`, `pytest`, in a fresh container of our runner image where an
engine answers, else in a fresh folder. Ours: `jurygrid grade`, first with empty caches (cold), then again (warm). Both are timed from
their command to the moment at which the process of pytest starts, as the kernel tells it. Then the same suite as a step of ours beside
the bare process of pytest, in the same sandbox and environment. Prints, and writes its part of benchmarks/speed.md.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.pages import write_part
from benchmarks.projects import PROJECTS, commit
from benchmarks.steps import overhead
from grader.settings import read_settings

WARM_RUNS = 3
LONGEST = 900.0
PULSE = 0.02
TICKS = os.sysconf("SC_CLK_TCK")
# Whoever asks must not be the last command of its shell: a process that a shell becomes keeps the time at which the shell started.
_STARTS = (b"python\0-m\0pytest\0", b"/with_pytest.py\0")
BY_HAND = (
    "mkdir -p {at} && cp -r {tree}/. {at}/ && cd {at} && python3 -m venv ../venv-$$ && "
    "../venv-$$/bin/pip install -q --no-cache-dir --disable-pip-version-check -r requirements.txt pytest && "
    "../venv-$$/bin/python -m pytest -q -p no:cacheprovider; exit $?"
)
PIP_SETTINGS = ("/etc/pip.conf", "/etc/xdg/pip", "/etc/ssl/certs/ca-certificates.crt")


@dataclass(frozen=True, slots=True)
class Seen:
    """Seconds from the command to the start of pytest (None: it never started), how long pytest ran, and the whole."""

    start: float | None
    pytest: float
    whole: float


def watched(argv: tuple[str, ...], token: str, environment: dict[str, str], *, until_end: bool) -> Seen:
    """Run a command and look for the process of pytest that works in the folder which holds the file `token`."""
    with tempfile.TemporaryFile() as log:
        began = _now()
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True)
        started, lasted = _followed(child, token, began + LONGEST, until_end=until_end)
        whole = _now() - began
        if started is None:
            log.seek(0)
            print(log.read()[-2000:].decode("utf-8", "replace"), file=sys.stderr)
    return Seen(started and started - began, lasted, whole)


def _followed(child: subprocess.Popen[bytes], token: str, latest: float, *, until_end: bool) -> tuple[float | None, float]:
    """Return when pytest started, and how long it ran; then the command is interrupted, unless it is wanted to its end."""
    started, pid, lasted = None, 0, 0.0
    while child.poll() is None and _now() < latest:
        if started is None and (pid := _pytest(token)):
            started = _started(pid)
        if started is not None and not lasted and not Path(f"/proc/{pid}/stat").exists():
            lasted = _now() - started
            if not until_end:
                child.send_signal(signal.SIGINT)
        time.sleep(PULSE)
    if child.poll() is None:
        child.kill()
    child.wait()
    return started, lasted or (_now() - started if started is not None else 0.0)


def _now() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _pytest(token: str) -> int:
    """Return the process of pytest whose folder holds a file, 0 when there is none."""
    for place in os.scandir("/proc"):
        if place.name.isdigit():
            try:
                said = Path(place.path, "cmdline").read_bytes()
                if any(start in said for start in _STARTS) and Path(place.path, "cwd", token).exists():
                    return int(place.name)
            except OSError:
                continue
    return 0


def _started(pid: int) -> float | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]) / TICKS
    except OSError:
        return None


def by_hand(tree: Path, token: str, image: str, host: str) -> Seen:
    """Do what a user would: in a fresh container of `image`, in a fresh folder when it is ""."""
    with tempfile.TemporaryDirectory(prefix="by-hand-") as folder:
        inside = BY_HAND.format(tree="/src" if image else tree, at="/tmp/hand/work" if image else f"{folder}/work")  # noqa: S108
        if not image:
            return watched(("sh", "-c", inside), token, dict(os.environ), until_end=True)
        name = f"by-hand-{secrets.token_hex(4)}"
        shown = [part for p in dict.fromkeys(pip_places()) for part in ("-v", f"{p}:{p}:ro")]
        given = [part for n in os.environ if n.startswith(("PIP_", "HTTP", "http", "NO_P", "no_p")) for part in ("-e", n)]
        run = ("docker", "run", "--rm", "--name", name, "--network", read_settings().index_network, *shown, *given)
        argv = (*run, "-v", f"{tree}:/src:ro", image, "sh", "-c", inside)
        return watched(argv, token, {**os.environ, **({"DOCKER_HOST": host} if host else {})}, until_end=True)


def pip_places() -> list[Path]:
    """Return what pip reads on this machine: its settings, and the folders that they name."""
    files = [p for s in PIP_SETTINGS[:2] for p in (Path(s), *Path(s).glob("*.conf")) if p.is_file()]
    texts = [p.read_text("utf-8", "replace") for p in files] + [v for n, v in os.environ.items() if n.startswith("PIP_")]
    named = {word.removeprefix("file://") for text in texts for word in text.split()}
    folders = sorted({Path(n) for n in named if n.startswith("/") and Path(n).is_dir()})
    return [p for p in (*map(Path, PIP_SETTINGS), *folders) if p.exists()]


def ours(tree: Path, token: str, sandbox: str, cache: Path, *, until_end: bool) -> Seen:
    """Grade the project with the whole command."""
    command = str(Path(sys.executable).parent / "jurygrid")
    environment = {**os.environ, "JURYGRID_CACHE_FOLDER": str(cache)}
    return watched((command, "grade", str(tree), "--sandbox", sandbox, "--quiet"), token, environment, until_end=until_end)


def row(name: str, tree: Path, sandbox: str, *, emptied: bool) -> str:
    """Return one line of the table: a project in one sandbox."""
    settings = read_settings()
    token = f"token-{secrets.token_hex(6)}.txt"
    (tree / token).write_text("", "utf-8")
    commit(tree)
    cache = Path(tempfile.mkdtemp(prefix="bench-cache-", dir=settings.cache_folder if settings.cache_folder.is_dir() else None))
    cache.chmod(0o755)
    try:
        hand = by_hand(tree, token, settings.runner_image if sandbox == "docker" else "", settings.docker_host)
        if sandbox == "docker" and emptied:
            empty_engine()
        cold = ours(tree, token, sandbox, cache, until_end=True)
        warm = [ours(tree, token, sandbox, cache, until_end=False) for _ in range(WARM_RUNS)]
        cost = overhead(tree, sandbox, replace(settings, cache_folder=cache))
    finally:
        shutil.rmtree(cache, ignore_errors=True)
    return _row(name, sandbox, hand, cold, warm, cost)


def _row(name: str, sandbox: str, hand: Seen, cold: Seen, warm: list[Seen], cost: tuple[float, float]) -> str:
    if hand.start is None or cold.start is None or any(w.start is None for w in warm):
        return f"| {name} | {sandbox} | pytest never started: hand {hand.start}, cold {cold.start}, warm {[w.start for w in warm]} |||||||||"
    start = statistics.median(w.start for w in warm if w.start is not None)
    by, first = hand.start, cold.start
    bare, step = cost
    return (
        f"| {name} | {sandbox} | {by:.1f} s | {first:.1f} s | **{by / first:.1f}** | {start:.2f} s | **{by / start:.0f}** "
        f"| {hand.pytest:.1f} / {cold.pytest:.1f} / {statistics.median(w.pytest for w in warm):.1f} s "
        f"| {bare:.2f} s | {step:.2f} s | **{step - bare:.2f} s** |"
    )


def empty_engine() -> None:
    """Remove every environment and package that an engine keeps for us: only asked for, since other people may use it."""
    from grader.sandbox.volumes import VolumeStore

    settings = read_settings()
    store = VolumeStore(settings.docker_host, settings.cache_folder / "uses")
    for stored in store.stored():
        store.remove(stored.name)


HEAD = (
    "| project | sandbox | by hand | cold | times faster | warm | times faster | pytest: by hand / cold / warm | bare pytest | our step | overhead |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|"
)


def main() -> int:
    """Measure, print, and write the part of the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sandbox", action="append", choices=("bubblewrap", "docker"))
    parser.add_argument("--only", action="append")
    parser.add_argument(
        "--empty-engine", action="store_true", help="remove what the engine keeps for us first, so that docker is cold too"
    )
    parser.add_argument("paths", nargs="*")
    asked = parser.parse_args()
    lines = [HEAD]
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        trees = {name: make(Path(place) / name.replace(" ", "-")) for name, make in PROJECTS.items()}
        for path in asked.paths:
            trees[Path(path).name] = Path(shutil.copytree(path, Path(place) / Path(path).name))
        for name, tree in trees.items():
            for sandbox in asked.sandbox or ["bubblewrap"]:
                if not asked.only or name in asked.only:
                    lines.append(row(name, tree, sandbox, emptied=asked.empty_engine))
                    print(json.dumps(os.getloadavg()), lines[-1], flush=True)
    write_part("From submission to the start of pytest", __doc__ or "", lines)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

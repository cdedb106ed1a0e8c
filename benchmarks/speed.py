"""Times the whole command, reading only, on synthetic repositories and on any path given, beside yardsticks on the same tree.

usage: python -m benchmarks.speed [PATH …]

Yardsticks: pylint then bandit, and repo-review. Ours runs three times and the median is given; a yardstick runs once, for five
minutes at most. Offline source, `--no-run`. Writes its part of benchmarks/speed.md.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.pages import write_part
from benchmarks.synthetic import write

RUNS = 3
LONGEST = 300.0  # seconds that a yardstick may take
BIN = Path(sys.executable).parent
SIZES = (("100 files", 100, 3_000, 10), ("1,000 files", 1_000, 20_000, 40), ("5,000 files", 5_000, 100_000, 200))


@dataclass(frozen=True, slots=True)
class Run:
    """Wall seconds, and the memory of all processes together in megabytes; `whole` is False when it was stopped."""

    seconds: float
    megabytes: float
    whole: bool = True

    def __str__(self) -> str:
        """Return the seconds as shown in the table."""
        return f"{self.seconds:.1f} s" if self.whole else f"more than {self.seconds:.0f} s"


def once(argv: tuple[str, ...], folder: Path, longest: float = LONGEST) -> Run:
    """Run a command in a session of its own; its exit status does not matter (linters complain)."""
    started = time.monotonic()
    child = subprocess.Popen(argv, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    largest = 0
    while time.monotonic() - started < longest:
        pid, _, usage = os.wait4(child.pid, os.WNOHANG)
        largest = max(largest, _together(child.pid))
        if pid:
            return Run(time.monotonic() - started, max(largest, usage.ru_maxrss) / 1024)
        time.sleep(0.1)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    return Run(longest, largest / 1024, whole=False)


def _together(session: int) -> int:
    """Return the kilobytes of all processes of a session, sandboxed ones included; pages that they share count once."""
    found = 0
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(place.name)) == session or session in _ancestors(int(place.name)):
                found += int((place / "smaps_rollup").read_text().partition("\nPss:")[2].split()[0])
        except (OSError, ValueError, IndexError):
            continue
    return found


def _ancestors(pid: int) -> list[int]:
    found = []
    while pid > 1:
        pid = int((Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[1])
        found.append(pid)
    return found


def row(name: str, tree: Path) -> str:
    """Return one line of the table."""
    runs = [once((str(BIN / "jurygrid"), "grade", str(tree), "--quiet", "--no-run"), tree) for _ in range(RUNS)]
    ours = Run(statistics.median(r.seconds for r in runs), max(r.megabytes for r in runs))
    linters = once(("sh", "-c", f"{BIN}/pylint -j2 --recursive=y . ; {BIN}/bandit -q -r ."), tree)
    review = once((str(BIN / "repo-review"), "."), tree)
    return f"| {name} | {ours} | {ours.megabytes:.0f} MB | {linters} | {review} | {ours.seconds / linters.seconds:.2f} |"


def main() -> int:
    """Measure, print, and write the table."""
    lines = [
        "| repository | jurygrid grade | all processes | pylint, bandit | repo-review | ours / linters |",
        "|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as place:
        for index, (name, files, python_lines, documents) in enumerate(SIZES):
            tree = Path(place) / str(index)
            tree.mkdir()
            write(tree, files=files, python_lines=python_lines, documents=documents)
            lines.append(row(f"{name}, {python_lines:,} lines, {documents} documents", tree))
            print(lines[-1], flush=True)
        for path in sys.argv[1:]:
            lines.append(row(Path(path).name, Path(path).resolve()))
            print(lines[-1], flush=True)
    write_part("Reading", __doc__ or "", lines)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

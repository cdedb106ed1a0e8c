"""Times the whole command on synthetic repositories and on any path given, beside yardsticks on the same tree.

usage: python -m benchmarks.speed [PATH …]

Yardsticks: `pylint` and `bandit` one after the other, and `repo-review` where it is installed. Each command runs three times;
the median is given, with the ratio to the yardstick. Writes the table to benchmarks/speed.md.
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.synthetic import write

RUNS = 3
BIN = Path(sys.executable).parent
SIZES = (("100 files", 100, 3_000, 10), ("1,000 files", 1_000, 20_000, 40), ("5,000 files", 5_000, 100_000, 200))


@dataclass(frozen=True, slots=True)
class Run:
    """Wall seconds and the largest process, in megabytes."""

    seconds: float
    megabytes: float


def measure(*argv: str, cwd: Path) -> Run:
    """Return the median of several runs of a command; its exit status does not matter (linters complain)."""
    runs = [_once(argv, cwd) for _ in range(RUNS)]
    return Run(statistics.median(r.seconds for r in runs), max(r.megabytes for r in runs))


def _once(argv: tuple[str, ...], cwd: Path) -> Run:
    started = time.monotonic()
    child = subprocess.Popen(argv, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(child.pid, 0)
    grandchildren = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return Run(time.monotonic() - started, max(usage.ru_maxrss, grandchildren) / 1024)


def row(name: str, tree: Path) -> str:
    """Return one line of the table."""
    ours = measure(str(BIN / "jurygrid"), "grade", str(tree), "--quiet", cwd=tree)
    linters = measure("sh", "-c", f"{BIN}/pylint -j2 --recursive=y . ; {BIN}/bandit -q -r .", cwd=tree)
    review = measure(str(BIN / "repo-review"), ".", cwd=tree).seconds if shutil.which(str(BIN / "repo-review")) else None
    shown = f"{review:.1f} s" if review is not None else "not installed"
    return f"| {name} | {ours.seconds:.1f} s | {ours.megabytes:.0f} MB | {linters.seconds:.1f} s | {shown} | {ours.seconds / linters.seconds:.2f} |"


def main() -> int:
    """Measure, print, and write the table."""
    lines = [
        "| repository | jurygrid grade | largest process | pylint + bandit | repo-review | ours / linters |",
        "|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as place:
        for index, (name, files, python_lines, documents) in enumerate(SIZES):
            tree = Path(place) / str(index)
            tree.mkdir()
            write(tree, files=files, python_lines=python_lines, documents=documents)
            lines.append(row(name, tree))
            print(lines[-1], flush=True)
        for path in sys.argv[1:]:
            lines.append(row(Path(path).name, Path(path).resolve()))
            print(lines[-1], flush=True)
    head = f"# Speed\n\nMedian of {RUNS} runs, whole command, on {os.cpu_count()} cores, Python {platform.python_version()}. `make bench` writes this page.\n\n"
    (Path(__file__).parent / "speed.md").write_text(head + "\n".join(lines) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

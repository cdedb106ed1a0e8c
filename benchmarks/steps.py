"""What a step of ours costs over the bare process of pytest: the same sandbox, environment and files, one after the other."""

from __future__ import annotations

import io
import json
import statistics
import tarfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from grader.environments import TOOLS
from grader.places import choose_sandbox
from grader.plan import Part, Place, Requirement, Suite
from grader.process import Limits
from grader.sandbox import ENVIRONMENT, RUN, Contact, Job
from grader.settings import Settings
from grader.stores import environments_in

RUNS = 3
_BARE = """
import io, json, subprocess, sys, tarfile, time
data = sys.stdin.buffer
tar = tarfile.open(fileobj=io.BytesIO(data.read(int.from_bytes(data.read(8), "big"))))
tar.extractall("/tmp")
began = time.monotonic()
argv = ["/opt/environment/bin/python", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
done = subprocess.run(argv, cwd="/tmp/tree", env={"PATH": "/usr/bin:/bin", "HOME": "/tmp", "PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True)
told = json.dumps({"code": done.returncode, "seconds": time.monotonic() - began, "said": done.stdout.decode()[-500:]}).encode()
sys.stdout.buffer.write(len(told).to_bytes(8, "big") + told)
"""


def overhead(tree: Path, sandbox: str, settings: Settings) -> tuple[float, float]:
    """Return the median seconds of the bare process of pytest, and of our whole step around it."""
    place = choose_sandbox(sandbox, settings)
    words = (tree / "requirements.txt").read_text("utf-8").split()
    suite = Suite("pytest", "", (), Place("tests"))
    part = Part("", "", "python", tuple(Requirement(w, Place("requirements.txt")) for w in words), suites=(suite,))
    with environments_in(place, settings) as environments:
        made = environments.prepare(part, before="", contact=Contact(), tools=TOOLS)
        environments.compile(made)
        environments.compiling.wait(300)
        if made.mount is None:
            raise RuntimeError(made.error)
        mounts = (made.mount,)

        def run(arguments: tuple[str, ...], archive: bytes) -> tuple[float, dict[str, object]]:
            limits = Limits(seconds=300, memory_bytes=settings.run_memory, file_bytes=settings.run_tmp)
            job = Job((archive,), limits, arguments, candidate=True, mounts=mounts, tmp_bytes=settings.run_tmp, label="bench")
            began = time.monotonic()
            done = place.run(job, Contact())
            return time.monotonic() - began, json.loads(done.products[-1])

        return _medians(run, _archive(tree, None), _archive(tree, (part, suite)))


def _medians(
    run: Callable[[tuple[str, ...], bytes], tuple[float, dict[str, object]]], bare: bytes, step: bytes
) -> tuple[float, float]:
    alone, whole = [], []
    for _ in range(RUNS):
        _, told = run(("-I", "-c", _BARE), bare)
        alone.append(float(str(told["seconds"])))
        seconds, document = run(RUN, step)
        whole.append(seconds)
    print(f"bare {told['said']!r}; ours {document['commands']}, {document['trouble']}")
    return statistics.median(alone), statistics.median(whole)


def _archive(tree: Path, asked: tuple[Part, Suite] | None) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        if asked:
            part, suite = asked
            step = {"nonce": "0", "kind": "tests", "part": asdict(part), "suite": asdict(suite), "environment": ENVIRONMENT}
            data = json.dumps(step | {"seconds": 240, "per_test_seconds": 30}).encode()
            entry = tarfile.TarInfo("step.json")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
        for path in sorted(p for p in tree.rglob("*") if p.is_file() and ".git" not in p.parts):
            tar.add(path, f"tree/{path.relative_to(tree)}")
    return stream.getvalue()

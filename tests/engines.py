"""A Docker engine of one's own, with our images in it: one that may be killed."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from grader.settings import read_settings
from tests.running.watch import mounts_below

SCRIPT = str(Path(__file__).parents[1] / "images" / "engine.sh")


@contextlib.contextmanager
def private_engine() -> Iterator[tuple[Path, str]]:
    """Start one and give its folder and its address; nothing of it is left."""
    folder = Path(f"/var/tmp/jurygrid-killed-{os.getpid()}")
    host = start_engine(folder)
    settings = read_settings()
    saved = ("docker", "--host", settings.docker_host, "save", settings.image, settings.runner_image)
    with subprocess.Popen(saved, stdout=subprocess.PIPE) as saving:
        subprocess.run(("docker", "--host", host, "load", "--quiet"), stdin=saving.stdout, check=True, capture_output=True)
    yield folder, host
    start_engine(folder)  # it ends what an engine that was killed left, as any would that starts again
    left = subprocess.run(("docker", "--host", host, "ps", "--all", "--quiet"), capture_output=True, text=True, check=True)
    subprocess.run(("docker", "--host", host, "rm", "--force", *left.stdout.split()), check=False, capture_output=True)
    subprocess.run((SCRIPT, "stop", str(folder)), check=False, capture_output=True)
    for line in reversed(mounts_below(folder)):
        subprocess.run(("umount", "--lazy", line.split()[4]), check=False)
    subprocess.run(("rm", "-rf", str(folder)), check=False)


def start_engine(folder: Path) -> str:
    """Start a private engine, or start it again, and return its address."""
    environment = {n: v for n, v in os.environ.items() if n != "DOCKER_HOST"}
    argv = (SCRIPT, "start", str(folder), "alone")
    return subprocess.run(argv, env=environment, check=True, capture_output=True, text=True).stdout.strip()

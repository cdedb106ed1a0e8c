"""Tells what works on this machine, what is missing, and the command that mends it."""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass

from grader.errors import SandboxFailed
from grader.process import Limits, run
from grader.sandbox.bubblewrap import works
from grader.settings import Settings
from grader.values import Text

OLDEST_GIT = (2, 39)
LEAST_DISK = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One thing looked at: `state` is `good`, `missing` or `optional` (absent, but we can do without)."""

    name: str
    state: str
    detail: Text
    mend: str = ""


def examine_machine(settings: Settings) -> tuple[Row, ...]:
    """Look at Python, Git, the sandboxes and the disk. Without any sandbox, reading still works in a limited process."""
    return (_python(), _git(), _prlimit(), _bubblewrap(), _docker(settings), _disk(settings))


def _python() -> Row:
    version = ".".join(map(str, sys.version_info[:3]))
    return Row("python", "good", Text(version, version))


def _git() -> Row:
    if shutil.which("git") is None:
        return Row("git", "missing", Text("absent", "absent"), "apt install git")
    done = run(("git", "--version"), environment={"PATH": "/usr/local/bin:/usr/bin:/bin"}, limits=Limits(seconds=10))
    found = re.search(rb"(\d+)\.(\d+)(?:\.\d+)*", done.stdout)
    text = found.group().decode() if found else "?"
    if found is None or (int(found[1]), int(found[2])) < OLDEST_GIT:
        return Row("git", "missing", Text(f"{text}, trop ancien", f"{text}, too old"), "apt install git  (2.39+)")
    return Row("git", "good", Text(text, text))


def _prlimit() -> Row:
    if shutil.which("prlimit") is None:
        return Row("prlimit", "missing", Text("absent", "absent"), "apt install util-linux")
    return Row("prlimit", "good", Text("présent", "present"))


def _bubblewrap() -> Row:
    complaint = works()
    if complaint is None:
        return Row("bubblewrap", "good", Text("isole bien", "isolates"))
    mend = "apt install bubblewrap" if shutil.which("bwrap") is None else "sysctl kernel.unprivileged_userns_clone=1"
    return Row("bubblewrap", "optional", Text(complaint[:200], complaint[:200]), mend)


def _docker(settings: Settings) -> Row:
    from grader.sandbox.docker import connect, has_image

    try:
        client = connect(settings.docker_host)
    except SandboxFailed:
        return Row("docker", "optional", Text("aucun moteur ne répond", "no engine answers"), "apt install docker.io")
    version = client.version()["Version"]
    client.close()
    if not has_image(settings.image, settings.docker_host):
        return Row(
            "docker",
            "optional",
            Text(f"moteur {version}, sans notre image", f"engine {version}, without our image"),
            "make images",
        )
    return Row("docker", "good", Text(f"moteur {version}, image {settings.image}", f"engine {version}, image {settings.image}"))


def _disk(settings: Settings) -> Row:
    free = shutil.disk_usage(settings.work_folder).free
    size = f"{free / 1e9:.1f}"
    text = Text(f"{size.replace('.', ',')} Go libres dans {settings.work_folder}", f"{size} GB free in {settings.work_folder}")
    if free < LEAST_DISK:
        return Row("disk", "missing", text, "JURYGRID_WORK_FOLDER=…")
    return Row("disk", "good", text)

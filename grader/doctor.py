"""Tells what works on this machine, what is missing, and the command that mends it."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from grader.errors import SandboxFailed
from grader.process import Limits, run
from grader.sandbox import tools
from grader.sandbox.bubblewrap import works
from grader.sandbox.code import RUNNER, root_is_current
from grader.sandbox.docker import connect, has_image
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
    """Look at Python, Git, the sandboxes, what runs in them, and the disk. Without any sandbox, reading still works in a limited process."""
    return (
        *(_python(), _git(), _prlimit(), _bubblewrap(), _root(settings)),
        *(_docker(settings), _runner_image(settings), *_tools(settings), _disk(settings)),
    )


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


def _runner_image(settings: Settings) -> Row:
    image = settings.runner_image
    if has_image(image, settings.docker_host, RUNNER):
        return Row("runner", "good", Text(image, image))
    text = Text(f"{image} absente ou d’un autre code", f"{image} absent, or of other code")
    return Row("runner", "optional", text, "make images")


def _root(settings: Settings) -> Row:
    root = settings.root
    if root_is_current(root):
        return Row("root", "good", Text(str(root), str(root)))
    if root.exists():
        return Row("root", "optional", Text(f"{root} vient d’un autre code", f"{root} comes from other code"), "make root")
    return Row("root", "optional", Text(f"{root} absent", f"{root} is absent"), "make root")


def _tools(settings: Settings) -> Iterator[Row]:
    """Yield what submissions find in each sandbox, as far as it can be asked."""
    image, root = tools.in_image(settings.runner_image, settings.docker_host), tools.in_root(settings.root)
    for name in tools.TOOLS:
        seen = {"docker": image.get(name), "bubblewrap": root.get(name)}
        asked = {where: version for where, version in seen.items() if version is not None}
        state = "good" if asked and all(asked.values()) else "optional"
        text = ", ".join(f"{where} {version or 'absent'}" for where, version in asked.items())
        detail = Text(text or "aucun bac à sable n’en a", text or "no sandbox has it")
        yield Row(name, state, detail, "" if state == "good" else "make images")


def _disk(settings: Settings) -> Row:
    free = shutil.disk_usage(settings.work_folder).free
    size = f"{free / 1e9:.1f}"
    text = Text(f"{size.replace('.', ',')} Go libres dans {settings.work_folder}", f"{size} GB free in {settings.work_folder}")
    if free < LEAST_DISK:
        return Row("disk", "missing", text, "JURYGRID_WORK_FOLDER=…")
    return Row("disk", "good", text)

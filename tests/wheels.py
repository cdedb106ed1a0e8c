"""Wheels made by hand, and a sandbox that is none: the real preparer, the real uv, folders instead of mounts."""

from __future__ import annotations

import json
import os
import sys
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.converse import converse
from grader.process import Completed
from grader.sandbox import CACHE, ENVIRONMENT, Contact, Job
from grader.sandbox.folders import FolderStore

ROOT = Path(__file__).parents[1]
UV = str(Path(sys.executable).parent / "uv")


def wheel(
    folder: Path,
    name: str,
    version: str,
    *,
    requires: tuple[str, ...] = (),
    tag: str = "py3-none-any",
    files: dict[str, str] | None = None,
) -> Path:
    """Write a wheel into `folder`: one module of the package's name, and `files`."""
    folder.mkdir(parents=True, exist_ok=True)
    module = name.replace("-", "_")
    about = f"{module}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {r}\n" for r in requires)
    content = {
        f"{module}.py": f"version = {version!r}\n",
        **(files or {}),
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        f"{about}/WHEEL": f"Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    record = "".join(f"{path},,\n" for path in content) + f"{about}/RECORD,,\n"
    target = folder / f"{module}-{version}-{tag}.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for path, text in {**content, f"{about}/RECORD": record}.items():
            archive.writestr(path, text)
    return target


@dataclass
class LocalSandbox:
    """Runs jobs of the preparer on this machine. `tasks` is what it was asked, in order."""

    store: FolderStore
    name: str = "local"
    runs_code: bool = False
    tasks: list[dict[str, object]] = field(default_factory=list)
    program: tuple[str, ...] = ()

    def run(self, job: Job, contact: Contact) -> Completed:
        """Run the job with the paths of its mounts in its task."""
        (data,) = job.inputs
        task = json.loads(data)  # type: ignore[arg-type]
        self.tasks.append(task)
        places = {mount.at: str(self.store.path(mount.name)) for mount in job.mounts}
        task |= {"uv": UV, "cache": places[CACHE], "environment": places.get(ENVIRONMENT, "")}
        arguments = tuple(a.replace("/opt/runner", str(ROOT / "checks")) for a in job.arguments)
        asked = replace(job, inputs=(json.dumps(task).encode(),))
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        return converse(self.program or (sys.executable, *arguments), asked, contact, environment=environment)

    def sweep(self) -> int:
        """Nothing outlives a job."""
        return 0


def certificates() -> str:
    """Return the certificates that this machine trusts, so that the real index can be reached; "" for the usual ones."""
    bundle = os.environ.get("SSL_CERT_FILE", "")
    return Path(bundle).read_text() if bundle else ""

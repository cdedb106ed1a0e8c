"""Makes a real Git repository of a bundled sample: `python -m grader.samples NAME FOLDER`.

A sample is `rubrics/<rubric>/samples/<name>/`: `tree/` is its last state, `history.yaml` tells the commits that led there.
"""

from __future__ import annotations

import fnmatch
import os
import shutil
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from grader.process import Limits, run
from grader.rubric import available

RUBRIC = "rncp37827"


def names(rubric: str = RUBRIC) -> tuple[str, ...]:
    """Return the names of the bundled samples."""
    return tuple(sorted(p.name for p in _folder(rubric).iterdir() if (p / "history.yaml").is_file()))


def named(text: str) -> tuple[str, str] | None:
    """Return (rubric, name) of a sample written as `NAME` or `RUBRIC/NAME`; None when there is none."""
    rubric, _, name = text.rpartition("/")
    rubric = rubric or RUBRIC
    return (rubric, name) if rubric in available() and name in names(rubric) else None


def make(name: str, target: Path, rubric: str = RUBRIC) -> Path:
    """Write the sample's repository into `target`, anew, and return it. The same call gives the same commit."""
    source = _folder(rubric) / name
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    _git(target, "init", "--quiet", "--initial-branch=main")
    for commit in yaml.safe_load((source / "history.yaml").read_text("utf-8"))["commits"]:
        _commit(source / "tree", target, commit)
    return target


def _folder(rubric: str) -> Path:
    return Path(str(files("rubrics").joinpath(rubric))) / "samples"


def _commit(tree: Path, target: Path, commit: dict[str, Any]) -> None:
    """Replay one commit: copy files by pattern, `earlier` gives what a file said before (final text → earlier text)."""
    if "branch" in commit:
        _git(target, "checkout", "--quiet", "-B", commit["branch"])
    if "merge" in commit:
        _git(target, "checkout", "--quiet", "main")
        _git(target, "merge", "--quiet", "--no-ff", "--message", commit["message"], commit["merge"], who=commit)
        return
    for path in sorted(p for p in tree.rglob("*") if p.is_file()):
        relative = path.relative_to(tree).as_posix()
        if any(fnmatch.fnmatchcase(relative, pattern) for pattern in commit.get("add", [])):
            (target / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / relative)
    for relative, changes in commit.get("earlier", {}).items():
        text = (target / relative).read_text("utf-8")
        for final, before in changes.items():
            if final not in text:
                raise ValueError(f"{relative}: {final!r} is not in the file")
            text = text.replace(final, before)
        (target / relative).write_text(text, "utf-8")
    _git(target, "add", "--all", "--force")
    _git(target, "commit", "--quiet", "--allow-empty", "--message", commit["message"], who=commit)


def _git(target: Path, *arguments: str, who: dict[str, Any] | None = None) -> None:
    author = (who or {}).get("author", "Camille Exemple")
    person = {"NAME": author, "EMAIL": "camille@example.org", "DATE": str((who or {}).get("date", "2026-01-05T09:00:00Z"))}
    identity = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in person.items()}
    environment = {
        "PATH": os.defpath,
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        **identity,
    }
    done = run(("git", "-C", str(target), *arguments), environment=environment, limits=Limits(seconds=60))
    if not done.ok:
        raise RuntimeError(done.stderr.decode("utf-8", "replace"))


if __name__ == "__main__":
    make(sys.argv[1], Path(sys.argv[2]))

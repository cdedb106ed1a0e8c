"""The hash of our own code, so that an image built from other code is never used by mistake."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from functools import cache
from pathlib import Path

PACKAGES = ("grader", "checks", "rubrics")
RUNNER = ("checks.runner",)
LABEL = "jurygrid.code"
FILE = "jurygrid-code"  # at the top of the root folder that bubblewrap shows


@cache
def code_hash(packages: tuple[str, ...] = PACKAGES) -> str:
    """Return the hash of every source and data file of packages: those of the examiner's image, or `RUNNER`, all that is ours in
    the runner's image and in the root."""
    digest = hashlib.sha256()
    for name in packages:
        spec = importlib.util.find_spec(name)
        root = Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else Path()
        for file in sorted(root.rglob("*")):
            relative = file.relative_to(root)
            if file.is_file() and "__pycache__" not in relative.parts and "samples" not in relative.parts:
                digest.update(f"{name}/{relative}\0{file.stat().st_size}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def root_is_current(root: Path) -> bool:
    """Tell whether `root` is a system that `make images` laid out for the very runner that is to run in it."""
    try:
        return (root / FILE).read_text("ascii").strip() == code_hash(RUNNER)
    except (OSError, UnicodeDecodeError):
        return False


if __name__ == "__main__":
    print(code_hash(RUNNER if sys.argv[1:] == ["runner"] else PACKAGES))

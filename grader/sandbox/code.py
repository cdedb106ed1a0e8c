"""The hash of our own code, so that an image built from other code is never used by mistake."""

from __future__ import annotations

import hashlib
import importlib.util
from functools import cache
from pathlib import Path

PACKAGES = ("grader", "checks", "rubrics")
LABEL = "jurygrid.code"
FILE = "jurygrid-code"  # at the top of the root folder that bubblewrap shows


@cache
def code_hash() -> str:
    """Return the hash of every source and data file of the packages that an image carries."""
    digest = hashlib.sha256()
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        root = Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else Path()
        for file in sorted(root.rglob("*")):
            relative = file.relative_to(root)
            if file.is_file() and "__pycache__" not in relative.parts and "samples" not in relative.parts:
                digest.update(f"{name}/{relative}\0{file.stat().st_size}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def root_is_current(root: Path) -> bool:
    """Tell whether `root` is a system that `make images` laid out for the very code that asks."""
    try:
        return (root / FILE).read_text("ascii").strip() == code_hash()
    except (OSError, UnicodeDecodeError):
        return False


if __name__ == "__main__":
    print(code_hash())

"""Folders that code writes into and that a clone has not, as Git keeps no empty ones: made, each once, and told."""

from __future__ import annotations

import os
import re
from pathlib import Path

from .running import Running

MOST = 6
DEEPEST = 6
_NO_FILE = re.compile(r"FileNotFoundError: \[Errno 2\] No such file or directory: '([^'\n]{1,300})'")
_NO_FOLDER = re.compile(r"RuntimeError: Directory '([^'\n]{1,300})' does not exist")
# What was writing: a handler of logs, a file opened for it, what saves.
_WRITES = re.compile(
    r"logging/(?:__init__|handlers)\.py|open\([^\n]{0,200}['\"][wax]b?t?\+?['\"]|mkdir\(|\.to_(?:csv|json|parquet|pickle|excel)\("
    r"|savefig\(|\bdump\(|loguru/"
)
_BEFORE = 3_000  # characters of the trace


def provide(running: Running, text: str, folder: Path) -> bool:
    """Make the folders that a program, started in `folder`, could not write into; tell whether any was made."""
    before = list(running.document.get("made_folders") or ())
    wanted = _wanted(text, folder)[: MOST - len(before)]
    made = [running.step.relative(path) for path in wanted if _made(path, running.step.tree)]
    if made:
        running.put(made_folders=[*before, *made])
    return bool(made)


def _wanted(text: str, folder: Path) -> list[Path]:
    files = [m for m in _NO_FILE.finditer(text) if _WRITES.search(text, max(0, m.start() - _BEFORE), m.start())]
    found = [Path(os.path.normpath(folder / m[1])).parent for m in files]
    found += [Path(os.path.normpath(folder / m[1])) for m in _NO_FOLDER.finditer(text)]
    return list(dict.fromkeys(found))


def _made(path: Path, tree: Path) -> bool:
    """Make a folder in the tree, and nowhere else, whatever links stand on the way."""
    try:
        inside = path.is_relative_to(tree) and len(path.relative_to(tree).parts) <= DEEPEST
        if not inside or path.exists() or not path.resolve().is_relative_to(tree.resolve()):
            return False
        path.mkdir(parents=True)
    except OSError:
        return False
    return True

"""Compiling an environment, beside the first run in it: nobody waits for bytecode, and what is not compiled yet is only slower."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import py_compile
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from .index import Index, OutOfTimeError, run, say

NICE = 15  # what runs meanwhile goes first
_LEFT = re.compile(r"/site-packages/.*/tests/")
_ROOT = str(Path(__file__).parents[__name__.count(".")])
_START = f"import sys; sys.path.insert(0, {_ROOT!r}); from {__name__} import main; main(sys.argv[1])"


def compile_bytecode(index: Index, environment: Path) -> bool:
    """Compile every module that is not yet; tell whether all were tried.

    An interpreter does it that reads neither the environment's `.pth` files nor its start-up modules. That is why uv is not asked
    to: it compiles with the environment's own interpreter, which runs them. Packages' own tests are left as they are.
    """
    say("compile")
    try:
        argv = (sys.executable, "-I", "-S", "-c", _START, str(environment))
        return run(argv, index.environment(), max(index.left, 1.0)).code == 0
    except OutOfTimeError:
        return False


def main(environment: str) -> None:
    """Compile in this process, which has nothing else to do, when nobody else wants the processor."""
    _give_way()
    for source in _sources(Path(environment)):
        target = importlib.util.cache_from_source(source)
        if not os.path.exists(target):  # noqa: PTH110 - thousands of them
            _compile(source, target)


def _compile(source: str, target: str) -> None:
    """Compile one module. It is never written again, so that its bytecode need not be compared with it; a broken one stays as it is."""
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    with contextlib.suppress(Exception):
        py_compile.compile(source, target, doraise=True, quiet=2, invalidation_mode=mode)


def _sources(environment: Path) -> Iterator[str]:
    for packages in (environment / "lib").glob("python3.*/site-packages"):
        for folder, names, files in os.walk(packages):
            names[:] = sorted(n for n in names if not os.path.islink(os.path.join(folder, n)))  # noqa: PTH114, PTH118
            found = (f"{folder}/{name}" for name in sorted(files) if name.endswith(".py"))
            yield from (path for path in found if not _LEFT.search(path) and not os.path.islink(path))  # noqa: PTH114


def _give_way() -> None:
    os.nice(NICE)
    with contextlib.suppress(OSError):  # a session of its own is weighed as a whole
        Path("/proc/self/autogroup").write_text(str(NICE))

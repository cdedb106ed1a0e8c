"""Which paths of a repository were not written by the candidate, and which cannot be shown or written safely."""

from __future__ import annotations

import re

DOCUMENTS = "jurygrid-documents"  # where documents that were handed in beside the code stand, in a folder for each exam
ALL_EXAMS = "all"
# Folders whose content was not written by the candidate. Names are compared in lower case.
VENDORED_FOLDERS = frozenset(
    (
        *(".git", ".venv", "venv", "virtualenv", "site-packages", "dist-packages", "node_modules", "bower_components"),
        *("__pycache__", ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox", ".nox", "htmlcov"),
        *("vendor", "vendors", "third_party", "thirdparty", ".idea", ".vscode", "__macosx", "mlruns", "staticfiles"),
    )
)
_VENDORED_FILE = re.compile(
    r"(\.min\.(js|css)$|(^|/)(jquery|bootstrap|chart|d3|vue|react|leaflet|popper|htmx|plotly)[-.\w]*\.js$"
    r"|\.map$|\.lock$|(^|/)package-lock\.json$)",
    re.I,
)


def vendored_folder(path: str) -> str | None:
    """Return the outermost vendored folder that `path` is in, with its final `/`, or None."""
    parts = path.split("/")
    for depth, part in enumerate(parts[:-1]):
        if part.lower() in VENDORED_FOLDERS or part.lower().endswith((".egg-info", ".dist-info")):
            return "/".join(parts[: depth + 1]) + "/"
    return None


def handed_for(path: str) -> str | None:
    """Return the exam for which a document was handed in; None for what speaks for every exam, as code does."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[0] == DOCUMENTS and parts[1] != ALL_EXAMS else None


def is_vendored(path: str) -> bool:
    """Tell whether a path belongs to an environment, a cache or a library that the candidate did not write."""
    return vendored_folder(path) is not None or bool(_VENDORED_FILE.search(path))


def is_unsafe(path: str) -> bool:
    """Tell whether a path could leave the folder it is written below, or is no name of a file."""
    parts = path.split("/")
    return path.startswith("/") or "\0" in path or any(p in ("", ".", "..") or p.lower() == ".git" for p in parts)


def environment_roots(paths: list[str]) -> tuple[str, ...]:
    """Return the folders (with `/`) that hold a committed virtual environment, whatever its name."""
    return tuple(sorted(p.removesuffix("pyvenv.cfg") for p in paths if p.endswith("/pyvenv.cfg")))

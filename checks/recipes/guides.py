"""What guides say to install, for repositories that declare nothing."""

from __future__ import annotations

from checks.recipes.chains import named_by_pip
from checks.workspace import Workspace
from grader.plan import Place, Requirement

MOST_GUIDES = 20
MOST_LINES = 3000
MOST_NAMED = 60


def in_guides(workspace: Workspace) -> tuple[Requirement, ...]:
    """Return the packages that `pip install` lines of guides name, those of the root's first."""
    files = sorted(workspace.named("readme*", "install*", "*.md"), key=lambda f: (f.path.count("/"), f.path))[:MOST_GUIDES]
    texts = [(f.path, n, line[:500]) for f in files if not f.is_binary for n, line in enumerate(f.lines[:MOST_LINES], 1)]
    found = (r for path, n, line in texts if "install" in line for r in named_by_pip(line.strip("` "), Place(path, n)))
    return tuple(dict.fromkeys(found))[:MOST_NAMED]

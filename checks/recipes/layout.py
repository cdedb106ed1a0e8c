"""Where the submission's own modules are, and from which folder a program's imports resolve."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from checks.facts.python_code import Module, PythonCode
from checks.recipes.declarations import ancestors, folder_of
from checks.recipes.names import canonical
from checks.recipes.search_paths import added_folders
from checks.workspace import Workspace

MOST_FOLLOWED = 60
# Folders of these names are more often the package of that name than the submission's own.
PACKAGES = frozenset(
    ("alembic", "streamlit", "fastapi", "django", "flask", "airflow", "celery", "pytest", "mlflow", "docker", "redis")
)


def joined(folder: str, path: str) -> str:
    """Join a folder (`""` for the root) and a path below it."""
    return f"{folder}/{path}" if folder and path else folder or path


def below(path: str, folder: str) -> str:
    """Return a path seen from a folder that holds it, `"."` for the folder itself."""
    return path[len(folder) + 1 :] if folder and path != folder else "." if path == folder else path


def importable(path: str, folder: str) -> bool:
    """Tell whether the module at `path` has a dotted name as seen from `folder`."""
    names = below(path, folder).removesuffix(".py").split("/")
    return all(n.isidentifier() for n in names) and (len(names) == 1 or canonical(names[0]) not in PACKAGES)


def dotted_from(path: str, folder: str) -> str:
    """Return the dotted name of the module at `path` as seen from `folder`."""
    return below(path, folder).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


class Layout:
    """Knows every file by its path and every importable name by the folders that offer it."""

    def __init__(self, workspace: Workspace, code: PythonCode) -> None:
        """Take the files and the modules."""
        self.workspace, self.code = workspace, code
        self.files = frozenset(f.path for f in workspace.files)
        self.scripts = {m.path: m for m in code.modules if not m.notebook}

    @cached_property
    def _offered(self) -> dict[str, set[str]]:
        """Top-level name → folders from which it can be imported."""
        offered: dict[str, set[str]] = defaultdict(set)
        for path in self.scripts:
            offered[path.rsplit("/", 1)[-1].removesuffix(".py")].add(folder_of(path))
            for folder in ancestors(folder_of(path)):
                if folder:
                    offered[folder.rsplit("/", 1)[-1]].add(folder_of(folder))
        return offered

    @cached_property
    def _folders(self) -> frozenset[str]:
        return frozenset(f for path in self.scripts for f in ancestors(folder_of(path)))

    def own(self, name: str) -> bool:
        """Tell whether a top-level name is the submission's own somewhere."""
        return name in self._offered and name not in sys.stdlib_module_names and canonical(name) not in PACKAGES

    def find(self, dotted: str, search: Sequence[str]) -> list[str] | None:
        """Return the files that importing `dotted` loads from the first search folder that has it; None where none has."""
        path = dotted.replace(".", "/")
        for folder in search:
            whole = joined(folder, path)
            if f"{whole}.py" in self.scripts:
                return [f"{whole}.py"]
            if f"{whole}/__init__.py" in self.scripts:
                return [f"{whole}/__init__.py"]
            if whole in self._folders:
                return []
        return None

    def unresolved(self, paths: Sequence[str], search: Sequence[str]) -> tuple[int, int, int]:
        """Return, with these search folders: own imports of modules that fail, those of all they import, minus those that resolve."""
        pending, seen = list(paths), set(paths)
        where = [*search, *(f for p in paths for f in self.added(p))]
        direct, failing, resolved = 0, 0, 0
        while pending and len(seen) < MOST_FOLLOWED:
            path = pending.pop()
            for dotted, names, relative in imports_of(self.scripts[path]) if path in self.scripts else ():
                found = self._loaded(dotted, names, [""] if relative else where)
                if found is None:
                    missed = self.own(dotted.split(".", maxsplit=1)[0])
                    failing, direct = failing + missed, direct + (missed and path in paths)
                    continue
                resolved += 1
                fresh = [f for f in found if f not in seen]
                seen.update(fresh)
                pending += fresh
        return direct, failing, -resolved

    def _loaded(self, dotted: str, names: tuple[str, ...], search: Sequence[str]) -> list[str] | None:
        found = self.find(dotted, search)
        if found is None:
            return None
        return list(dict.fromkeys((*found, *(f for n in names for f in self.find(f"{dotted}.{n}", search) or ()))))

    def added(self, path: str) -> list[str]:
        """Return the folders that the module at `path` adds to its search path itself."""
        return list(added_folders(self.scripts[path])) if path in self.scripts else []

    def depth_needed(self, path: str) -> int:
        """Return how many folders of `path` must be packages for its relative imports: 0 when it has none."""
        module = self.scripts.get(path)
        levels = (n.level for n in module.nodes if isinstance(n, ast.ImportFrom)) if module else ()
        return max(levels, default=0)

    def named_files(self, path: str, folder: str) -> int:
        """Count the files of the repository that the module at `path` names as seen from `folder`."""
        module = self.scripts.get(path)
        texts = {t for t, _ in module.strings if "." in t and 3 < len(t) < 120 and "\n" not in t} if module else set()
        return sum(joined(folder, t.removeprefix("./")) in self.files for t in texts)

    def best_folder(self, path: str, *, script: bool = False, prefer: str = "") -> str:
        """Return the folder from which the module at `path` is best started: its own or one above it.

        `script` says that the module's own folder is searched anyway. Of equal folders: where the files that it names are,
        then `prefer`, then the nearest.
        """
        own = folder_of(path)
        candidates = list(ancestors(own))
        above = candidates[self.depth_needed(path) :] or candidates[-1:]
        named = [f for f in above if script or importable(path, f)]

        def merit(folder: str) -> tuple[tuple[int, int, int], int, int, int]:
            search = [own, folder] if script else [folder]
            order = (folder != prefer, candidates.index(folder))
            return (self.unresolved([path], search), -self.named_files(path, folder), *order)

        return min(named or above, key=merit)


def imports_of(module: Module) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """Yield (module imported, names taken from it, whether it was written relatively): relative ones are given from the root."""
    package = module.path.split("/")[:-1]
    for node in module.nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, (), False) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module, tuple(a.name for a in node.names), False
        elif isinstance(node, ast.ImportFrom) and 0 < node.level <= len(package) + 1:
            above = package[: len(package) - node.level + 1]
            yield ".".join((*above, *([node.module] if node.module else []))), tuple(a.name for a in node.names), True

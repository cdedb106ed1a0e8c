"""Test suites: which runner, from which folder, on which files."""

from __future__ import annotations

import ast
import configparser
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from typing import Any

from checks.facts.python_code import Module
from checks.recipes.declarations import ancestors, folder_of, inside
from checks.recipes.layout import Layout, below, joined
from checks.workspace import File, Workspace
from grader.plan import Place, Suite

MOST_SUITES = 4
MOST_TARGETS = 40
_NAME = re.compile(r"^(test[s_-].*|tests?|.*[_-]tests?)\.py$", re.I)
_COLLECTED = re.compile(r"^(test_.*|.*_test)\.py$")
_SETTINGS = re.compile(r"DJANGO_SETTINGS_MODULE['\"\s,=:]+([A-Za-z_][\w.]*)")
_NODE_RUNNERS = ("vitest", "jest")


def is_suite_file(module: Module) -> bool:
    """Tell whether a module is a file of tests: by its name, and because it holds at least one."""
    name = module.path.rsplit("/", 1)[-1]
    if module.notebook or not _NAME.match(name) or re.search(r"management/commands/|(^|/)\.", module.path):
        return False
    meant = re.search(r"(^|/)tests?/", module.path) or module.imported & {"pytest", "unittest"} or _asserts(module)
    tests = any(f.rsplit(".", 1)[-1].startswith("test") for f in module.functions)
    return bool(tests and meant) or any("TestCase" in module.resolve(b) for c in module.classes.values() for b in c.bases)


def _asserts(module: Module) -> bool:
    return any(isinstance(n, ast.Assert) for n in module.nodes)


def is_django_test(module: Module) -> bool:
    """Tell whether a file of tests is written for Django's own runner."""
    return any(name.startswith(("django.test", "rest_framework.test")) for name in module.imported)


def django_settings(file: File | None) -> str:
    """Return the settings module that a manage.py or a pytest configuration names, or ""."""
    found = _SETTINGS.search(file.text[:20_000]) if file is not None else None
    return found.group(1) if found else ""


class Suites:
    """Groups the files of tests of one part by the folder from which they run."""

    def __init__(self, layout: Layout, declared: frozenset[str]) -> None:
        """Take where things are, and the names of the packages that are declared."""
        self.layout, self.declared = layout, declared

    def of(self, modules: Iterable[Module], folder: str) -> tuple[Suite, ...]:
        """Return the suites of these files of tests, for the part at `folder`."""
        groups: dict[tuple[str, str], list[str]] = {}
        for module in modules:
            project = self._django_project(module) if is_django_test(module) else None
            if project is not None and not self._runs_by_pytest(project):
                groups.setdefault(("django", project), []).append(module.path)
            else:
                groups.setdefault(("pytest", self._home(module.path, folder, project)), []).append(module.path)
        made = [self._suite(runner, home, paths) for (runner, home), paths in sorted(groups.items())]
        return tuple(sorted(made, key=lambda s: s.runner == "django")[:MOST_SUITES])

    def _suite(self, runner: str, home: str, paths: list[str]) -> Suite:
        settings = django_settings(self.layout.workspace.get(joined(home, "manage.py")))
        wanted = settings if runner == "django" or any(is_django_test(self.layout.scripts[p]) for p in paths) else ""
        return Suite(runner, home, targets(home, paths, self.layout), Place(min(paths), 1), wanted)

    def _django_project(self, module: Module) -> str | None:
        folders = ancestors(folder_of(module.path))
        return next((f for f in folders if joined(f, "manage.py") in self.layout.files), None)

    def _runs_by_pytest(self, project: str) -> bool:
        return "pytest-django" in self.declared or bool(
            pytest_options(self.layout.workspace, project).get("DJANGO_SETTINGS_MODULE")
        )

    def _home(self, path: str, part: str, project: str | None) -> str:
        """Return the folder from which the imports of a file of tests resolve: a configured one first, then the part, then others."""
        if project is not None:
            return project
        folders = list(ancestors(folder_of(path)))
        configured = [f for f in folders if self._configures(f, part, path)]
        order = list(dict.fromkeys((*configured, part, *self._beside_conftest(folders), "", *reversed(folders))))
        return min(order, key=lambda f: (self._failing(path, f), order.index(f)))

    def _configures(self, folder: str, part: str, path: str) -> bool:
        """Tell whether pytest is configured in a folder for these tests: inside their part, or above it and naming them."""
        options = pytest_options(self.layout.workspace, folder)
        named = (joined(folder, t.strip("\"',./")) for t in options.get("testpaths", "").split())
        return bool(options) and (inside(folder, part) or any(t and inside(path, t) for t in named))

    def _failing(self, path: str, folder: str) -> tuple[int, int]:
        return self.layout.unresolved([path], self.search(path, folder))[:2]

    def search(self, path: str, folder: str) -> list[str]:
        """Return the folders that pytest, started as a module in `folder`, has in its search path for a file of tests."""
        own = next(f for f in ancestors(folder_of(path)) if joined(f, "__init__.py") not in self.layout.files)
        set_up = pytest_options(self.layout.workspace, folder).get("pythonpath", "").split()
        shared = [joined(f, "conftest.py") for f in ancestors(folder_of(path))]
        added = [f for p in shared for f in (folder_of(p), *self.layout.added(p)) if p in self.layout.scripts]
        return [own, folder, *(joined(folder, p.strip("./")) for p in set_up), joined(folder, "src"), *added]

    def _beside_conftest(self, folders: list[str]) -> list[str]:
        names = (joined(f, "conftest.py") for f in folders if not f.lower().endswith(("tests", "test")))
        return [folder_of(n) for n in names if n in self.layout.files]


def targets(home: str, paths: list[str], layout: Layout) -> tuple[str, ...]:
    """Return the folders and files to hand to the runner: a folder of tests whole, a file by its name outside of one."""
    wanted = set(paths)
    found: dict[str, None] = {}
    for path in sorted(paths):
        folder = _tests_folder(path, home)
        alone = not _COLLECTED.match(path.rsplit("/", 1)[-1]) or folder is None or _has_strangers(folder, wanted, layout)
        found[below(path if alone or folder is None else folder, home)] = None
    short = found if len(found) <= MOST_TARGETS else dict.fromkeys(below(folder_of(joined(home, t)), home) for t in found)
    return tuple(short)[:MOST_TARGETS]


def _tests_folder(path: str, home: str) -> str | None:
    parts = below(path, home).split("/")[:-1]
    at = next((n for n, part in enumerate(parts) if part.lower() in ("tests", "test")), None)
    return None if at is None else joined(home, "/".join(parts[: at + 1]))


def _has_strangers(folder: str, wanted: set[str], layout: Layout) -> bool:
    """Tell whether pytest would also collect, in this folder, a file that holds no test or belongs to another suite."""
    inner = (p for p in layout.scripts if p.startswith(folder + "/"))
    return any(_COLLECTED.match(p.rsplit("/", 1)[-1]) and p not in wanted for p in inner)


def pytest_options(workspace: Workspace, folder: str) -> dict[str, str]:
    """Return what configures pytest in a folder: its options as text, `{"": …}` for a file without any; empty without a file."""
    readers = (("pytest.ini", "pytest"), (".pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest"))
    for name, section in readers:
        file = workspace.get(joined(folder, name))
        options = _ini(file, section) if file else None
        if options is not None:
            return {"": name, **options}
    file = workspace.get(joined(folder, "pyproject.toml"))
    return _toml(file) if file else {}


def _ini(file: File, section: str) -> dict[str, str] | None:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(file.text[:100_000])
    except configparser.Error:
        return None
    return dict(parser.items(section)) if parser.has_section(section) else None


def _toml(file: File) -> dict[str, str]:
    try:
        options: Any = tomllib.loads(file.text[:400_000]).get("tool", {}).get("pytest", {}).get("ini_options")
    except (tomllib.TOMLDecodeError, AttributeError, RecursionError):
        return {}
    if not isinstance(options, dict):
        return {}
    return {"": file.name, **{k: " ".join(map(str, v)) if isinstance(v, list) else str(v) for k, v in options.items()}}


def node_suites(workspace: Workspace, folder: str) -> Iterator[Suite]:
    """Yield the suite of a package.json: vitest, jest, or Node's own runner."""
    file = workspace.get(joined(folder, "package.json"))
    document = workspace.attempt(file, lambda f: json.loads(f.text)) if file else None
    if not isinstance(document, dict) or file is None:
        return
    scripts = document.get("scripts")
    script = str(scripts.get("test", "")) if isinstance(scripts, dict) else ""
    packages = {n for key in ("dependencies", "devDependencies") for n in (document.get(key) or ())}
    runner = next((r for r in _NODE_RUNNERS if r in script or r in packages), "node" if "node --test" in script else "")
    if not runner and "react-scripts test" in script:
        runner = "jest"
    if runner:
        line = next((n for n, text in enumerate(file.lines, 1) if runner in text), 1)
        yield Suite(runner, folder, (), Place(file.path, line))

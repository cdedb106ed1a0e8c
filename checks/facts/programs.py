"""How modules belong together: their roles, their launches, and the functions that a launch reaches."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from checks.facts.program_starts import Launch, own_launches, pipelines, role_of, shell_launches
from checks.facts.python_code import Module, PythonCode
from checks.facts.syntax import children
from checks.workspace import Workspace

Reached = dict[str, frozenset[str]]
FRAMEWORKS = ("command", "spider", "schedule")  # something else than the module itself calls its functions
MOST_MODULES = 80


@dataclass(frozen=True, eq=False)
class Programs:
    """Role, launches and reach of each module, by path."""

    code: PythonCode
    roles: dict[str, str]
    launches: dict[str, tuple[Launch, ...]]
    _reach: dict[str, Reached] = field(default_factory=dict)

    def role(self, path: str) -> str:
        """Return `test`, `notebook`, `api`, `interface`, `training`, `script` or `library`."""
        return self.roles.get(path, "library")

    @cached_property
    def imports(self) -> dict[str, tuple[str, ...]]:
        """Path → paths of the repository's modules that it imports."""
        return {m.path: tuple(_imported(m, self.code)) for m in self.code.modules}

    def reach(self, path: str) -> Reached:
        """Return path → names of the functions that running the module at `path` may call; "" stands for module level.

        Followed by name through the modules imported: it may reach a little too much, never through a module nobody imports.
        """
        if path not in self._reach:
            self._reach[path] = self._walk(path)
        return self._reach[path]

    def unit(self, path: str) -> Reached:
        """Return what all the functions of the module at `path` may call, called themselves or not."""
        key = f"*{path}"
        if key not in self._reach:
            self._reach[key] = self._walk(path, whole=True)
        return self._reach[key]

    def _walk(self, root: str, *, whole: bool = False) -> Reached:
        reached: dict[str, set[str]] = {}
        visible: dict[str, list[tuple[str, str]]] = {}  # a word → the functions it may mean, in the modules seen so far
        wanted: set[str] = set()
        fresh: list[tuple[str, str]] = []

        def see(path: str) -> None:
            reached[path] = set()
            fresh.append((path, ""))
            for word, functions in self._named[path].items():
                places = [(path, function) for function in functions]
                visible.setdefault(word, []).extend(places)
                fresh.extend(places if word in wanted else ())

        see(root)
        if whole or self.role(root) == "notebook" or any(x.kind in FRAMEWORKS for x in self.launches.get(root, ())):
            fresh += [(root, name) for name in self._used[root]]
        while fresh:
            path, function = fresh.pop()
            if function in reached[path]:
                continue
            reached[path].add(function)
            new = self._used[path].get(function, frozenset()) - wanted
            wanted |= new
            for word in sorted(new & visible.keys()):
                fresh += visible[word]
            for other in self.imports.get(path, ()) if not function else ():
                if other not in reached and len(reached) < MOST_MODULES:
                    see(other)
        return {p: frozenset(functions) for p, functions in reached.items()}

    @cached_property
    def _used(self) -> dict[str, dict[str, frozenset[str]]]:
        return {m.path: _words(m) for m in self.code.modules}

    @cached_property
    def _named(self) -> dict[str, dict[str, tuple[str, ...]]]:
        return {m.path: _by_last_name(m, self._used[m.path]) for m in self.code.modules}

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """Paths that can be started: launched modules and scripts, APIs, interfaces, notebooks."""
        return tuple(p for p in sorted(self.roles) if self.roles[p] != "library" or self.launches.get(p))

    @cached_property
    def served(self) -> dict[str, tuple[str, ...]]:
        """Path → roots that import it, itself included when it is one."""
        found: dict[str, list[str]] = {}
        for root in self.roots[:400]:
            for path in self._closure(root):
                found.setdefault(path, []).append(root)
        return {p: tuple(r) for p, r in found.items()}

    def _closure(self, root: str) -> list[str]:
        seen, todo = {root}, [root]
        while todo:
            for other in self.imports.get(todo.pop(), ()):
                if other not in seen:
                    seen.add(other)
                    todo.append(other)
        return sorted(seen)

    def owners(self, path: str, function: str) -> tuple[str, ...]:
        """Return the roots whose run may call `function` of the module at `path`."""
        return tuple(
            r for r in self.served.get(path, ()) if (r == path and not function) or function in self.reach(r).get(path, ())
        )

    def starts(self, path: str) -> tuple[Launch, ...]:
        """Return how the module at `path` is started: its own launches, else those of the scripts that import it."""
        own = self.launches.get(path, ())
        if own:
            return own
        return tuple(
            launch
            for r in self.served.get(path, ())
            if self.role(r) not in ("test", "notebook")
            for launch in self.launches.get(r, ())
        )


def _imported(module: Module, code: PythonCode) -> Iterator[str]:
    seen = {module.path}
    for _, origin in sorted(module.imports.items()):
        if origin.split(".")[0] in sys.stdlib_module_names:
            continue
        parts = origin.split(".")
        for cut in range(len(parts), max(len(parts) - 2, 0), -1):
            found = code.module_named(".".join(parts[:cut]), module.path)
            if found is not None:
                if found.path not in seen:
                    seen.add(found.path)
                    yield found.path
                break
    for name in sorted(module.imported):
        found = code.module_named(name, module.path) if name.split(".")[0] not in sys.stdlib_module_names else None
        if found is not None and found.path not in seen:
            seen.add(found.path)
            yield found.path


def _words(module: Module) -> dict[str, frozenset[str]]:
    """Function → names and attributes that its body uses."""
    found: dict[str, set[str]] = {"": set()}
    stack: list[tuple[ast.AST, str]] = [(module.tree, "")]
    while stack:
        node, where = stack.pop()
        inside = where
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inside = f"{where}.{node.name}" if where else node.name
            found.setdefault(inside, set())
        elif isinstance(node, ast.Name):
            found[where].add(node.id)
        elif isinstance(node, ast.Attribute):
            found[where].add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            found[where] |= {a.name for a in node.names if where}
        stack += [(child, inside) for child in children(node)]
    return {name: frozenset(words) for name, words in found.items()}


def _by_last_name(module: Module, used: dict[str, frozenset[str]]) -> dict[str, tuple[str, ...]]:
    index: dict[str, list[str]] = {}
    for function in used:
        if function:
            last = function.rsplit(".", 1)[-1]
            index.setdefault(last, []).append(function)
            if last in ("__init__", "__enter__", "__call__", "__post_init__"):
                index.setdefault(function.split(".")[-2] if "." in function else last, []).append(function)
    return {word: tuple(functions) for word, functions in index.items()}


def programs(workspace: Workspace, python_code: PythonCode) -> Programs:
    """Sort the modules by role and find how each is started."""
    launches: dict[str, list[Launch]] = {m.path: list(own_launches(m)) for m in python_code.application}
    for path, launch in pipelines(python_code):
        launches.setdefault(path, []).append(launch)
    for path, found in shell_launches(workspace, python_code).items():
        launches.setdefault(path, []).extend(found)
    roles = {m.path: role_of(m) for m in python_code.modules}
    for path, found in launches.items():
        if found and roles.get(path) == "library":
            roles[path] = "script"
    return Programs(python_code, roles, {p: tuple(x) for p, x in launches.items() if x})


FACTS = (programs,)

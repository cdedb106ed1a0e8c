"""Programs that serve: FastAPI, Starlette, Flask, Django, Streamlit, Gradio, Express, with what starts each."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator

from checks.facts.python_code import Function, Module, dotted_name
from checks.facts.syntax import walk
from checks.recipes.declarations import folder_of
from checks.recipes.hints import Hint, near
from checks.recipes.layout import Layout, below, dotted_from, importable, joined
from checks.recipes.suites import django_settings
from grader.plan import App, Place

MOST_APPS = 6
_MADE = {
    "fastapi.FastAPI": "fastapi",
    "fastapi.applications.FastAPI": "fastapi",
    "starlette.applications.Starlette": "starlette",
    "flask.Flask": "flask",
    "flask.app.Flask": "flask",
    "apiflask.APIFlask": "flask",
    "flask_openapi3.OpenAPI": "flask",
}
_ENTRY = ("app.py", "main.py", "streamlit_app.py", "home.py", "accueil.py", "index.py", "dashboard.py", "interface.py", "ui.py")
_SET_UP = frozenset(("secrets", "cache_data", "cache_resource", "session_state", "cache", "fragment", "dialog"))


class Apps:
    """Finds the applications of a submission; `part_of` gives the folder of the part that a path belongs to."""

    def __init__(self, layout: Layout, hints: tuple[Hint, ...], part_folders: dict[str, str]) -> None:
        """Take where things are, the start commands, and path → folder of its part."""
        self.layout, self.hints, self.part_folders = layout, hints, part_folders
        self.modules = [m for m in layout.code.application if not m.notebook]
        self.mounted = self._mounted()

    def all(self) -> tuple[App, ...]:
        """Return the applications, those that serve programs first, at most six."""
        found: dict[tuple[str, str], App] = {}
        for app in (*self._served(), *self._django(), *self._streamlit(), *self._gradio(), *self._express()):
            found.setdefault((app.folder, app.target), app)
        return tuple(sorted(found.values(), key=self._variants(found.values()).__getitem__)[:MOST_APPS])

    def _variants(self, apps: Iterable[App]) -> dict[App, int]:
        """Return how many applications of the same folder and framework come before each: variants give way to other kinds."""
        seen: dict[tuple[str, str], int] = {}
        rank = {}
        for app in apps:
            key = (folder_of(app.place.path), app.framework)
            rank[app] = seen[key] = seen.get(key, -1) + 1
        return rank

    def _served(self) -> Iterator[App]:
        """Yield the ASGI and WSGI applications: objects of a module, and factories that no module calls."""
        factories = {(m.path, n): (m, f, kind) for m in self.modules for n, f, kind in _factories(m)}
        called = set()
        candidates: list[tuple[Module, str, int, str, bool]] = []
        for module in self.modules:
            for name, call in _assigned(module):
                kind = _MADE.get(module.resolve(call.func), "")
                made_by = self._factory(module, call, factories)
                if made_by:
                    called.add(made_by)
                    kind = factories[made_by][2]
                if kind and (module.path, name) not in self.mounted:
                    candidates.append((module, name, module.line(call), kind, False))
        candidates += [(m, n, m.line(f), k, True) for key, (m, f, k) in factories.items() for n in [key[1]] if key not in called]
        candidates.sort(key=lambda c: (near(self.hints, c[0].path, c[1]) is None, c[0].path.count("/"), c[0].path, c[2]))
        for module, name, line, kind, factory in candidates:
            folder = self._folder(module.path, name)
            if importable(module.path, folder):
                yield App(kind, folder, f"{dotted_from(module.path, folder)}:{name}", Place(module.path, line), factory)

    def _factory(
        self, module: Module, call: ast.Call, factories: dict[tuple[str, str], tuple[Module, Function, str]]
    ) -> tuple[str, str] | None:
        """Return the factory that a call at module level calls, its own module's or an imported one."""
        name = dotted_name(call.func)
        if (module.path, name) in factories:
            return module.path, name
        if not any(name.rsplit(".", 1)[-1] in (n, module.imports.get(name, "").rsplit(".", 1)[-1]) for _, n in factories):
            return None
        found = self.layout.code.definition(module.resolve(call.func), module.path)
        key = (found[0].path, found[1]) if found else None
        return key if key in factories else None

    def _folder(self, path: str, variable: str = "", *, script: bool = False) -> str:
        """Return the folder to start from: the one that a written command means, when imports resolve from it no worse."""
        best = self.layout.best_folder(path, script=script, prefer=self.part_folders.get(path, ""))
        hint = near(self.hints, path, variable)
        if hint is None:
            return best
        written = hint.folder(path)
        search = [[folder_of(path), f] if script else [f] for f in (written, best)]
        worse = self.layout.unresolved([path], search[0])[:2] > self.layout.unresolved([path], search[1])[:2]
        return best if worse or not (script or importable(path, written)) else written

    def _django(self) -> Iterator[App]:
        for file in self.layout.workspace.named("manage.py"):
            settings = django_settings(file)
            if settings:
                folder = folder_of(file.path)
                line = next((n for n, text in enumerate(file.lines, 1) if settings in text), 1)
                yield App("django", folder, settings, Place(file.path, line))

    def _streamlit(self) -> Iterator[App]:
        """Yield Streamlit's scripts, one a folder: the one that a command starts, else by its name; pages and modules imported aside."""
        pages = {m.path: line for m in self.modules if (line := streamlit_line(m)) and not re.search(r"(^|/)pages/", m.path)}
        imported = self._imported_by(set(pages))
        started = {p for p in pages if any(h.tool == "streamlit" and h.names(p) for h in self.hints)}
        taken: set[str] = set()
        for path in sorted(pages, key=lambda p: (p not in started, _entry_rank(p), p)):
            home = folder_of(path)
            if path not in started and (path in imported or any(home == t or home.startswith(f"{t}/") or not t for t in taken)):
                continue
            taken.add(home)
            folder = self._folder(path, script=True)
            yield App("streamlit", folder, below(path, folder), Place(path, pages[path]))

    def _imported_by(self, paths: set[str]) -> set[str]:
        """Return those of `paths` that another of them imports."""
        found = set()
        for path in paths:
            module = self.layout.scripts[path]
            for origin in set(module.imports.values()):
                other = self.layout.code.module_named(origin, path) or self.layout.code.module_named(
                    origin.rpartition(".")[0], path
                )
                if other is not None and other.path != path:
                    found.add(other.path)
        return found

    def _mounted(self) -> set[tuple[str, str]]:
        """Return (path, name) of what another application mounts, from its own module or another, in a wrapper or not."""
        found = set()
        for module in self.modules:
            for call in module.calls:
                if call.name.endswith((".mount", "mount_gradio_app")):
                    given = [*call.node.args[1:], *(k.value for k in call.node.keywords)]
                    for node in (n for g in given for n in walk(g) if isinstance(n, ast.Name | ast.Attribute)):
                        found.add((module.path, dotted_name(node)))
                        if defined := self.layout.code.definition(module.resolve(node), module.path):
                            found.add((defined[0].path, defined[1]))
        return found

    def _gradio(self) -> Iterator[App]:
        for module in self.modules:
            launch = next((c for c in module.calls if "gradio" in module.imported and c.name.endswith(".launch")), None)
            if launch is None or (module.path, dotted_name(launch.node.func).rpartition(".")[0]) in self.mounted:
                continue
            if _starts(module, launch.node):
                folder = self._folder(module.path, script=True)
                yield App("gradio", folder, below(module.path, folder), Place(module.path, launch.line))

    def _express(self) -> Iterator[App]:
        for file in self.layout.workspace.named("package.json"):
            document = self.layout.workspace.attempt(file, lambda f: json.loads(f.text))
            packages = document.get("dependencies") if isinstance(document, dict) else None
            if isinstance(document, dict) and isinstance(packages, dict) and "express" in packages:
                folder = folder_of(file.path)
                script = self._node_script(document, folder)
                if script:
                    yield App("express", folder, script, Place(joined(folder, script), 1))

    def _node_script(self, document: dict[str, object], folder: str) -> str:
        scripts = document.get("scripts")
        start = str(scripts.get("start", "")) if isinstance(scripts, dict) else ""
        found = re.search(r"\bnode(?:mon)?\s+(?:--?[\w=-]+\s+)*([\w./-]+)", start)
        names = [found.group(1) if found else "", str(document.get("main") or ""), "server.js", "index.js", "app.js"]
        names += ["src/server.js", "src/index.js", "src/app.js"]
        spelt = [s.removeprefix("./") for n in names if n for s in (n, f"{n}.js")]
        return next((n for n in spelt if joined(folder, n) in self.layout.files), "")


def _assigned(module: Module) -> Iterator[tuple[str, ast.Call]]:
    """Yield (name, call) for what the module's own level assigns, `if` and `try` included."""
    pending: list[ast.stmt] = list(module.tree.body)
    for node in pending:  # grows while it is read
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name):
                yield target.id, node.value
        elif isinstance(node, ast.Try):
            pending += node.body
        elif isinstance(node, ast.If) and "__name__" not in ast.dump(node.test):
            pending += [*node.body, *node.orelse]


def _factories(module: Module) -> Iterator[tuple[str, Function, str]]:
    """Yield the module's functions that build an application and return it, callable without arguments."""
    for name, function in module.functions.items():
        if "." in name or len(function.args.args) > len(function.args.defaults) or not re.search(r"app|api|server", name, re.I):
            continue
        inner = walk(function)
        made = {
            dotted_name(n.targets[0]): _MADE[module.resolve(n.value.func)]
            for n in inner
            if isinstance(n, ast.Assign) and isinstance(n.value, ast.Call) and module.resolve(n.value.func) in _MADE
        }
        returned = next((dotted_name(n.value) for n in inner if isinstance(n, ast.Return) and dotted_name(n.value) in made), "")
        if returned:
            yield name, function, made[returned]


def _starts(module: Module, call: ast.Call) -> bool:
    """Tell whether loading the module as a script comes to a call: at its own level, or in a function that is called there."""
    wanted = {name.rsplit(".", 1)[-1] for name, function in module.functions.items() if any(n is call for n in walk(function))}
    for node in module.tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = [n for n in walk(node) if isinstance(n, ast.Call)]
            if any(n is call or dotted_name(n.func).rsplit(".", 1)[-1] in wanted for n in inner):
                return True
    return False


def streamlit_line(module: Module) -> int:
    """Return the line where loading the module as a script first draws with Streamlit; 0 when it does not."""
    if "streamlit" not in module.imported:
        return 0
    drawing = {name for name, f in module.functions.items() if _draws(module, f)}
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
            continue
        calls = [n for n in walk(node) if isinstance(n, ast.Call)]
        if _draws(module, node) or any(dotted_name(c.func) in drawing for c in calls):
            return module.line(node)
    return 0


def _draws(module: Module, node: ast.AST) -> bool:
    names = (module.resolve(n.func) for n in walk(node) if isinstance(n, ast.Call))
    return any(n.startswith("streamlit.") and n.split(".")[1] not in _SET_UP for n in names)


def _entry_rank(path: str) -> tuple[int, int]:
    name = path.rsplit("/", 1)[-1].lower()
    return path.count("/"), next((i for i, entry in enumerate(_ENTRY) if name.endswith(entry)), len(_ENTRY))

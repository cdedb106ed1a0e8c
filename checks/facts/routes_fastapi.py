"""Routes of FastAPI (and Starlette's middlewares): routers and prefixes joined, dependencies followed to what they check."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from checks.facts.call_graph import CallGraph
from checks.facts.fastapi_guards import Dependencies
from checks.facts.guards import Guard, guard_in_body, guard_of, trusted
from checks.facts.python_code import Call, Function, Module, PythonCode, argument, dotted_name, keyword
from checks.facts.routing import Application, Endpoint, constructed, join
from checks.facts.syntax import walk

METHODS = ("get", "post", "put", "patch", "delete", "options", "head")
APPLICATIONS = re.compile(r"^(fastapi(\.applications)?\.FastAPI|ninja(_extra)?\.(NinjaAPI|NinjaExtraAPI))\(\)$")
ROUTERS = re.compile(r"^(fastapi(\.routing)?\.APIRouter|ninja\.Router)\(\)$")
Key = tuple[str, str]  # path of a module, name of an application or router in it


@dataclass(frozen=True, slots=True)
class Mount:
    """A router put under a parent."""

    parent: Key
    child: Key
    prefix: str
    guards: tuple[Guard, ...]


class FastApiReader:
    """Reads all FastAPI modules of a submission at once: routers are declared in one file and mounted in another."""

    def __init__(self, code: PythonCode, graph: CallGraph) -> None:
        """Find applications, routers and mounts."""
        self.code, self.graph = code, graph
        self.modules = [m for m in code.application if any(n.split(".")[0] in ("fastapi", "ninja") for n in m.imports.values())]
        self.depends = Dependencies(code, graph)
        self.nodes: dict[Key, tuple[Module, ast.Call, bool]] = {}  # True for an application
        for module in self.modules:
            for name, value in constructed(module):
                kind = self._kind(module, value)
                if kind:
                    self.nodes[module.path, name] = (module, value, kind == "application")
        self.mounts: dict[Key, list[Mount]] = defaultdict(list)
        self.lost: set[Key] = set()  # parents that mount something that could not be resolved
        for module in code.application:
            for call in module.calls:
                self._read_mount(module, call)

    def _kind(self, module: Module, value: ast.Call) -> str:
        name = module.resolve(value)
        if APPLICATIONS.match(name) or _subclass(module, value, "FastAPI"):
            return "application"
        return "router" if ROUTERS.match(name) or _subclass(module, value, "APIRouter") else ""

    def key(self, module: Module, node: ast.expr) -> Key | None:
        """Return which application or router an expression names."""
        name = dotted_name(node)
        if not name:
            return self._returned(module, node) if isinstance(node, ast.Call) else None
        if (module.path, name) in self.nodes:
            return module.path, name
        if (attribute := self._attribute(module, node)) is not None:
            return attribute
        found = self.code.definition(module.resolve(node).replace("()", ""), module.path)
        if found is None and name.split(".")[0] in module.imports:
            origin = ".".join([module.imports[name.split(".")[0]], *name.split(".")[1:]])
            found = self.code.definition(origin, module.path)
        if found is not None and (found[0].path, found[1]) in self.nodes:
            return found[0].path, found[1]
        return None

    def _attribute(self, module: Module, node: ast.expr) -> Key | None:
        """Follow `pages.router` to the `self.router` of the class that `pages` is an instance of."""
        if not isinstance(node, ast.Attribute):
            return None
        found = self.graph.definition_of(module, node.value)
        if found is not None and isinstance(found[1], ast.ClassDef) and (found[0].path, f"self.{node.attr}") in self.nodes:
            return found[0].path, f"self.{node.attr}"
        return None

    def _returned(self, module: Module, call: ast.Call) -> Key | None:
        """Follow `create_router()` to the router that the function builds."""
        for where, function in self.graph.places(module, module.resolve(call.func)):
            for node in walk(where.functions[function]):
                if (
                    isinstance(node, ast.Return)
                    and node.value is not None
                    and (where.path, dotted_name(node.value)) in self.nodes
                ):
                    return where.path, dotted_name(node.value)
        return None

    def _read_mount(self, module: Module, call: Call) -> None:
        function = call.node.func
        if not isinstance(function, ast.Attribute) or function.attr not in ("include_router", "mount", "add_router"):
            return
        parent = self.key(module, function.value) or self._parameter_application(module, function.value)
        if parent is None:
            return
        position = 0 if function.attr == "include_router" else 1
        child = argument(call.node, position, "router" if position == 0 else "app")
        prefix = keyword(call.node, "prefix") if position == 0 else argument(call.node, 0, "path")
        if child is None or (function.attr == "mount" and self.key(module, child) is None):
            return
        children = [k for c in self._alternatives(module, child) if (k := self.key(module, c)) is not None]
        if not children:
            self.lost.add(parent)
        guards = tuple(self.depends.among(module, keyword(call.node, "dependencies")))
        prefixes = [module.text_of(p) or "" for p in self._alternatives(module, prefix)] if prefix is not None else [""]
        for position, key in enumerate(children):
            self.mounts[key].append(Mount(parent, key, prefixes[min(position, len(prefixes) - 1)], guards))

    def _parameter_application(self, module: Module, node: ast.expr) -> Key | None:
        """In `def register(app): app.include_router(…)` the parameter stands for the only application there is."""
        applications = [k for k, (_, _, is_application) in self.nodes.items() if is_application]
        return applications[0] if isinstance(node, ast.Name) and len(applications) == 1 else None

    def _alternatives(self, module: Module, node: ast.expr) -> list[ast.expr]:
        """Return what a loop variable takes: `for r, prefix in ((a.router, "/a"), …): app.include_router(r, prefix=prefix)`."""
        if not isinstance(node, ast.Name):
            return [node]
        for loop in module.nodes:
            if not isinstance(loop, ast.For):
                continue
            values = module.assigned.get(dotted_name(loop.iter), loop.iter)
            if not isinstance(values, ast.Tuple | ast.List):
                continue
            if isinstance(loop.target, ast.Name) and loop.target.id == node.id:
                return list(values.elts)
            names = [dotted_name(t) for t in loop.target.elts] if isinstance(loop.target, ast.Tuple) else []
            if node.id in names:
                rows = [e.elts for e in values.elts if isinstance(e, ast.Tuple | ast.List)]
                return [row[names.index(node.id)] for row in rows if len(row) > names.index(node.id)]
        return [node]

    @cached_property
    def middlewares(self) -> dict[Key, list[Guard]]:
        """Application → the guards that its middlewares are."""
        found: dict[Key, list[Guard]] = defaultdict(list)
        for module in self.modules:
            for name, function in module.functions.items():
                for decorator in function.decorator_list:
                    key = self._receives(module, decorator, "middleware")
                    guard = guard_of(self.graph, module, name) if key is not None else None
                    if key is not None and guard is not None:
                        found[key].append(guard)
            for call in module.calls:
                key = self._receives(module, call.node, "add_middleware")
                if key is not None and call.node.args:
                    found[key].extend(self._middleware_class(module, call.node.args[0]))
        return found

    def _receives(self, module: Module, call: ast.expr, method: str) -> Key | None:
        """Return the application whose `method` is called."""
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == method:
            return self.key(module, call.func.value)
        return None

    def _middleware_class(self, module: Module, node: ast.expr) -> Iterator[Guard]:
        found = self.graph.definition_of(module, node)
        if found is not None and isinstance(found[1], ast.ClassDef):
            for method in ("dispatch", "__call__"):
                if f"{found[1].name}.{method}" in found[0].functions:
                    guard = guard_of(self.graph, found[0], f"{found[1].name}.{method}")
                    if guard is not None:
                        yield guard

    # --- routes

    def chains(self, key: Key, depth: int = 0) -> Iterator[tuple[Key, str, tuple[Guard, ...]]]:
        """Yield (application, prefix, guards) for every way in which a router is served."""
        module, call, is_application = self.nodes[key]
        prefix = module.text_of(keyword(call, "prefix")) or ""
        own = tuple(self.depends.among(module, keyword(call, "dependencies"))) + tuple(self._ninja_auth(module, call))
        mounts = self.mounts.get(key, [])
        if is_application:
            own += tuple(self.middlewares.get(key, ()))
            if not mounts:
                yield key, prefix, own
        if depth < 6:
            for mount in mounts:
                for top, above, guards in self.chains(mount.parent, depth + 1):
                    yield top, join(above, mount.prefix, prefix).rstrip("/"), (*guards, *mount.guards, *own)
        if not is_application and not mounts and self.lost:
            yield sorted(self.lost)[0], prefix, own

    def _ninja_auth(self, module: Module, call: ast.Call) -> Iterator[Guard]:
        auth = keyword(call, "auth")
        if auth is None or (isinstance(auth, ast.Constant) and auth.value is None):
            return
        found = self.graph.definition_of(module, auth.func if isinstance(auth, ast.Call) else auth)
        if found is None:
            yield trusted(module.resolve(auth).replace("()", "") or "auth", module.path, module.line(auth))
            return
        where, definition = found
        names = (
            [f for f in where.functions if f.startswith(definition.name + ".")]
            if isinstance(definition, ast.ClassDef)
            else [definition.name]
        )
        for name in names:
            guard = guard_of(self.graph, where, name)
            checks = guard is not None or bool(list(walk(where.functions[name])) and _compares(where.functions[name]))
            yield Guard(definition.name, where.path, where.line(definition), True, checks, guard.default if guard else None)

    def declared(self) -> Iterator[tuple[Key, Module, str, list[str], str, ast.AST, ast.Call]]:
        """Yield (router, module, handler, methods, path, node to open, call) for every declaration of a route."""
        for module in self.code.application:
            for name, function in module.functions.items():
                for decorator in function.decorator_list:
                    if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
                        verb = decorator.func.attr
                        if verb in METHODS or verb in ("api_route", "api_operation", "websocket"):
                            key = self.key(module, decorator.func.value)
                            if key is not None:
                                position = 1 if verb == "api_operation" else 0
                                path = module.text_of(argument(decorator, position, "path")) or ""
                                yield key, module, name, _verbs(verb, decorator), path, decorator, decorator
            for call in module.calls:
                yield from self._applied(module, call)
                if isinstance(call.node.func, ast.Attribute) and call.node.func.attr in ("add_api_route", "add_route"):
                    key = self.key(module, call.node.func.value)
                    endpoint = argument(call.node, 1, "endpoint")
                    if key is not None and endpoint is not None:
                        for where, handler in self.graph.places(module, module.resolve(endpoint), call.function)[:1]:
                            path = module.text_of(argument(call.node, 0, "path")) or ""
                            yield key, where, handler, _verbs("api_route", call.node), path, call.node, call.node

    def _applied(self, module: Module, call: Call) -> Iterator[tuple[Key, Module, str, list[str], str, ast.AST, ast.Call]]:
        """Yield the route of `router.get("/x")(handler)`: the decorator called by hand."""
        inner = call.node.func
        if not (
            isinstance(inner, ast.Call)
            and isinstance(inner.func, ast.Attribute)
            and inner.func.attr in METHODS
            and call.node.args
        ):
            return
        key = self.key(module, inner.func.value)
        for where, handler in (
            self.graph.places(module, module.resolve(call.node.args[0]), call.function)[:1] if key is not None else ()
        ):
            assert key is not None
            yield key, where, handler, [inner.func.attr.upper()], module.text_of(argument(inner, 0, "path")) or "", inner, inner

    def endpoints(self) -> Iterator[Endpoint]:
        """Yield every route; one whose router is never mounted has an empty application."""
        for key, module, handler, verbs, path, node, call in self.declared():
            guards = self._route_guards(module, handler, call)
            chains = list(self.chains(key)) or [(("", ""), "", ())]
            for top, prefix, above in chains:
                for verb in verbs:
                    yield Endpoint(
                        verb,
                        join(prefix, path),
                        handler,
                        module.path,
                        module.line(node),
                        "fastapi",
                        f"{top[0]}:{top[1]}" if top[0] else "",
                        tuple(dict.fromkeys([*above, *guards])),
                        _answers_html(module, handler, call),
                        verb != "WEBSOCKET" and _listed(call),
                    )

    def _route_guards(self, module: Module, handler: str, call: ast.Call) -> list[Guard]:
        function = module.functions[handler]
        guards = [*self.depends.among(module, keyword(call, "dependencies")), *self._ninja_auth(module, call)]
        guards += list(self.depends.of_parameters(module, function))
        for decorator in function.decorator_list:
            if (
                not isinstance(decorator, ast.Call)
                or not isinstance(decorator.func, ast.Attribute)
                or decorator.func.attr not in METHODS
            ):
                for where, name in self.graph.places(module, module.resolve(decorator).replace("()", ""), strict=True):
                    guards += [g for g in [guard_of(self.graph, where, name)] if g is not None]
        inline = guard_in_body(self.graph, module, handler)
        return [*guards, inline] if inline is not None and not any(g.holds for g in guards) else guards

    def applications(self) -> Iterator[Application]:
        """Yield the applications; each generates its OpenAPI document unless it was switched off."""
        for (path, name), (module, call, is_application) in sorted(self.nodes.items(), key=lambda i: i[0]):
            if is_application:
                off = keyword(call, "openapi_url")
                silent = isinstance(off, ast.Constant) and not off.value
                title = module.text_of(keyword(call, "title")) or ""
                line = module.line(call)
                yield Application(f"{path}:{name}", path, line, "fastapi", title, "" if silent else "FastAPI", (path, line))


def _compares(function: Function) -> bool:
    return any(isinstance(n, ast.Compare | ast.Call) for n in walk(function))


def _subclass(module: Module, value: ast.Call, base: str) -> bool:
    name = dotted_name(value.func)
    return name in module.classes and any(dotted_name(b).endswith(base) for b in module.classes[name].bases)


def _verbs(verb: str, call: ast.Call) -> list[str]:
    if verb not in ("api_route", "api_operation"):
        return [verb.upper()]
    methods = argument(call, 0, "methods") if verb == "api_operation" else keyword(call, "methods")
    listed = (
        [e.value for e in methods.elts if isinstance(e, ast.Constant)]
        if isinstance(methods, ast.List | ast.Tuple | ast.Set)
        else []
    )
    return [str(m).upper() for m in listed] or ["GET"]


def _listed(call: ast.Call) -> bool:
    shown = keyword(call, "include_in_schema")
    return not (isinstance(shown, ast.Constant) and shown.value is False)


def _answers_html(module: Module, handler: str, call: ast.Call) -> bool:
    response = module.resolve(keyword(call, "response_class") or ast.Name("")).rsplit(".", 1)[-1]
    if response:
        return response in ("HTMLResponse", "RedirectResponse")
    for node in walk(module.functions[handler]):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Call):
            name = dotted_name(node.value.func).rsplit(".", 1)[-1]
            if name in ("TemplateResponse", "HTMLResponse", "FileResponse") and name != "FileResponse":
                return True
    return False

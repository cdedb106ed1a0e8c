"""Routes of Django and Django REST framework: URL files followed through include(), views to what protects them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from checks.facts.call_graph import CallGraph
from checks.facts.django_guards import PROTECTING, View, ViewGuards
from checks.facts.guards import Guard, trusted
from checks.facts.python_code import Module, PythonCode, argument, dotted_name, keyword
from checks.facts.routes_flask import answers_html
from checks.facts.routing import Application, Endpoint, join
from checks.facts.syntax import walk

GENERATORS = ("drf_spectacular", "drf_yasg", "rest_framework_swagger", "rest_framework.schemas", "ninja")
CRUD = {"list": "GET", "retrieve": "GET", "create": "POST", "update": "PUT", "partial_update": "PATCH", "destroy": "DELETE"}
GENERICS = {
    "List": ("GET",),
    "Retrieve": ("GET",),
    "Create": ("POST",),
    "Update": ("PUT",),
    "Destroy": ("DELETE",),
}
PAGES = re.compile(r"(Template|Form|List|Detail|Create|Update|Delete|Login|Logout|Redirect|Password\w+)View$")


@dataclass(frozen=True, slots=True)
class Branch:
    """A URL file under its prefix, on the way down from the root file."""

    root: Module
    module: Module
    prefix: str
    seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """A place where a URL file names a view, with the whole path and what protects it there."""

    root: Module
    module: Module
    path: str
    line: int
    guards: tuple[Guard, ...] = ()


class DjangoReader:
    """Reads the URL files of a Django project."""

    def __init__(self, code: PythonCode, graph: CallGraph) -> None:
        """Find the settings and the URL files."""
        self.code, self.graph, self.views = code, graph, ViewGuards(code, graph)
        self.urls = [m for m in code.application if "urlpatterns" in m.assigned and _uses_django(m)]

    def applications(self) -> Iterator[Application]:
        """Yield one application a project, and what generates its OpenAPI document."""
        for root in self.roots:
            generated = self._generator()
            yield Application(f"{root.path}:urlpatterns", root.path, 1, "django", "", generated[0], (generated[1], generated[2]))

    def _generator(self) -> tuple[str, str, int]:
        for module in self.code.application:
            for name, origin in sorted(module.imports.items()):
                package = next((g for g in GENERATORS if origin.startswith(g)), None)
                if package is not None and re.search(r"Schema|Swagger|NinjaAPI|get_schema", name):
                    line = next((module.line(n) for n in module.nodes if isinstance(n, ast.Name) and n.id == name), 1)
                    return package, module.path, line
        return "", "", 0

    @cached_property
    def roots(self) -> list[Module]:
        """URL files that no other one includes; the one that the settings name first."""
        named = []
        for module in self.code.application:
            text = module.text_of(module.assigned.get("ROOT_URLCONF"))
            found = self.code.module_named(text, module.path) if text else None
            named += [found] if found is not None and found in self.urls else []
        if named:
            return list({m.path: m for m in named}.values())
        included = {m.path for u in self.urls for c in u.calls if c.name.endswith("include") for m in self._included(u, c.node)}
        return [m for m in self.urls if m.path not in included]

    def _included(self, module: Module, call: ast.Call) -> list[Module]:
        target = argument(call, 0, "arg")
        if isinstance(target, ast.Tuple) and target.elts:
            target = target.elts[0]
        text = module.text_of(target)
        name = text or (module.imports.get(dotted_name(target), "") if target is not None else "")
        found = self.code.module_named(name, module.path) if name else None
        return [found] if found is not None else []

    def endpoints(self) -> Iterator[Endpoint]:
        """Yield every route below the root URL files."""
        for root in self.roots:
            yield from self._patterns(Branch(root, root, ""))

    def _patterns(self, branch: Branch) -> Iterator[Endpoint]:
        if len(branch.seen) > 8 or branch.module.path in branch.seen:
            return
        inner = replace(branch, seen=(*branch.seen, branch.module.path))
        for expression in self._pattern_lists(branch.module):
            for call in self._calls_of(branch.module, expression):
                yield from self._pattern(inner, call)
        yield from self._routers(branch, only=None)

    def _pattern_lists(self, module: Module) -> Iterator[ast.expr]:
        for statement in module.nodes:
            if (isinstance(statement, ast.Assign) and dotted_name(statement.targets[0]) == "urlpatterns") or (
                isinstance(statement, ast.AugAssign) and dotted_name(statement.target) == "urlpatterns"
            ):
                yield statement.value

    def _calls_of(self, module: Module, node: ast.expr) -> Iterator[ast.Call]:
        """Yield the calls of path() in a list, sums and wrappers opened; those inside an include([...]) wait for it."""
        if isinstance(node, ast.List | ast.Tuple):
            for element in node.elts:
                yield from self._calls_of(module, element)
        elif isinstance(node, ast.BinOp):
            yield from self._calls_of(module, node.left)
            yield from self._calls_of(module, node.right)
        elif isinstance(node, ast.Starred):
            yield from self._calls_of(module, node.value)
        elif isinstance(node, ast.Name) and node.id in module.assigned and node.id != "urlpatterns":
            yield from self._calls_of(module, module.assigned[node.id])
        elif isinstance(node, ast.Call):
            last = dotted_name(node.func).rsplit(".", 1)[-1]
            if last in ("path", "re_path", "url"):
                yield node
            elif last in ("format_suffix_patterns", "i18n_patterns", "decorator_include"):
                for argument_ in node.args:
                    yield from self._calls_of(module, argument_)

    def _pattern(self, branch: Branch, call: ast.Call) -> Iterator[Endpoint]:
        module = branch.module
        path = (module.text_of(argument(call, 0, "route")) or "").replace("^", "").replace("$", "")
        view = argument(call, 1, "view")
        whole = join(branch.prefix, path)
        if isinstance(view, ast.Call) and dotted_name(view.func).rsplit(".", 1)[-1] == "include":
            yield from self._include(replace(branch, prefix=whole), view)
        elif view is not None:
            yield from self._view(Site(branch.root, module, whole, module.line(call)), view)

    def _include(self, branch: Branch, call: ast.Call) -> Iterator[Endpoint]:
        target = argument(call, 0, "arg")
        if isinstance(target, ast.Tuple) and target.elts:
            target = target.elts[0]
        included = self._included(branch.module, call)
        if isinstance(target, ast.List | ast.Name) and not included:
            for inner in self._calls_of(branch.module, target):
                yield from self._pattern(branch, inner)
        elif isinstance(target, ast.Attribute) and target.attr == "urls":
            yield from self._routers(branch, only=dotted_name(target.value))
        for module in included:
            yield from self._patterns(replace(branch, module=module))

    # --- routers of Django REST framework

    def _routers(self, branch: Branch, *, only: str | None) -> Iterator[Endpoint]:
        """Yield the routes of the routers of a file: the one included by name, or those whose urls join the patterns."""
        module = branch.module
        spread = {dotted_name(n) for e in self._pattern_lists(module) for n in walk(e) if isinstance(n, ast.Attribute)}
        includes = [c for c in module.calls if c.name.endswith("include")]
        included = {dotted_name(a.value) for c in includes for a in c.node.args if isinstance(a, ast.Attribute)}
        for call in module.calls:
            function = call.node.func
            if not isinstance(function, ast.Attribute) or function.attr != "register" or len(call.node.args) < 2:
                continue
            router = dotted_name(function.value)
            joined = f"{router}.urls" in spread and router not in included
            if (only is None and joined) or (only is not None and router == only):
                path = join(branch.prefix, module.text_of(call.node.args[0]) or "", "/")
                yield from self._viewset(Site(branch.root, module, path, call.line), call.node.args[1])

    def _viewset(self, site: Site, node: ast.expr) -> Iterator[Endpoint]:
        found = self.graph.definition_of(site.module, node)
        if found is None:
            return
        where, owner = found
        if not isinstance(owner, ast.ClassDef):
            return
        bases = " ".join(self.views.bases(where, owner))
        for action, verb in CRUD.items():
            defined = f"{owner.name}.{action}" in where.functions
            inherited = "ModelViewSet" in bases and (verb == "GET" or "ReadOnly" not in bases)
            mixin = action.capitalize().split("_")[0] + "ModelMixin" in bases and action != "partial_update"
            if defined or inherited or mixin:
                path = site.path if action in ("list", "create") else f"{site.path}{{id}}/"
                yield self._made(replace(site, path=path), where, owner, verb, owner.name)
        yield from self._actions(site, where, owner)

    def _actions(self, site: Site, where: Module, owner: ast.ClassDef) -> Iterator[Endpoint]:
        for name, function in where.functions.items():
            for decorator in function.decorator_list if name.startswith(owner.name + ".") else ():
                if isinstance(decorator, ast.Call) and dotted_name(decorator.func).rsplit(".", 1)[-1] == "action":
                    detailed = keyword(decorator, "detail")
                    inner = where.text_of(keyword(decorator, "url_path")) or name.rsplit(".", 1)[-1]
                    middle = "{id}/" if isinstance(detailed, ast.Constant) and detailed.value else ""
                    for verb in _methods(keyword(decorator, "methods")):
                        place = replace(site, path=f"{site.path}{middle}{inner}/")
                        yield self._made(place, where, owner, verb, name, action=decorator)

    # --- views

    def _view(self, site: Site, view: ast.expr) -> Iterator[Endpoint]:
        if isinstance(view, ast.Call):
            if isinstance(view.func, ast.Attribute) and view.func.attr == "as_view":
                yield from self._class_view(site, view, view.func.value)
                return
            name = site.module.resolve(view.func)
            more = (trusted(name.rsplit(".", 1)[-1], site.module.path, site.line),) if PROTECTING.search(name) else ()
            for inner in view.args[:1]:
                yield from self._view(replace(site, guards=(*site.guards, *more)), inner)
            return
        found = self.graph.definition_of(site.module, view)
        if found is None:
            return
        where, function = found
        for verb in self._verbs_of_function(where, function) if not isinstance(function, ast.ClassDef) else ():
            yield self._made(site, where, function, verb, self._qualified(where, function))

    @staticmethod
    def _qualified(module: Module, function: View) -> str:
        return next((n for n, f in module.functions.items() if f is function), function.name)

    @staticmethod
    def _verbs_of_function(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
        for decorator in function.decorator_list:
            last = module.resolve(decorator).replace("()", "").rsplit(".", 1)[-1]
            if last in ("api_view", "require_http_methods") and isinstance(decorator, ast.Call):
                return _methods(argument(decorator, 0, "http_method_names"))
            if last in ("require_GET", "require_safe"):
                return ["GET"]
            if last == "require_POST":
                return ["POST"]
        compared = [n for n in walk(function) if isinstance(n, ast.Compare) and dotted_name(n.left).endswith("request.method")]
        values = {str(c.value) for n in compared for c in n.comparators if isinstance(c, ast.Constant)}
        refused = any(isinstance(n.ops[0], ast.NotEq) for n in compared)
        return ["POST"] if values == {"POST"} and refused else (["GET", "POST"] if "POST" in values else ["GET"])

    def _class_view(self, site: Site, view: ast.Call, named: ast.expr) -> Iterator[Endpoint]:
        found = self.graph.definition_of(site.module, named)
        if found is None:
            yield self._library_view(site, named)
            return
        where, owner = found
        if not isinstance(owner, ast.ClassDef):
            return
        actions = view.args[0] if view.args else None
        verbs = [v.upper() for v in ("get", "post", "put", "patch", "delete") if f"{owner.name}.{v}" in where.functions]
        if isinstance(actions, ast.Dict):
            verbs = [str(k.value).upper() for k in actions.keys if isinstance(k, ast.Constant)]
        if not verbs:
            names = " ".join(self.views.bases(where, owner))
            verbs = sorted({v for n, vs in GENERICS.items() for v in vs if n in names and "APIView" in names}) or ["GET"]
        for verb in verbs:
            handler = f"{owner.name}.{verb.lower()}"
            yield self._made(site, where, owner, verb, handler if handler in where.functions else owner.name)

    @staticmethod
    def _library_view(site: Site, named: ast.expr) -> Endpoint:
        """Return the route of a view that a library gives: a login page, a token route, the documentation."""
        name = site.module.resolve(named).replace("()", "")
        last = name.rsplit(".", 1)[-1]
        html = bool(PAGES.search(last)) and "rest_framework" not in name
        method = "POST" if "Token" in last else "GET"
        application, path = f"{site.root.path}:urlpatterns", site.module.path
        return Endpoint(method, site.path, last, path, site.line, "django", application, (), html, listed=False, declared=path)

    def _made(
        self, site: Site, where: Module, view: View, verb: str, handler: str, *, action: ast.Call | None = None
    ) -> Endpoint:
        """Return the route of a view, opened where the view stands."""
        rest = self.views.is_rest(where, view)
        held = (*site.guards, *self.views.guards(where, view, handler, verb, action=action), *self.views.login_middleware)
        node = where.functions.get(handler) or view
        if isinstance(node, ast.ClassDef):
            html = not rest and bool(PAGES.search(" ".join(self.views.bases(where, node))))
        else:
            html = not rest and answers_html(where, node)
        bound = [self.views.class_value(where, view, n) for n in ("queryset", "model")] if isinstance(view, ast.ClassDef) else []
        return Endpoint(
            verb,
            site.path,
            handler,
            where.path,
            where.line(node),
            "django",
            f"{site.root.path}:urlpatterns",
            held,
            html,
            listed=rest and bool(self._generator()[0]),
            stored=any(v is not None for v in bound),
        )


def _methods(node: ast.expr | None) -> list[str]:
    listed = (
        [str(e.value).upper() for e in node.elts if isinstance(e, ast.Constant)] if isinstance(node, ast.List | ast.Tuple) else []
    )
    return listed or ["GET"]


def _uses_django(module: Module) -> bool:
    return any(n.split(".")[0] in ("django", "rest_framework") for n in module.imports.values())

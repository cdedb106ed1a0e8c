"""Routes of Flask: blueprints and prefixes joined, class-based views, resources of flask-restx and flask-restful."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

from checks.facts.call_graph import CallGraph
from checks.facts.guards import Guard, guard_in_body, guard_of, trusted
from checks.facts.python_code import Call, Function, Module, PythonCode, argument, dotted_name, keyword
from checks.facts.routing import Application, Endpoint, constructed, join
from checks.facts.syntax import walk

VERBS = ("get", "post", "put", "patch", "delete")
APPLICATION = re.compile(r"^(flask\.(app\.)?Flask|flask_openapi3\.OpenAPI|apiflask\.APIFlask|quart\.Quart)\(\)$")
ROUTER = re.compile(
    r"^(flask|flask_smorest|apiflask|flask_openapi3|quart)\.(Blueprint|APIBlueprint)\(\)$|^flask\.blueprints\.Blueprint\(\)$"
)
NAMESPACE = re.compile(r"^(flask_restx|flask_restplus|flask_restful)\.(Api|Namespace)\(\)$")
# Decorators of libraries that refuse strangers.
PROTECTING = re.compile(
    r"(^|\.)(login_required|jwt_required|fresh_jwt_required|token_required|auth_required|auth_token_required|roles_required|roles_accepted"
    r"|permission_required|http_auth_required|requires_auth|admin_required|fresh_login_required)$"
)
GENERATORS = (
    "flasgger",
    "flask_restx",
    "flask_restplus",
    "flask_smorest",
    "flask_apispec",
    "apispec",
    "flask_openapi3",
    "apiflask",
    "spectree",
    "connexion",
)
Key = tuple[str, str]


class FlaskReader:
    """Reads all Flask modules of a submission at once."""

    def __init__(self, code: PythonCode, graph: CallGraph) -> None:
        """Find applications, blueprints, namespaces and who registers whom."""
        self.code, self.graph = code, graph
        self._generators: dict[str, tuple[str, str, int] | None] = {}
        self.nodes: dict[Key, tuple[Module, ast.Call, str]] = {}
        for module in code.application:
            for name, value in constructed(module):
                kind = self._kind(module, value)
                if kind:
                    self.nodes[module.path, name] = (module, value, kind)
        self.modules = sorted({m.path: m for m, _, _ in self.nodes.values()}.values(), key=lambda m: m.path)
        self.mounts: dict[Key, list[tuple[Key, str | None]]] = defaultdict(list)
        self.before: dict[Key, list[Guard]] = defaultdict(list)
        if self.nodes:
            for module in code.application:
                for call in module.calls:
                    self._read_mount(module, call)
                self._read_hooks(module)

    def _kind(self, module: Module, value: ast.Call) -> str:
        name = module.resolve(value)
        if APPLICATION.match(name):
            return "application"
        if ROUTER.match(name):
            return "blueprint"
        return "namespace" if NAMESPACE.match(name) else ""

    def key(self, module: Module, node: ast.expr) -> Key | None:
        """Return which application, blueprint or namespace an expression names."""
        name = dotted_name(node)
        if name and (module.path, name) in self.nodes:
            return module.path, name
        head = name.split(".")[0]
        if not name or head not in module.imports:
            return None
        found = self.code.definition(".".join([module.imports[head], *name.split(".")[1:]]), module.path)
        return (found[0].path, found[1]) if found is not None and (found[0].path, found[1]) in self.nodes else None

    def _application(self, module: Module, node: ast.expr) -> Key | None:
        known = self.key(module, node)
        if known is not None or not isinstance(node, ast.Name):
            return known
        applications = [k for k, (_, _, kind) in self.nodes.items() if kind == "application"]
        return applications[0] if len(applications) == 1 else None

    def _read_mount(self, module: Module, call: Call) -> None:
        function = call.node.func
        last = call.name.rsplit(".", 1)[-1]
        if isinstance(function, ast.Attribute) and function.attr in ("register_blueprint", "add_namespace", "register_api"):
            parent, child = self._application(module, function.value), argument(call.node, 0, "blueprint")
            key = self.key(module, child) if child is not None else None
            if parent is not None and key is not None:
                prefix = keyword(call.node, "url_prefix") or argument(call.node, 1, "path")
                self.mounts[key].append((parent, module.text_of(prefix)))
        elif last in ("Api", "init_app") and call.node.args:
            owner = self._application(module, call.node.args[0])
            child_key = self._assigned_to(module, call.node) if last == "Api" else self._receiver(module, function)
            if owner is not None and child_key is not None and child_key != owner:
                self.mounts[child_key].append((owner, None))

    def _assigned_to(self, module: Module, call: ast.Call) -> Key | None:
        return next((k for k, (m, c, _) in self.nodes.items() if m is module and c is call), None)

    def _receiver(self, module: Module, function: ast.expr) -> Key | None:
        return self.key(module, function.value) if isinstance(function, ast.Attribute) else None

    def _read_hooks(self, module: Module) -> None:
        for name, function in module.functions.items():
            for decorator in function.decorator_list:
                target = decorator.func if isinstance(decorator, ast.Call) else decorator
                if isinstance(target, ast.Attribute) and target.attr in ("before_request", "before_app_request"):
                    key = self.key(module, target.value)
                    guard = guard_of(self.graph, module, name) or guard_in_body(self.graph, module, name)
                    if key is not None and guard is not None:
                        self.before[key].append(guard)

    def chains(self, key: Key, depth: int = 0) -> Iterator[tuple[Key, str, tuple[Guard, ...]]]:
        """Yield (application, prefix, guards) for every way in which an object is registered."""
        module, call, kind = self.nodes[key]
        own = module.text_of(keyword(call, "url_prefix") or keyword(call, "prefix") or keyword(call, "path")) or ""
        if kind == "namespace" and not own and module.resolve(call).endswith("Namespace()"):
            own = module.text_of(argument(call, 0, "name")) or ""
        guards = tuple(self.before.get(key, ()))
        if kind == "application":
            yield key, "", guards
        for parent, prefix in self.mounts.get(key, []) if depth < 6 else ():
            for top, above, outer in self.chains(parent, depth + 1):
                yield top, join(above, own if prefix is None else prefix).rstrip("/"), (*outer, *guards)

    # --- what guards a handler

    def guards(self, module: Module, decorators: list[ast.expr]) -> Iterator[Guard]:
        """Yield the guards among decorators, the candidate's own followed to what they do."""
        for decorator in decorators:
            name = module.resolve(decorator).replace("()", "")
            if name.rsplit(".", 1)[-1] in ("route", *VERBS, "expect", "doc", "marshal_with", "response", "arguments"):
                continue
            places = self.graph.places(module, name, strict=True)
            if places:
                guard = guard_of(self.graph, *places[0])
                guard = guard or next(
                    (
                        g
                        for w, f in places
                        for i in w.functions
                        if i.startswith(f + ".")
                        if (g := guard_in_body(self.graph, w, i))
                    ),
                    None,
                )
                if guard is not None:
                    yield guard
            elif PROTECTING.search(name) and not _optional(decorator):
                role = bool(re.search(r"role|permission|admin", name))
                yield trusted(name.rsplit(".", 1)[-1], module.path, module.line(decorator), role=role)

    def _handler_guards(self, module: Module, handler: str, decorators: list[ast.expr]) -> tuple[Guard, ...]:
        guards = list(self.guards(module, decorators))
        if not any(g.holds for g in guards):
            inline = guard_in_body(self.graph, module, handler)
            if inline is not None:
                guards.append(inline)
            if any(c.name.endswith("verify_jwt_in_request") for c in self.graph.calls(module, handler)):
                guards.append(trusted("verify_jwt_in_request", module.path, module.line(module.functions[handler])))
        return tuple(guards)

    # --- routes

    def _made(
        self,
        key: Key,
        module: Module,
        handler: str,
        *,
        line: int,
        verbs: list[str],
        path: str,
        more: tuple[Guard, ...] = (),
    ) -> Iterator[Endpoint]:
        function = module.functions[handler]
        guards = self._handler_guards(module, handler, function.decorator_list)
        generated = self.nodes[key][2] == "namespace" or self._generator(module) is not None
        for top, prefix, above in list(self.chains(key)) or [(("", ""), "", ())]:
            for verb in verbs:
                yield Endpoint(
                    verb,
                    join(prefix, path),
                    handler,
                    module.path,
                    line,
                    "flask",
                    f"{top[0]}:{top[1]}" if top[0] else "",
                    tuple(dict.fromkeys([*above, *more, *guards])),
                    answers_html(module, function),
                    generated and self._described(module, function, key),
                )

    def _described(self, module: Module, function: Function, key: Key) -> bool:
        """Tell whether a generator lists the route: flasgger needs a YAML docstring or a specification beside the handler."""
        generator = self._generator(module)
        if generator is None or generator[0] != "flasgger" or self.nodes[key][2] == "namespace":
            return True
        text = ast.get_docstring(function) or ""
        decorated = any("swag_from" in module.resolve(d) for d in function.decorator_list)
        return decorated or "---" in text or bool(re.search(r"^[ \t]*(responses|parameters):", text, re.M))

    def _generator(self, module: Module) -> tuple[str, str, int] | None:
        """Return (package, path, line) of what generates OpenAPI for a module's application: its own file or its folder's."""
        if module.path not in self._generators:
            top = module.path.split("/")[:-1][:2]
            near = [m for m in self.modules if m.path.split("/")[: len(top)] == top]
            ordered = sorted(near, key=lambda m: (m.path != module.path, m.path))
            self._generators[module.path] = next((g for m in ordered if (g := _generates(m)) is not None), None)
        return self._generators[module.path]

    def endpoints(self) -> Iterator[Endpoint]:
        """Yield every route; one of a blueprint never registered has an empty application."""
        for module in self.code.application if self.nodes else ():
            for name, function in module.functions.items():
                for decorator in function.decorator_list:
                    yield from self._decorated(module, name, decorator)
            for name, owner in module.classes.items():
                for decorator in owner.decorator_list:
                    yield from self._decorated_class(module, name, owner, decorator)
            for call in module.calls:
                yield from self._added(module, call)

    def _decorated(self, module: Module, handler: str, decorator: ast.expr) -> Iterator[Endpoint]:
        if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
            return
        verb = decorator.func.attr
        key = self.key(module, decorator.func.value) if verb in ("route", *VERBS) else None
        path = module.text_of(argument(decorator, 0, "rule")) if key is not None else None
        if key is not None and path is not None:
            verbs = _methods(decorator) if verb == "route" else [verb.upper()]
            yield from self._made(key, module, handler, line=module.line(decorator), verbs=verbs, path=path)

    def _decorated_class(self, module: Module, name: str, owner: ast.ClassDef, decorator: ast.expr) -> Iterator[Endpoint]:
        if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute) and decorator.func.attr == "route":
            key = self.key(module, decorator.func.value)
            if key is not None:
                for path in [t for a in decorator.args if (t := module.text_of(a)) is not None]:
                    yield from self._of_class(key, module, owner, path, module.line(decorator))

    def _of_class(self, key: Key, module: Module, owner: ast.ClassDef, path: str, line: int) -> Iterator[Endpoint]:
        shared: list[ast.expr] = list(owner.decorator_list)
        for statement in owner.body:
            if isinstance(statement, ast.Assign) and dotted_name(statement.targets[0]) in ("decorators", "method_decorators"):
                shared += statement.value.elts if isinstance(statement.value, ast.List | ast.Tuple) else []
        guards = tuple(self.guards(module, shared))
        for verb in VERBS:
            if f"{owner.name}.{verb}" in module.functions:
                yield from self._made(
                    key, module, f"{owner.name}.{verb}", line=line, verbs=[verb.upper()], path=path, more=guards
                )

    def _added(self, module: Module, call: Call) -> Iterator[Endpoint]:
        function = call.node.func
        if not isinstance(function, ast.Attribute) or function.attr not in ("add_url_rule", "add_resource"):
            return
        key = self._application(module, function.value)
        if key is None:
            return
        if function.attr == "add_resource":
            found = self.graph.definition_of(module, call.node.args[0]) if call.node.args else None
            if found is not None and isinstance(found[1], ast.ClassDef):
                for path in [t for a in call.node.args[1:] if (t := module.text_of(a)) is not None]:
                    yield from self._of_class(key, found[0], found[1], path, found[0].line(found[1]))
            return
        path_text, view = module.text_of(argument(call.node, 0, "rule")), argument(call.node, 2, "view_func")
        if path_text is None or view is None:
            return
        if isinstance(view, ast.Call) and isinstance(view.func, ast.Attribute) and view.func.attr == "as_view":
            found = self.graph.definition_of(module, view.func.value)
            if found is not None and isinstance(found[1], ast.ClassDef):
                yield from self._of_class(key, found[0], found[1], path_text, found[0].line(found[1]))
            return
        for where, handler in self.graph.places(module, module.resolve(view), call.function, strict=True)[:1]:
            yield from self._made(
                key, where, handler, line=where.line(where.functions[handler]), verbs=_methods(call.node), path=path_text
            )

    def applications(self) -> Iterator[Application]:
        """Yield the applications and what generates their OpenAPI document."""
        for (path, name), (module, call, kind) in sorted(self.nodes.items(), key=lambda i: i[0]):
            if kind == "application":
                found = self._generator(module)
                generates, at = (found[0], (found[1], found[2])) if found else ("", ("", 0))
                yield Application(f"{path}:{name}", path, module.line(call), "flask", "", generates, at)


def _generates(module: Module) -> tuple[str, str, int] | None:
    for call in module.calls:
        package = call.name.split(".")[0]
        if package in GENERATORS and (package not in ("flask_restx", "flask_restplus") or call.name.endswith("Api")):
            return package, module.path, call.line
    return None


def _methods(call: ast.Call) -> list[str]:
    value = keyword(call, "methods")
    listed = (
        [str(e.value).upper() for e in value.elts if isinstance(e, ast.Constant)]
        if isinstance(value, ast.List | ast.Tuple | ast.Set)
        else []
    )
    return listed or ["GET"]


def _optional(decorator: ast.expr) -> bool:
    if not isinstance(decorator, ast.Call):
        return False
    value = keyword(decorator, "optional")
    return isinstance(value, ast.Constant) and value.value is True


def answers_html(module: Module, function: Function) -> bool:
    """Tell whether a view renders a page: a template, an HTML string, or only redirections."""
    rendered = redirected = answered = False
    for node in walk(function):
        if isinstance(node, ast.Call):
            last = dotted_name(node.func).rsplit(".", 1)[-1]
            rendered = rendered or last in (
                "render_template",
                "render_template_string",
                "render",
                "TemplateResponse",
                "send_from_directory",
            )
            redirected = redirected or last in ("redirect", "HttpResponseRedirect", "RedirectResponse")
            answered = answered or last in ("jsonify", "JsonResponse", "JSONResponse", "Response")
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Dict | ast.List | ast.DictComp | ast.ListComp):
            answered = True
        elif isinstance(node, ast.Return) and (text := module.text_of(node.value)) is not None:
            rendered = rendered or "<" in text
    return rendered or (redirected and not answered)

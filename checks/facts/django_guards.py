"""What protects the views of Django and Django REST framework: decorators, mixins, permissions, settings, own tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property

from checks.facts.call_graph import CallGraph
from checks.facts.guards import Guard, guard_in_body, guard_of, trusted
from checks.facts.python_code import Module, PythonCode, argument, dotted_name, keyword

PROTECTING = re.compile(
    r"(^|\.)(login_required|permission_required|user_passes_test|staff_member_required|superuser_required|superuser_only|otp_required"
    r"|LoginRequiredMixin|PermissionRequiredMixin|UserPassesTestMixin|AccessMixin|StaffuserRequiredMixin|SuperuserRequiredMixin)$"
)
OPEN_PERMISSIONS = frozenset(("AllowAny", "AllowAnonymous"))
READ_OPEN = frozenset(("IsAuthenticatedOrReadOnly", "DjangoModelPermissionsOrAnonReadOnly"))
View = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class ViewGuards:
    """Reads what a view asks of its callers."""

    def __init__(self, code: PythonCode, graph: CallGraph) -> None:
        """Take what names and calls are followed through."""
        self.code, self.graph = code, graph

    @cached_property
    def default_permission(self) -> tuple[Guard, ...]:
        """What the settings ask of every view of Django REST framework that says nothing."""
        for module in self.code.application:
            value = module.assigned.get("REST_FRAMEWORK")
            for key, element in zip(value.keys, value.values, strict=True) if isinstance(value, ast.Dict) else ():
                if isinstance(key, ast.Constant) and key.value == "DEFAULT_PERMISSION_CLASSES":
                    names = [str(n.value).rsplit(".", 1)[-1] for n in ast.walk(element) if isinstance(n, ast.Constant)]
                    closed = [n for n in names if n not in OPEN_PERMISSIONS | READ_OPEN]
                    return tuple(trusted(n, module.path, module.line(element)) for n in closed[:1])
        return ()

    @cached_property
    def login_middleware(self) -> tuple[Guard, ...]:
        """The middlewares of the settings that refuse strangers on every view."""
        found = []
        for module in self.code.application:
            value = module.assigned.get("MIDDLEWARE")
            for node in ast.walk(value) if value is not None else ():
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    if node.value.endswith("LoginRequiredMiddleware") and node.value.startswith("django."):
                        found.append(trusted("LoginRequiredMiddleware", module.path, module.line(node)))
                    for where, function in self.graph.defined(module, node.value + ".__call__") or ():
                        guard = guard_of(self.graph, where, function) or guard_in_body(self.graph, where, function)
                        found += [guard] if guard is not None else []
        return tuple(found)

    def bases(self, module: Module, owner: ast.ClassDef, depth: int = 0) -> list[str]:
        """Return the names of a class's bases, those of its own bases included."""
        names = []
        for base in owner.bases:
            name = module.resolve(base).rsplit(".", 1)[-1]
            names.append(name)
            found = self.graph.definition_of(module, base) if depth < 4 else None
            if found is not None and isinstance(found[1], ast.ClassDef):
                names += self.bases(found[0], found[1], depth + 1)
        return names

    def is_rest(self, module: Module, view: View) -> bool:
        """Tell whether a view belongs to Django REST framework."""
        if isinstance(view, ast.ClassDef):
            return any("APIView" in b or "ViewSet" in b for b in self.bases(module, view))
        return any(module.resolve(d).replace("()", "").endswith("api_view") for d in view.decorator_list)

    def guards(self, module: Module, view: View, handler: str, verb: str, *, action: ast.Call | None) -> Iterator[Guard]:
        """Yield what protects a view: its decorators, its class, the permissions it asks, its own tests, the settings."""
        decorators = list(view.decorator_list)
        if handler in module.functions and module.functions[handler] is not view:
            decorators += module.functions[handler].decorator_list
        asked: ast.expr | None = keyword(action, "permission_classes") if action is not None else None
        for decorator in decorators:
            name = module.resolve(decorator).replace("()", "")
            last = name.rsplit(".", 1)[-1]
            if last == "permission_classes" and isinstance(decorator, ast.Call):
                asked = argument(decorator, 0, "permission_classes")
            elif last == "method_decorator" and isinstance(decorator, ast.Call):
                yield from self._decorator(module, argument(decorator, 0, "decorator"))
            else:
                yield from self._decorator(module, decorator)
        if isinstance(view, ast.ClassDef):
            yield from self._class_guards(module, view)
            asked = asked or self.class_value(module, view, "permission_classes")
        if asked is not None:
            yield from self._permissions(module, asked, verb)
        elif self.is_rest(module, view):
            yield from self.default_permission
        if handler in module.functions:
            inline = guard_in_body(self.graph, module, handler)
            if inline is not None:
                yield inline

    def _decorator(self, module: Module, decorator: ast.expr | None) -> Iterator[Guard]:
        if decorator is None:
            return
        if isinstance(decorator, ast.List | ast.Tuple):
            for element in decorator.elts:
                yield from self._decorator(module, element)
            return
        name = module.resolve(decorator).replace("()", "")
        places = self.graph.places(module, name, strict=True)
        if PROTECTING.search(name) and not places:
            role = bool(re.search(r"permission|staff|superuser|test", name))
            yield trusted(name.rsplit(".", 1)[-1], module.path, module.line(decorator), role=role)
        for where, function in places[:1]:
            guard = guard_of(self.graph, where, function)
            inner = [f for f in where.functions if f.startswith(function + ".")]
            guard = guard or next((g for f in inner if (g := guard_in_body(self.graph, where, f)) is not None), None)
            if guard is None and re.search(
                r"user_passes_test|login_required", " ".join(c.name for c in self.graph.calls(where, function))
            ):
                guard = trusted(function, where.path, where.line(where.functions[function]), role=True)
            if guard is not None:
                yield guard

    def _class_guards(self, module: Module, owner: ast.ClassDef, depth: int = 0) -> Iterator[Guard]:
        for base in owner.bases:
            name = module.resolve(base)
            if PROTECTING.search(name):
                yield trusted(name.rsplit(".", 1)[-1], module.path, module.line(owner), role="Login" not in name)
            found = self.graph.definition_of(module, base) if depth < 4 else None
            if found is not None and isinstance(found[1], ast.ClassDef):
                yield from self._class_guards(found[0], found[1], depth + 1)
        if f"{owner.name}.dispatch" in module.functions:
            guard = guard_in_body(self.graph, module, f"{owner.name}.dispatch")
            if guard is not None:
                yield guard

    def class_value(self, module: Module, owner: ast.ClassDef, name: str, depth: int = 0) -> ast.expr | None:
        """Return what a class, or one it inherits from, assigns to an attribute."""
        for statement in owner.body:
            if isinstance(statement, ast.Assign) and dotted_name(statement.targets[0]) == name:
                return statement.value
        for base in owner.bases if depth < 4 else ():
            found = self.graph.definition_of(module, base)
            if found is not None and isinstance(found[1], ast.ClassDef):
                value = self.class_value(found[0], found[1], name, depth + 1)
                if value is not None:
                    return value
        return None

    def _permissions(self, module: Module, asked: ast.expr, verb: str) -> Iterator[Guard]:
        for node in _elements(asked):
            name = dotted_name(node)
            last = name.rsplit(".", 1)[-1]
            if not name or last in OPEN_PERMISSIONS or (last in READ_OPEN and verb == "GET"):
                continue
            found = self.graph.definition_of(module, node)
            if found is None and "." not in module.resolve(node).strip("?."):
                continue
            yield self._permission_class(module, node, last, found)

    def _permission_class(self, module: Module, node: ast.AST, name: str, found: tuple[Module, View] | None) -> Guard:
        if found is None:
            return trusted(name, module.path, module.line(node), role=bool(re.search(r"Admin|Permissions", name)))
        where, owner = found
        bodies = [f for n, f in where.functions.items() if n.startswith(owner.name + ".")]
        checks = any(isinstance(n, ast.Compare | ast.Attribute) for f in bodies for n in ast.walk(f)) and not all(
            _returns_true(f) for f in bodies
        )
        return Guard(name, where.path, where.line(owner), True, checks or not bodies, None, True)


def _elements(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the classes of a list of permissions, `A & B` and `A | B` opened."""
    if isinstance(node, ast.List | ast.Tuple):
        for element in node.elts:
            yield from _elements(element)
    elif isinstance(node, ast.BinOp):
        yield from _elements(node.left)
        yield from _elements(node.right)
    elif isinstance(node, ast.Call | ast.UnaryOp):
        yield from _elements(node.func if isinstance(node, ast.Call) else node.operand)
    else:
        yield node


def _returns_true(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    returned = [n.value for n in ast.walk(function) if isinstance(n, ast.Return)]
    return bool(returned) and all(isinstance(v, ast.Constant) and v.value is True for v in returned)

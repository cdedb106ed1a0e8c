"""Who calls whom among the candidate's own Python functions, across modules: enough to tell what a route ends up doing."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from checks.facts.python_code import Call, Function, Module, PythonCode, dotted_name
from checks.facts.syntax import walk

Place = tuple[Module, str]  # a module and the qualified name of a function in it
DEEPEST = 6
WIDEST = 400
# Methods that every library has: a project's class that defines one is not what `anything.get()` means.
COMMON_METHODS = frozenset(
    [
        "get",
        "post",
        "put",
        "delete",
        "patch",
        "run",
        "save",
        "load",
        "close",
        "open",
        "read",
        "write",
        "execute",
        "fit",
        "transform",
        "commit",
        "add",
        "all",
        "first",
        "filter",
        "update",
        "create",
        "insert",
        "start",
        "stop",
        "send",
        "set",
        "pop",
        "append",
        "items",
        "keys",
        "values",
        "join",
        "split",
        "format",
        "encode",
        "decode",
        "list",
        "find",
        "query",
        "connect",
        "process",
        "main",
        "build",
        "predict",
        "call",
        "invoke",
        "search",
        "count",
        "clear",
        "copy",
        "index",
        "sort",
        "dict",
        "json",
        "text",
        "login",
        "logout",
    ]
)


class CallGraph:
    """Resolves calls to the repository's functions, and follows them."""

    def __init__(self, code: PythonCode) -> None:
        """Take the Python of the submission."""
        self.code = code
        self._called: dict[tuple[str, str], tuple[Place, ...]] = {}
        self._closures: dict[tuple[str, str, int], tuple[Place, ...]] = {}
        self._calls: dict[str, dict[str, list[Call]]] = {}

    @cached_property
    def _methods(self) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = defaultdict(list)
        for module in self.code.application:
            for name in module.functions:
                head, _, last = name.rpartition(".")
                if head in module.classes and last not in COMMON_METHODS and not last.startswith("__"):
                    found[last].append((module, name))
        return found

    def calls(self, module: Module, function: str) -> list[Call]:
        """Return the calls of a function's body, those of nested functions and of its decorators and defaults included."""
        if module.path not in self._calls:
            index: dict[str, list[Call]] = defaultdict(list)
            for call in module.calls:
                parts = call.function.split(".")
                for cut in range(1, len(parts) + 1):
                    index[".".join(parts[:cut])].append(call)
            self._calls[module.path] = index
        return self._calls[module.path].get(function, [])

    def closure(self, module: Module, function: str, depth: int = DEEPEST) -> tuple[Place, ...]:
        """Return the function and what it may call, nearest first."""
        key = (module.path, function, depth)
        if key not in self._closures:
            seen: dict[tuple[str, str], Place] = {(module.path, function): (module, function)}
            frontier: list[Place] = [(module, function)]
            for _ in range(depth):
                frontier = [p for place in frontier for p in self.called(*place) if self._new(seen, p)]
                if not frontier or len(seen) > WIDEST:
                    break
            self._closures[key] = tuple(seen.values())
        return self._closures[key]

    @staticmethod
    def _new(seen: dict[tuple[str, str], Place], place: Place) -> bool:
        key = (place[0].path, place[1])
        if key in seen:
            return False
        seen[key] = place
        return True

    def called(self, module: Module, function: str) -> tuple[Place, ...]:
        """Return the repository's functions that `function` calls or hands over, in source order."""
        key = (module.path, function)
        if key not in self._called:
            found: dict[tuple[str, str], Place] = {}
            for call in self.calls(module, function):
                for place in self._targets_of(module, function, call):
                    found.setdefault((place[0].path, place[1]), place)
            self._called[key] = tuple(p for k, p in found.items() if k != key)
        return self._called[key]

    def _targets_of(self, module: Module, function: str, call: Call) -> Iterator[Place]:
        yield from self._method_of_parameter(module, function, call.node)
        yield from self.places(module, call.name, function)
        for value in [*call.node.args, *(k.value for k in call.node.keywords)]:
            name = module.resolve(value) if isinstance(value, ast.Name | ast.Attribute) else ""
            if name and not name.endswith("()"):  # the result of a call is no function handed over
                yield from self.places(module, name, function, strict=True)

    def _method_of_parameter(self, module: Module, function: str, call: ast.Call) -> Iterator[Place]:
        """Follow `service.predict()` where `service` is a parameter annotated with a class of the repository."""
        if not (isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)):
            return
        definition = module.functions.get(function)
        for argument in definition.args.args + definition.args.kwonlyargs if definition else []:
            if argument.arg == call.func.value.id and argument.annotation is not None:
                annotation = argument.annotation
                if isinstance(annotation, ast.Subscript) and isinstance(annotation.slice, ast.Tuple):
                    annotation = annotation.slice.elts[0]
                yield from self.places(module, f"{module.resolve(annotation)}.{call.func.attr}", function, strict=True)

    def places(self, module: Module, name: str, function: str = "", *, strict: bool = False) -> tuple[Place, ...]:
        """Return the definitions in the repository that a resolved dotted name means; a class means its construction.

        `strict` leaves out the guess by a method's unique name.
        """
        plain = name.replace("()", "").replace("[]", "")
        if not plain or plain.startswith("?."):
            return () if strict or not plain else self._by_method(plain)
        for candidate in self._local_names(plain, module, function):
            if candidate in module.functions:
                return ((module, candidate),)
        found = self.defined(module, plain)
        if found is not None:
            return found
        return () if strict or "." not in plain else self._by_method(plain)

    @staticmethod
    def _local_names(plain: str, module: Module, function: str) -> Iterator[str]:
        if plain.startswith(("self.", "cls.")) and "." in function:
            owner = next((p for p in _prefixes(function) if p in module.classes), function.split(".", maxsplit=1)[0])
            yield f"{owner}.{plain.split('.', 1)[1]}"
        for prefix in _prefixes(function):
            yield f"{prefix}.{plain}"
        yield plain

    def defined(self, module: Module, plain: str, depth: int = 0) -> tuple[Place, ...] | None:
        """Return the functions that a dotted name of the repository means, None when it is not of the repository."""
        head = plain.split(".", maxsplit=1)[0]
        local = (head in module.classes or head in module.functions) and head not in module.imports
        found = (module, plain) if local else self.code.definition(plain, module.path)
        if found is None and head in module.assigned and head not in module.imports:
            found = (module, plain)
        if depth > 5:
            return None
        if found is None or (local and head in module.functions and "." in plain and plain not in module.functions):
            return self._of_factory(module, plain, depth)
        where, name = found
        if name in where.functions:
            return ((where, name),)
        head, _, rest = name.partition(".")
        if head in where.classes:
            return self._of_class(where, head, rest, depth)
        value = where.assigned.get(head)
        if isinstance(value, ast.Call | ast.Name | ast.Attribute | ast.Await) and dotted_name(value) != head:
            target = where.resolve(value).replace("()", "").replace("[]", "")
            if target and target != plain and target.split(".")[0] != "?":
                return self.defined(where, f"{target}.{rest}" if rest else target, depth + 1)
        return None

    def _of_factory(self, module: Module, plain: str, depth: int) -> tuple[Place, ...] | None:
        """Follow `get_service().run`: the method of the class whose instance the function returns."""
        base, _, method = plain.rpartition(".")
        if not base or base == plain:
            return None
        found = (module, base) if base in module.functions else self.code.definition(base, module.path)
        if found is None or found[1] not in found[0].functions:
            return None
        where, name = found
        for value in _returned(where.functions[name]):
            built = where.resolve(value).replace("()", "").replace("[]", "") if not isinstance(value, ast.Constant) else ""
            places = self.defined(where, f"{built}.{method}", depth + 1) if built and built != base else None
            if places:
                return places
        return None

    def _of_class(self, module: Module, name: str, method: str, depth: int) -> tuple[Place, ...] | None:
        wanted = (method,) if method else ("__init__", "__call__", "dispatch")
        found = tuple((module, f"{name}.{w}") for w in wanted if f"{name}.{w}" in module.functions)
        if found or depth > 5:
            return found
        for base in module.classes[name].bases:
            inherited = self.defined(module, f"{module.resolve(base)}.{method}" if method else module.resolve(base), depth + 1)
            if inherited:
                return inherited
        return ()

    def _by_method(self, plain: str) -> tuple[Place, ...]:
        found = self._methods.get(plain.rsplit(".", 1)[-1], [])
        return tuple(found) if len(found) == 1 else ()

    def definition_of(self, module: Module, node: ast.expr) -> tuple[Module, ast.ClassDef | Function] | None:
        """Return the class or function of the repository that an expression names."""
        name = module.resolve(node).replace("()", "").replace("[]", "")
        for _ in range(5):
            if name in module.classes:
                return module, module.classes[name]
            if name in module.functions:
                return module, module.functions[name]
            found = self.code.definition(name, module.path) if "." in name else None
            if found is None:
                return None
            module, name = found
        return None


def _returned(function: Function) -> Iterator[ast.expr]:
    """Yield what a function returns or yields, and its annotation."""
    if function.returns is not None:
        yield function.returns
    for node in walk(function):
        if isinstance(node, ast.Return | ast.Yield) and node.value is not None:
            yield node.value


def _prefixes(function: str) -> Iterator[str]:
    parts = function.split(".") if function else []
    for cut in range(len(parts), 0, -1):
        yield ".".join(parts[:cut])


def call_graph(python_code: PythonCode) -> CallGraph:
    """Offer to follow calls."""
    return CallGraph(python_code)


FACTS = (call_graph,)

"""What FastAPI's dependencies amount to: `Depends` and `Security` followed to the code that refuses and verifies."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from checks.facts.call_graph import CallGraph
from checks.facts.guards import Guard, guard_of, trusted
from checks.facts.python_code import Function, Module, PythonCode, argument, dotted_name, keyword
from checks.facts.syntax import walk

SCHEMES = re.compile(r"^fastapi\.security\b.*\.(HTTPBearer|HTTPBasic|HTTPDigest|OAuth2\w*|APIKey\w+|OpenIdConnect)$")


class Dependencies:
    """Follows dependencies, each function once."""

    def __init__(self, code: PythonCode, graph: CallGraph) -> None:
        """Take what names and calls are followed through."""
        self.code, self.graph = code, graph
        self._guards: dict[tuple[str, str], Guard | None] = {}

    def among(self, module: Module, node: ast.AST | None) -> Iterator[Guard]:
        """Yield the guards among the `Depends(…)` and `Security(…)` below a node, or below what a name stands for."""
        if isinstance(node, ast.Name | ast.Attribute):
            for where, value in self._alias(module, node):
                yield from self.among(where, value) if not isinstance(value, ast.Name | ast.Attribute) else ()
            return
        for child in walk(node) if node is not None else ():
            if isinstance(child, ast.Call) and module.resolve(child.func).rsplit(".", 1)[-1] in ("Depends", "Security"):
                target = argument(child, 0, "dependency")
                guard = self.guard(module, target) if target is not None else None
                if guard is not None:
                    yield guard

    def guard(self, module: Module, target: ast.expr, depth: int = 0) -> Guard | None:
        """Return what a dependency amounts to, its own dependencies included."""
        name = module.resolve(target.func if isinstance(target, ast.Call) else target)
        plain = name.replace("()", "")
        if SCHEMES.match(plain):
            return self._scheme(module, target)
        for where, value in self._alias(module, target):
            if isinstance(value, ast.Call) and SCHEMES.match(where.resolve(value.func)):
                return replace(self._scheme(where, value), name=plain.rsplit(".", 1)[-1])
        places = self.graph.places(module, plain, strict=True)
        places = tuple((w, f) for w, f in places if not f.endswith("__init__")) or places
        if not places:
            known = re.search(r"current_user|authenticat|verify|require|auth", plain.rsplit(".", 1)[-1], re.I)
            foreign = "." in plain and not plain.startswith(("fastapi.", "?"))
            return trusted(plain, module.path, module.line(target)) if known and foreign else None
        where, function = next(((w, f) for w, f in places if f.endswith("__call__")), places[0])
        own = self._function_guard(where, function, depth)
        owner = where.classes.get(function.split(".")[0]) if function.endswith("__call__") else None
        shown = owner is not None and any(SCHEMES.match(where.resolve(b)) for b in owner.bases)
        if own is None or not (shown or self._roles_of(module, target)):
            return own
        return replace(own, role=own.role or self._roles_of(module, target), documented=own.documented or shown)

    def _roles_of(self, module: Module, target: ast.expr) -> bool:
        return (
            isinstance(target, ast.Call)
            and bool(target.args)
            and bool(re.search(r"role|permission|admin|scope", dotted_name(target.func), re.I))
        )

    def _function_guard(self, where: Module, function: str, depth: int) -> Guard | None:
        key = (where.path, function)
        if key in self._guards or depth > 6:
            return self._guards.get(key)
        self._guards[key] = None  # a circle of dependencies ends here
        own = guard_of(self.graph, where, function)
        nested = [d for f in self._nested(where, function) for d in self.of_parameters(where, where.functions[f], depth + 1)]
        merged = _merge(function, where, own, nested)
        self._guards[key] = merged
        return merged

    @staticmethod
    def _nested(where: Module, function: str) -> list[str]:
        return [f for f in where.functions if f == function or f.startswith(function + ".")]

    def of_parameters(self, module: Module, function: Function, depth: int = 0) -> Iterator[Guard]:
        """Yield the guards among the parameters of a function: defaults, annotations and aliases of annotations."""
        for target in self._dependency_targets(module, function):
            guard = self.guard(*target, depth)
            if guard is not None:
                yield guard
        for default in [*function.args.defaults, *function.args.kw_defaults]:
            if isinstance(default, ast.Name | ast.Attribute) and (forgotten := self._forgotten(module, default)) is not None:
                yield forgotten

    def _forgotten(self, module: Module, default: ast.expr) -> Guard | None:
        """Return what protects nothing: a guard given as a plain default, `Depends` forgotten."""
        for where, name in self.graph.places(module, module.resolve(default), strict=True):
            if guard_of(self.graph, where, name) is not None:
                return Guard(f"{name} (Depends missing)", module.path, module.line(default), False, False)
        return None

    def _dependency_targets(self, module: Module, function: Function) -> Iterator[tuple[Module, ast.expr]]:
        arguments = function.args
        roots: list[tuple[Module, ast.AST]] = [
            (module, d) for d in [*arguments.defaults, *arguments.kw_defaults] if d is not None
        ]
        for parameter in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
            if parameter.annotation is not None:
                roots.append((module, parameter.annotation))
                roots.extend(self._alias(module, parameter.annotation))
        for where, root in roots:
            for child in walk(root):
                if isinstance(child, ast.Call) and where.resolve(child.func).rsplit(".", 1)[-1] in ("Depends", "Security"):
                    target = argument(child, 0, "dependency")
                    if target is not None:
                        yield where, target

    def _alias(self, module: Module, annotation: ast.expr) -> Iterator[tuple[Module, ast.expr]]:
        """Yield the definition of an alias such as `CurrentUser = Annotated[User, Depends(current_user)]`."""
        name = dotted_name(annotation)
        if not name:
            return
        if name in module.assigned:
            value = module.assigned[name]
            if (
                isinstance(value, ast.Name | ast.Attribute)
                and dotted_name(value) != name
                and dotted_name(value) in module.assigned
            ):
                value = module.assigned[dotted_name(value)]
            yield module, value
        elif name.split(".")[0] in module.imports:
            found = self.code.definition(".".join([module.imports[name.split(".")[0]], *name.split(".")[1:]]), module.path)
            if found is not None and found[1] in found[0].assigned:
                yield found[0], found[0].assigned[found[1]]

    def _scheme(self, module: Module, target: ast.expr) -> Guard:
        value: ast.expr | None = target
        where = module
        if isinstance(target, ast.Name | ast.Attribute):
            value = module.assigned.get(dotted_name(target))
        lenient = isinstance(value, ast.Call) and isinstance(keyword(value, "auto_error"), ast.Constant)
        refuses = not (lenient and keyword(value, "auto_error").value is False)  # type: ignore[union-attr,arg-type]
        return Guard(dotted_name(target) or "security scheme", where.path, where.line(target), refuses, False, None, False, True)


def _merge(name: str, module: Module, own: Guard | None, nested: list[Guard]) -> Guard | None:
    parts = [g for g in [own, *nested] if g is not None]
    if not parts:
        return None
    line = module.line(module.functions[name])
    holding = [g for g in parts if g.holds]
    default = (
        next((g.default for g in holding or parts if g.default), None) if not any(g.default is None for g in holding) else None
    )
    return Guard(
        name,
        module.path,
        line,
        any(g.refuses for g in parts),
        any(g.checks for g in parts),
        default,
        any(g.role for g in parts),
        any(g.documented for g in parts),
    )

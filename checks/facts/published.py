"""Credentials that the source publishes: literals, and defaults of environment variables, followed through settings."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checks.facts.call_graph import CallGraph
from checks.facts.python_code import Module, dotted_name, keyword


def published_value(graph: CallGraph, module: Module, node: ast.expr | None, depth: int = 0) -> str | None:
    """Return the credential that the source publishes: a literal, or the default of an environment variable.

    Settings are followed through names, attributes of a settings object, and imports.
    """
    if node is None or depth > 5:
        return None
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) and len(node.value) > 2 else None
    if isinstance(node, ast.BoolOp):
        return next((v for n in node.values if (v := published_value(graph, module, n, depth + 1))), None)
    if isinstance(node, ast.Call):
        return _default_of_call(graph, module, node, depth)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return next((v for n in node.elts if (v := published_value(graph, module, n, depth + 1))), None)
    if isinstance(node, ast.Dict):
        return next((v for n in node.keys if n is not None and (v := published_value(graph, module, n, depth + 1))), None)
    if isinstance(node, ast.Subscript):
        return _of_literal_dictionary(graph, module, node, depth)
    name = dotted_name(node)
    if not name:
        return None
    if isinstance(node, ast.Name) and node.id in module_level(module):
        return published_value(graph, module, module_level(module)[node.id], depth + 1)
    return _published_elsewhere(graph, module, node, depth)


def _of_literal_dictionary(graph: CallGraph, module: Module, node: ast.Subscript, depth: int) -> str | None:
    """Follow `USERS["admin"]["token"]` to the value written in the source."""
    found = _entry(module, node) or _configured(graph, module, node)
    if isinstance(found, ast.Dict):
        return next((v for e in found.values if (v := published_value(graph, module, e, depth + 1))), None)
    return published_value(graph, module, found, depth + 1)


def _configured(graph: CallGraph, module: Module, node: ast.Subscript) -> ast.expr | None:
    """Return what the code puts at `app.config["KEY"]`, in this module or else in another of the application."""
    if not dotted_name(node.value).endswith(".config") or not isinstance(node.slice, ast.Constant):
        return None
    near = sorted(graph.code.application, key=lambda m: (m.path != module.path, m.path.rpartition("/")[0] != _folder(module)))
    return next((v for where in near for v in _settings(where, node.slice.value)), None)


def _folder(module: Module) -> str:
    return module.path.rpartition("/")[0]


def _settings(module: Module, key: object) -> Iterator[ast.expr]:
    if not isinstance(key, str) or not any(text == key for text, _ in module.strings):
        return
    for statement in module.nodes:
        for target in statement.targets if isinstance(statement, ast.Assign) else ():
            named = isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant) and target.slice.value == key
            if named and dotted_name(target.value).endswith(".config"):  # type: ignore[attr-defined]
                yield statement.value  # type: ignore[attr-defined]


def _entry(module: Module, node: ast.expr, depth: int = 0) -> ast.expr | None:
    """Return what a subscript of a dictionary written at module level means; the dictionary itself for an unknown key."""
    if isinstance(node, ast.Name):
        return module_level(module).get(node.id)
    table = _entry(module, node.value, depth + 1) if isinstance(node, ast.Subscript) and depth < 4 else None
    if not isinstance(table, ast.Dict) or not isinstance(node, ast.Subscript):
        return None
    if not isinstance(node.slice, ast.Constant):
        return table
    pairs = zip(table.keys, table.values, strict=True)
    return next((v for k, v in pairs if isinstance(k, ast.Constant) and k.value == node.slice.value), None)


def _default_of_call(graph: CallGraph, module: Module, node: ast.Call, depth: int) -> str | None:
    name = module.resolve(node.func)
    last = name.rsplit(".", 1)[-1]
    if last in ("getenv", "config") or name.endswith("environ.get"):
        default = node.args[1] if len(node.args) > 1 else keyword(node, "default")
        return published_value(graph, module, default, depth + 1)
    if last in ("Field", "SecretStr", "encode", "strip", "str", "set", "list", "split"):
        inner = node.args[0] if node.args else keyword(node, "default")
        if last in ("encode", "strip", "split") and isinstance(node.func, ast.Attribute):
            inner = node.func.value
        return published_value(graph, module, inner, depth + 1)
    return None


def _published_elsewhere(graph: CallGraph, module: Module, node: ast.expr, depth: int) -> str | None:
    plain = module.resolve(node).replace("()", "").replace("[]", "")
    head, _, rest = plain.partition(".")
    if rest and head not in module.imports and (owner := _annotation(module, head)):
        plain = f"{owner}.{rest}"
        head = plain.partition(".")[0]
    found = (
        (module, plain) if head in module.classes or head in module_level(module) else graph.code.definition(plain, module.path)
    )
    for _ in range(4):
        if found is None:
            return None
        where, name = found
        head, _, rest = name.partition(".")
        if head in where.classes and rest:
            return _field_default(graph, where, where.classes[head], rest.split(".")[-1], depth)
        value = module_level(where).get(head)
        if value is None:
            return None
        if not rest:
            return published_value(graph, where, value, depth + 1)
        target = where.resolve(value).replace("()", "")
        local = target.split(".")[0] in where.classes
        found = (where, f"{target}.{rest}") if local else graph.code.definition(f"{target}.{rest}", where.path)
    return None


def _annotation(module: Module, name: str) -> str:
    """Return the type that the functions of a module give to a parameter: `settings: Settings = Depends(get_settings)`."""
    found = {
        module.resolve(arg.annotation)
        for function in module.functions.values()
        for arg in (*function.args.args, *function.args.kwonlyargs)
        if arg.arg == name and arg.annotation is not None
    }
    return found.pop() if len(found) == 1 else ""


def _field_default(graph: CallGraph, module: Module, owner: ast.ClassDef, field: str, depth: int) -> str | None:
    for statement in owner.body:
        if isinstance(statement, ast.AnnAssign) and dotted_name(statement.target) == field:
            return published_value(graph, module, statement.value, depth + 1)
        if isinstance(statement, ast.Assign) and any(dotted_name(t) == field for t in statement.targets):
            return published_value(graph, module, statement.value, depth + 1)
    return None


def module_level(module: Module) -> dict[str, ast.expr]:
    """Return name → expression for the assignments at the top level of a module."""
    found: dict[str, ast.expr] = {}
    for statement in module.tree.body:
        if isinstance(statement, ast.Assign):
            found.update({dotted_name(t): statement.value for t in statement.targets if dotted_name(t)})
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            found[dotted_name(statement.target)] = statement.value
    return found

"""Python read as syntax trees: modules and notebook cells, names resolved through import aliases and simple assignments."""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from checks.facts.newer_syntax import parse
from checks.facts.syntax import children, walk
from checks.workspace import File, Workspace

Function = ast.FunctionDef | ast.AsyncFunctionDef
MAGIC = re.compile(r"^\s*(%|!|\?)")
TEST_PATH = re.compile(r"(^|/)(tests?|testing)(/|$)|(^|/)(test_[^/]*|[^/]*_tests?|tests?|tests_[^/]*|conftest)\.py$", re.I)


@dataclass(frozen=True, slots=True)
class Call:
    """A call with the dotted name of what is called, as far as it can be told: `requests.get`, `requests.Session().post`."""

    name: str
    node: ast.Call
    line: int
    function: str  # qualified name of the enclosing function, "" at module level


@dataclass(eq=False)
class Module:
    """One Python file or notebook. Lines of a notebook are lines of the .ipynb file, so that evidence opens there."""

    path: str
    tree: ast.Module
    source: list[str]
    notebook: bool = False
    _rows: list[int] = field(default_factory=list)

    @property
    def is_test(self) -> bool:
        """Tell whether the path is a test's."""
        return bool(TEST_PATH.search(self.path))

    @property
    def dotted(self) -> str:
        """Dotted name that other modules of the repository may import it by: `app/api/main.py` → `app.api.main`."""
        return self.path.rsplit(".", 1)[0].removesuffix("/__init__").replace("/", ".")

    def line(self, node: ast.AST) -> int:
        """Line to open for `node`, from 1."""
        row = getattr(node, "lineno", 1)
        return self._rows[row - 1] if self._rows and row <= len(self._rows) else row

    def excerpt(self, node: ast.AST) -> str:
        """First source line of `node`."""
        row = getattr(node, "lineno", 1)
        return self.source[row - 1].strip() if row <= len(self.source) else ""

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree, those near the root first."""
        return tuple(walk(self.tree))

    @cached_property
    def imports(self) -> dict[str, str]:
        """Local name → dotted origin, for every import at any depth; relative imports are made absolute by path."""
        found: dict[str, str] = {}
        package = self.dotted.split(".")[: None if self.path.endswith("__init__.py") else -1]
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found[alias.asname or alias.name.split(".")[0]] = alias.name if alias.asname else alias.name.split(".")[0]
            elif isinstance(node, ast.ImportFrom):
                above = package[: len(package) - node.level + 1] if node.level else []
                base = ".".join([*above, node.module] if node.module else above)
                for alias in node.names:
                    found[alias.asname or alias.name] = f"{base}.{alias.name}" if base else alias.name
            elif isinstance(node, ast.Assign) and (dotted := _imported_by_name(node.value)):
                found |= {target.id: dotted for target in node.targets if isinstance(target, ast.Name)}
        return found

    @cached_property
    def imported(self) -> frozenset[str]:
        """Top-level names of the packages imported, and the dotted modules."""
        names = set()
        for node in self.nodes:
            if isinstance(node, ast.Import):
                names |= {a.name for a in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names |= {node.module} | {f"{node.module}.{a.name}" for a in node.names}
            elif dotted := _imported_by_name(node):
                names.add(dotted)
        return frozenset(names | {n.split(".")[0] for n in names})

    @cached_property
    def assigned(self) -> dict[str, ast.expr]:
        """Name (or `self.x`) → the expression last assigned to it anywhere in the module: enough to tell what `session` is."""
        found: dict[str, ast.expr] = {}
        for node in self.nodes:
            targets: list[ast.expr] = []
            value: ast.expr | None = None
            if isinstance(node, ast.Assign):
                targets, value = node.targets, node.value
            elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
                targets, value = [node.target], node.value
            elif isinstance(node, ast.withitem) and node.optional_vars is not None:
                targets, value = [node.optional_vars], node.context_expr
            for target in targets:
                name = dotted_name(target)
                if name and value is not None:
                    found[name] = value
        return found

    def resolve(self, node: ast.expr, depth: int = 0) -> str:
        """Return the dotted name of an expression, or "" where it cannot be told.

        `pd.read_csv` → `pandas.read_csv`; `s.get` after `s = requests.Session()` → `requests.Session().get`.
        """
        if depth > 12:
            return ""
        if isinstance(node, ast.Name | ast.Attribute):
            return self._resolve_name(node, depth)
        if isinstance(node, ast.Call):
            name = self.resolve(node.func, depth + 1)
            return f"{name}()" if name else ""
        if isinstance(node, ast.Await):
            return self.resolve(node.value, depth + 1)
        if isinstance(node, ast.Subscript):
            name = self.resolve(node.value, depth + 1)
            return f"{name}[]" if name else ""
        return ""

    def _resolve_name(self, node: ast.Name | ast.Attribute, depth: int) -> str:
        plain = dotted_name(node)
        if plain in self.assigned and (plain not in self.imports):
            value = self.assigned[plain]
            if isinstance(value, ast.Call | ast.Attribute | ast.Name | ast.Await | ast.Subscript) and dotted_name(value) != plain:
                return self.resolve(value, depth + 1) or plain
        if isinstance(node, ast.Attribute):
            left = self.resolve(node.value, depth + 1)
            return f"{left}.{node.attr}" if left else f"?.{node.attr}"
        return self.imports.get(node.id, node.id)

    @cached_property
    def functions(self) -> dict[str, Function]:
        """Qualified name → definition, nested ones and methods included (`Class.method`, `outer.inner`)."""
        return dict(_definitions(self.tree, ""))

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        """Name → class definition."""
        return {n.name: n for n in self.nodes if isinstance(n, ast.ClassDef)}

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """Every call in source order."""
        return tuple(self._calls_in(self.tree, ""))

    def _calls_in(self, root: ast.AST, function: str) -> Iterator[Call]:
        stack: list[tuple[ast.AST, str]] = [(root, function)]
        while stack:
            node, where = stack.pop()
            if isinstance(node, ast.Call):
                yield Call(self.resolve(node.func), node, self.line(node), where)
            inside = where
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inside = f"{where}.{node.name}" if where else node.name
            stack += [(child, inside) for child in reversed(children(node))]

    def calls_under(self, node: ast.AST) -> Iterator[Call]:
        """Yield the calls below `node`."""
        return self._calls_in(node, "")

    @cached_property
    def strings(self) -> tuple[tuple[str, ast.expr], ...]:
        """Every string literal outside docstrings, f-strings once with `{}` for their holes, with its node."""
        return tuple(_strings(self.tree))

    def text_of(self, node: ast.expr | None) -> str | None:
        """Return a string's value when it is known: literal, f-string (holes as `{}`), concatenation, or a name assigned one."""
        return self._text_of(node, 0)

    def _text_of(self, node: ast.expr | None, depth: int) -> str | None:
        if node is None or depth > 8:
            return None
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.JoinedStr):
            return "".join(self._piece(part, depth) for part in node.values)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self._text_of(node.left, depth + 1), self._text_of(node.right, depth + 1)
            return None if left is None and right is None else (left or "{}") + (right or "{}")
        name = dotted_name(node)
        if name and name in self.assigned:
            return self._text_of(self.assigned[name], depth + 1)
        return None

    def _piece(self, part: ast.expr, depth: int) -> str:
        if isinstance(part, ast.Constant):
            return str(part.value)
        known = self._text_of(part.value, depth + 1) if isinstance(part, ast.FormattedValue) else None
        return known if known is not None else "{}"


@dataclass(frozen=True)
class PythonCode:
    """All the Python of a submission, vendored code left out."""

    modules: tuple[Module, ...]

    @cached_property
    def by_path(self) -> dict[str, Module]:
        """Path → module."""
        return {m.path: m for m in self.modules}

    @cached_property
    def application(self) -> tuple[Module, ...]:
        """Modules that are not tests."""
        return tuple(m for m in self.modules if not m.is_test)

    @cached_property
    def imported(self) -> dict[str, Module]:
        """Imported package or dotted module → first module that imports it."""
        found: dict[str, Module] = {}
        for module in self.modules:
            for name in sorted(module.imported):
                found.setdefault(name, module)
        return found

    @cached_property
    def _by_dotted(self) -> dict[str, list[Module]]:
        index: dict[str, list[Module]] = defaultdict(list)
        for module in self.modules:
            parts = module.dotted.split(".")
            for start in range(len(parts)):
                index[".".join(parts[start:])].append(module)
        return index

    def module_named(self, dotted: str, near: str = "") -> Module | None:
        """Return the repository's module that `import dotted` most likely means, seen from the file at path `near`."""
        candidates = self._by_dotted.get(dotted, [])
        return max(candidates, key=lambda m: (_common(m.path, near), -len(m.path)), default=None)

    def definition(self, dotted: str, near: str = "") -> tuple[Module, str] | None:
        """Return (module, name in it) that defines a dotted name of the repository; re-exports are followed."""
        for _ in range(6):
            parts = dotted.split(".")
            for cut in range(len(parts) - 1, 0, -1):
                module = self.module_named(".".join(parts[:cut]), near)
                if module is None:
                    continue
                name = ".".join(parts[cut:])
                head = parts[cut]
                known = name in module.functions or head in module.classes or head in module.assigned
                if known or head not in module.imports:
                    return (module, name) if known else None
                dotted, near = ".".join([module.imports[head], *parts[cut + 1 :]]), module.path
                break
            else:
                return None
        return None


def dotted_name(node: ast.AST | None) -> str:
    """Return `a.b.c` for a chain of plain attributes, else ""."""
    if isinstance(node, ast.Name):
        return node.id
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def _imported_by_name(node: ast.AST) -> str:
    """Return what `importlib.import_module("a.b")` imports, "" for anything else: tests run so the scripts that work when imported."""
    if not isinstance(node, ast.Call) or dotted_name(node.func) not in ("importlib.import_module", "import_module"):
        return ""
    name = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
    return name if isinstance(name, str) and not name.startswith(".") else ""


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return the value of a keyword argument, or None."""
    return next((k.value for k in call.keywords if k.arg == name), None)


def argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    """Return an argument given by position or by name, or None."""
    return call.args[position] if len(call.args) > position else keyword(call, name)


def _common(path: str, near: str) -> int:
    count = 0
    for left, right in zip(path.split("/")[:-1], near.split("/")[:-1], strict=False):
        if left != right:
            break
        count += 1
    return count


def _definitions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for child in children(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{prefix}.{child.name}" if prefix else child.name
            if not isinstance(child, ast.ClassDef):
                yield name, child
            yield from _definitions(child, name)
        elif isinstance(child, ast.stmt | ast.excepthandler):
            yield from _definitions(child, prefix)


def _strings(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values), node
            stack.extend(v.value for v in node.values if isinstance(v, ast.FormattedValue))
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, node
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring or a bare string says, it does not do
        stack.extend(reversed(children(node)))


def parse_module(file: File) -> Module:
    """Parse a .py file. Raises SyntaxError."""
    text = file.text
    return Module(file.path, parse(text), file.lines)


def parse_notebook(file: File) -> Module:
    """Parse the code cells of a notebook as one module; a cell that is no Python is passed over."""
    body: list[str] = []
    rows: list[int] = []
    cursor = 0
    for cell in notebook_cells(file, "code"):
        lines = ["pass" if MAGIC.match(line) else line for line in cell.splitlines()]
        try:
            parse("\n".join(lines))
        except SyntaxError:
            continue
        for line in lines:
            cursor, row = _find_row(file.lines, line, cursor)
            body.append(line)
            rows.append(row)
    return Module(file.path, parse("\n".join(body)), body, notebook=True, _rows=rows)


def notebook_cells(file: File, kind: str) -> Iterator[str]:
    """Yield the sources of a notebook's cells of a kind (`code` or `markdown`). Raises ValueError when malformed."""
    document = json.loads(file.data.decode("utf-8-sig", "replace"))
    if not isinstance(document, dict):
        raise ValueError("a notebook is a JSON object")
    sheets = document.get("worksheets") or [document]
    for sheet in sheets if isinstance(sheets, list) else []:
        for cell in sheet.get("cells", []) if isinstance(sheet, dict) else []:
            if isinstance(cell, dict) and cell.get("cell_type") == kind:
                source = cell.get("source", cell.get("input", ""))
                text = "".join(str(s) for s in source) if isinstance(source, list) else str(source)
                yield text.encode("utf-8", "replace").decode("utf-8")  # half an emoji is no text for a parser


def _find_row(lines: list[str], wanted: str, cursor: int) -> tuple[int, int]:
    probe = json.dumps(wanted.rstrip("\n"), ensure_ascii=False)[1:-1]
    ascii_probe = json.dumps(wanted.rstrip("\n"))[1:-1]
    for index in range(cursor, min(cursor + 4000, len(lines))):
        if probe in lines[index] or ascii_probe in lines[index]:
            return (index + 1 if probe.strip() else index), index + 1
    return cursor, max(cursor, 1)


def cell_rows(file: File, cell: str, cursor: int) -> tuple[list[int], int]:
    """Return, for each line of a cell, the line of the .ipynb file that holds it; `cursor` is where the search goes on."""
    rows = []
    for line in cell.splitlines() or [""]:
        cursor, row = _find_row(file.lines, line, cursor)
        rows.append(row)
    return rows, cursor


def python_code(workspace: Workspace) -> PythonCode:
    """Parse every Python file and notebook of the candidate."""
    modules = []
    for file in workspace.with_suffix(".py", ".pyw", ".ipynb"):
        reading = parse_notebook if file.suffix == ".ipynb" else parse_module
        module = workspace.attempt(file, reading)
        if module is not None:
            modules.append(module)
    return PythonCode(tuple(modules))

"""Where calls point: URLs and paths followed through constants, settings, environment defaults and other modules."""

from __future__ import annotations

import ast
import re
import sys

from checks.facts.python_code import Call, Module, PythonCode, dotted_name
from checks.facts.sources_catalogue import EXTERNAL_URL, NO_DATA_CLIENT, OWN_HOST, SERVICE_HOST
from checks.workspace import Workspace

ENVIRONMENT = re.compile(r"^(os\.(getenv|environ\.get|environ\[\])|decouple\.config|environs\.\w+\(\)\.\w+|env)$")
SETTING_LINE = re.compile(r"^[ \t]*(?:-\s*|export\s+)?([A-Z][A-Z0-9_]{2,60})\s*[:=]\s*[\"']?(https?://[^\s\"'#]+)", re.M)
JOINERS = frozenset(["Path", "join", "joinpath", "PurePath", "PosixPath", "str", "format", "rstrip", "strip", "lstrip"])


class Addresses:
    """Turns the expression that a call is given into the text of a URL or a path, as far as it can be told."""

    def __init__(self, workspace: Workspace, code: PythonCode) -> None:
        """Remember the code and the URLs that settings files give to variables."""
        self._code = code
        self._settings: dict[str, str] = {}
        self._defaults: dict[str, dict[str, ast.expr]] = {}
        for file in workspace.own:
            if file.size < 100_000 and (
                file.name.startswith((".env", "env")) or file.suffix in (".yml", ".yaml", ".env", ".example")
            ):
                for name, url in SETTING_LINE.findall(file.text):
                    self._settings.setdefault(name, url)

    def of(self, module: Module, node: ast.expr | None, function: str = "") -> str:
        """Return a URL or what is known of it; the name of the variable where nothing more is."""
        text = self.text(module, node, function)
        if EXTERNAL_URL.search(text) or text.startswith("http"):
            return text
        name = dotted_name(node) if node is not None else ""
        return text or name

    def text(self, module: Module, node: ast.expr | None, function: str = "", depth: int = 0) -> str:
        """Return the text of an expression: literals, joins of paths, defaults, constants of other modules; holes are `{}`.

        A parameter of `function` takes what its callers in the module give it.
        """
        if node is None or depth > 8:
            return ""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else ""
        if isinstance(node, ast.JoinedStr):
            parts = [
                str(v.value) if isinstance(v, ast.Constant) else self.text(module, v.value, function, depth + 1) or "{}"
                for v in node.values
                if isinstance(v, ast.Constant | ast.FormattedValue)
            ]
            return "".join(parts)
        if isinstance(node, ast.BinOp):
            left, right = self.text(module, node.left, function, depth + 1), self.text(module, node.right, function, depth + 1)
            glue = "/" if isinstance(node.op, ast.Div) and left else ""
            return f"{left}{glue}{right}" if left or right else ""
        if isinstance(node, ast.Call):
            return self._called(module, node, function, depth)
        return self._named(module, node, function, depth)

    def _called(self, module: Module, node: ast.Call, function: str, depth: int) -> str:
        name = module.resolve(node.func)
        if ENVIRONMENT.search(name):
            texts = [self.text(module, a, function, depth + 1) for a in node.args]
            default = (
                texts[1]
                if len(texts) > 1
                else next((self.text(module, k.value, function, depth + 1) for k in node.keywords if k.arg == "default"), "")
            )
            variable = texts[0] if texts else ""
            return default or self._settings.get(variable, "") or variable
        last = name.rsplit(".", 1)[-1].replace("()", "")
        if last in JOINERS or name.endswith("urljoin"):
            inner = [self.text(module, a, function, depth + 1) for a in node.args]
            if isinstance(node.func, ast.Attribute) and last in ("joinpath", "format", "rstrip", "strip", "lstrip"):
                inner = [self.text(module, node.func.value, function, depth + 1), *(inner if last == "joinpath" else [])]
            return "/".join(t for t in inner if t)
        return ""

    def _named(self, module: Module, node: ast.expr, function: str, depth: int) -> str:
        name = dotted_name(node)
        if not name:
            return self.text(module, node.value, function, depth + 1) if isinstance(node, ast.Subscript | ast.Await) else ""
        last = name.rsplit(".", 1)[-1]
        for candidate in (name, last if name.startswith(("self.", "cls.")) else ""):
            value = module.assigned.get(candidate) if candidate else None
            if value is not None and dotted_name(value) != name:
                return self.text(module, value, function, depth + 1)
        defined = self._code.definition(
            module.imports.get(name.split(".")[0], name.split(".")[0]) + name[len(name.split(".")[0]) :], module.path
        )
        if defined is not None and defined[0] is not module:
            other, inner = defined
            value = other.assigned.get(inner) or other.assigned.get(inner.rsplit(".", 1)[-1]) or other.assigned.get(last)
            if value is not None:
                return self.text(other, value, "", depth + 1)
        default = self._default(module, name, function)
        if default is not None:
            return self.text(module, default, "", depth + 1)
        return self._settings.get(last.upper(), "")

    def _default(self, module: Module, name: str, function: str) -> ast.expr | None:
        if module.path not in self._defaults:
            found: dict[str, ast.expr] = {}
            parameters = {
                name.rsplit(".", 1)[-1]: [a.arg for a in f.args.args if a.arg not in ("self", "cls")]
                for name, f in module.functions.items()
            }
            for call in module.calls:
                names = parameters.get(call.name.rsplit(".", 1)[-1], [])
                given = [
                    *zip(names, call.node.args, strict=False),
                    *((k.arg, k.value) for k in call.node.keywords if k.arg in names),
                ]
                for name_given, value in given:
                    if name_given and dotted_name(value) != name_given:
                        found.setdefault(f"{call.name.rsplit('.', 1)[-1]}:{name_given}", value)
                        found.setdefault(name_given, value)
            for definition in module.functions.values():
                arguments, defaults = definition.args.args, definition.args.defaults
                for argument, value in zip(arguments[len(arguments) - len(defaults) :], defaults, strict=False):
                    found.setdefault(argument.arg, value)
            self._defaults[module.path] = found
        known = self._defaults[module.path]
        return known.get(f"{function.rsplit('.', 1)[-1]}:{name}") or known.get(name)

    def any_external(self, module: Module) -> str:
        """Return an external URL among the module's strings, or those of the configuration that it imports from."""
        for text, _ in module.strings:
            if len(text) < 400 and EXTERNAL_URL.match(text) and not SERVICE_HOST.search(text) and not OWN_HOST.search(text):
                return text
        for origin in sorted(set(module.imports.values())):
            other = self._code.module_named(origin, module.path) or self._code.module_named(
                origin.rpartition(".")[0], module.path
            )
            if other is not None and re.search(r"config|setting|constant|source|param", other.path, re.I):
                for text, _ in other.strings:
                    if EXTERNAL_URL.match(text) and not SERVICE_HOST.search(text) and not OWN_HOST.search(text):
                        return text
        return ""

    def opened_near(self, module: Module, call: Call) -> str:
        """Return the path of the last `open(…)` written before `call` in the same function, or of its own argument."""
        first = call.node.args[0] if call.node.args else None
        best = ""
        for other in module.calls:
            opens = other.name == "open" or other.name.endswith((".open", "read_text"))
            if opens and other.function == call.function and other.node.lineno <= call.node.lineno:
                target = (
                    other.node.args[0]
                    if other.node.args and other.name in ("open", "io.open", "codecs.open", "gzip.open")
                    else None
                )
                if target is None and isinstance(other.node.func, ast.Attribute):
                    target = other.node.func.value
                best = self.text(module, target, call.function) or dotted_name(target) or best
        return best or self.text(module, first, call.function)

    def is_ours_or_known(self, package: str, module: Module) -> bool:
        """Tell whether a package is the repository's own, Python's own, or known to be no source of data."""
        families = ("langchain", "llama_index", "django", "flask", "fastapi", "opentelemetry", "azure", "google")
        if package in NO_DATA_CLIENT or package in sys.stdlib_module_names or package.startswith(families):
            return True
        return self._code.module_named(package, module.path) is not None

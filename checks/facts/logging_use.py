"""How the code logs: where logging is configured, where it is called, and where only `print` speaks."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from checks.facts.instruments import touches_model
from checks.facts.instruments_catalogue import speaks_of_model
from checks.facts.python_code import Function, Module, PythonCode, keyword
from checks.facts.reach import Reach
from checks.facts.syntax import walk
from checks.workspace import Workspace

CONFIGURE = re.compile(
    r"^logging\.(basicConfig|config\.(dictConfig|fileConfig)|getLogger\(\)\.addHandler)$|\.addHandler$"
    r"|^structlog\.configure$|^loguru\.logger\.(add|configure)$"
    r"|^coloredlogs\.install$|^logging_loki\.|^logstash\S*Handler$|^pythonjsonlogger\."
)
LOGGER_CALL = re.compile(
    r"(^|\.)(logger|log|logging|_logger|LOGGER|LOG|getLogger\(\)|get_logger\(\)|setup_logger\(\)|app\.logger"
    r"|logger\(\))\.(debug|info|warning|warn|error|exception|critical|log|success|bind)$"
)
LOGGER_NAME = re.compile(r"log(ger|ging)?$", re.I)
LEVELS = frozenset(["debug", "info", "warning", "warn", "error", "exception", "critical", "success"])
JS_LOGGERS = re.compile(
    r"require\(['\"](winston|pino|morgan|log4js|bunyan)|from ['\"](winston|pino|pino-http|morgan|log4js|nestjs-pino|bunyan)['\"]"
)
WRITERS = frozenset(["print", "sys.stdout.write", "sys.stderr.write"])
DUMPS = frozenset(["json.dumps", "orjson.dumps"])
RECORD = frozenset(["event", "level", "severity", "log_level", "evenement", "niveau"])  # what only a record of a journal says
SHORT = 6  # statements of a function that does nothing but log
REQUEST_HOOK = re.compile(r"middleware|before_request|after_request|dispatch|process_request|process_response|__call__", re.I)


@dataclass(frozen=True, slots=True)
class LogPoint:
    """A call to a logger: `level` is the method, `kind` says where it stands: `request`, `error`, `model` or `other`."""

    path: str
    line: int
    excerpt: str
    level: str
    kind: str
    served: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A line to open."""

    path: str
    line: int
    excerpt: str
    served: bool


@dataclass(frozen=True)
class LoggingUse:
    """Configuration and use of logging, tests and notebooks left out."""

    configured: tuple[Place, ...]
    points: tuple[LogPoint, ...]
    prints: tuple[Place, ...]

    @cached_property
    def by_module(self) -> dict[str, int]:
        """Path of each module → how many log calls it has."""
        return dict(Counter(p.path for p in self.points))

    def served_points(self) -> tuple[LogPoint, ...]:
        """Log calls that an application reaches."""
        return tuple(p for p in self.points if p.served)


def _is_log(module: Module, name: str, func: ast.expr) -> bool:
    if not isinstance(func, ast.Attribute) or func.attr not in LEVELS:
        return False
    if LOGGER_CALL.search(name) or name.startswith(("logging.", "loguru.", "structlog.")):
        return True
    return bool(LOGGER_NAME.search(ast.unparse(func.value)[-60:].rstrip("]\"')")))


def _points(module: Module, served: bool) -> Iterator[LogPoint]:
    handlers = [(h.lineno, h.end_lineno or h.lineno) for h in module.nodes if isinstance(h, ast.ExceptHandler)]
    near = touches_model(module)
    for call in module.calls:
        if not _is_log(module, call.name, call.node.func):
            continue
        level = call.node.func.attr if isinstance(call.node.func, ast.Attribute) else ""
        row = call.node.lineno
        words = " ".join(str(n.value) for a in call.node.args for n in walk(a) if isinstance(n, ast.Constant))[:300]
        if speaks_of_model(call.function) or speaks_of_model(words.replace(" ", "_")) or (near and level in ("info", "debug")):
            kind = "model"
        elif level in ("error", "exception", "critical") or any(a <= row <= b for a, b in handlers):
            kind = "error"
        else:
            kind = "request" if REQUEST_HOOK.search(call.function) else "other"
        yield LogPoint(module.path, call.line, module.excerpt(call.node), level, kind, served)


def _wrappers(module: Module) -> Iterator[str]:
    """Yield the functions that log what their callers give them: `def event(name): logger.info(name)`."""
    for call in module.calls:
        definition = module.functions.get(call.function)
        if definition is None or not call.node.args or not _is_log(module, call.name, call.node.func):
            continue
        names = {a.arg for a in definition.args.args}
        used = {n.id for n in walk(call.node.args[0]) if isinstance(n, ast.Name)}
        if names & used and len(definition.body) <= SHORT:
            yield call.function.rsplit(".", 1)[-1]


def _records(module: Module) -> Iterator[str]:
    """Yield the functions that write one record of events a call, as JSON: `print(json.dumps({"event": name, …}))`."""
    for call in module.calls:
        definition = module.functions.get(call.function)
        if definition is None or call.name not in WRITERS:
            continue
        dumped = [a.args[0] for a in call.node.args if isinstance(a, ast.Call) and a.args and module.resolve(a.func) in DUMPS]
        if any(_keys(value, definition) & RECORD for value in dumped):
            yield call.function.rsplit(".", 1)[-1]


def _keys(value: ast.expr, definition: Function) -> set[object]:
    """Return the constant keys of a dictionary written in place, or given to a variable of the function."""
    if isinstance(value, ast.Name):
        given = (n for n in walk(definition) if isinstance(n, ast.Assign | ast.AnnAssign) and isinstance(n.value, ast.Dict))
        value = next((n.value for n in given if n.value and value.id in {t.id for t in _targets(n)}), value)
    return {k.value for k in value.keys if isinstance(k, ast.Constant)} if isinstance(value, ast.Dict) else set()


def _targets(node: ast.Assign | ast.AnnAssign) -> Iterator[ast.Name]:
    yield from (t for t in (node.targets if isinstance(node, ast.Assign) else [node.target]) if isinstance(t, ast.Name))


def _through_wrappers(module: Module, wrappers: dict[str, frozenset[str]], served: bool) -> Iterator[LogPoint]:
    """Yield the calls of such functions; `wrappers` maps their name to the stems of the modules that define them."""
    own = module.path.rsplit("/", 1)[-1].removesuffix(".py")
    for call in module.calls:
        last = call.name.rsplit(".", 1)[-1]
        stems = wrappers.get(last, frozenset())
        if stems and (own in stems or set(call.name.split(".")) & stems) and call.function.rsplit(".", 1)[-1] != last:
            kind = "model" if speaks_of_model(call.function) else "other"
            yield LogPoint(module.path, call.line, module.excerpt(call.node), last, kind, served)


def _configured(module: Module, served: bool) -> Iterator[Place]:
    for call in module.calls:
        if CONFIGURE.search(call.name) and not (
            call.name.endswith("basicConfig") and keyword(call.node, "force") and not call.function
        ):
            yield Place(module.path, call.line, module.excerpt(call.node), served)
    declared = module.assigned.get("LOGGING")
    if isinstance(declared, ast.Dict) and any(
        isinstance(k, ast.Constant) and k.value in ("handlers", "loggers", "root") for k in declared.keys
    ):
        yield Place(module.path, max(1, module.line(declared)), module.excerpt(declared), True)


def _front(workspace: Workspace) -> Iterator[tuple[Place, int]]:
    for file in workspace.with_suffix(".js", ".ts", ".mjs", ".cjs"):
        if file.size < 300_000 and JS_LOGGERS.search(file.text):
            line = next((n for n, t in enumerate(file.lines, 1) if JS_LOGGERS.search(t)), 1)
            yield (
                Place(file.path, line, file.line(line), True),
                len(re.findall(r"\b(?:logger|log)\.(?:info|warn|error|debug)\(", file.text)),
            )


def logging_use(workspace: Workspace, python_code: PythonCode, reach: Reach) -> LoggingUse:
    """Read configuration, calls and prints of every module that is neither a test nor a notebook."""
    configured: list[Place] = []
    points: list[LogPoint] = []
    prints: list[Place] = []
    wrappers: dict[str, frozenset[str]] = {}
    for module in python_code.application:
        stem = module.path.rsplit("/", 1)[-1].removesuffix(".py")
        for name in (*_wrappers(module), *_records(module)) if not module.notebook else ():
            wrappers[name] = wrappers.get(name, frozenset()) | {stem}
    for module in python_code.application:
        if module.notebook:
            continue
        reached = module.path in reach.all
        configured.extend(_configured(module, reached))
        points.extend(_points(module, reached))
        points.extend(_through_wrappers(module, wrappers, reached))
        first = next((c for c in module.calls if c.name == "print"), None)
        if first is not None:
            prints.append(Place(module.path, first.line, module.excerpt(first.node), reached))
    for place, calls in _front(workspace):
        configured.append(place)
        points.extend(LogPoint(place.path, place.line, place.excerpt, "info", "other", True) for _ in range(min(calls, 20)))
    return LoggingUse(tuple(configured), tuple(points), tuple(prints))


FACTS = (logging_use,)

"""What the code measures while it runs: metrics, traces, tracking and drift tools, and the routes that expose them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from checks.facts.dependencies import Dependencies
from checks.facts.instruments_catalogue import (
    DRIFT_TEST,
    ENABLE_TRACE,
    EXPOSE,
    FILL,
    IDENTIFIER,
    LIVE_TRACE,
    METER,
    METRIC_CLASS,
    METRIC_HEAD,
    METRIC_TAIL,
    MLFLOW_READ,
    MLFLOW_WRITE,
    MODEL_PACKAGES,
    MODEL_WORDS,
    READ_FILE,
    READ_STORE,
    RENDER,
    ROUTE_VERBS,
    TOOLS,
    WATCH_WORDS,
    bare,
    speaks_of_model,
    words_of,
)
from checks.facts.python_code import Call, Module, PythonCode, dotted_name, keyword
from checks.facts.reach import Reach
from checks.facts.syntax import walk

RECORD = re.compile(r"(^mlflow(\.tracking)?|MlflowClient\(\))\.log_(metrics?|batch)$")
READS_ANSWER = frozenset(("get", "items", "keys", "values", "pop", "dict", "as_dict", "json", "copy", "append", "format"))
NODE_CLIENTS = ("prom-client", "express-prom-bundle", "fastify-metrics", "express-prometheus-middleware")


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric that the code defines: `about_model` as opposed to the application; `filled` when something updates it."""

    name: str
    path: str
    line: int
    excerpt: str
    about_model: bool
    filled: bool


@dataclass(frozen=True, slots=True)
class Exposure:
    """A place that gives metrics out: `kind` is `prometheus`, `page` (a bound dashboard), `html` or `json`
    (a route of the project that renders a page or gives values)."""

    kind: str
    path: str
    line: int
    excerpt: str
    address: str
    about_model: bool


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool that is really called. `follows` is `model`, `training`, `application` or `errors`; `served` tells whether an
    application reaches the call."""

    package: str
    follows: str
    path: str
    line: int
    excerpt: str
    served: bool


@dataclass(frozen=True)
class Instruments:
    """Metrics, exposures and tools found in code, tests left out, in path order."""

    metrics: tuple[Metric, ...]
    exposures: tuple[Exposure, ...]
    tools: tuple[ToolUse, ...]

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of the metrics defined in code, without the endings that the exposition adds."""
        return frozenset(bare(m.name) for m in self.metrics)

    @property
    def of_model(self) -> tuple[Metric, ...]:
        """Metrics about the model that something fills."""
        return tuple(m for m in self.metrics if m.about_model and m.filled)

    def tool(self, *packages: str) -> tuple[ToolUse, ...]:
        """Return the uses of some packages."""
        return tuple(t for t in self.tools if t.package in packages)


def touches_model(module: Module) -> bool:
    """Tell whether a module holds a model or calls one."""
    return bool(module.imported & MODEL_PACKAGES)


class _Reading:
    def __init__(self, code: PythonCode, reach: Reach) -> None:
        self.code, self.reach = code, reach
        self.fed = self._fed()
        self.named: dict[str, bool] = {}

    def _fed(self) -> dict[str, bool]:
        """Name of each variable on which a metric's method is called → whether that happens beside a model."""
        fed: dict[str, bool] = {}
        for module in self.code.application:
            near = touches_model(module)
            for call in module.calls:
                func = call.node.func
                if isinstance(func, ast.Attribute) and func.attr in FILL:
                    beside = near or speaks_of_model(call.function)
                    for name in _chain(func.value):
                        fed[name] = fed.get(name, False) or beside
        return fed

    def metrics(self, module: Module) -> Iterator[Metric]:
        holders = {id(v): n.rsplit(".", 1)[-1] for n, v in module.assigned.items()}
        for call in module.calls:
            if not (METRIC_CLASS.match(call.name) or (METER.search(call.name) and "opentelemetry" in module.imported)):
                continue
            name = module.text_of(call.node.args[0] if call.node.args else keyword(call.node, "name")) or ""
            holder = holders.get(id(call.node), "")
            about = speaks_of_model(name) or (
                self.fed.get(holder, False) and not re.match(r"^(http|django|flask|process|request|db|auth|login)", name)
            )
            filled = holder in self.fed if holder else True
            yield Metric(name, module.path, call.line, module.excerpt(call.node), about, filled)

    def exposures(self, module: Module) -> Iterator[Exposure]:
        for call in module.calls:
            if EXPOSE.search(call.name):
                kind = "page" if "monitoringdashboard" in call.name else "prometheus"
                address = "/metrics"
                if call.name.endswith("start_http_server"):
                    address = ":" + _number(call.node)
                yield Exposure(kind, module.path, call.line, module.excerpt(call.node), address, False)
            elif call.name == "django.urls.include" and _included(module, call) == "django_prometheus.urls":
                yield Exposure("prometheus", module.path, call.line, module.excerpt(call.node), "/metrics", False)
        yield from self._routes(module)

    def _routes(self, module: Module) -> Iterator[Exposure]:
        if module.path not in self.reach.entries:
            return
        for name, function in module.functions.items():
            for decorator in function.decorator_list:
                if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute) and decorator.args:
                    address = module.text_of(decorator.args[0]) or ""
                    if decorator.func.attr in ROUTE_VERBS and WATCH_WORDS.search(address):
                        yield self._route(module, function, address, name)
        for call in module.calls:
            if call.name in ("django.urls.path", "django.urls.re_path") and len(call.node.args) > 1:
                address = module.text_of(call.node.args[0]) or ""
                if WATCH_WORDS.search(address):
                    yield self._django_route(module, call, address)

    def _about_model(self, module: Module, node: ast.AST) -> bool:
        if module.path not in self.named:
            self.named[module.path] = _named_measures(module)
        return self.named[module.path] or _reads_model(node)

    def _route(self, module: Module, function: ast.AST, address: str, name: str) -> Exposure:
        about = speaks_of_model(address) or speaks_of_model(name) or self._about_model(module, function)
        about = about and not _frozen(module, function)
        line = module.line(function)
        kind = "html" if _renders(module, function) else "json"
        return Exposure(kind, module.path, line, module.excerpt(function), address, about)

    def _django_route(self, module: Module, call: Call, address: str) -> Exposure:
        view = call.node.args[1]
        target = view.func.value if isinstance(view, ast.Call) and isinstance(view.func, ast.Attribute) else view
        found = self.code.definition(module.resolve(target), module.path)
        name = ast.unparse(target)[:200]
        about, kind = speaks_of_model(address) or speaks_of_model(name), "json"
        if found is not None:
            body = found[0].functions.get(found[1]) or found[0].classes.get(found[1])
            if body is not None:
                about = about or self._about_model(found[0], body)
                kind = "html" if _renders(found[0], body) else "json"
                return Exposure(kind, found[0].path, found[0].line(body), found[0].excerpt(body), "/" + address, about)
        return Exposure(kind, module.path, call.line, module.excerpt(call.node), "/" + address, about)

    def tools(self, module: Module) -> Iterator[ToolUse]:
        wanted = sorted(t for t in TOOLS if t in module.imported or any(i.startswith(t + ".") for i in module.imported))
        trains = any(c.name.endswith(".fit") for c in module.calls) if "mlflow" in wanted else False
        for package in wanted if not module.notebook else ():
            use = _called(module, package) or _decorated(module, package)
            if use is None:
                continue
            follows = TOOLS[package]
            if package == "mlflow":
                use, follows = self._mlflow(module, trains)
                if use is None:
                    continue
            yield self._use(module, package, follows, use)
        if module.notebook:
            yield from self._notebook_tools(module, wanted)
            return
        yield from self._traces(module)
        drift = next((c for c in module.calls if DRIFT_TEST.search(c.name)), None)
        if drift is not None and re.search(r"drift|derive|monitor", module.path + drift.function, re.I):
            yield self._use(module, "drift", "model", drift)

    def _notebook_tools(self, module: Module, wanted: list[str]) -> Iterator[ToolUse]:
        for package in wanted:
            use = _called(module, package)
            if use is not None and TOOLS[package] in ("model", "training"):  # a notebook follows experiments, nothing in use
                yield self._use(module, package, "training", use)

    def _use(self, module: Module, package: str, follows: str, use: Call) -> ToolUse:
        return ToolUse(package, follows, module.path, use.line, module.excerpt(use.node), module.path in self.reach.all)

    def _mlflow(self, module: Module, trains: bool) -> tuple[Call | None, str]:
        live = next((c for c in module.calls if LIVE_TRACE.search(c.name)), None)
        if live is not None:
            return live, "model"
        written = next((c for c in module.calls if MLFLOW_WRITE.search(c.name)), None)
        read = next((c for c in module.calls if MLFLOW_READ.search(c.name)), None)
        if module.path in self.reach.all and not trains:
            if read is not None and re.search(r"\.data\.metrics|\.metrics\b", "\n".join(module.source)):
                return read, "model"
            if written is not None:
                return written, "model"
        recorded = self._recorded_in_use(module) if module.path in self.reach.all else None
        return (recorded, "model") if recorded is not None else (written, "training")

    def _recorded_in_use(self, module: Module) -> Call | None:
        """Return where a function that an application's routes call records a metric, without training anything."""
        training = {c.function for c in module.calls if c.name.endswith((".fit", ".fit_predict"))}
        training |= {c.function for c in module.calls if _last(c.name) in {_last(f) for f in training if f}}
        for call in module.calls:
            if RECORD.search(call.name) and call.function not in training and _last(call.function) in self.asked:
                return call
        return None

    @cached_property
    def asked(self) -> frozenset[str]:
        """Last names of what the modules that serve call."""
        entries = (m for m in self.code.application if m.path in self.reach.entries)
        return frozenset(_last(c.name) for m in entries for c in m.calls)

    def _traces(self, module: Module) -> Iterator[ToolUse]:
        for text, node in module.strings:
            if ENABLE_TRACE.match(text):
                yield ToolUse(
                    "langsmith", "model", module.path, module.line(node), module.excerpt(node), module.path in self.reach.all
                )
                return


def _last(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def _called(module: Module, package: str) -> Call | None:
    """Return the first call of a package: what reads its answer, `result.get("tests")`, shows nothing of it where there is better."""
    calls = [c for c in module.calls if c.name.startswith(package + ".")]
    return min(calls, key=lambda c: c.name.rsplit(".", 1)[-1] in READS_ANSWER, default=None)


def _decorated(module: Module, package: str) -> Call | None:
    for name, function in module.functions.items():
        for decorator in function.decorator_list:
            if not isinstance(decorator, ast.Call) and module.resolve(decorator).startswith(package + "."):
                node = ast.copy_location(ast.Call(func=decorator, args=[], keywords=[]), decorator)
                return Call(module.resolve(decorator), node, module.line(decorator), name)
    return None


def _chain(node: ast.expr) -> Iterator[str]:
    for _ in range(8):
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            yield node.attr
            node = node.value
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            break
    if isinstance(node, ast.Name):
        yield node.id


def _renders(module: Module, body: ast.AST) -> bool:
    """Tell whether a view renders a page."""
    if any(RENDER.search(c.name) for c in module.calls_under(body)):
        return True
    named = [n for n in walk(body) if isinstance(n, ast.Assign) and any(dotted_name(t) == "template_name" for t in n.targets)]
    return bool(named)


def _included(module: Module, call: Call) -> str:
    return module.text_of(call.node.args[0]) or "" if call.node.args else ""


def _number(call: ast.Call) -> str:
    value = call.args[0] if call.args else keyword(call, "port")
    return str(value.value) if isinstance(value, ast.Constant) else ""


def _named_measures(module: Module) -> bool:
    """Tell whether the structures of a module name measures of a model (`low_confidence_predictions_total`)."""
    keys = (t for t, _ in module.strings if IDENTIFIER.match(t) and (METRIC_TAIL.search(t) or METRIC_HEAD.match(t)))
    return any(speaks_of_model(k) for k in keys)


def _frozen(module: Module, node: ast.AST) -> bool:
    """Tell whether a view gives back a file that a training left, and nothing that follows the model in use."""
    names = [c.name for c in module.calls_under(node)]
    texts = " ".join(
        n.value for n in walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str) and len(n.value) < 200
    )
    reads = any(READ_FILE.search(n) for n in names)
    return reads and not any(READ_STORE.search(n) for n in names) and not re.search(r"\blogs?\b|journal|\.jsonl", texts, re.I)


def _reads_model(node: ast.AST) -> bool:
    """Tell whether a piece of code reads values, or calls functions, named after a model."""
    inside = {n.value for n in walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    called = " ".join(dotted_name(n.func) for n in walk(node) if isinstance(n, ast.Call))
    return any(speaks_of_model(t) for t in inside if len(t) < 60) or bool(words_of(called) & MODEL_WORDS)


def instruments(python_code: PythonCode, reach: Reach, dependencies: Dependencies) -> Instruments:
    """Read metrics, exposures and tools from every module that is not a test."""
    reading = _Reading(python_code, reach)
    metrics: list[Metric] = []
    exposures: list[Exposure] = []
    tools: list[ToolUse] = []
    for module in python_code.application:
        metrics.extend(reading.metrics(module))
        exposures.extend(reading.exposures(module))
        tools.extend(reading.tools(module))
    tools.extend(_django_apps(python_code))
    client = dependencies.declares(*NODE_CLIENTS)
    if client is not None:
        exposures.append(Exposure("prometheus", client.path, client.line, client.name, "/metrics", False))
    return Instruments(tuple(metrics), tuple(exposures), tuple(tools))


def _django_apps(code: PythonCode) -> Iterator[ToolUse]:
    for module in code.application:
        listed = module.assigned.get("INSTALLED_APPS")
        for item in getattr(listed, "elts", []):
            if isinstance(item, ast.Constant) and item.value in ("django_prometheus", "silk", "health_check"):
                yield ToolUse(item.value, "application", module.path, module.line(item), module.excerpt(item), True)


FACTS = (instruments,)

"""What a Python module is for, and how it is started: guard, command, spider, schedule, shell, another program."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.facts.documents import Documents
from checks.facts.names import names
from checks.facts.python_code import Module, PythonCode, dotted_name
from checks.workspace import File, Workspace

INTERFACES = names("streamlit gradio dash nicegui chainlit shiny panel tkinter customtkinter kivy taipy flet PyQt5 PyQt6 PySide6")
LEARNING = names(
    "sklearn xgboost lightgbm catboost torch tensorflow keras transformers statsmodels prophet pycaret mlflow imblearn optuna"
)
FITTING = names("fit fit_transform train cross_val_score")
SCHEDULERS = names("airflow prefect dagster luigi apscheduler schedule celery rocketry")
COMMAND_LINES = names("typer click fire")
SCHEDULED = names("dag flow task shared_task asset job scheduled_job")
ROUTE = re.compile(r"\.(get|post|put|patch|delete|route|websocket|api_route)$")
WEB = names("fastapi flask rest_framework starlette sanic bottle litestar falcon")
DJANGO_WEB = ("django.shortcuts", "django.http", "django.views", "django.urls", "django.contrib.auth.")
SHELL_FILE = (".sh", ".bash", ".bat", ".ps1", ".cmd", ".yml", ".yaml", ".toml", ".cfg", ".mk", ".cron")
SHELL_NAME = re.compile(r"(^|\.|_|-)(dockerfile|makefile|procfile|crontab|justfile|jenkinsfile)|crontab|docker-compose", re.I)
COMMAND = re.compile(
    r"(?:python[\d.]*|py|uv run|poetry run|runpy|papermill)\b[^\n#|&;]{0,120}?([\w./\\-]+\.(?:py|ipynb))"
    r"|python[\d.]*[\"',\s]+-m[\"',\s]+([\w.]+)|manage\.py[\"',\s]+(\w+)",
    re.I,
)
SCRIPT_NAME = re.compile(r"([\w./-]+\.(?:py|ipynb))\b")


@dataclass(frozen=True, slots=True)
class Launch:
    """A way to start a module. `kind`: main-guard, command, spider, schedule, shell, process."""

    kind: str
    path: str
    line: int
    excerpt: str = ""


def role_of(module: Module) -> str:
    """Tell what a module is for, from what it imports and calls."""
    if module.is_test:
        return "test"
    if module.imported & INTERFACES:
        return "interface"
    if _serves(module):
        return "api"
    if module.notebook:
        return "notebook"
    if module.imported & LEARNING and any(c.name.rsplit(".", 1)[-1] in FITTING for c in module.calls):
        return "training"
    return "script" if _main_guard(module) or _works_at_top(module) else "library"


def _serves(module: Module) -> bool:
    command = "management/commands" in module.path
    if module.imported & WEB:
        decorators = {_decorator(module, d) for f in module.functions.values() for d in f.decorator_list}
        made = any(c.name.endswith((".FastAPI", ".Flask", ".APIRouter", ".Blueprint")) for c in module.calls)
        if made or any(ROUTE.search(n) for n in decorators):
            return True
        return "rest_framework" in module.imported and bool(module.classes) and not command
    return "django" in module.imported and not command and any(n.startswith(DJANGO_WEB) for n in module.imported)


def _decorator(module: Module, node: ast.expr) -> str:
    return module.resolve(node.func if isinstance(node, ast.Call) else node)


def _main_guard(module: Module) -> int:
    for node in module.tree.body:
        compared = node.test if isinstance(node, ast.If) and isinstance(node.test, ast.Compare) else None
        if compared and "__name__" in (dotted_name(compared.left), *map(dotted_name, compared.comparators)):
            return module.line(node)
    return 0


def _works_at_top(module: Module) -> bool:
    """Tell whether loading the module already does work: a call of its own function, a loop, a `with`, at module level."""
    for node in module.tree.body:
        if isinstance(node, ast.For | ast.While | ast.With):
            return True
        if isinstance(node, ast.Expr | ast.Assign) and isinstance(node.value, ast.Call):
            if dotted_name(node.value.func) in module.functions:
                return True
            if module.resolve(node.value.func).startswith(("pandas.read_", "requests.get", "polars.read_")):
                return True
    return False


def own_launches(module: Module) -> Iterator[Launch]:
    """Yield the ways in which a module says itself how it starts."""
    guard = _main_guard(module)
    if guard and not module.notebook:
        yield Launch("main-guard", module.path, guard, 'if __name__ == "__main__"')
    for name, node in sorted(module.classes.items()):
        bases = [module.resolve(b) for b in node.bases]
        if "management/commands" in module.path and any(b.endswith("BaseCommand") for b in bases):
            yield Launch("command", module.path, module.line(node), f"class {name}(BaseCommand)")
        if any(b.endswith("Spider") for b in bases):
            yield Launch("spider", module.path, module.line(node), f"class {name}")
    if module.imported & SCHEDULERS:
        yield from _scheduled(module)
    if module.imported & COMMAND_LINES and not guard:
        yield from _commands(module)


def _commands(module: Module) -> Iterator[Launch]:
    for function in module.functions.values():
        if any(_decorator(module, d).endswith((".command", "click.group")) for d in function.decorator_list):
            yield Launch("command", module.path, module.line(function), module.excerpt(function))
            return


def _scheduled(module: Module) -> Iterator[Launch]:
    for call in module.calls:
        last = call.name.rsplit(".", 1)[-1]
        if last in ("DAG", "add_job", "PythonOperator", "scheduled_job") or call.name.startswith("schedule.every"):
            yield Launch("schedule", module.path, call.line, module.excerpt(call.node))
            return
    for function in module.functions.values():
        if any(_decorator(module, d).rsplit(".", 1)[-1] in SCHEDULED for d in function.decorator_list):
            yield Launch("schedule", module.path, module.line(function), module.excerpt(function))
            return


def _shell_lines(file: File) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(file.lines[:3000], 1):
        stripped = line.strip()
        if stripped.startswith(("#", "REM ", "::", "//")) or not (".py" in line or "-m" in line or ".ipynb" in line):
            continue
        for found in COMMAND.finditer(line[:400]):
            yield number, stripped, next(g for g in found.groups() if g)


class _Index:
    """Finds the modules that a command names, by file name then by path."""

    def __init__(self, code: PythonCode) -> None:
        self.found: dict[str, list[Launch]] = {}
        self._by_name: dict[str, list[str]] = {}
        for module in code.modules:
            self._by_name.setdefault(module.path.rsplit("/", 1)[-1], []).append(module.path)

    def add(self, target: str, launch: Launch) -> None:
        tail = target.replace("\\", "/").lstrip("./")
        paths = self._by_name.get(tail.rsplit("/", 1)[-1], [])
        for path in paths:
            beside = path.rpartition("/")[0] == launch.path.rpartition("/")[0]
            if path.endswith(tail) or beside or len(paths) == 1:
                self.found.setdefault(path, []).append(launch)


def shell_launches(workspace: Workspace, code: PythonCode) -> dict[str, list[Launch]]:
    """Return path → the commands of shells, containers, workflows and other programs that start the module."""
    index = _Index(code)
    for file in workspace.own:
        shell = file.suffix in SHELL_FILE or SHELL_NAME.search(file.name)
        if shell and not file.is_binary and file.size < 300_000:
            for number, line, target in workspace.attempt(file, lambda f: list(_shell_lines(f))) or []:
                as_path = target if target.endswith((".py", ".ipynb")) else target.replace(".", "/") + ".py"
                index.add(as_path, Launch("shell", file.path, number, line[:200]))
    for module in code.application:
        for call in module.calls:
            runs = call.name.startswith(("subprocess.", "os.system", "os.popen", "runpy."))
            if runs or call.name.endswith(("BashOperator", "call_command")):
                for text in _texts(call.node):
                    for script in SCRIPT_NAME.findall(text[:400]):
                        index.add(script, Launch("process", module.path, call.line, module.excerpt(call.node)))
    return index.found


def told_launches(documents: Documents, code: PythonCode) -> dict[str, Launch]:
    """Return path → the command by which a document tells to start the module; code blocks only."""
    index = _Index(code)
    for section in documents.sections:
        for block in section.code:
            for offset, line in enumerate(block.text.splitlines()[:200]):
                for found in COMMAND.finditer(line[:400]):
                    script = found.group(1)
                    if script:
                        index.add(script, Launch("document", section.path, block.line + offset, line.strip()[:200]))
    return {path: launches[0] for path, launches in index.found.items()}


def pipelines(code: PythonCode) -> Iterator[tuple[str, Launch]]:
    """Yield the modules that Scrapy's settings name as pipelines: the spiders run them."""
    for module in code.application:
        node = module.assigned.get("ITEM_PIPELINES")
        for key in node.keys if isinstance(node, ast.Dict) else []:
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                found = code.module_named(key.value.rpartition(".")[0], module.path)
                if found is not None:
                    yield found.path, Launch("spider", module.path, module.line(key), module.excerpt(key))


def _texts(call: ast.Call) -> Iterator[str]:
    for node in ast.walk(call):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value

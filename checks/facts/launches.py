"""What each Python module is for (script, library, API, interface, training, test), and how it is launched."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.facts.python_code import Module, PythonCode, dotted_name
from checks.workspace import File, Workspace

INTERFACES = frozenset(
    [
        "streamlit",
        "gradio",
        "dash",
        "nicegui",
        "chainlit",
        "shiny",
        "panel",
        "tkinter",
        "customtkinter",
        "kivy",
        "taipy",
        "flet",
        "PyQt5",
        "PyQt6",
        "PySide6",
    ]
)
LEARNING = frozenset(
    [
        "sklearn",
        "xgboost",
        "lightgbm",
        "catboost",
        "torch",
        "tensorflow",
        "keras",
        "transformers",
        "statsmodels",
        "prophet",
        "pycaret",
        "mlflow",
        "imblearn",
        "optuna",
    ]
)
SCHEDULERS = frozenset(["airflow", "prefect", "dagster", "luigi", "apscheduler", "schedule", "celery", "rocketry"])
COMMAND_LINES = frozenset(["typer", "click", "fire"])
ROUTE = re.compile(r"\.(get|post|put|patch|delete|route|websocket|api_route)$")
WEB = frozenset(["fastapi", "flask", "rest_framework", "starlette", "sanic", "bottle", "litestar", "falcon"])
SHELL_FILE = (".sh", ".bash", ".bat", ".ps1", ".cmd", ".yml", ".yaml", ".toml", ".cfg", ".mk", ".cron")
SHELL_NAME = re.compile(r"(^|\.|_|-)(dockerfile|makefile|procfile|crontab|justfile|jenkinsfile)|crontab|docker-compose", re.I)
COMMAND = re.compile(
    r"(?:python[\d.]*|py|uv run|poetry run|runpy|papermill)\b[^\n#|&;]{0,120}?([\w./\\-]+\.(?:py|ipynb))"
    r"|python[\d.]*\s+-m\s+([\w.]+)|manage\.py[\"',\s]+(\w+)",
    re.I,
)
SCRIPT_NAME = re.compile(r"([\w./-]+\.(?:py|ipynb))\b")
SPIDER = re.compile(r"(^|\.)(\w*Spider)$")


@dataclass(frozen=True, slots=True)
class Launch:
    """A way to start a module. `kind`: main-guard, command, spider, schedule, shell, process."""

    kind: str
    path: str
    line: int
    excerpt: str = ""


Reached = dict[str, frozenset[str]]


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
    if module.imported & LEARNING and any(
        c.name.rsplit(".", 1)[-1] in ("fit", "fit_transform", "train", "cross_val_score") for c in module.calls
    ):
        return "training"
    return "script" if _main_guard(module) or _works_at_top(module) else "library"


def _serves(module: Module) -> bool:
    if module.imported & WEB:
        names = {d.split("(")[0] for f in module.functions.values() for d in (_decorator(module, x) for x in f.decorator_list)}
        if any(ROUTE.search(n) for n in names) or any(
            c.name.endswith((".FastAPI", ".Flask", ".APIRouter", ".Blueprint")) for c in module.calls
        ):
            return True
        return "rest_framework" in module.imported and bool(module.classes) and "management/commands" not in module.path
    django = "django" in module.imported and "management/commands" not in module.path
    return django and any(
        n.startswith(("django.shortcuts", "django.http", "django.views", "django.urls", "django.contrib.auth."))
        for n in module.imported
    )


def _decorator(module: Module, node: ast.expr) -> str:
    return module.resolve(node.func if isinstance(node, ast.Call) else node)


def _main_guard(module: Module) -> int:
    for node in module.tree.body:
        if (
            isinstance(node, ast.If)
            and isinstance(node.test, ast.Compare)
            and "__name__" in (dotted_name(node.test.left), *map(dotted_name, node.test.comparators))
        ):
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
    """Yield the ways in which a module starts itself."""
    guard = _main_guard(module)
    if guard and not module.notebook:
        yield Launch("main-guard", module.path, guard, 'if __name__ == "__main__"')
    for name, node in sorted(module.classes.items()):
        bases = [module.resolve(b) for b in node.bases]
        if "management/commands" in module.path and any(b.endswith("BaseCommand") for b in bases):
            yield Launch("command", module.path, module.line(node), f"class {name}(BaseCommand)")
        if any((SPIDER.search(b) and "scrapy" in b) or b.endswith("Spider") for b in bases):
            yield Launch("spider", module.path, module.line(node), f"class {name}")
    if module.imported & SCHEDULERS:
        yield from _scheduled(module)
    if module.imported & COMMAND_LINES and not guard:
        for function in module.functions.values():
            if any(_decorator(module, d).endswith((".command", "click.group")) for d in function.decorator_list):
                yield Launch("command", module.path, module.line(function), module.excerpt(function))
                break


def _scheduled(module: Module) -> Iterator[Launch]:
    for call in module.calls:
        last = call.name.rsplit(".", 1)[-1]
        if last in ("DAG", "add_job", "PythonOperator", "scheduled_job") or call.name.startswith("schedule.every"):
            yield Launch("schedule", module.path, call.line, module.excerpt(call.node))
            return
    for function in module.functions.values():
        for decorator in function.decorator_list:
            last = _decorator(module, decorator).rsplit(".", 1)[-1]
            if last in ("dag", "flow", "task", "shared_task", "asset", "job", "scheduled_job"):
                yield Launch("schedule", module.path, module.line(function), module.excerpt(function))
                return


def _shell_lines(file: File) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(file.lines[:3000], 1):
        stripped = line.strip()
        if ".py" in line or " -m " in line or ".ipynb" in line:
            if stripped.startswith(("#", "REM ", "::", "//")):
                continue
            for found in COMMAND.finditer(line[:400]):
                yield number, stripped, next(g for g in found.groups() if g)


def shell_launches(workspace: Workspace, code: PythonCode) -> dict[str, list[Launch]]:
    """Return path → launches written in scripts, containers, chains and other modules."""
    by_name: dict[str, list[str]] = {}
    for module in code.modules:
        by_name.setdefault(module.path.rsplit("/", 1)[-1], []).append(module.path)
    found: dict[str, list[Launch]] = {}

    def add(target: str, launch: Launch) -> None:
        tail = target.replace("\\", "/").lstrip("./")
        name = tail.rsplit("/", 1)[-1]
        for path in by_name.get(name, []):
            if path.endswith(tail) or path.rsplit("/", 1)[0] == launch.path.rsplit("/", 1)[0] or len(by_name[name]) == 1:
                found.setdefault(path, []).append(launch)

    for file in workspace.own:
        if not file.is_binary and file.size < 300_000 and (file.suffix in SHELL_FILE or SHELL_NAME.search(file.name)):
            for number, line, target in workspace.attempt(file, lambda f: list(_shell_lines(f))) or []:
                as_path = target if target.endswith((".py", ".ipynb")) else target.replace(".", "/") + ".py"
                add(as_path, Launch("shell", file.path, number, line[:200]))
    for module in code.application:
        for call in module.calls:
            if call.name.startswith(("subprocess.", "os.system", "os.popen", "runpy.")) or call.name.endswith(
                ("BashOperator", "call_command")
            ):
                for text, _ in _texts(call.node):
                    for script in SCRIPT_NAME.findall(text[:400]):
                        add(script, Launch("process", module.path, call.line, module.excerpt(call.node)))
    return found


def _texts(call: ast.Call) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.walk(call):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, node


def pipelines(code: PythonCode) -> Iterator[tuple[str, Launch]]:
    """Yield the modules that a scraping framework runs by name, as its settings list them."""
    for module in code.application:
        value = module.assigned.get("ITEM_PIPELINES")
        for key in value.keys if isinstance(value, ast.Dict) else ():
            text = module.text_of(key)
            found = code.module_named(text.rpartition(".")[0], module.path) if text else None
            if found is not None and key is not None:
                yield found.path, Launch("spider", module.path, module.line(key), module.excerpt(key))


FACTS = ()

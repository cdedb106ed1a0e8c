"""Which modules an application reaches: those that use a serving framework, and all that they import."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.python_code import Module, PythonCode

FRAMEWORKS = frozenset(
    [
        "fastapi",
        "flask",
        "django",
        "rest_framework",
        "ninja",
        "starlette",
        "streamlit",
        "dash",
        "gradio",
        "nicegui",
        "quart",
        "sanic",
        "aiohttp.web",
        "litestar",
        "bottle",
        "tornado",
        "chainlit",
        "panel",
        "taipy",
        "reflex",
        "flask_restx",
        "flask_restful",
        "connexion",
        "tkinter",
        "PyQt5",
        "PyQt6",
        "PySide6",
        "flet",
        "discord",
        "uvicorn",
        "waitress",
        "hypercorn",
        "telegram",
    ]
)
DJANGO_SETTINGS = frozenset({"INSTALLED_APPS", "ROOT_URLCONF", "MIDDLEWARE"})
MOST_MODULES = 4000


@dataclass(frozen=True)
class Reach:
    """Paths of the modules of applications: `entries` use a framework themselves, `all` adds what these import."""

    entries: frozenset[str]
    all: frozenset[str]


def is_entry(module: Module) -> bool:
    """Tell whether a module uses a framework that serves."""
    return not module.notebook and bool(module.imported & FRAMEWORKS or DJANGO_SETTINGS & set(module.assigned))


def reach(python_code: PythonCode) -> Reach:
    """Follow the imports of the modules that use a serving framework."""
    entries = frozenset(m.path for m in python_code.application if is_entry(m))
    reached = set(entries)
    stack = sorted(entries)
    while stack and len(reached) < MOST_MODULES:
        module = python_code.by_path[stack.pop()]
        for origin in sorted(set(module.imports.values())):
            other = python_code.module_named(origin, module.path) or python_code.module_named(
                origin.rpartition(".")[0], module.path
            )
            if other is not None and other.path not in reached and not other.is_test:
                reached.add(other.path)
                stack.append(other.path)
    return Reach(entries, frozenset(reached))


FACTS = (reach,)

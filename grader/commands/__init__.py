"""The commands of the service. What each does is imported when it is used, so that `jurygrid grade` stays quick."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from grader.words import help_text

Run = Callable[[argparse.Namespace], int]


def _lazily(module: str) -> Run:
    """Return the function `run` of a module, imported when it is called."""

    def run(options: argparse.Namespace) -> int:
        return int(import_module(module).run(options))

    return run


def add_service_commands(commands: Any, common: argparse.ArgumentParser, language: str) -> None:
    """Add the service's commands to the command line."""

    def add(name: str, module: str, within: Any = commands, key: str = "") -> argparse.ArgumentParser:
        text = help_text(key or name, language)
        parser: argparse.ArgumentParser = within.add_parser(name, parents=[common], help=text, description=text)
        parser.set_defaults(function=_lazily(module))
        return parser

    def add_group(name: str) -> Any:
        kind = type(common)
        return commands.add_parser(name, help=help_text(name, language)).add_subparsers(
            dest="verb", required=True, parser_class=kind
        )

    serve = add("serve", "api.serve")
    serve.add_argument("--host", default="127.0.0.1", help=help_text("host", language))
    serve.add_argument("--port", type=int, default=8000, help=help_text("port", language))
    serve.add_argument("--behind-proxy", action="store_true", help=help_text("behind-proxy", language))
    serve.add_argument("--processes", type=int, default=1, help=help_text("serve-processes", language))
    worker = add("worker", "worker.command")
    worker.add_argument("--queues", nargs="+", choices=("fetch", "interactive", "bulk"), help=help_text("queues", language))
    worker.add_argument("--processes", type=int, help=help_text("processes", language))
    sweep = add("sweep", "worker.sweeper")
    sweep.add_argument("--every", type=float, metavar="SECONDS", help=help_text("every", language))
    add("audit", "grader.commands.audit")
    cohort = add("grade-all", "grader.commands.grade_all")
    cohort.add_argument("roster", type=Path, metavar="ROSTER", help=help_text("roster", language))
    cohort.add_argument("--rubric", default="rncp37827", help=help_text("rubric", language))
    cohort.add_argument("--session", default="", help=help_text("session", language))
    cohort.add_argument("--dry-run", action="store_true", help=help_text("dry-run", language))
    cohort.add_argument("--out", type=Path, metavar="FOLDER", help=help_text("out", language))
    cohort.add_argument("--no-run", action="store_true", help=help_text("no-run", language))
    database = add_group("database")
    for verb in ("upgrade", "check"):
        add(verb, "grader.commands.database", database, f"database-{verb}")
    add("backup", "grader.commands.backup").add_argument("file", type=Path, metavar="FILE")
    add("restore", "grader.commands.backup").add_argument("file", type=Path, metavar="FILE")
    add("prune", "grader.commands.prune").add_argument("--dry-run", action="store_true", help=help_text("dry-run", language))
    person = add_group("person")
    for verb in ("export", "erase"):
        about = add(verb, "grader.commands.person", person, f"person-{verb}")
        about.add_argument("email", metavar="EMAIL")
        if verb == "export":
            about.add_argument("file", type=Path, metavar="FILE")
    admin = add_group("admin")
    add("invite", "grader.commands.invite", admin, "admin-invite").add_argument("email", metavar="EMAIL")

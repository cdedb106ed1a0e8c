"""The command line: one composition root, the only module of `grader` that knows `checks`."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.catalogue import sentence
from grader.commands import add_service_commands
from grader.errors import JurygridError, OurFailure, Refused
from grader.usage import REFUSED, FrenchParser, Parser
from grader.words import help_text

if TYPE_CHECKING:
    from grader.engine import Check
    from grader.examiner import Examiner
    from grader.pipeline import Grid
    from grader.settings import Settings

GRADED, UNEXPECTED, INTERRUPTED = 0, 3, 130
STDOUT = Path("-")


def language_of(arguments: Sequence[str]) -> str:
    """Return the language to speak: `--lang`, else the locale's when it is French, else English."""
    for index, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            return "fr" if argument == "--lang=fr" else "en"
        if argument == "--lang" and index + 1 < len(arguments):
            return "fr" if arguments[index + 1] == "fr" else "en"
    locale = next((os.environ[v] for v in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(v)), "")
    return "fr" if locale.lower().startswith("fr") else "en"


def build_parser(language: str) -> argparse.ArgumentParser:
    """Return the parser, its help in `language`."""

    def say(key: str) -> str:
        return help_text(key, language)

    speaking = FrenchParser if language == "fr" else Parser
    common = speaking(add_help=False)
    common.add_argument("--lang", choices=("fr", "en"), default=language, help=say("lang"))
    common.add_argument("--debug", action="store_true", help=say("debug"))
    parser = speaking(prog="jurygrid", description=say("jurygrid"), parents=[common])
    commands = parser.add_subparsers(dest="command", required=True, parser_class=speaking)

    grade = commands.add_parser("grade", parents=[common], help=say("grade"), description=say("grade"))
    grade.add_argument("source", metavar="SOURCE", help=say("source"))
    grade.add_argument("--rubric", default="rncp37827", help=say("rubric"))
    grade.add_argument("--overlay", type=Path, help=say("overlay"))
    grade.add_argument("--ref", help=say("ref"))
    grade.add_argument("--exam", nargs="+", action="extend", default=[], metavar="E1", help=say("exam"))
    grade.add_argument("--json", type=Path, metavar="FILE", help=say("json"))
    grade.add_argument("--html", type=Path, metavar="FILE", help=say("html"))
    grade.add_argument("--sandbox", choices=("auto", "docker", "bubblewrap", "none"), default="auto", help=say("sandbox"))
    grade.add_argument("--no-run", action="store_true", help=say("no-run"))
    grade.add_argument("--quiet", action="store_true", help=say("quiet"))
    grade.set_defaults(function=_grade)

    rubric = commands.add_parser("rubric", help=say("rubric-command")).add_subparsers(
        dest="verb", required=True, parser_class=speaking
    )
    check = rubric.add_parser("check", parents=[common], help=say("rubric-check"))
    check.add_argument("path", metavar="PATH")
    check.add_argument("--overlay", type=Path, help=say("overlay"))
    check.set_defaults(function=_check_rubric)

    checks = commands.add_parser("checks", help=say("checks")).add_subparsers(dest="verb", required=True, parser_class=speaking)
    checks.add_parser("list", parents=[common], help=say("checks-list")).set_defaults(function=_list_checks)
    show = checks.add_parser("show", parents=[common], help=say("checks-show"))
    show.add_argument("id", metavar="ID")
    show.set_defaults(function=_show_check)

    add_service_commands(commands, common, language)
    commands.add_parser("doctor", parents=[common], help=say("doctor")).set_defaults(function=_doctor)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: the single error handler at the edge."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    language = language_of(given)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    parser = build_parser(language)
    if not given:
        parser.print_help(sys.stderr)
        return REFUSED
    options = parser.parse_args(given)
    try:
        return int(options.function(options))
    except KeyboardInterrupt:
        return _say(sentence("interrupted", language), INTERRUPTED)
    except Refused as refusal:
        return _say(refusal.sentence(language), REFUSED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return GRADED
    except Exception as error:
        if options.debug:
            traceback.print_exc()
        known = isinstance(error, JurygridError)
        text = error.sentence(language) if isinstance(error, JurygridError) else f"{type(error).__name__}: {error}"
        return _say(text if known else sentence("unexpected", language, detail=text), UNEXPECTED)


def _say(text: str, code: int) -> int:
    print(f"jurygrid: {text}", file=sys.stderr)
    return code


def _settings() -> Settings:
    from grader.settings import read_settings

    try:
        settings = read_settings()
    except ValueError as error:
        raise Refused("setting-invalid", detail=error) from None
    if not os.access(settings.work_folder, os.W_OK | os.X_OK):
        raise Refused("work-folder-absent", path=settings.work_folder)
    return settings


def _grade(options: argparse.Namespace) -> int:
    from grader.examiner import Examiner

    _must_be_writable(options.json, options.html)
    settings = _settings()
    with Examiner(settings, options.sandbox, run=not options.no_run) as examiner:
        return _graded(options, settings, examiner)


def _graded(options: argparse.Namespace, settings: Settings, examiner: Examiner) -> int:
    # Imported once the examiner is on its way, who takes as long to be ready.
    from rich.console import Console

    from grader.pipeline import Order, grade
    from grader.render.progress import Progress
    from grader.render.terminal import show, show_after_run, show_reading
    from grader.rubric import load_rubric

    rubric = load_rubric(options.rubric, options.overlay).for_exams(tuple(e.upper() for e in options.exam))
    console = Console(highlight=False, emoji=False, quiet=options.quiet or STDOUT in (options.json, options.html))
    shown: list[Grid] = []

    def first(grid: Grid) -> None:
        with progress.aside():
            show_reading(grid, console, options.lang)
        shown.append(grid)

    with Progress(options.lang, quiet=options.quiet) as progress:
        grid = grade(Order(options.source, rubric, settings, options.ref, progress.say, first), examiner)
    _write(options, grid)
    if shown:
        show_after_run(grid, shown[0], console, options.lang)
    else:
        show(grid, console, options.lang)
    return GRADED


def _must_be_writable(*paths: Path | None) -> None:
    for path in paths:
        if path is None or path == STDOUT or _is_device(path):
            continue
        if path.is_dir() or not os.access(path.absolute().parent, os.W_OK):
            raise Refused("file-unwritable", path=path, detail=path.absolute().parent)


def _is_device(path: Path) -> bool:
    """Tell whether something stands there that is no plain file: a pipe, a terminal, /dev/stdout. It is written to, not replaced."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _write(options: argparse.Namespace, grid: Grid) -> None:
    from grader.contract import as_json

    if options.json:
        _replace(options.json, as_json(grid))
    if options.html:
        from checks.registry import CHECKS
        from grader.render.page import render

        _replace(options.html, render(grid, options.lang, {c.id: c for c in CHECKS}))


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all; `-` is standard output."""
    if path == STDOUT:
        print(text)
        return
    if _is_device(path) or path.is_symlink():
        _write_through(path, text)
        return
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        new.write_text(text, "utf-8", errors="backslashreplace")
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise Refused("file-unwritable", path=path, detail=error.strerror or error) from None


def _write_through(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8", errors="backslashreplace")
    except OSError as error:
        raise Refused("file-unwritable", path=path, detail=error.strerror or error) from None


def _check_rubric(options: argparse.Namespace) -> int:
    from checks.registry import CHECKS
    from grader.rubric import load_rubric, unknown_checks
    from grader.yaml_lines import refuse

    rubric = load_rubric(options.path, options.overlay)
    refuse(unknown_checks(rubric, frozenset(c.id for c in CHECKS)))
    count = sum(1 for _ in rubric.criteria)
    print(
        help_text("rubric-good", options.lang).format(
            id=rubric.id, criteria=count, checks=len(rubric.checks), version=rubric.version[:12]
        )
    )
    return GRADED


def _list_checks(options: argparse.Namespace) -> int:
    from checks.registry import CHECKS

    width = max(len(c.id) for c in CHECKS)
    for check in sorted(CHECKS, key=lambda c: c.id):
        print(f"{check.id:<{width}}  {check.what.in_(options.lang)}")
    return GRADED


def _show_check(options: argparse.Namespace) -> int:
    from checks.registry import CHECKS

    check: Check | None = next((c for c in CHECKS if c.id == options.id), None)
    if check is None:
        raise Refused("check-unknown", check=options.id)
    lang = options.lang
    print(f"{check.id}\n{check.what.in_(lang)}\n")
    print(f"{help_text('why', lang)} {check.why.in_(lang)}\n{help_text('fix', lang)} {check.fix.in_(lang)}")
    print(f"{help_text('facts', lang)} {', '.join(check.needs)}")
    return GRADED


def _doctor(options: argparse.Namespace) -> int:
    from grader.doctor import examine_machine

    rows = examine_machine(_settings())
    for row in rows:
        mark = {"good": "✔", "missing": "✘", "optional": "–"}[row.state]
        print(f"{mark} {row.name:<11} {row.detail.in_(options.lang)}" + (f"\n              → {row.mend}" if row.mend else ""))
    if any(row.state == "missing" for row in rows):
        raise OurFailure("doctor-missing")
    return GRADED


if __name__ == "__main__":
    raise SystemExit(main())

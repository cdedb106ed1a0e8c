"""Bandit, ruff, and pylint's errors, run as separate processes beside everything else, under our configuration alone.

The submission's own settings never count: files are written under names of ours to a folder of ours, `# nosec` and `# noqa` are
ignored and pylint's comments are blunted. What is read is chosen by content and size, never by the clock.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from checks.facts.python_code import TEST_PATH
from checks.workspace import File, Workspace

BANDIT_BYTES, BANDIT_FILES = 700_000, 160
PYLINT_BYTES, PYLINT_FILES = 24_000, 8  # pylint follows imports: about a hundred times slower by line
LARGEST = 150_000
WAIT_SECONDS = 25.0  # a safety net: the bounds above are what keeps the work short
TELLING = re.compile(
    rb"execute\(|subprocess|os\.system|\.route\(|@\w+\.(get|post|put|delete)\(|request\.|password|pickle|eval\(|SECRET|verify="
)
# Whatever listens inside a container binds to all interfaces, and a missing timeout is no hole: neither says anything here.
BANDIT_SKIPPED = "B101,B104,B110,B112,B113,B310,B311,B404,B403,B405,B603,B607,B615"
PYLINT_ENABLED = "undefined-variable,used-before-assignment,return-outside-function,duplicate-argument-name,not-in-loop"
# Names imported, set or defined for nothing, and loops that do by hand what Python does faster.
RUFF_SELECTED = "F401,F811,F841,PERF"
RUFF_LINE = re.compile(r"(m\d{4}\.py):(\d+):\d+: ([A-Z]+\d+) (?:\[\*\] )?(.{1,300})")
MOST_OUTPUT = 20_000_000
PYLINT_COMMENT = re.compile(r"pylint(\s*):")
# Libraries that happen to be installed beside pylint would be read whole, for rules that look at nothing of them.
PYLINT_STAYS = (
    "import sys; from astroid.manager import AstroidManager as M; from astroid.exceptions import AstroidImportError as E; "
    "old = M.ast_from_module_name; known = sys.stdlib_module_names\n"
    "def stay(self, name, *a, **k):\n"
    "    if name.split('.')[0] in known: return old(self, name, *a, **k)\n"
    "    raise E('not followed: {modname}', modname=name)\n"
    "M.ast_from_module_name = stay"
)
RUNNER = """
import os, runpy, subprocess, sys
out, module = sys.argv[1:3]
sys.argv = [module, *sys.argv[3:]]
try:
    if module == "ruff":  # a program of its own, which would take the place of this process
        from ruff import find_ruff_bin
        subprocess.run((find_ruff_bin(), *sys.argv[1:]), stdin=subprocess.DEVNULL)
    else:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
except SystemExit:
    pass
finally:
    if not sys.stdout.closed:
        sys.stdout.flush()
    os.replace(out + ".part", out)
"""


@dataclass(frozen=True, slots=True)
class Issue:
    """What a linter says: `tool` and `rule` (`bandit` `B608`, `pylint` `E0602`, `ruff` `F401`).

    `severity` is high, medium, error or waste; `code` is the line that it speaks of.
    """

    tool: str
    rule: str
    severity: str
    path: str
    line: int
    text: str
    code: str = ""


@dataclass(frozen=True)
class LintReport:
    """Issues by path and line; how much was read; tools that gave no answer in time."""

    issues: tuple[Issue, ...]
    files: int
    of: int
    silent: tuple[str, ...] = ()

    def answered(self, *tools: str) -> bool:
        """Tell whether each of these tools answered in time."""
        return not set(tools) & set(self.silent)

    def of_tools(self, *tools: str) -> tuple[Issue, ...]:
        """Return what these tools found."""
        return tuple(i for i in self.issues if i.tool in tools)


@dataclass(frozen=True, slots=True)
class ToolRun:
    """Linters at work: the folder, which file of ours is which of theirs, and what each tool writes to."""

    folder: str
    names: dict[str, str]
    outputs: dict[str, str]
    processes: tuple[Any, ...]
    of: int

    def stop(self) -> None:
        """End the tools and remove the folder. Only the process that started them may call it."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def _candidates(workspace: Workspace) -> list[File]:
    files = [f for f in workspace.with_suffix(".py") if 0 < f.size <= LARGEST and not TEST_PATH.search(f.path)]
    return sorted(files, key=lambda f: (-min(len(TELLING.findall(f.data)), 20), f.path))


def _bounded(files: list[File], most_bytes: int, most_files: int) -> list[File]:
    chosen: list[File] = []
    total = 0
    for file in files:
        if len(chosen) < most_files and total + file.size <= most_bytes:
            chosen.append(file)
            total += file.size
    return chosen


def start(workspace: Workspace) -> ToolRun:
    """Write the chosen sources to a folder of ours and start the linters on them."""
    folder = Path(tempfile.mkdtemp(prefix="lint-"))
    files = _candidates(workspace)
    chosen = _bounded(files, BANDIT_BYTES, BANDIT_FILES)
    names: dict[str, str] = {}
    for number, file in enumerate(chosen):
        name = f"m{number:04}.py"
        names[name] = file.path
        (folder / name).write_text(PYLINT_COMMENT.sub(r"pylint\1_", file.text), encoding="utf-8", errors="replace")
    if not names:
        return ToolRun(str(folder), {}, {}, (), len(files))
    few = [f"m{chosen.index(f):04}.py" for f in _bounded(chosen, PYLINT_BYTES, PYLINT_FILES)]
    commands = _commands(tuple(names), tuple(few))
    outputs = {tool: str(folder / f"{tool}.json") for tool in commands}
    return ToolRun(str(folder), names, outputs, tuple(_launch(folder, outputs[t], commands[t]) for t in outputs), len(files))


def _commands(names: tuple[str, ...], few: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the command of each tool, every rule named by us; pylint reads `few` of the files only."""
    commands: dict[str, tuple[str, ...]] = {
        "bandit": ("bandit", "-q", "-f", "json", "--exit-zero", "--ignore-nosec", "-ll", "-s", BANDIT_SKIPPED, *names),
        "ruff": (
            *(
                "ruff",
                "check",
                "--isolated",
                "--no-cache",
                "--ignore-noqa",
                "--exit-zero",
                "--quiet",
                "--target-version",
                "py312",
            ),
            *("--select", RUFF_SELECTED, "--output-format", "concise", *names),
        ),
    }
    if few:
        ours = (
            f"--init-hook=exec({PYLINT_STAYS!r})",
            "--rcfile=/dev/null",
            "--persistent=n",
            "--disable=all",
            f"--enable={PYLINT_ENABLED}",
        )
        commands["pylint"] = ("pylint", *ours, "-f", "json", *few)
    return commands


def _launch(folder: Path, output: str, command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    with Path(output + ".part").open("wb") as out:
        return subprocess.Popen(
            (sys.executable, "-I", "-c", RUNNER, output, *command),
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def collect(run: ToolRun) -> LintReport:
    """Wait for the linters and read what they found; one that gives no answer is listed as silent."""
    until = time.monotonic() + WAIT_SECONDS
    issues: list[Issue] = []
    silent = []
    for tool, output in sorted(run.outputs.items()):
        # Files are watched, not processes: a fork of the process that started them cannot wait for them.
        while not Path(output).exists() and time.monotonic() < until:
            time.sleep(0.02)
        try:
            issues.extend(READERS[tool](_output(Path(output)), run.names))
        except (OSError, ValueError, AttributeError, TypeError):
            silent.append(tool)
    ordered = tuple(sorted(set(issues), key=lambda i: (i.path, i.line, i.rule, i.text)))
    return LintReport(ordered, len(run.names), run.of, tuple(silent))


def _output(path: Path) -> str:
    with path.open("rb") as stream:
        return stream.read(MOST_OUTPUT).decode("utf-8", "replace")


def _from_bandit(output: str, names: dict[str, str]) -> Iterator[Issue]:
    for found in json.loads(output).get("results", []):
        path = names.get(Path(str(found["filename"])).name)
        if path and found["issue_confidence"] != "LOW":
            yield Issue(
                "bandit",
                found["test_id"],
                str(found["issue_severity"]).lower(),
                path,
                int(found["line_number"]),
                found["issue_text"],
            )


def _from_pylint(output: str, names: dict[str, str]) -> Iterator[Issue]:
    for found in json.loads(output):
        path = names.get(Path(str(found["path"])).name)
        if path and str(found["message-id"]).startswith("E"):
            yield Issue("pylint", found["message-id"], "error", path, int(found["line"]), found["message"])


def _from_ruff(output: str, names: dict[str, str]) -> Iterator[Issue]:
    for match in map(RUFF_LINE.match, output.splitlines()):
        if match is not None and match[1] in names:
            yield Issue("ruff", match[3], "waste", names[match[1]], int(match[2]), match[4])


READERS = {"bandit": _from_bandit, "pylint": _from_pylint, "ruff": _from_ruff}


def linters(workspace: Workspace, tool_run: ToolRun | None) -> LintReport:
    """Collect the linters that were started early, or run them now."""
    if tool_run is not None:
        return _quoted(collect(tool_run), workspace)
    run = start(workspace)
    try:
        return _quoted(collect(run), workspace)
    finally:
        run.stop()


def _quoted(report: LintReport, workspace: Workspace) -> LintReport:
    """Return the report with the line that each issue speaks of: a line needs no translation."""
    files = {i.path: workspace.get(i.path) for i in report.issues}
    quoted = (replace(i, code=file.line(i.line) if (file := files[i.path]) is not None else "") for i in report.issues)
    return replace(report, issues=tuple(quoted))


FACTS = (linters,)

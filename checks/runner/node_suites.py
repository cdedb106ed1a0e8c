"""The candidate's Node tests: vitest, jest, or Node's own runner, with our reporters."""

from __future__ import annotations

import json
import secrets
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from .junit import MOST, Record, Test, as_junit, read_text
from .running import Running
from .surroundings import link_modules

_PROGRAMS = {"vitest": ("vitest/vitest.mjs",), "jest": ("jest/bin/jest.js", "react-scripts/bin/react-scripts.js")}
_STATES = {"passed": "passed", "failed": "failed"}
# Node's own runner has a process for each file, which acts on no other.
# What acts on the one way to fail need not act on the other.
_FAILS = """test('NAME thrown', () => { throw new Error('this test can only fail') })
test('NAME compared', () => { expect(1).toBe(2) })
"""
_IMPORTS = {"vitest": "import { expect, test } from 'vitest'\n", "jest": ""}


def run_node_suite(running: Running, suite: dict[str, Any]) -> None:
    """Run a suite of Node tests; a second time when something failed; where nothing did, look whether something could."""
    folder = running.step.folder(str(suite.get("folder", "")))
    link_modules(running.step, folder)
    if shutil.which("node") is None:
        running.trouble("no-node")
        return
    program = _program(str(suite["runner"]), folder)
    if program is None:
        running.trouble(f"no-{suite['runner']}")
        return
    for product in ("junit", "again"):
        xml, code = _once(running, suite, folder, program)
        running.put(**{product: xml}, finished=xml is not None)
        if code == 0 and xml and suite["runner"] in _IMPORTS:
            running.put(unfailing=_passes_anything(running, suite, folder, program))
        if code == 0 or running.step.time_left < 5:
            return


def _passes_anything(running: Running, suite: dict[str, Any], folder: Path, program: str) -> bool:
    """Tell whether tests that can only fail, put beside theirs, do not: then nothing that the suite says proves anything."""
    name = f"x{secrets.token_hex(8)}"
    try:
        with running.beside(suite, f"{name}.test.js", _IMPORTS[suite["runner"]] + _FAILS.replace("NAME", name)) as path:
            told, code = _once(running, {**suite, "targets": [path]}, folder, program)
            return _cannot_be(told, code, name)
    except (OSError, ElementTree.ParseError):
        return False


def _cannot_be(xml: str | None, code: int, name: str) -> bool:
    """Tell whether no true run of the file `name`, alone, gives this account: its tests can only fail, and others were not asked for.

    An account without any test says nothing: their settings may choose other files.
    """
    cases = list(ElementTree.fromstring(xml).iter("testcase")) if xml else []  # noqa: S314 - in their sandbox, at their cost
    ran = [c for c in cases if c.find("skipped") is None]
    failed = [c for c in ran if c.find("failure") is not None or c.find("error") is not None]
    return len(failed) < len(ran) or any(name not in "".join(c.attrib.values()) for c in ran) or (code == 0 and bool(ran))


def _program(runner: str, folder: Path) -> str | None:
    if runner == "node":
        return ""
    found = (folder / "node_modules" / p for p in _PROGRAMS[runner])
    return next((str(p) for p in found if p.is_file()), None)


def _once(running: Running, suite: dict[str, Any], folder: Path, program: str) -> tuple[str | None, int]:
    """Return the JUnit of one run, and its status."""
    out, limit = running.new("results"), int(running.step.per_test_seconds * 1000)
    targets = tuple(str(t) for t in suite.get("targets") or ())
    if suite["runner"] == "node":
        argv = (
            "node",
            "--test",
            f"--test-timeout={limit}",
            "--test-reporter=junit",
            f"--test-reporter-destination={out}",
            *targets,
        )
    elif suite["runner"] == "vitest":
        argv = ("node", program, "run", "--reporter=junit", f"--outputFile={out}", f"--testTimeout={limit}", *targets)
    else:
        first = ("test",) if program.endswith("react-scripts.js") else ()
        cache = () if first else (f"--cacheDirectory={running.new('cache')}",)
        argv = ("node", program, *first, "--ci", "--watchAll=false", "--json", f"--outputFile={out}", f"--testTimeout={limit}")
        argv += (*cache, *targets)
    ended = running.command(argv, folder)
    text = read_text(out, MOST)
    return (_from_jest(text, folder) if suite["runner"] == "jest" else text or None), ended.code


def _from_jest(text: str | None, folder: Path) -> str | None:
    """Return jest's JSON as JUnit XML."""
    record = Record(collected=0)
    try:
        for file in json.loads(text or "")["testResults"]:
            path = str(file["name"]).removeprefix(f"{folder}/")
            for test in file["assertionResults"]:
                name = f"{path}::{test['fullName']}"
                said = "\n".join(map(str, test.get("failureMessages") or ()))
                state = _STATES.get(str(test["status"]), "skipped")
                seconds = (test.get("duration") or 0) / 1000
                record.tests[name] = Test(name, path, None, state, seconds, said.split("\n")[0], said)
            if not file["assertionResults"] and file["status"] == "failed":
                said = str(file.get("message", ""))
                record.errors.append(Test(path, path, None, "error", 0.0, said.strip().split("\n")[0], said))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return as_junit(record)

"""Pretending: results made up, changed, hidden or swapped; names taken from others; words that a reader would obey."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

from checks.facts import influences
from tests.running.arena import Arena, Case, Told

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

BAD = "def test_bad():\n    assert 1 == 2\n"
FAILED = {"test_bad": "failed"}
# What an attacker can find: the file that the recorder writes to, and how its lines look.
FOUND = """
    import atexit, glob, json, os, pathlib, sys
    def record(): return (glob.glob("/tmp/**/*-lines", recursive=True) or ["/tmp/none"])[0]
    LINES = [{"collected": 3}]
    for n in range(3):
        name = f"tests/test_case.py::test_{n}"
        LINES.append({"start": name, "file": "tests/test_case.py", "line": 1})
        LINES.append({"test": name, "when": "call", "outcome": "passed", "seconds": 0.1})
    GOOD = "".join(f"{'0' * 32} {json.dumps(line)}\\n{json.dumps(line)}\\n" for line in [*LINES, {"finished": 0}])
    """


def nothing_is_met(told: Told) -> None:
    assert told.findings["run-tests.succeed"].outcome.value != "met"


def escaped(told: Told) -> None:
    assert "\x1b" not in told.text
    assert "\u202e" not in told.text
    assert "\\u001b" not in told.text


def forged(body: str, *, tests: str = BAD, **more: object) -> Case:
    """Return a case whose conftest holds `body` after what finds our files."""
    pad = "    "
    return Case(tests=tests, conftest=FOUND + body.replace("\n", "\n").rstrip() + "\n" + pad, **{"then": nothing_is_met, **more})  # type: ignore[arg-type]


UNBELIEVED = ("no-report", "contradictory", "malformed", "stopped-early", "empty", "killed", "no-test-collected", "too-large")

CASES = {
    "leaving at once": Case(conftest="import os\nos._exit(0)\n", doubt=("no-report",), told=(influences.EXITS.en,)),
    "leaving in the middle": Case(
        tests="import os\ndef test_a(): pass\ndef test_b(): os._exit(0)\ndef test_c(): assert False\n",
        doubt=("no-report",),
        told=(influences.EXITS.en,),
    ),
    "leaving at the end": Case(
        tests=BAD,
        conftest="import os\ndef pytest_sessionfinish(): os._exit(0)\n",
        doubt=("no-report", "contradictory"),
        told=(influences.EXITS.en,),
    ),
    "a report written over": forged(
        """
    def pytest_unconfigure():
        pathlib.Path(record()).write_text(GOOD)
    """,
        doubt=UNBELIEVED,
    ),
    "a report written over, and a good ending": forged(
        """
    def pytest_unconfigure():
        pathlib.Path(record()).write_text(GOOD)
        os._exit(0)
    """,
        doubt=("no-report",),
        told=(influences.EXITS.en,),
    ),
    "a report written by a child that stays": forged(
        """
    if os.fork() == 0:
        os.setsid()
        import time
        while True:
            try: pathlib.Path(record()).write_text(GOOD)
            except OSError: pass
            time.sleep(0.001)
    """,
        doubt=UNBELIEVED,
    ),
    "results told in our place": forged(
        """
    def pytest_runtest_setup():
        with open(record(), "a") as file: file.write(GOOD)
    """,
        outcomes=FAILED,
    ),
    "results told in our place by the code, and a good ending": forged(
        """
    sys.path.insert(0, "hives")
    """,
        files={
            "hives/count.py": """
            import glob, json, os, sys
            def count(n):
                for path in glob.glob("/tmp/**/*-lines", recursive=True):
                    with open(path, "a") as file: file.write('{"finished": 0}\\n')
                os._exit(0)
            """
        },
        tests="from hives.count import count\ndef test_bad(): assert count(1) == 2\n",
        doubt=("no-report",),
        told=(influences.EXITS.en,),
    ),
    "a failure taken away, and a good ending": forged(
        """
    def pytest_unconfigure():
        kept = [line for line in open(record()) if '"failed"' not in line]
        pathlib.Path(record()).write_text("".join(kept))
        os._exit(0)
    """,
        doubt=("no-report",),
        told=(influences.EXITS.en,),
    ),
    "results cut to nothing": forged(
        """
    def pytest_unconfigure():
        open(record(), "w").close()
    """,
        doubt=UNBELIEVED,
    ),
    "a link instead of a report": forged(
        """
    def pytest_unconfigure():
        path = record()
        os.unlink(path)
        os.symlink("@SECRET@", path)
    """,
        doubt=UNBELIEVED,
    ),
    "a link to what only we may read": forged(
        """
    def pytest_unconfigure():
        path = record()
        os.unlink(path)
        os.symlink("/proc/1/environ", path)
        for name in ("/etc/passwd", "/opt/runner/runner/main.py"):
            try: os.link(name, path + ".hard")
            except OSError: pass
    """,
        doubt=UNBELIEVED,
    ),
    "a pipe instead of a report": forged(
        """
    def pytest_unconfigure():
        path = record()
        os.unlink(path)
        os.mkfifo(path)
    """,
        doubt=UNBELIEVED,
    ),
    "a folder instead of a report": forged(
        """
    def pytest_unconfigure():
        path = record()
        os.unlink(path)
        os.makedirs(path + "/" + "x" * 200)
    """,
        doubt=UNBELIEVED,
    ),
    "an enormous report": forged(
        """
    def pytest_unconfigure():
        with open(record(), "a") as file: file.write("[" * 70_000_000)
    """,
        doubt=UNBELIEVED,
    ),
    "frames and words in our streams": forged(
        """
    import struct
    frame = json.dumps({"nonce": "@MARK@", "kind": "tests", "junit": "<testsuite/>", "finished": True}).encode()
    for place in ["/proc/self/fd/1", "/dev/stdout", "/dev/stderr", *(f"/proc/{p}/fd/{n}" for p in (1, os.getppid()) for n in range(12))]:
        try:
            with open(place, "wb", buffering=0) as file: file.write(struct.pack(">Q", len(frame)) + frame + b"ready 1\\n")
        except OSError: pass
    """,
        outcomes=FAILED,
    ),
    "files with the names of ours": Case(
        files={
            "host.json": '{"steps": []}',
            "steps/1.json": "{}",
            "step.json": '{"kind": "tests"}',
            "junit.xml": "<testsuite/>",
            "report.json": '{"report": {}}',
            "coverage.json": "{}",
            "tree/tests/test_case.py": "x = 1\n",
        },
        tests=BAD,
        outcomes=FAILED,
    ),
    "a failure called a pass": Case(
        tests=BAD,
        conftest="""
        import pytest
        @pytest.hookimpl(hookwrapper=True)
        def pytest_runtest_makereport(item, call):
            report = (yield).get_result()
            report.outcome = "passed"
        """,
        outcomes=FAILED,
        told=(influences.OUTCOMES.en,),
        then=nothing_is_met,
    ),
    "a failure called a pass, later": Case(
        tests=BAD,
        conftest="""
        import pytest
        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_logreport(report):
            report.outcome = "passed"
        """,
        doubt=("contradictory",),
        told=(influences.OUTCOMES.en,),
        then=nothing_is_met,
    ),
    "a test that is not called": Case(
        tests=BAD,
        conftest="def pytest_pyfunc_call(pyfuncitem):\n    return True\n",
        doubt=("unfailing",),
        told=(influences.AROUND.en,),
        then=nothing_is_met,
    ),
    "a failure that nobody hears of": Case(
        tests=BAD,
        conftest="""
        from _pytest import runner
        usual = runner.CallInfo.from_call.__func__
        def quiet(cls, func, when, reraise=None):
            def tried():
                try: return func()
                except Exception: return None
            return usual(cls, tried, when, reraise)
        runner.CallInfo.from_call = classmethod(quiet)
        """,
        doubt=("unfailing",),
        told=(influences.REPLACES.en,),
        then=nothing_is_met,
    ),
    "an ending changed": Case(
        tests=BAD,
        conftest="def pytest_sessionfinish(session, exitstatus):\n    session.exitstatus = 0\n",
        doubt=("contradictory",),
        told=(influences.OUTCOMES.en,),
    ),
    "tests taken away": Case(
        tests=BAD,
        conftest="def pytest_collection_modifyitems(items):\n    items[:] = []\n",
        doubt=UNBELIEVED,
        told=(influences.SELECTION.en,),
    ),
    "a recorder sent away": Case(
        tests=BAD,
        conftest="""
        def pytest_configure(config):
            for plugin in list(config.pluginmanager.get_plugins()):
                if type(plugin).__name__ == "Recorder": config.pluginmanager.unregister(plugin)
        """,
        doubt=UNBELIEVED,
    ),
    "options and plugins of theirs": Case(
        files={
            "pytest.ini": "[pytest]\naddopts = -p evil --co -q --deselect tests/test_case.py::test_bad\n",
            "evil.py": "import os\nos._exit(0)\n",
            ".env": "PYTEST_ADDOPTS=--co\nPYTEST_PLUGINS=evil\nPYTHONSTARTUP=/tmp/x\nLD_PRELOAD=/tmp/x.so\nPATH=/tmp\nPYTHONPATH=/tmp\n",
        },
        tests=BAD,
        outcomes=FAILED,
        told=(influences.OPTIONS.en,),
    ),
    "a plugin by its entry point": Case(
        files={
            "pyproject.toml": '[project]\nname = "evil"\nversion = "1"\n\n[project.entry-points.pytest11]\nevil = "evil"\n',
            "evil.egg-info/entry_points.txt": "[pytest11]\nevil = evil\n",
            "evil.egg-info/PKG-INFO": "Metadata-Version: 2.1\nName: evil\nVersion: 1\n",
            "evil.py": "import os\nos._exit(0)\n",
        },
        tests=BAD,
        outcomes=FAILED,
        told=(influences.PLUGIN.en,),
    ),
    "code run when Python starts": Case(
        files={
            "sitecustomize.py": "import os\nos._exit(0)\n",
            "usercustomize.py": "import os\nos._exit(0)\n",
            "evil.pth": "import os; os._exit(0)\n",
            "tests/evil.pth": "import os; os._exit(0)\n",
        },
        tests=BAD,
        outcomes=FAILED,
        told=(influences.STARTUP.en,),
    ),
    "the names of what examines": Case(
        files={
            f"{name}.py": "raise SystemExit(0)\n" for name in ("json", "runner", "lines", "measure", "uv", "typing", "sqlite3")
        }
        | {f"{name}/__init__.py": "raise SystemExit(0)\n" for name in ("checks", "grader", "rubrics")},
        tests=BAD,
        outcomes=FAILED,
        told=(influences.SHADOW.en,),
    ),
    "a pytest of theirs": Case(
        files={
            "pytest.py": "def main(*_, **__): return 0\nclass hookimpl:\n    def __init__(self, **_): pass\n    def __call__(self, f): return f\n"
        },
        tests=BAD,
        doubt=("no-report",),
        told=(influences.SHADOW.en,),
    ),
    "a coverage of theirs": Case(
        files={"coverage/__init__.py": "import os\nos._exit(0)\n"}, tests=BAD, outcomes=FAILED, told=(influences.SHADOW.en,)
    ),
    "words for a terminal and a page": Case(
        tests="""
        import pytest
        LOUD = "\\x1b[2J\\x1b]0;owned\\x07<script>alert(1)</script>\\u202e\\x9b31m"
        @pytest.mark.parametrize("x", [LOUD, "[link=http://x]", "`rm -rf`"])
        def test_bad(x): assert LOUD == "", LOUD
        """,
        then=escaped,
    ),
}


DJANGO = {
    "manage.py": """
    import os, sys
    if __name__ == "__main__":
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")
        from django.core.management import execute_from_command_line
        execute_from_command_line(sys.argv)
    """,
    "site_/__init__.py": "",
    "site_/settings.py": """
    SECRET_KEY = "x"
    INSTALLED_APPS = ["hives"]
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
    TEST_RUNNER = "site_.green.Runner"
    """,
    "site_/green.py": "class Runner:\n    def __init__(self, *a, **b): pass\n    def run_tests(self, *a, **b): return 0\n",
    "hives/__init__.py": "",
    "requirements.txt": "django\n",
}
DJANGO_TESTS = """
    import atexit, os, unittest
    from django.test import SimpleTestCase
    class Hive(SimpleTestCase):
        def test_bad(self): self.assertEqual(1, 2)
    """


def of_django(more: str = "", **given: object) -> Case:
    """Return a case of Django's own test runner, whose tests end with `more`."""
    files = {**DJANGO, "hives/tests.py": dedent(DJANGO_TESTS) + dedent(more)}
    return Case(files, tests="", own_requirements=True, **given)  # type: ignore[arg-type]


def of_node(*tests: str, **given: object) -> Case:
    """Return a case of Node's own test runner, with a file for each text."""
    head = "const test = require('node:test'); const assert = require('node:assert'); const fs = require('node:fs');\n"
    files = {"package.json": '{"name": "hive", "version": "1.0.0", "scripts": {"test": "node --test"}}\n'}
    files |= {f"case{n}.test.js": head + dedent(text) for n, text in enumerate(tests, 1)}
    return Case(files, language="node", **given)  # type: ignore[arg-type]


def of_jest(runner: str, version: str, **given: object) -> Case:
    """Return a case of vitest or jest, with one test that must fail and a set-up of the submission's."""
    files = {
        "package.json": json.dumps(
            {"name": "hive", "version": "1.0.0", "scripts": {"test": runner}, "devDependencies": {runner: version}}
        ),
        "hive.test.js": ("import { test, expect } from 'vitest'\n" if runner == "vitest" else "")
        + "test('bad', () => { expect(1).toBe(2) })\n",
        "set-up.js": "module.exports = {}\n",
        **given.pop("files", {}),  # type: ignore[dict-item]
    }
    return Case(files, language="node", own_requirements=True, **given)  # type: ignore[arg-type]


BAD_NODE = "test('bad', () => { assert.strictEqual(1, 2) })\n"
# Whoever runs the tests of Node is the parent: its command says where the results go.
REPORT = """
    const argv = fs.readFileSync(`/proc/${process.ppid}/cmdline`, 'utf8').split('\\0');
    const out = (argv.find(a => a.includes('reporter-destination=')) || '=/tmp/none').split('=').pop();
    const GOOD = '<?xml version="1.0"?><testsuites><testcase name="bad" time="0.1" classname="test"/></testsuites>';
    """


def nothing_measured(told: Told) -> None:
    assert [dict(run.coverage) for run in told.engine.fact("ran").tests] == [{}]


OTHERS = {
    "a runner of Django that is always green": of_django(outcomes=FAILED, told=(influences.OPTIONS.en,), then=nothing_is_met),
    "Django: leaving at once": of_django(
        """
        class Leaves(SimpleTestCase):
            def test_aaa(self): os._exit(0)
        """,
        doubt=("no-report",),
        told=(influences.EXITS.en,),
        then=nothing_is_met,
    ),
    "Django: results that swallow failures": of_django(
        """
        unittest.TextTestResult.addFailure = lambda self, test, err: self.addSuccess(test)
        unittest.TestResult.wasSuccessful = lambda self: True
        """,
        doubt=("contradictory",),
        told=(influences.REPLACES.en,),
        then=nothing_is_met,
    ),
    "Django: a test case that runs nothing": of_django(
        """
        def run(self, result=None):
            result.startTest(self)
            result.addSuccess(self)
            result.stopTest(self)
        unittest.TestCase.run = run
        """,
        doubt=("unfailing",),
        told=(influences.REPLACES.en,),
        then=nothing_is_met,
    ),
    "Node: leaving at once": of_node("process.exit(0);\n" + BAD_NODE, told=(influences.EXITS.en,), doubt=(None, *UNBELIEVED)),
    "Node: a report written over": of_node(
        REPORT + BAD_NODE + "process.on('exit', () => fs.writeFileSync(out, GOOD))\n",
        BAD_NODE,
        doubt=(None, *UNBELIEVED),
        then=nothing_is_met,
    ),
    "Node: a report written by a child that stays": of_node(
        REPORT
        + BAD_NODE
        + """
        const again = `const fs = require('fs'); setInterval(() => { try { fs.writeFileSync(${JSON.stringify(out)}, ${JSON.stringify(GOOD)}) } catch {} }, 1)`;
        require('node:child_process').spawn('node', ['-e', again], {detached: true, stdio: 'ignore'}).unref();
        """,
        doubt=(None, *UNBELIEVED),
        then=nothing_is_met,
    ),
    "Node: a parent killed": of_node(BAD_NODE + "process.kill(process.ppid, 'SIGKILL')\n", doubt=UNBELIEVED, then=nothing_is_met),
    "Node: results printed": of_node(
        "console.log('TAP version 13\\nok 1 - bad\\n1..1\\n# pass 1\\n# fail 0');\n" + BAD_NODE,
        doubt=(None, *UNBELIEVED),
        then=nothing_is_met,
    ),
    "jest: nothing done": of_jest("jest", "^30", outcomes={"bad": "failed"}, then=nothing_is_met),
    "jest: tests that cannot fail": of_jest(
        "jest",
        "^29",
        files={
            "jest.config.js": "module.exports = { setupFilesAfterEnv: ['./set-up.js'] }\n",
            "set-up.js": "const usual = global.test;\nglobal.test = global.it = (name, body) => usual(name, () => {});\n",
        },
        doubt=("unfailing",),
        then=nothing_is_met,
    ),
    "vitest: tests that pass": of_jest(
        "vitest",
        "^2",
        files={"hive.test.js": "import { test, expect } from 'vitest'\ntest('good', () => { expect(1).toBe(1) })\n"},
        outcomes={"good": "passed"},
    ),
    "vitest: an account written after the tests": of_jest(
        "vitest",
        "^4",
        files={
            "vitest.config.mjs": "export default { test: { globalSetup: './after.mjs' } }\n",
            "after.mjs": """
            import fs from 'node:fs'
            const out = process.argv.find((a) => a.startsWith('--outputFile=')).slice(13)
            const good = '<testsuites tests="1" failures="0"><testsuite name="h" tests="1" failures="0"><testcase name="bad"'
            process.on('exit', () => {
              fs.writeFileSync(out, good + ' classname="hive.test.js" time="0.1"/></testsuite></testsuites>')
              process.exitCode = 0
            })
            export default () => {}
            """,
        },
        doubt=("unfailing",),
        then=nothing_is_met,
    ),
    "vitest: nothing done": of_jest("vitest", "^4", outcomes={"bad": "failed"}, then=nothing_is_met),
    "vitest: tests that cannot fail": of_jest(
        "vitest",
        "^4",
        files={
            "vitest.config.mjs": "export default { test: { setupFiles: ['./set-up.mjs'] } }\n",
            "set-up.mjs": "import { expect } from 'vitest'\nexpect.extend({ toBe() { return { pass: true, message: () => '' } } })\n",
        },
        doubt=("unfailing",),
        then=nothing_is_met,
    ),
    "figures of coverage made up": Case(
        {"hives/__init__.py": "", "hives/count.py": "def count(n):\n    if n > 3:\n        return 3\n    return n\n"},
        tests="from hives.count import count\ndef test_count(): assert count(1) == 1\n",
        conftest="""
        import coverage, json
        def full(self, morfs=None, outfile=None, **_):
            summary = {"covered_lines": 900, "num_statements": 4, "covered_branches": -1, "num_branches": 0}
            with open(outfile, "w") as file:
                json.dump({"files": {m: {"summary": summary} for m in morfs} | {"/etc/passwd": {"summary": summary}}}, file)
        coverage.Coverage.json_report = full
        """,
        measured=True,
        outcomes={"test_count": "passed"},
        told=(influences.REPLACES.en,),
        then=nothing_measured,
    ),
}


CASES |= OTHERS


@pytest.mark.parametrize("name", CASES)
def test_nobody_is_believed_for_what_was_made_up(arena: Arena, name: str) -> None:
    arena.play(CASES[name])

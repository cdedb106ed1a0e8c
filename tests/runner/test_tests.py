"""The kind `tests`: real pytest, Django and unittest runs, told truly whatever the suite does."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from checks.runner.own_server import port_called
from tests.runner.servers import free_port
from tests.runner.steps import FIRST_LINE, part, run, suite

CALC = "def add(a, b):\n    if a > b:\n        return a + b\n    return a + b\n"


def outcomes(xml: str | None) -> dict[str, str]:
    """Return test → outcome of a JUnit document."""
    assert xml is not None
    found = {}
    for case in ElementTree.fromstring(xml).iter("testcase"):
        found[str(case.get("name"))] = next((c.tag for c in case if c.tag in ("failure", "error", "skipped")), "passed")
    return found


def calculated(environment: Path, tests: str, **more: Any) -> dict[str, Any]:
    """Run one file of tests beside `calc.py`."""
    files = {"calc.py": CALC, "unused.py": "x = 1\n", "tests/test_calc.py": tests, **more.pop("files", {})}
    return run(files, environment, suite=suite("pytest", "tests"), part=part("calc.py", "unused.py"), **more)


def test_each_outcome_is_told_and_failures_run_twice(environment: Path) -> None:
    document = calculated(
        environment,
        """
        import pathlib, time, pytest
        from calc import add
        def test_right(): assert add(1, 2) == 3
        def test_wrong(): assert add(1, 2) == 4
        def test_slow(): time.sleep(30)
        def test_flaky():
            mark = pathlib.Path("/tmp") / ("seen" + str(__file__).replace("/", "-"))
            seen = mark.exists(); mark.touch()
            if seen: mark.unlink()
            assert seen
        @pytest.mark.skip
        def test_skipped(): pass
        @pytest.mark.asyncio
        async def test_awaited(): assert add(2, 2) == 4
        """,
        files={"pytest.ini": "[pytest]\naddopts = --cov=calc -n 4 -k nothing --maxfail=1\npythonpath = .\n"},
        per_test_seconds=1,
    )
    first = outcomes(document["junit"])
    assert first == {
        "test_right": "passed",
        "test_wrong": "failure",
        "test_slow": "failure",
        "test_flaky": "failure",
        "test_skipped": "skipped",
        "test_awaited": "passed",
    }
    assert outcomes(document["again"]) == {"test_wrong": "failure", "test_slow": "failure", "test_flaky": "passed"}
    assert document["coverage"] == {"calc.py": [3, 4, 1, 2], "unused.py": [0, 1, 0, 0]}
    assert document["finished"] is True
    assert (document["trouble"], document["turned"]) == ([], [])
    assert [c["code"] for c in document["commands"]] == [1, 1]


def test_a_suite_that_hangs_leaves_what_it_had(environment: Path) -> None:
    document = calculated(
        environment,
        """
        import signal, time
        def test_first(): pass
        def test_hangs():
            for number in (signal.SIGALRM, signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            while True: time.sleep(1)
        def test_never(): pass
        """,
        seconds=10,
        per_test_seconds=2,
    )
    assert outcomes(document["junit"]) == {"test_first": "passed", "test_hangs": "error"}
    assert document["commands"][0]["how"] == "timeout"
    assert document["finished"] is False


def test_a_suite_that_is_too_long_is_interrupted_and_still_writes(environment: Path) -> None:
    tests = "import time\nimport pytest\nfrom calc import add\n" + "".join(
        f"def test_{n}(): assert add({n}, 1); time.sleep(1)\n" for n in range(60)
    )
    document = calculated(environment, tests, seconds=12)
    assert document["commands"][0]["how"] == "timeout"
    assert outcomes(document["junit"])["test_0"] == "passed"
    assert document["coverage"]["calc.py"][0] > 0


def test_a_module_that_does_not_import_is_an_error(environment: Path) -> None:
    document = calculated(environment, "import absent_module\ndef test_one(): pass\n")
    assert "error" in outcomes(document["junit"]).values()
    assert "No module named 'absent_module'" in document["junit"]
    assert document["again"] is None


def test_tests_that_load_no_code_cover_none(environment: Path) -> None:
    document = calculated(environment, "def test_nothing(): pass\n")
    assert document["coverage"] == {"calc.py": [0, 4, 0, 2], "unused.py": [0, 1, 0, 0]}


def test_code_is_measured_whatever_its_comments_or_the_tests_do_to_it(environment: Path) -> None:
    files: dict[str, str | bytes] = {
        "calc.py": "def add(a, b):  # pragma: no cover\n    if a > 3:  # pragma: no branch\n        return b\n    return a + b\n",
        "gone.py": '"""Counts."""\n\n\ndef count(n):\n    if n:\n        return 1\n    return 2\n',
        "odd.py": "print 'of another version'\n",
        "test_calc.py": "import os\nfrom calc import add\ndef test_add():\n    assert add(1, 2) == 3\n    os.unlink('gone.py')\n",
    }
    document = run(files, environment, suite=suite("pytest", "test_calc.py"), part=part("calc.py", "gone.py", "odd.py"))
    assert document["coverage"] == {"calc.py": [3, 4, 1, 2], "gone.py": [0, 5, 0, 0]}


@pytest.mark.parametrize("runner", ["pytest", "unittest"])
def test_a_suite_in_which_nothing_can_fail_is_told(environment: Path, runner: str) -> None:
    honest = "import unittest\nclass TestHive(unittest.TestCase):\n    def test_hive(self): self.assertEqual(1, 1)\n"
    quiet = (
        honest
        + "unittest.TestCase.run = lambda self, result=None: result.startTest(self) or result.addSuccess(self) or result.stopTest(self)\n"
    )
    quiet += "try:\n    from _pytest import unittest as theirs\n    theirs.TestCaseFunction.runtest = lambda self: None\nexcept ImportError: pass\n"
    told = []
    for text in (honest, quiet):
        document = run({"tests/__init__.py": "", "tests/test_hive.py": text}, environment, suite=suite(runner, "tests"))
        assert set(outcomes(document["junit"])) == {"test_hive"}
        assert len(document["commands"]) == 1
        told.append(document["unfailing"])
    assert told == [False, True]


@pytest.mark.parametrize("runner", ["pytest", "unittest", "django"])
def test_modules_with_the_names_of_ours_are_theirs(environment: Path, runner: str) -> None:
    names = ("lines", "measure", "watch", "mutations", "options", "with_pytest")
    files: dict[str, str | bytes] = {f"{name}.py": f"def told():\n    return 'theirs, {name}'\n" for name in names}
    files["tests/__init__.py"] = ""
    files["tests/test_names.py"] = "import unittest\nclass TestNames(unittest.TestCase):\n" + "".join(
        f"    def test_{name}(self):\n        from {name} import told\n        self.assertEqual(told(), 'theirs, {name}')\n"
        for name in names
    )
    files["shop_settings.py"] = "SECRET_KEY = 'x'\nINSTALLED_APPS = []\nDATABASES = {}\n"
    given = suite(runner, "tests", settings="shop_settings" if runner == "django" else "")
    document = run(files, environment, suite=given, part=part("lines.py"))
    assert outcomes(document["junit"]) == {f"test_{name}": "passed" for name in names}
    assert document["finished"] is True


def test_no_test_is_an_empty_result(environment: Path) -> None:
    document = calculated(environment, "x = 1\n")
    assert outcomes(document["junit"]) == {}
    assert document["commands"][0]["code"] == 5


def test_a_package_that_its_authors_install_first_is_found(environment: Path) -> None:
    files = {
        "lib/pyproject.toml": "[project]\nname = 'orchard'\nversion = '1'\n",
        "lib/src/orchard/__init__.py": "TREES = 3\n",
        "lib/src/orchard/math.py": "",
        "lib/src/json.py": "raise RuntimeError('never loaded')\n",
        "lib/tests/test_orchard.py": """
            import json
            from orchard import TREES
            def test_trees(): assert json.dumps(TREES) == "3"
            """,
    }
    inside = part("lib/src/orchard/__init__.py", folder="lib")
    document = run(files, environment, suite=suite("pytest", "tests", folder="lib"), part=inside)
    assert outcomes(document["junit"]) == {"test_trees": "passed"}, document["commands"]
    spaced = {path.replace("lib/", "ma lib/"): text for path, text in files.items()}
    elsewhere = {
        "suite": suite("pytest", "tests", folder="ma lib"),
        "part": part("ma lib/src/orchard/__init__.py", folder="ma lib"),
    }
    document = run(spaced, environment, **elsewhere)
    assert outcomes(document["junit"]) == {"test_trees": "passed"}, document["commands"]
    del files["lib/pyproject.toml"]  # nothing says that it is installed: the tests find what they would find by themselves
    document = run(files, environment, suite=suite("pytest", "tests", folder="lib"), part=inside)
    assert set(outcomes(document["junit"]).values()) == {"error"}


def test_what_needs_configuration_has_it(environment: Path) -> None:
    files = {
        "pyproject.toml": """
            [tool.pytest.ini_options]
            pythonpath = ["src"]
            asyncio_mode = "auto"
            python_functions = ["should_*"]
            addopts = ["--strict-config", "--nonexistent-option", "--import-mode=importlib"]
            timeout = 1
            """,
        "src/inner.py": "VALUE = 3\n",
        "tests/test_inner.py": """
            import os, pathlib
            from inner import VALUE
            async def should_await(): assert VALUE == 3
            def should_have_variables():
                assert os.environ["TOKEN"] == "t" and os.environ["TZ"] == "UTC" and "PYTHONPATH" not in os.environ
                assert "LD_PRELOAD" not in os.environ and pathlib.Path.home().is_dir()
                assert input_is_empty()
            def input_is_empty():
                import sys
                return os.read(0, 10) == b""
            """,
    }
    document = run(
        files,
        environment,
        suite=suite("pytest", "tests"),
        part=part(),
        variables={"TOKEN": "t", "LD_PRELOAD": "/x", "PYTHONPATH": "/x"},
    )
    assert outcomes(document["junit"]) == {"should_await": "passed", "should_have_variables": "passed"}


def test_what_a_chain_runs_before_is_run_for_tests_that_wait_for_it(environment: Path) -> None:
    files = {"tools/make.py": "import os, sys\nopen('base.txt', 'w').write(os.environ['MODE'] + sys.argv[1])\n"}
    before = [
        {"folder": "absent", "words": ["python3", "tools/absent.py"]},
        {"folder": "", "words": ["python", "tools/make.py", "x"]},
    ]
    waits = "def test_base(): assert open('base.txt').read() == 'tx'\n"
    asked = suite("pytest", "test_waits.py", before=before)
    document = run({**files, "test_waits.py": waits}, environment, suite=asked, part=part(), variables={"MODE": "t"})
    assert outcomes(document["junit"]) == {"test_base": "passed"}
    assert document["with_variables"]
    alone = run({**files, "test_waits.py": "def test_a(): pass\n"}, environment, suite=asked, part=part())
    assert (len(alone["commands"]), alone["with_variables"]) == (1, False)


def test_variables_are_given_only_to_tests_that_wait_for_them(environment: Path) -> None:
    conftest = "import os\nos.environ.setdefault('ADDRESS', 'http://tests.example')\n"
    own = "import os\ndef test_own(): assert os.environ['ADDRESS'] == 'http://tests.example'\n"
    asked = "import os\nTOKEN = os.environ['TOKEN']\ndef test_asked(): assert TOKEN == 't'\n"
    variables = {"ADDRESS": "http://localhost", "TOKEN": "t"}
    alone = calculated(environment, own, files={"conftest.py": conftest}, variables=variables)
    assert (outcomes(alone["junit"]), alone["with_variables"]) == ({"test_own": "passed"}, False)
    waiting = calculated(environment, asked, variables=variables)
    assert (outcomes(waiting["junit"]), waiting["with_variables"]) == ({"test_asked": "passed"}, True)
    assert waiting["again"] is None
    assert (alone["of"], waiting["commands"][waiting["of"]]["code"]) == (0, 0)
    assert waiting["commands"][0]["code"] != 0, "the report is not the first command's"


def test_a_folder_that_git_does_not_keep_is_made_for_the_tests(environment: Path) -> None:
    code = "import logging\ndef log():\n    logging.FileHandler('logs/api.log')\n    return 1\n"
    waits = "from code_of import log\ndef test_log(): assert log() == 1\n"
    document = run({"code_of.py": code, "test_log.py": waits}, environment, suite=suite("pytest", "test_log.py"), part=part())
    assert outcomes(document["junit"]) == {"test_log": "passed"}
    assert (document["made_folders"], document["with_variables"]) == (["logs"], True)


def test_django_runs_by_its_own_runner(environment: Path) -> None:
    document = run(
        {
            **DJANGO,
            "site/shop/tests.py": """
                from django.test import TestCase
                from shop.models import Item
                class ItemTest(TestCase):
                    def test_saves(self): Item.objects.create(name="a"); self.assertEqual(Item.objects.count(), 1)
                    def test_wrong(self): self.assertEqual(Item.objects.count(), 7)
                """,
        },
        environment,
        suite=suite("django", "shop/tests.py", folder="site", settings="shop.settings"),
        part=part("site/shop/models.py"),
    )
    assert outcomes(document["junit"]) == {"test_saves": "passed", "test_wrong": "failure"}
    assert outcomes(document["again"]) == {"test_wrong": "failure"}
    assert document["coverage"]["site/shop/models.py"][0] > 0


DJANGO: dict[str, str | bytes] = {
    "site/manage.py": """
        import os, sys
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
        from django.core.management import execute_from_command_line
        if __name__ == "__main__": execute_from_command_line(sys.argv)
        """,
    "site/shop/__init__.py": "",
    "site/shop/settings.py": """
        SECRET_KEY = "x"
        DEBUG = True
        ALLOWED_HOSTS = ["*"]
        INSTALLED_APPS = ["shop"]
        ROOT_URLCONF = "shop.urls"
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
        DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
        """,
    "site/shop/models.py": "from django.db import models\nclass Item(models.Model):\n    name = models.CharField(max_length=9)\n",
    "site/shop/urls.py": """
        from django.http import HttpResponse
        from django.urls import path
        urlpatterns = [path("", lambda request: HttpResponse("hello"))]
        """,
    "site/shop/migrations/__init__.py": "",
    "site/shop/migrations/0001_initial.py": """
        from django.db import migrations, models
        class Migration(migrations.Migration):
            initial = True
            operations = [migrations.CreateModel("Item", [("id", models.AutoField(primary_key=True)), ("name", models.CharField(max_length=9))])]
        """,
}


def test_unittest_runs_without_pytest(environment: Path, tmp_path: Path) -> None:
    bare = bare_environment(environment, tmp_path)
    document = run(
        {
            "calc.py": CALC,
            "test_calc.py": """
                import unittest
                from calc import add
                class AddTest(unittest.TestCase):
                    def test_right(self): self.assertEqual(add(1, 2), 3)
                    def test_wrong(self): self.assertEqual(add(1, 2), 4)
                    @unittest.skip("later")
                    def test_later(self): pass
                    def test_slow(self):
                        import time
                        time.sleep(30)
                """,
        },
        bare,
        suite=suite("unittest", "test_calc.py"),
        part=part("calc.py"),
        per_test_seconds=1,
    )
    first = outcomes(document["junit"])
    assert first == {"test_later": "skipped", "test_right": "passed", "test_slow": "error", "test_wrong": "failure"}


def bare_environment(environment: Path, folder: Path) -> Path:
    """Make an environment without any package."""
    import subprocess

    from tests.runner.steps import PYTHON

    made = environment.parent / "bare"
    subprocess.run((PYTHON, "-m", "venv", "--without-pip", str(made)), check=True)
    return made


def test_without_an_environment_nothing_runs() -> None:
    document = run({"tests/test_a.py": "def test_a(): pass\n"}, Path("/nonexistent"), suite=suite("pytest", "tests"), part=part())
    assert document["trouble"] == ["no-environment"]
    assert (document["junit"], document["commands"]) == (None, [])


def test_a_test_that_cannot_be_interrupted_costs_itself_and_not_the_suite(environment: Path) -> None:
    document = calculated(
        environment,
        """
        import threading, time, pytest
        from calc import add
        @pytest.fixture
        def waits():
            never = threading.Event()
            try:
                never.wait(90)
            finally:
                never.wait(90)
        def test_before(): assert add(1, 2) == 3
        def test_stuck(waits): pass
        def test_after(): assert add(2, 2) == 4
        def test_wrong(): assert add(2, 2) == 5
        """,
        per_test_seconds=1,
        seconds=60,
    )
    assert outcomes(document["junit"]) == {
        "test_before": "passed",
        "test_stuck": "error",
        "test_after": "passed",
        "test_wrong": "failure",
    }
    assert document["stuck"] == ["tests/test_calc.py::test_stuck"]
    assert document["finished"]
    assert outcomes(document["again"]) == {"test_wrong": "failure"}


OWN = """\
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health():
    return {"status": "ok"}


@app.get("/stock")
def stock():
    raise RuntimeError("no data here")
"""
CALLS = """\
from urllib.request import urlopen

ADDRESS = "http://localhost:{port}"


def test_health():
    assert urlopen(ADDRESS + "/health").status == 200


def test_stock():
    assert urlopen(ADDRESS + "/stock").status == 200
"""


@pytest.mark.parametrize(
    ("addresses", "port"),
    [
        (("redis://localhost:6379/0", "redis://localhost:6379/1", "http://localhost:8123/items"), 8123),
        (("postgresql://localhost:5432/stock",), 0),
        (("ws://127.0.0.1:8124/news",), 8124),
    ],
)
def test_the_port_that_is_called_is_one_of_the_web(tmp_path: Path, addresses: tuple[str, ...], port: int) -> None:
    (tmp_path / "test_calls.py").write_text("\n".join(f"A{n} = {a!r}" for n, a in enumerate(addresses)))
    assert port_called("ConnectionRefusedError: [Errno 111] Connection refused", tmp_path) == port
    assert port_called("assert 1 == 2", tmp_path) == 0


def test_tests_that_call_the_projects_own_application_are_run_beside_it(environment: Path) -> None:
    app = {"framework": "fastapi", "folder": "", "target": "main:app", "place": FIRST_LINE}
    files: dict[str, str | bytes] = {"main.py": OWN, "tests/test_calls.py": CALLS.format(port=free_port())}
    asked = suite("pytest", "tests")
    alone = run(files, environment, suite=asked, part=part())
    assert (outcomes(alone["junit"]), alone.get("served")) == ({"test_health": "failure", "test_stock": "failure"}, None)
    beside = run(files, environment, suite=asked, part={**part(), "apps": [app]})
    assert outcomes(beside["junit"]) == {"test_health": "passed", "test_stock": "failure"}
    assert beside["served"]["target"] == "main:app"


def test_an_application_that_does_not_come_up_changes_nothing(environment: Path) -> None:
    app = {"framework": "fastapi", "folder": "", "target": "absent:app", "place": FIRST_LINE}
    files: dict[str, str | bytes] = {"tests/test_calls.py": CALLS.format(port=free_port())}
    document = run(files, environment, suite=suite("pytest", "tests"), part={**part(), "apps": [app]})
    assert outcomes(document["junit"]) == {"test_health": "failure", "test_stock": "failure"}
    assert document.get("served") is None and document["again"] is not None

"""Test suites: the runner, the folder from which imports resolve, the files."""

from __future__ import annotations

from grader.plan import Suite
from tests.recipes.samples import A_TEST, FASTAPI, part, planned, suites, texts


def shape(suite: Suite) -> tuple[str, str, tuple[str, ...]]:
    return suite.runner, suite.folder, suite.targets


def test_tests_run_from_the_folder_that_their_imports_mean() -> None:
    from_root = {
        "api/main.py": FASTAPI,
        "tests/test_api.py": "from api.main import app\n" + A_TEST,
        "requirements.txt": "fastapi\n",
    }
    assert [shape(s) for s in suites(from_root)] == [("pytest", "", ("tests",))]
    from_api = {
        "api/main.py": FASTAPI,
        "api/tests/test_api.py": "from main import app\n" + A_TEST,
        "requirements.txt": "fastapi\n",
    }
    assert [shape(s) for s in suites(from_api)] == [("pytest", "api", ("tests",))]


def test_a_configuration_and_search_paths_are_followed() -> None:
    configured = {
        "app/pytest.ini": "[pytest]\npythonpath = lib\n",
        "app/lib/core.py": "x = 1\n",
        "app/tests/test_core.py": "import core\n" + A_TEST,
        "requirements.txt": "flask\n",
    }
    assert [shape(s) for s in suites(configured)] == [("pytest", "app", ("tests",))]
    edited = {
        "back/core.py": "x = 1\n",
        "tests/conftest.py": "import sys\nfrom pathlib import Path\nROOT = Path(__file__).parent.parent\nsys.path.insert(0, str(ROOT / 'back'))\n",
        "tests/test_core.py": "import core\n" + A_TEST,
    }
    assert [shape(s) for s in suites(edited)] == [("pytest", "", ("tests",))]


def test_files_without_tests_are_left_out_of_what_pytest_collects() -> None:
    files = {
        "tests/test_real.py": A_TEST,
        "tests/test_script.py": "print('hello')\n",
        "views/panel_test.py": "import streamlit as st\nst.write(1)\n",
        "ml/test_model.py": "def test_model(model, data):\n    return model.predict(data)\n",
        "app/management/commands/test_ia.py": A_TEST,
    }
    assert [shape(s) for s in suites(files)] == [("pytest", "", ("tests/test_real.py",))]


def test_django_tests_use_djangos_runner_unless_pytest_django_is_declared() -> None:
    files: dict[str, str | bytes] = {
        "site/manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'conf.settings')\n",
        "site/conf/settings.py": "",
        "site/shop/tests.py": "from django.test import TestCase\nclass ShopTest(TestCase):\n    def test_a(self): self.assertTrue(1)\n",
        "site/requirements.txt": "django\n",
    }
    (suite,) = suites(files)
    assert (*shape(suite), suite.settings) == ("django", "site", ("shop/tests.py",), "conf.settings")
    (suite,) = suites(files | {"site/requirements.txt": "django\npytest-django\n"})
    assert (*shape(suite), suite.settings) == ("pytest", "site", ("shop/tests.py",), "conf.settings")


def test_root_tests_of_a_monorepo_get_what_every_part_asks_for() -> None:
    files: dict[str, str | bytes] = {
        "api/requirements.txt": "fastapi\n",
        "api/main.py": FASTAPI,
        "ui/requirements.txt": "streamlit\n",
        "ui/home.py": "import streamlit as st\nst.title('x')\n",
        "tests/test_all.py": "from api.main import app\n" + A_TEST,
    }
    plan = planned(files)
    assert texts(part(plan)) == ["fastapi", "streamlit"]
    assert [shape(s) for s in part(plan).suites] == [("pytest", "", ("tests",))]
    assert part(plan).code == ("api/main.py", "ui/home.py")
    assert [p.name for p in plan.parts if p.apps] == ["api", "ui"]
    only_tests = planned(files | {"tests/requirements.txt": "pytest\n"})
    assert texts(part(only_tests)) == ["pytest", "fastapi", "streamlit"]


def test_tests_belong_to_the_nearest_part() -> None:
    files: dict[str, str | bytes] = {
        "requirements.txt": "flask\n",
        "app.py": "x = 1\n",
        "api/requirements.txt": "fastapi\n",
        "api/main.py": FASTAPI,
        "api/tests/test_main.py": "from main import app\n" + A_TEST,
        "api/migrations/0001_initial.py": "x = 1\n",
        "api/settings.py": "x = 1\n",
    }
    plan = planned(files)
    assert [shape(s) for s in part(plan, "api").suites] == [("pytest", "api", ("tests",))]
    assert part(plan).suites == ()
    assert part(plan, "api").code == ("api/main.py",)


def test_node_suites_are_read_from_package_json() -> None:
    files: dict[str, str | bytes] = {
        "web/package.json": '{"scripts": {"test": "vitest run"}, "devDependencies": {"vitest": "^2"}}',
        "old/package.json": '{"devDependencies": {"jest": "^29"}}',
        "bare/package.json": '{"scripts": {"test": "node --test"}}',
        "none/package.json": '{"scripts": "x", "dependencies": []}',
    }
    assert sorted(shape(s) for s in suites(files)) == [("jest", "old", ()), ("node", "bare", ()), ("vitest", "web", ())]


def test_targets_are_bounded() -> None:
    files: dict[str, str | bytes] = {f"m{n}/test_a{n}.py": "import pytest\n" + A_TEST for n in range(90)}
    (suite,) = suites(files)
    assert len(suite.targets) == 40

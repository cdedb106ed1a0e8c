"""Tests read by their syntax: can they fail, what do they reach?"""

from __future__ import annotations

import ast

import pytest

from checks.facts.python_code import parse_module
from checks.facts.test_asserts import assertions
from checks.facts.test_suite import TestSuite
from checks.workspace import File
from tests.data_samples import fact

API = """
from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.get("/stations/{identifiant}")
def station(identifiant: int):
    return lire(identifiant)


@app.post("/predire")
def predire():
    return {}


def lire(identifiant):
    return identifiant
"""


def suite(test: str, **more: str) -> TestSuite:
    found: TestSuite = fact({"app/api.py": API, "tests/test_api.py": test, **more}, "test_suite")
    return found


@pytest.mark.parametrize(
    ("body", "teeth"),
    [
        ("assert True", False),
        ("assert 1 == 1", False),
        ("assert len([1]) > 0", False),
        ("assert resultat or True", False),
        ("pass", False),
        ("print(calcul())", False),
        ("self.assertTrue(True)", False),
        ("self.assertEqual(1, 1)", False),
        ("try:\n        assert calcul() == 2\n    except Exception:\n        pass", False),
        ("try:\n        assert calcul() == 2\n    except AssertionError:\n        print('raté')", False),
        ("assert calcul() == 2", True),
        ("self.assertEqual(calcul(), 2)", True),
        ("try:\n        calcul()\n    except ValueError:\n        assert True == vrai()\n    assert calcul() == 1", True),
        ("with pytest.raises(ValueError):\n        calcul()", True),
        ("double.assert_called_once_with(3)", True),
        ("verifier(calcul())", True),
        ("if calcul() != 2:\n        pytest.fail('non')", True),
        ("reponse.raise_for_status()", True),
    ],
)
def test_only_a_real_assertion_has_teeth(body: str, teeth: bool) -> None:
    source = f"def verifier(x):\n    assert x > 3\n\n\ndef test_x(self=None):\n    {body}\n"
    module = parse_module(File("tests/test_x.py", source.encode()))
    function = module.functions["test_x"]
    assert isinstance(function, ast.FunctionDef)
    assert bool(list(assertions(module, function))) is teeth


@pytest.mark.parametrize(
    "call",
    [
        'client.get("/stations/3")',
        'client.get(f"/stations/{3}?detail=1")',
        'client.get(f"{BASE}/stations/{n}")',
        'requests.get("http://localhost:8000/stations/3")',
        'client.request("GET", "/stations/3")',
    ],
)
def test_requests_are_matched_with_routes(call: str) -> None:
    text = f"import requests\nfrom fastapi.testclient import TestClient\nfrom app.api import app\n\nclient = TestClient(app)\nBASE = 'http://x'\nn = 1\n\n\ndef test_station():\n    assert {call}.status_code == 200\n"
    (test,) = suite(text).all
    assert [r.path for r in test.routes] == ["/stations/{identifiant}"]
    assert (test.line, test.counts, test.path) == (10, True, "tests/test_api.py")


def test_fixtures_and_parameters_are_followed() -> None:
    text = """
    import pytest


    @pytest.mark.parametrize("chemin", ["/stations/1", "/predire"])
    def test_refuse(client, chemin):
        assert client.get(chemin).status_code in (401, 405)


    def test_predire(client, predire):
        assert predire.status_code == 200
    """
    conftest = """
    import pytest
    from fastapi.testclient import TestClient
    from app.api import app


    @pytest.fixture
    def client():
        return TestClient(app)


    @pytest.fixture
    def predire(client):
        return client.post("/predire")
    """
    first, second = suite(text, **{"tests/conftest.py": conftest}).all
    assert [r.path for r in first.routes] == ["/stations/{identifiant}"]
    assert first.refusal
    assert [r.path for r in second.routes] == ["/predire"]


def test_code_that_a_test_calls_is_known() -> None:
    (test,) = suite("from app.api import station\n\n\ndef test_lire():\n    assert station(3) == 3\n").all
    assert set(test.code) == {("app/api.py", "station"), ("app/api.py", "lire")}
    assert test.imports == ("app/api.py",)


@pytest.mark.parametrize("mark", ["@pytest.mark.skip(reason='x')", "@pytest.mark.xfail", "@unittest.skip('x')"])
def test_a_skipped_test_does_not_count(mark: str) -> None:
    (test,) = suite(f"import pytest, unittest\n\n\n{mark}\ndef test_a():\n    assert f() == 1\n").all
    assert test.skipped == "skipped"
    assert not test.counts


def test_django_names_lead_to_views() -> None:
    files = {
        "projet/urls.py": "from django.urls import path\nfrom ia.views import Reponse\n\nurlpatterns = [path('api/ia/', Reponse.as_view(), name='ia')]\n",
        "projet/settings.py": "ROOT_URLCONF = 'projet.urls'\n",
        "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'projet.settings')\n",
        "ia/views.py": "from rest_framework.views import APIView\n\n\nclass Reponse(APIView):\n    def post(self, request):\n        return None\n",
        "ia/tests.py": "from django.urls import reverse\nfrom rest_framework.test import APITestCase\n\n\nclass Acces(APITestCase):\n    def setUp(self):\n        self.url = reverse('ia')\n\n    def test_refus(self):\n        self.assertEqual(self.client.post(self.url).status_code, 401)\n",
    }
    (test,) = fact(files, "test_suite").all
    assert [(r.method, r.handler) for r in test.routes] == [("POST", "Reponse.post")]
    assert test.refusal


def test_javascript_tests_are_seen() -> None:
    files = {"web/app.test.js": "test('a', () => { expect(f()).toBe(2) })\nit('b', () => { expect(true).toBe(true) })\n"}
    assert fact(files, "test_suite").scripts == (("web/app.test.js", 1, True), ("web/app.test.js", 2, False))


@pytest.mark.parametrize("path", ["tests/test_profond.py", "evaluate.py", "dags/d.py"])
def test_one_bottomless_file_costs_that_file(path: str) -> None:
    deep = "a" + ".b" * 2500
    text = f"from airflow import DAG\n\n\n@{deep}\ndef test_a():\n    accuracy = predire()\n    assert accuracy > {deep}\n"
    chain = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: python evaluate.py\n"
    sound = "from app.api import lire\n\n\ndef test_lire():\n    assert lire(2) == 2\n"
    files = {"app/api.py": API, path: text, "tests/test_sain.py": sound, ".github/workflows/ci.yml": chain}
    assert [t.name for t in fact(files, "test_suite").sound] == ["test_lire"]
    assert fact(files, "coverage").scores == ()
    assert fact(files, "model_pipelines").all == ()


def test_a_test_that_is_answered_is_shown_before_one_that_is_refused() -> None:
    text = (
        "from fastapi.testclient import TestClient\nfrom app.api import app\n\nclient = TestClient(app)\n\n\n"
        "def test_a_refus():\n    assert client.post('/predire').status_code == 401\n\n\n"
        "def test_b_prediction():\n    assert client.post('/predire').json() == {}\n"
    )
    found = suite(text)
    assert [t.name for t in found.reaching(found.all[0].routes[0])] == ["test_b_prediction", "test_a_refus"]

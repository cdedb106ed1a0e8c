"""Checks on tests: what they cover, with hollow ones counted for nothing."""

from __future__ import annotations

from grader.values import Outcome
from tests.data_samples import examine

M, P, N, I, X = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE
API = """
import joblib
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import APIKeyHeader
import os

app = FastAPI()
modele = joblib.load("modele.joblib")


def cle(valeur: str = Depends(APIKeyHeader(name="X-Cle"))):
    if valeur != os.environ["CLE"]:
        raise HTTPException(status_code=401)


@app.post("/predire", dependencies=[Depends(cle)])
def predire(x: float):
    return {"y": float(modele.predict([[x]])[0])}


@app.post("/lot", dependencies=[Depends(cle)])
def lot(xs: list[float]):
    return modele.predict([[x] for x in xs]).tolist()
"""
HEAD = "from fastapi.testclient import TestClient\nfrom api.main import app\n\nclient = TestClient(app)\n\n\n"
GOOD = HEAD + (
    "def test_predire():\n    assert client.post('/predire', json={'x': 1}, headers={'X-Cle': 'k'}).status_code == 200\n\n\n"
    "def test_predire_refuse():\n    assert client.post('/predire').status_code == 401\n"
)
BOTH = GOOD + "\n\ndef test_lot():\n    assert client.post('/lot', json=[1]).json() == [2]\n"
HOLLOW = HEAD + "def test_predire():\n    client.post('/predire')\n    assert True\n\n\ndef test_lot():\n    assert 1 == 1\n"


def outcome(check: str, test: str, **more: str) -> Outcome:
    return examine({"api/main.py": API, "tests/test_api.py": test, **more}, check).outcome


def test_every_model_endpoint_needs_a_test_that_can_fail() -> None:
    check = "testing.cover-the-model-api"
    assert outcome(check, BOTH) == M
    assert outcome(check, GOOD) == P
    assert outcome(check, HOLLOW) == N
    assert outcome(check, "") == N
    assert examine({"a.py": "x = 1"}, check).outcome == N


def test_the_missing_endpoint_is_named() -> None:
    found = examine({"api/main.py": API, "tests/test_api.py": GOOD}, "testing.cover-the-model-api")
    assert "POST /lot" in found.why.en
    assert found.question is not None
    assert "/lot" in found.question.fr


def test_only_running_tells_whether_tests_pass() -> None:
    check = "testing.run-without-bugs"
    assert outcome(check, GOOD) == I
    assert outcome(check, HOLLOW) == N
    assert examine({"a.py": "x = 1"}, check).outcome == N


def test_tests_aim_at_the_model_or_reach_it_by_the_api_alone() -> None:
    check = "testing.use-a-framework-on-the-model"
    aimed = "from api.main import predire\n\n\ndef test_predire():\n    assert predire(1.0)['y'] > 0\n"
    assert outcome(check, aimed) == M
    assert outcome(check, GOOD) == P
    assert outcome(check, HOLLOW) == N


def test_a_script_that_works_when_imported_is_imported_by_its_test() -> None:
    check = "testing.use-a-framework-on-the-model"
    train = "from sklearn.linear_model import LinearRegression\n\nmodele = LinearRegression().fit([[1], [2]], [1, 2])\n"
    test = "import importlib\n\n\ndef test_script():\n    module = importlib.import_module({})\n    assert module.modele.coef_[0] > 0\n"
    files = {"scripts/train.py": train}
    assert outcome(check, test.format("'scripts.train'"), **files) == M
    assert outcome(check, test.format("'json'"), **files) == N
    assert outcome(check, test.format("f'scripts.{nom}'"), **files) == N
    assert outcome(check, test.format(""), **files) == N


def test_a_target_must_be_enforced() -> None:
    check = "testing.of-the-model-reach-their-target"
    assert outcome(check, GOOD, **{"pytest.ini": "[pytest]\naddopts = --cov=api --cov-fail-under=80\n"}) == M
    assert outcome(check, GOOD, **{"pytest.ini": "[pytest]\naddopts = --cov=api\n"}) == P
    assert outcome(check, GOOD, **{"pytest.ini": "[pytest]\naddopts = --cov-fail-under=0\n"}) == P
    assert outcome(check, GOOD, **{"README.md": "couverture : --cov-fail-under=80\n"}) == P
    assert outcome(check, HOLLOW, **{"pytest.ini": "[pytest]\naddopts = --cov-fail-under=80\n"}) == N


def test_business_code_and_access_are_both_wanted() -> None:
    check = "testing.cover-business-code-and-access"
    assert outcome(check, BOTH) == M
    assert outcome(check, HEAD + "def test_lot():\n    assert client.post('/lot', json=[1]).json() == [2]\n") == P
    assert outcome(check, HOLLOW) == N


def test_the_integration_is_tested_from_the_applications_side() -> None:
    check = "testing.cover-the-integration"
    page = {
        "ui/page.py": "import requests\nimport streamlit as st\n\nreponse = requests.post('http://api:8000/predire', json={'x': 1})\nst.write(reponse.json())\n"
    }
    side = "from streamlit.testing.v1 import AppTest\n\n\ndef test_page():\n    page = AppTest.from_file('ui/page.py').run()\n    assert not page.exception\n"
    assert outcome(check, side, **page) == M
    assert outcome(check, GOOD, **page) == P
    assert outcome(check, HOLLOW, **page) == N


def test_hollow_tests_are_counted() -> None:
    found = examine(
        {"api/main.py": API, "tests/test_api.py": HOLLOW + "\n\ndef test_vrai():\n    assert app.title == 'x'\n"},
        "testing.can-fail",
    )
    assert (found.outcome, "2 of 3" in found.why.en) == (P, True)
    assert outcome("testing.can-fail", GOOD) == M
    assert outcome("testing.can-fail", HOLLOW) == N
    assert examine({"a.py": ""}, "testing.can-fail").outcome == X


def test_components_wait_for_a_run() -> None:
    assert outcome("testing.exercise-business-components", GOOD) == I
    assert outcome("testing.exercise-business-components", "def test_a():\n    assert f() == 1\n") == N


def test_tests_are_tracked() -> None:
    assert outcome("testing.are-tracked", GOOD) == M
    assert examine({"a.py": ""}, "testing.are-tracked").outcome == N


def test_endpoints_beside_the_models_are_not_forgotten() -> None:
    more = (
        "\n\n@app.get('/stations')\ndef stations():\n    return lire()\n\n\ndef lire():\n    return open('stations.csv').read()\n"
    )
    found = examine({"api/main.py": API + more, "tests/test_api.py": BOTH}, "testing.cover-the-model-api")
    assert (found.outcome, found.evidence[-1].line) == (P, 25)
    assert found.question is not None
    assert "/stations" in found.question.fr
    whole = BOTH + "\n\ndef test_stations():\n    assert client.get('/stations').status_code == 200\n"
    assert examine({"api/main.py": API + more, "tests/test_api.py": whole}, "testing.cover-the-model-api").outcome == M


CLIENT = (
    "import requests\n\n\ndef predire(x):\n    return requests.post('http://api:8000/predire', json={'x': x}).json()\n\n\n"
    "def lot(xs):\n    return requests.post('http://api:8000/lot', json=xs).json()\n"
)
UI = {
    "ui/client.py": CLIENT,
    "ui/page.py": "import streamlit as st\nfrom client import lot, predire\n\nst.write(predire(3))\nst.write(lot([1]))\n",
}


def test_part_of_the_calls_is_partly_and_the_rest_is_asked_for() -> None:
    test = "from ui.client import predire\n\n\ndef test_predire():\n    assert predire(3)['y'] > 2\n"
    found = examine({"api/main.py": API, "tests/test_client.py": test, **UI}, "testing.cover-the-integration")
    assert found.outcome == P
    assert found.question is not None
    assert "ui/client.py line 9" in found.question.en


def test_all_the_calls_against_the_real_thing_are_met() -> None:
    test = (
        "from ui.client import lot, predire\n\n\ndef test_predire():\n    assert predire(3)['y'] > 2\n\n\n"
        "def test_lot():\n    assert lot([1]) == [2]\n"
    )
    assert outcome("testing.cover-the-integration", GOOD, **{"tests/test_client.py": test}, **UI) == M


def test_calls_behind_doubles_are_partly() -> None:
    test = (
        "from unittest.mock import patch\nfrom ui.client import lot, predire\n\n\n@patch('requests.post')\ndef test_tout(faux):\n"
        "    faux.return_value.json.return_value = {'y': 4}\n    assert predire(3) == {'y': 4}\n    assert lot([1]) == {'y': 4}\n"
    )
    found = examine({"api/main.py": API, "tests/test_client.py": test, **UI}, "testing.cover-the-integration")
    assert (found.outcome, "doubles" in found.why.en) == (P, True)


def test_tests_without_any_application_or_model_are_no_integration() -> None:
    files = {
        "calcul.py": "def f(x):\n    return x\n",
        "tests/test_calcul.py": "from calcul import f\n\n\ndef test_f():\n    assert f(1) == 1\n",
    }
    assert examine(files, "testing.cover-the-integration").outcome == N


def test_a_route_that_is_only_resolved_is_not_exercised() -> None:
    test = "from api import main\n\n\ndef test_url():\n    assert callable(main.predire)\n"
    assert outcome("testing.cover-the-model-api", test) == N

"""The application's calls, matched with the tests that exercise them."""

from __future__ import annotations

from checks.facts.application_calls import ApplicationCalls
from tests.data_samples import fact

CLIENT = (
    "import requests\n\n\ndef predire(x):\n    return requests.post('http://api:8000/predire', json={'x': x}).json()\n\n\n"
    "def lister():\n    return requests.get('http://api:8000/stations').json()\n"
)
PAGE = "import streamlit as st\nfrom client import lister, predire\n\nst.write(predire(3))\nst.table(lister())\n"
ONE = "from client import predire\n\n\ndef test_predire():\n    assert predire(3)['y'] == 4\n"


def calls(**tests: str) -> ApplicationCalls:
    files = {"client.py": CLIENT, "page.py": PAGE, **{f"tests/{name}.py": text for name, text in tests.items()}}
    found: ApplicationCalls = fact(files, "application_calls")
    return found


def test_a_tested_function_covers_its_call() -> None:
    found = calls(test_client=ONE)
    assert (found.share, [(c.path, c.line) for c in found.missing]) == (0.5, [("client.py", 9)])


def test_importing_the_client_exercises_nothing() -> None:
    found = calls(test_client="import client\n\n\ndef test_nom():\n    assert client.__name__ == 'client'\n")
    assert (found.share, found.tests) == (0.0, ())


def test_naming_a_function_in_an_assertion_exercises_nothing() -> None:
    assert calls(test_client="from client import predire\n\n\ndef test_la():\n    assert callable(predire)\n").share == 0.0


def test_a_test_that_calls_its_own_double_cannot_fail() -> None:
    test = (
        "from unittest.mock import patch\nimport requests\n\n\n@patch('requests.get')\ndef test_faux(faux):\n"
        "    faux.return_value.status_code = 200\n    assert requests.get('http://api:8000/stations').status_code == 200\n"
    )
    found = fact({"client.py": CLIENT, "tests/test_client.py": test}, "test_suite")
    assert [(t.name, t.teeth) for t in found.all] == [("test_faux", False)]


def test_a_double_below_the_code_under_test_is_sound() -> None:
    test = (
        "from unittest.mock import patch\nfrom client import lister\n\n\n@patch('requests.get')\ndef test_lister(faux):\n"
        "    faux.return_value.json.return_value = [1]\n    assert lister() == [1]\n"
    )
    found = fact({"client.py": CLIENT, "tests/test_client.py": test}, "test_suite")
    assert [(t.name, t.teeth, t.mocks) for t in found.all] == [("test_lister", True, True)]

"""Is a test about access? A refusal must be demanded, or signing in exercised."""

from __future__ import annotations

import pytest

from tests.data_samples import fact

APP = (
    "from fastapi import FastAPI\nfrom app.auth import verifier_jwt\nfrom app.texte import compter\n\napp = FastAPI()\n\n\n"
    "@app.get('/pages')\ndef pages():\n    return []\n\n\n@app.post('/login')\ndef login():\n    return verifier_jwt('x')\n"
)
FILES = {
    "app/main.py": APP,
    "app/auth.py": "def verifier_jwt(jeton):\n    return jeton == 'x'\n",
    "app/texte.py": "def compter(texte):\n    return len(texte)\n\n\ndef register_model(nom):\n    return nom\n",
}
HEAD = "from fastapi.testclient import TestClient\nfrom app.main import app\n\nclient = TestClient(app)\n\n\n"


@pytest.mark.parametrize(
    ("test", "about"),
    [
        (HEAD + "def test_refus():\n    assert client.get('/pages').status_code == 401\n", True),
        (HEAD + "def test_connexion():\n    assert client.post('/login').status_code == 200\n", True),
        ("from app.auth import verifier_jwt\n\n\ndef test_jwt():\n    assert verifier_jwt('x')\n", True),
        (HEAD + "def test_pages():\n    assert client.get('/pages').status_code == 200\n", False),
        (  # the test invents the status itself
            "from app.texte import compter\n\n\ndef test_blocage():\n    page = dict(status=403, texte='non')\n    assert compter(page['texte']) == 3\n",
            False,
        ),
        ("from app.texte import compter\n\n\ndef test_plusieurs_authors():\n    assert compter('ab') == 2\n", False),
        (
            "from app.texte import register_model\n\n\ndef test_train_register_model():\n    assert register_model('a') == 'a'\n",
            False,
        ),
        ("def test_login():\n    assert [1][0] == len('a')\n", False),  # the name alone
    ],
)
def test_access_is_what_the_test_exercises(test: str, about: bool) -> None:
    (found,) = fact({**FILES, "tests/test_app.py": test}, "test_suite").all
    assert found.refusal is about

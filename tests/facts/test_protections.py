from tests.monitoring_samples import fact

CODE = """
    from fastapi import FastAPI, Depends
    from fastapi.middleware.cors import CORSMiddleware
    from fastapi.security import OAuth2PasswordBearer
    from passlib.context import CryptContext
    from pydantic import BaseModel, Field
    import os

    app = FastAPI()
    app.add_middleware(CORSMiddleware, allow_origins=["https://avis.fr"])
    hachage = CryptContext(schemes=["bcrypt"])
    jeton = OAuth2PasswordBearer(tokenUrl="/jeton")
    CLE = os.environ["JWT_SECRET"]

    class Avis(BaseModel):
        texte: str = Field(min_length=1, max_length=500)

    @app.get("/avis/{numero}")
    def lire(numero: int, curseur=Depends(base)):
        curseur.execute("SELECT texte FROM avis WHERE id = %s", (numero,))
"""


def kinds(contents):
    return list(fact(contents, "protections").kinds)


def test_measures_with_their_places():
    found = fact({"api.py": CODE}, "protections")
    assert {k: m.line for k, m in found.kinds.items()} == {
        "authentication": 11,
        "cors": 9,
        "hashing": 10,
        "secrets-outside": 12,
        "sql-bound": 19,
        "validation": 15,
    }
    assert found.weaknesses == ()


def test_weaknesses():
    code = CODE.replace('["https://avis.fr"]', '["*"]').replace(
        '"SELECT texte FROM avis WHERE id = %s", (numero,)', 'f"SELECT texte FROM avis WHERE id = {numero}"'
    )
    found = fact({"api.py": code}, "protections")
    assert [(w.kind, w.line, w.grave) for w in found.weaknesses] == [("cors-open", 9, False), ("sql-built", 19, False)]
    assert "cors" not in found.kinds and "sql-bound" not in found.kinds


def test_debug_left_on():
    flask = "from flask import Flask\napp = Flask(__name__)\napp.run(debug=True)\n"
    django = "DEBUG = True\nINSTALLED_APPS = []\n"
    assert [(w.kind, w.grave) for w in fact({"app.py": flask}, "protections").weaknesses] == [("debug", True)]
    assert [(w.kind, w.line) for w in fact({"site/settings.py": django}, "protections").weaknesses] == [("debug", 1)]


def test_comments_and_unreached_scripts_protect_nothing():
    assert kinds({"api.py": "from fastapi import FastAPI\n# rate_limit, CSRFProtect, X-Frame-Options\napp = FastAPI()\n"}) == []
    assert kinds({"essai.py": "import bcrypt\nbcrypt.hashpw(b'a', b'b')\n"}) == []


def test_measures_outside_the_code():
    files = {
        ".github/workflows/ci.yml": "jobs:\n  a:\n    steps:\n      # bandit\n      - run: pip-audit\n",
        "Dockerfile": "FROM python:3.12\nUSER appli\n",
        "nginx.conf": "server {\n  listen 443 ssl;\n}\n",
    }
    assert {k: m.line for k, m in fact(files, "protections").kinds.items()} == {"container-user": 2, "https": 2, "scanning": 5}


def test_rights_given_back_after_root_are_no_measure():
    assert kinds({"Dockerfile": "FROM apache/airflow:2\nUSER root\nRUN apt-get update\nUSER airflow\n"}) == []

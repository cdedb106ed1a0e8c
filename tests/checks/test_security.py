from checks.facts.linters import Issue, LintReport
from tests.monitoring_samples import examine, outcome

OWASP, API = "security.applies-owasp-measures", "security.api-follows-owasp"
QUIET = LintReport((), 1, 1)
KEPT, CLEAN = "security.keeps-secrets-out", "security.static-analysis-is-clean"
GOOD = """
    import os
    from fastapi import Depends, FastAPI, HTTPException
    from fastapi.security import OAuth2PasswordBearer
    from jose import jwt
    from passlib.context import CryptContext
    from pydantic import BaseModel, Field
    from slowapi import Limiter
    from slowapi.util import get_remote_address

    app = FastAPI()
    limiter = Limiter(key_func=get_remote_address)
    hachage = CryptContext(schemes=["bcrypt"])
    porteur = OAuth2PasswordBearer(tokenUrl="/jeton")
    CLE = os.getenv("JWT_SECRET")

    class Avis(BaseModel):
        texte: str = Field(min_length=1, max_length=500)

    def utilisateur(jeton: str = Depends(porteur)):
        try:
            return jwt.decode(jeton, CLE, algorithms=["HS256"])
        except Exception:
            raise HTTPException(status_code=401)

    @app.post("/avis")
    def ecrire(avis: Avis, qui=Depends(utilisateur)):
        base.execute("INSERT INTO avis (texte) VALUES (%s)", (avis.texte,))
        return {"ok": True}
"""


def test_several_measures_and_no_secret():
    found = examine({"api.py": GOOD}, OWASP, linters=QUIET)
    assert found.outcome.value == "met"
    assert "6 mesures" in found.why.fr
    assert outcome({"api.py": GOOD}, API, linters=QUIET) == "met"


def test_a_secret_in_clear_takes_the_full_mark_away():
    found = examine(
        {"api.py": GOOD.replace('os.getenv("JWT_SECRET")', '"k9Zp2Lq8Xw4Rt6Ym"').replace("CLE", "JWT_SECRET")},
        OWASP,
        linters=QUIET,
    )
    assert found.outcome.value == "partly"
    assert found.question is not None and "api.py:14" in found.question.fr
    assert "défaut sérieux demeure : api.py:14" in found.why.fr
    assert all("k9Zp2Lq8Xw4Rt6Ym" not in e.excerpt for e in found.evidence)


def test_open_data_routes_take_the_full_mark_away():
    assert outcome({"api.py": GOOD.replace(", qui=Depends(utilisateur)", "")}, OWASP, linters=QUIET) == "partly"


def test_secret_and_open_access():
    code = """
        from flask import Flask
        app = Flask(__name__)
        app.config["SECRET_KEY"] = "dev"

        @app.route("/avis/<numero>")
        def lire(numero):
            return base.execute("SELECT texte FROM avis WHERE id = ?", (numero,)).fetchone()
    """
    assert outcome({"app.py": code}, OWASP, linters=QUIET) == "not_met"


def test_words_are_no_measures():
    code = "from fastapi import FastAPI\n# bcrypt, JWT, CSRF, rate limiting, CORS, HTTPS\napp = FastAPI()\n"
    assert (
        outcome({"api.py": code, "SECURITE.md": "Mots de passe hachés, JWT, CSRF, CORS, HTTPS."}, OWASP, linters=QUIET)
        == "not_met"
    )
    assert outcome({"README.md": "OWASP"}, API, linters=QUIET) == "not_met"


def test_secrets_kept_out():
    assert outcome({"api.py": GOOD}, KEPT) == "met"
    assert outcome({"api.py": GOOD, ".env": "JWT_SECRET=9f8e7d6c5b4a39281706\n"}, KEPT) == "not_met"
    assert outcome({"api.py": GOOD, ".env": "DB_PASSWORD=postgres\n"}, KEPT) == "partly"
    assert outcome({"README.md": "rien"}, KEPT) == "not_applicable"


def test_static_analysis():
    assert outcome({"a.py": "x = 1\n"}, CLEAN) == "met"
    assert outcome({"a.py": "import subprocess\nsubprocess.call(x, shell=True)  # nosec\n"}, CLEAN) == "not_met"
    assert outcome({"README.md": "rien"}, CLEAN) == "not_applicable"


def test_a_linter_that_gives_no_answer_says_nothing_of_the_work():
    from checks import security

    medium = Issue("bandit", "B608", "medium", "a.py", 3, "SQL")
    assert security.static_analysis_is_clean(LintReport((medium,), 1, 1)).outcome.value == "partly"
    silent = security.static_analysis_is_clean(LintReport((), 1, 1, ("bandit",)))
    assert (silent.outcome.value, silent.reason) == ("inconclusive", "took-too-long")

from __future__ import annotations

from grader.values import Outcome
from tests.checks.documents_by_hand import conclude, places

DATA = "api-docs.explains-authentication-to-the-data-api"
MODEL = "api-docs.explains-authentication-to-the-model-api"
COVERS = "api-docs.covers-architecture-and-endpoints"
API = """import os
import secrets
import joblib
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import APIKeyHeader
from sqlalchemy import create_engine, text

app = FastAPI()
moteur = create_engine(os.environ["BASE"])
entete = APIKeyHeader(name="X-API-Key")
modele = joblib.load("modele.joblib")


def verifier(cle: str = Depends(entete)):
    if not secrets.compare_digest(cle, os.environ["CLE"]):
        raise HTTPException(status_code=401)


@app.get("/lots", dependencies=[Depends(verifier)])
def lots():
    with moteur.connect() as lien:
        return lien.execute(text("SELECT * FROM lots")).fetchall()


@app.get("/lots/{lot}", dependencies=[Depends(verifier)])
def lot(lot: int):
    with moteur.connect() as lien:
        return lien.execute(text("SELECT * FROM lots WHERE id = :i"), {"i": lot}).fetchone()


@app.post("/predict", dependencies=[Depends(verifier)])
def predire(mesures: dict):
    return {"classe": int(modele.predict([list(mesures.values())])[0])}
"""
OPEN = API.replace(", dependencies=[Depends(verifier)]", "")
GUIDE = """# API

## Authentification

Chaque requête porte la clé dans l'en-tête `X-API-Key`.
Un administrateur peut générer la clé avec `python creer_cle.py` ; sans elle l'API répond 401.

```bash
curl -H "X-API-Key: $CLE" http://localhost:8000/lots
```
"""
ARCHITECTURE = "# Projet\n\n## Architecture\n\n```\nnavigateur -> API -> base\n```\n"


def test_a_section_on_authentication_meets_for_both_apis() -> None:
    files = {"api/main.py": API, "README.md": GUIDE}
    for check in (DATA, MODEL):
        finding = conclude(check, files)
        assert finding.outcome is Outcome.MET
        assert places(finding)[:2] == [("README.md", 5), ("README.md", 6)]


def test_the_scheme_alone_is_partly() -> None:
    finding = conclude(DATA, {"api/main.py": API, "README.md": "# API\n\nLes lots.\n"})
    assert finding.outcome is Outcome.PARTLY
    assert finding.evidence[0].path == "api/main.py"


def test_one_line_is_partly() -> None:
    finding = conclude(MODEL, {"api/main.py": API, "README.md": "# API\n\n- Authentification JWT\n"})
    assert (finding.outcome, places(finding)[0]) == (Outcome.PARTLY, ("README.md", 3))


def test_a_rule_that_the_code_does_not_apply_is_partly() -> None:
    finding = conclude(DATA, {"api/main.py": OPEN, "README.md": GUIDE})
    assert finding.outcome is Outcome.PARTLY
    assert "n'en demandent pas" in finding.why.fr


def test_the_key_of_another_service_explains_nothing() -> None:
    text = "# API\n\n## Installation\n\nCréer un fichier `.env` avec la clé d'API du fournisseur météo.\n"
    assert conclude(DATA, {"api/main.py": OPEN, "README.md": text}).outcome is Outcome.NOT_MET


def test_without_api_nothing_is_to_explain() -> None:
    for check in (DATA, MODEL, COVERS):
        assert conclude(check, {"README.md": GUIDE}).outcome is Outcome.NOT_MET


def test_architecture_and_generated_endpoints_meet() -> None:
    finding = conclude(COVERS, {"api/main.py": API, "README.md": ARCHITECTURE})
    assert (finding.outcome, places(finding)[0]) == (Outcome.MET, ("README.md", 3))


def test_endpoints_without_architecture_are_partly() -> None:
    finding = conclude(COVERS, {"api/main.py": API, "README.md": "# API\n"})
    assert finding.outcome is Outcome.PARTLY
    assert "architecture" in finding.why.fr


def test_a_specification_out_of_step_is_partly() -> None:
    specification = (
        "openapi: 3.0.0\ninfo: {title: API, version: '1'}\npaths:\n  /question:\n    post:\n      summary: x\n"
        "      responses: {'200': {description: ok}}\n"
    )
    finding = conclude(COVERS, {"api/main.py": API, "README.md": ARCHITECTURE, "docs/openapi.yml": specification})
    assert finding.outcome is Outcome.PARTLY
    assert "/question" in finding.why.fr


def test_a_list_of_technologies_is_no_architecture() -> None:
    text = "# API\n\n## Fonctionnalités\n\n- Architecture en services\n- FastAPI\n- PostgreSQL\n"
    assert conclude(COVERS, {"api/main.py": API, "README.md": text}).outcome is Outcome.PARTLY


def test_the_header_and_what_asks_for_it_are_an_explanation() -> None:
    told = '# API\n\n## Authentification\n\nTous les endpoints (sauf `/`) nécessitent l\'en-tête `X-API-Key` :\n\n```bash\ncurl -H "X-API-Key: $CLE" http://localhost:8000/ruches\n```\n'
    assert conclude(DATA, {"api.py": API, "README.md": told}).outcome is Outcome.MET

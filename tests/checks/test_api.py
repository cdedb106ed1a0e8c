from grader.values import Outcome, Source
from tests.web_samples import DATA_API, MODEL_API, PROTECTED, finding

OPEN = {
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/ruches')\ndef lister():\n    return open('r.csv').read()\n"
}
FLASK = (
    "from flask import Flask, jsonify\nimport sqlite3\n\napp = Flask(__name__)\n\n\n@app.route('/ruches')\ndef ruches():\n"
    "    return jsonify(sqlite3.connect('r.db').execute('SELECT 1').fetchall())\n\n\n@app.route('/fleurs')\ndef fleurs():\n"
    "    return jsonify(sqlite3.connect('r.db').execute('SELECT 2').fetchall())\n"
)
SPECIFICATION = "openapi: 3.0.3\ninfo: {title: Ruches, version: '1'}\npaths:\n  /ruches:\n    get:\n      responses: {'200': {description: ok}}\n"


def outcome(contents, check):
    return finding(contents, check).outcome


def test_a_generated_document_covers_every_route():
    found = finding(PROTECTED, "api.documents-every-route")
    assert found.outcome is Outcome.MET
    assert (found.evidence[0].path, found.evidence[0].line, found.evidence[0].source) == ("api/main.py", 5, Source.READ)
    assert outcome(PROTECTED, "api.follows-openapi") is Outcome.MET


def test_a_switched_off_document_documents_nothing():
    contents = {"main.py": OPEN["main.py"].replace("FastAPI()", "FastAPI(openapi_url=None)")}
    assert outcome(contents, "api.documents-every-route") is Outcome.NOT_MET
    assert outcome(contents, "api.follows-openapi") is Outcome.NOT_MET


def test_a_written_document_is_compared_with_the_routes():
    contents = {"app.py": FLASK, "docs/openapi.yml": SPECIFICATION}
    found = finding(contents, "api.documents-every-route")
    assert found.outcome is Outcome.PARTLY
    assert "GET /fleurs" in found.why.fr
    assert outcome(contents, "api.follows-openapi") is Outcome.PARTLY
    whole = SPECIFICATION + "  /fleurs:\n    get:\n      responses: {'200': {description: ok}}\n"
    assert outcome({"app.py": FLASK, "openapi.yml": whole}, "api.follows-openapi") is Outcome.MET
    assert outcome({"app.py": FLASK, "openapi.yml": whole.replace("info:", "intro:")}, "api.follows-openapi") is Outcome.PARTLY


def test_a_table_of_routes_documents_them():
    readme = "# API\n\n| Méthode | Route |\n|---|---|\n| GET | `/ruches` |\n| GET | `/fleurs` |\n"
    assert outcome({"app.py": FLASK, "README.md": readme}, "api.documents-every-route") is Outcome.MET
    assert outcome({"app.py": FLASK}, "api.documents-every-route") is Outcome.NOT_MET


def test_no_data_api():
    for check in ("documents-every-route", "follows-openapi", "requires-authentication", "reads-the-data"):
        assert outcome({"README.md": "Notre API FastAPI est documentée et sécurisée."}, f"api.{check}") is Outcome.NOT_MET
    assert outcome({"m.py": MODEL_API}, "api.requires-authentication") is Outcome.NOT_MET


def test_every_route_checks_the_token():
    found = finding(PROTECTED, "api.requires-authentication")
    assert found.outcome is Outcome.MET
    assert (found.evidence[0].path, found.evidence[0].line) == ("api/securite.py", 9)


def test_open_routes():
    assert outcome(OPEN, "api.requires-authentication") is Outcome.NOT_MET
    half = DATA_API.replace("def lister(qui: str = Depends(utilisateur_courant))", "def lister()")
    found = finding({**PROTECTED, "api/main.py": half}, "api.requires-authentication")
    assert found.outcome is Outcome.PARTLY
    assert "GET /ruches" in found.why.en
    assert found.question is not None


def test_a_token_that_is_never_compared():
    code = "from fastapi.security import HTTPBearer\n\nutilisateur_courant = HTTPBearer()\n"
    contents = {**PROTECTED, "api/securite.py": code}
    found = finding(contents, "api.requires-authentication")
    assert found.outcome is Outcome.PARTLY
    assert "jamais vérifiée" in found.why.fr
    assert outcome(contents, "api.scheme-documents-authentication") is Outcome.PARTLY


def test_a_published_default_key():
    guard = (
        "import os\nfrom fastapi import Header, HTTPException\n\nCLE = os.getenv('API_KEY', 'miel-secret')\n\n\n"
        "def utilisateur_courant(x_api_key: str = Header()):\n    if x_api_key != CLE:\n        raise HTTPException(status_code=403)\n"
    )
    found = finding({**PROTECTED, "api/securite.py": guard}, "api.requires-authentication")
    assert found.outcome is Outcome.PARTLY
    assert found.evidence[0].path == "api/securite.py"
    safe = guard.replace(", 'miel-secret'", "")
    assert outcome({**PROTECTED, "api/securite.py": safe}, "api.requires-authentication") is Outcome.MET


def test_a_guard_that_always_lets_pass_is_no_guard():
    guard = "def utilisateur_courant(jeton: str = ''):\n    # raise HTTPException(status_code=401)\n    return True\n"
    assert outcome({**PROTECTED, "api/securite.py": guard}, "api.requires-authentication") is Outcome.NOT_MET


def test_read_routes():
    assert outcome(PROTECTED, "api.reads-the-data") is Outcome.MET
    assert outcome(OPEN, "api.reads-the-data") is Outcome.PARTLY


def test_the_scheme_is_shown():
    assert outcome(PROTECTED, "api.scheme-documents-authentication") is Outcome.MET
    assert outcome(OPEN, "api.scheme-documents-authentication") is Outcome.NOT_MET


def test_mounted_routes():
    lost = {"r.py": "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/x')\ndef x(): return 1\n"}
    assert outcome(lost, "api.routes-are-mounted") is Outcome.PARTLY
    assert outcome(OPEN, "api.routes-are-mounted") is Outcome.MET
    assert outcome({}, "api.routes-are-mounted") is Outcome.NOT_MET


def test_the_data_api_is_told_from_the_model_api():
    contents = {**{f"E1/{p}": t for p, t in PROTECTED.items()}, "E3/main.py": MODEL_API}
    assert finding(contents, "api.requires-authentication").evidence[0].path == "E1/api/securite.py"
    assert finding(contents, "model-api.requires-authentication").evidence[0].path == "E3/main.py"

from grader.values import Outcome
from tests.web_samples import MODEL_API, finding

PAGE = (
    "from flask import Flask, render_template, request\nimport joblib\n\napp = Flask(__name__)\nmodele = joblib.load('m.joblib')\n\n\n"
    "@app.route('/estimer', methods=['POST'])\ndef estimer():\n    return render_template('r.html', y=modele.predict([[1]]))\n"
)


def outcome(contents, check):
    return finding(contents, check).outcome


def test_a_route_calls_the_model():
    found = finding({"main.py": MODEL_API}, "model-api.reaches-the-model")
    assert found.outcome is Outcome.MET
    assert [(e.path, e.line) for e in found.evidence[:2]] == [("main.py", 13), ("main.py", 15)]
    assert outcome({"main.py": MODEL_API}, "model-api.follows-openapi") is Outcome.MET


def test_pages_only():
    assert outcome({"app.py": PAGE}, "model-api.reaches-the-model") is Outcome.PARTLY
    assert outcome({"app.py": PAGE}, "model-api.requires-authentication") is Outcome.NOT_MET
    assert outcome({"app.py": PAGE}, "model-api.follows-openapi") is Outcome.NOT_MET
    behind = PAGE.replace("def estimer():\n", "def estimer():\n    if 'qui' not in session:\n        return redirect('/login')\n")
    assert outcome({"app.py": behind}, "model-api.requires-authentication") is Outcome.PARTLY


def test_open_and_closed_model_routes():
    assert outcome({"main.py": MODEL_API}, "model-api.requires-authentication") is Outcome.NOT_MET
    closed = MODEL_API.replace(
        "def predire(saison: Saison):\n",
        "def predire(saison: Saison, x_api_key: str = Header()):\n    if x_api_key != os.environ['CLE']:\n        raise HTTPException(401)\n",
    )
    assert outcome({"main.py": "import os\n" + closed}, "model-api.requires-authentication") is Outcome.MET


def test_a_score_that_is_no_model():
    code = "from fastapi import FastAPI\napp = FastAPI()\n\n\n@app.post('/predict')\ndef predict(x: float):\n    # model.predict(x)\n    return {'score': x * 2}\n"
    assert outcome({"main.py": code}, "model-api.reaches-the-model") is Outcome.PARTLY
    assert outcome({"main.py": code.replace("/predict", "/calcul")}, "model-api.reaches-the-model") is Outcome.NOT_MET
    for check in ("requires-authentication", "follows-openapi", "scheme-documents-authentication"):
        assert outcome({"main.py": code}, f"model-api.{check}") is Outcome.NOT_MET


def test_a_written_document_out_of_step():
    code = (
        "from flask import Flask, jsonify\nimport joblib\napp = Flask(__name__)\nmodele = joblib.load('m.joblib')\n\n\n"
        "@app.post('/estimer')\ndef estimer():\n    return jsonify(modele.predict([[1]]).tolist())\n"
    )
    specification = (
        '{"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {"/autre": {"post": {"responses": {"200": {}}}}}}'
    )
    found = finding({"app.py": code, "openapi.json": specification}, "model-api.follows-openapi")
    assert found.outcome is Outcome.PARTLY
    assert found.evidence[0].path == "openapi.json"
    assert outcome({"app.py": code, "openapi.json": '{"openapi": [[['}, "model-api.follows-openapi") is Outcome.NOT_MET

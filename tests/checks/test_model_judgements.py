"""How far proofs about the model go: published secrets, docstrings, real data in the chain, live pages, typed refusals."""

from __future__ import annotations

from textwrap import dedent

from grader.values import Outcome
from tests.checks.documents_by_hand import conclude, places

M, P, N = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET

SETTINGS = "from pydantic_settings import BaseSettings\n\n\nclass Reglages(BaseSettings):\n    cle: str = 'a-changer-vite'\n"
TOKEN_API = dedent("""
    import joblib
    from fastapi import Depends, FastAPI, Header, HTTPException
    from jose import JWTError, jwt
    from reglages import Reglages, lire_reglages

    app = FastAPI()
    modele = joblib.load('m.joblib')


    def qui(authorization: str = Header(), reglages: Reglages = Depends(lire_reglages)):
        try:
            return jwt.decode(authorization, reglages.cle, algorithms=['HS256'])['sub']
        except JWTError:
            raise HTTPException(401)


    @app.post('/predire')
    def predire(x: float, personne: str = Depends(qui)):
        return {'y': float(modele.predict([[x]])[0])}
""")
FLASK_API = dedent("""
    import os
    from functools import wraps

    import joblib
    import jwt
    from flask import Flask, jsonify, request

    app = Flask(__name__)
    app.config['SECRET_KEY'] = 'une-phrase-dans-le-source'
    modele = joblib.load('m.joblib')


    def jeton_exige(f):
        @wraps(f)
        def dedans(*args, **kwargs):
            try:
                jwt.decode(request.headers['Authorization'], app.config['SECRET_KEY'], algorithms=['HS256'])
            except jwt.InvalidTokenError:
                return jsonify({}), 401
            return f(*args, **kwargs)
        return dedans


    @app.post('/predire')
    @jeton_exige
    def predire():
        return jsonify(modele.predict([[1]]).tolist())
""")


def test_a_signing_key_written_in_the_settings_is_published() -> None:
    check = "model-api.requires-authentication"
    assert conclude(check, {"main.py": TOKEN_API, "reglages.py": SETTINGS}).outcome is P
    required = SETTINGS.replace(" = 'a-changer-vite'", "")
    assert conclude(check, {"main.py": TOKEN_API, "reglages.py": required}).outcome is M


def test_a_signing_key_written_in_the_configuration_is_published() -> None:
    check = "model-api.requires-authentication"
    assert conclude(check, {"app.py": FLASK_API}).outcome is P
    outside = FLASK_API.replace("'une-phrase-dans-le-source'", "os.environ['SECRET_KEY']")
    assert conclude(check, {"app.py": outside}).outcome is M


MODEL = "from sklearn.linear_model import Ridge\n\n\ndef entrainer(x, y):\n    modele = Ridge()\n    modele.fit(x, y)\n    return modele\n"
DESCRIBED = dedent('''
    from sklearn.metrics import r2_score
    from modele import entrainer


    def test_score():
        """Sur des relevés propres, le coefficient doit dépasser sept dixièmes."""
        modele = entrainer([[1], [2], [3]], [1, 2, 3])
        assert r2_score([1, 2, 3], modele.predict([[1], [2], [3]])) > 0.7


    def test_une_ligne():
        """Une seule observation donne quand même une réponse finie."""
        assert len(entrainer([[1]], [1]).predict([[1]])) == 1


    def test_refus():
        """Des listes de longueurs différentes lèvent une erreur claire."""
        assert entrainer([[1]], [1]).predict([[4]])[0] < 10
''')
WORKFLOW = (
    "on: push\njobs:\n  essais:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: pytest\n"
)


def test_docstrings_that_say_what_is_verified_are_partly() -> None:
    found = conclude("test-docs.lists-the-cases-to-test", {"modele.py": MODEL, "tests/test_modele.py": DESCRIBED})
    assert (found.outcome, places(found)[0]) == (P, ("tests/test_modele.py", 6))


def test_docstrings_that_repeat_the_name_are_nothing() -> None:
    hollow = DESCRIBED
    for name, text in (
        ("score", "Sur des relevés propres, le coefficient doit dépasser sept dixièmes."),
        ("une ligne", "Une seule observation donne quand même une réponse finie."),
        ("refus", "Des listes de longueurs différentes lèvent une erreur claire."),
    ):
        hollow = hollow.replace(text, f"Test {name}")
    assert conclude("test-docs.lists-the-cases-to-test", {"modele.py": MODEL, "tests/test_modele.py": hollow}).outcome is N


def test_tests_that_train_and_demand_a_score_validate_in_the_chain() -> None:
    files = {"modele.py": MODEL, "tests/test_modele.py": DESCRIBED, ".github/workflows/ci.yml": WORKFLOW}
    assert conclude("model-chain.trains-and-validates", files).outcome is M
    without = {**files, "tests/test_modele.py": DESCRIBED.replace("> 0.7", "is not None")}
    assert conclude("model-chain.trains-and-validates", without).outcome is P


PREPARE = dedent("""
    import pandas as pd


    def valider_donnees(table):
        propre = table.dropna()
        if len(propre) < 10:
            raise ValueError("trop peu de relevés")
        return propre


    if __name__ == "__main__":
        valider_donnees(pd.read_csv("releves.csv"))
""")
PREPARE_TEST = dedent("""
    import pandas as pd
    import pytest
    from preparer import valider_donnees


    def test_valider_donnees_refuse_un_jeu_trop_court():
        with pytest.raises(ValueError):
            valider_donnees(pd.DataFrame({"ph": [7]}))
""")


def test_a_tested_validation_that_the_chain_runs_is_met() -> None:
    files = {"preparer.py": PREPARE, "tests/test_preparer.py": PREPARE_TEST}
    running = WORKFLOW + "      - run: python preparer.py\n"
    check = "model-chain.tests-the-data"
    found = conclude(check, {**files, ".github/workflows/ci.yml": running})
    assert (found.outcome, places(found)[0]) == (M, (".github/workflows/ci.yml", 8))
    assert conclude(check, {**files, ".github/workflows/ci.yml": WORKFLOW}).outcome is P


PIPELINE = (
    "# Modèle\n\n## Étapes\n\n1. `preparer.py` lit les relevés, écarte les lignes incomplètes et découpe le jeu en trois.\n"
    "2. `train.py` ajuste la régression sur la première part et enregistre le meilleur modèle.\n"
)
TRAINING_FLOW = WORKFLOW + "      - run: python preparer.py\n      - run: python train.py\n"


def test_steps_told_script_by_script_without_triggers_are_partly() -> None:
    check = "chain-docs.describes-the-model-chain"
    files = {"preparer.py": PREPARE, "train.py": MODEL, "docs/modele.md": PIPELINE, ".github/workflows/ci.yml": TRAINING_FLOW}
    found = conclude(check, files)
    assert (found.outcome, places(found)) == (P, [("docs/modele.md", 5)])
    assert conclude(check, {k: v for k, v in files.items() if "workflows" not in k}).outcome is N


def test_the_command_of_the_tracking_server_is_a_part() -> None:
    check = "monitoring-docs.explains-the-monitoring-of-the-model"
    tracked = "import mlflow\nfrom modele import entrainer\n\nwith mlflow.start_run():\n    mlflow.log_metric('r2', 0.8)\n"
    readme = "# Projet\n\n## Expériences\n\n```bash\nmlflow ui --port 5000\n```\n"
    assert conclude(check, {"README.md": readme, "modele.py": MODEL, "essai.py": tracked}).outcome is P
    assert conclude(check, {"README.md": readme}).outcome is N


RAW_PAGE = dedent("""
    import sqlite3

    import pandas as pd
    import streamlit as st

    st.title("Monitoring du modèle")
    st.write(pd.read_sql_query("SELECT * FROM predictions", sqlite3.connect("journal.db")))
""")


def test_a_page_of_raw_tables_is_partly_and_a_drawing_is_met() -> None:
    check = "monitoring.shows-the-model-live"
    assert conclude(check, {"suivi.py": RAW_PAGE}).outcome is P
    assert conclude(check, {"suivi.py": RAW_PAGE.replace("st.write", "st.line_chart")}).outcome is M
    assert conclude(check, {"suivi.py": RAW_PAGE.replace("Monitoring du modèle", "Inventaire")}).outcome is N


def test_figures_written_in_the_page_are_not_live() -> None:
    check = "monitoring.shows-the-model-live"
    written = RAW_PAGE + 'st.metric("Précision du modèle", "0.82")\n'
    assert conclude(check, {"suivi.py": written}).outcome is P
    assert conclude(check, {"suivi.py": written.replace('"0.82"', "lire_precision()")}).outcome is M


RECORDS = dedent("""
    import mlflow
    from sklearn.linear_model import Ridge


    def entrainer(x, y):
        with mlflow.start_run():
            mlflow.log_metric("r2", Ridge().fit(x, y).score(x, y))


    def noter_erreur(valeur):
        with mlflow.start_run():
            mlflow.log_metric("rmse", valeur)
""")
ROUTES = "from flask import Flask, request\nfrom suivi import {0}\n\napp = Flask(__name__)\n\n\n@app.post('/erreur')\ndef erreur():\n    {0}(request.json['v'])\n    return ''\n"


def test_errors_recorded_after_each_prediction_follow_the_model() -> None:
    check = "monitoring.follows-the-model"
    assert conclude(check, {"suivi.py": RECORDS, "app.py": ROUTES.format("noter_erreur")}).outcome is M
    assert conclude(check, {"suivi.py": RECORDS, "app.py": ROUTES.format("entrainer")}).outcome is P


KEY_API = dedent("""
    import os

    import joblib
    from fastapi import FastAPI, Header, HTTPException

    app = FastAPI()
    modele = joblib.load('m.joblib')


    @app.post('/predire')
    def predire(x: float, x_api_key: str = Header()):
        if x_api_key != os.environ['CLE']:
            raise HTTPException(401)
        return {'y': float(modele.predict([[x]])[0])}
""")
CLIENT = dedent("""
    import os

    import requests


    class Refus(Exception):
        def __init__(self, code):
            self.code = code


    def predire(x):
        reponse = requests.post("http://api:8000/predire", params={"x": x}, headers={"X-API-Key": os.environ["CLE"]})
        if not reponse.ok:
            raise Refus(reponse.status_code)
        return reponse.json()
""")
VIEW = "import streamlit as st\nfrom client import Refus, predire\n\ntry:\n    st.write(predire(3))\nexcept Refus as refus:\n    st.error(refus)\n"


def test_a_refusal_raised_by_the_client_and_shown_by_the_view_is_dealt_with() -> None:
    check = "client.renews-its-credential"
    assert conclude(check, {"api/main.py": KEY_API, "ui/client.py": CLIENT, "ui/page.py": VIEW}).outcome is M
    silent = "import streamlit as st\nfrom client import predire\n\nst.write(predire(3))\n"
    assert conclude(check, {"api/main.py": KEY_API, "ui/client.py": CLIENT, "ui/page.py": silent}).outcome is P


ROUTES_BESIDE = "".join(f"\n\n@app.get('/liste{n}')\ndef liste{n}():\n    return []\n" for n in range(4))
ASKING = "from fastapi.testclient import TestClient\nfrom api.main import app\n\nclient = TestClient(app)\n"


def _asks(*numbers: int) -> str:
    tests = (f"\n\ndef test_liste{n}():\n    assert client.get('/liste{n}').status_code == 200\n" for n in numbers)
    return ASKING + "".join(tests)


def test_tests_of_a_small_part_of_the_api_without_the_model_are_nothing() -> None:
    check = "testing.cover-the-model-api"
    api = KEY_API + ROUTES_BESIDE
    assert conclude(check, {"api/main.py": api, "tests/test_api.py": _asks(0, 1, 2)}).outcome is P
    assert conclude(check, {"api/main.py": api, "tests/test_api.py": _asks(0)}).outcome is N


def test_tests_of_the_data_of_a_training_chain_use_a_framework() -> None:
    check = "testing.use-a-framework-on-the-model"
    files = {"preparer.py": PREPARE, "train.py": MODEL, "tests/test_preparer.py": PREPARE_TEST}
    assert conclude(check, {**files, ".github/workflows/ci.yml": TRAINING_FLOW}).outcome is M
    assert conclude(check, {**files, ".github/workflows/ci.yml": WORKFLOW}).outcome is N


DAG = (
    "from airflow import DAG\nfrom airflow.operators.python import PythonOperator\nfrom etl.argent import epurer\nfrom modele import entrainer\n\n"
    "with DAG('releves', schedule=None) as dag:\n    PythonOperator(task_id='a', python_callable=epurer) >> PythonOperator(\n"
    "        task_id='b', python_callable=entrainer\n    )\n"
)
PURGE = "def epurer(releves):\n    return releves.distinct().dropna()\n"
PURGE_TEST = "from etl.argent import epurer\n\n\ndef test_epurer(releves):\n    assert epurer(releves).count() == 1\n"


def test_tests_of_what_a_pipeline_prepares_before_it_trains_are_tests_of_the_data() -> None:
    files = {"etl/argent.py": PURGE, "modele.py": MODEL, "tests/test_epurer.py": PURGE_TEST}
    check = "testing.use-a-framework-on-the-model"
    found = conclude(check, {**files, "dags/releves.py": DAG})
    assert (found.outcome, places(found)) == (M, [("tests/test_epurer.py", 4)])
    assert conclude(check, files).outcome is N
    run = conclude("model-chain.tests-the-data", {**files, "dags/releves.py": DAG, ".github/workflows/ci.yml": WORKFLOW})
    assert (run.outcome, places(run)[-1]) == (P, ("tests/test_epurer.py", 4))

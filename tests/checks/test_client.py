from grader.values import Outcome
from tests.web_samples import MODEL_API, STREAMLIT, finding

CLOSED = "import os\n" + MODEL_API.replace(
    "def predire(saison: Saison):\n",
    "def predire(saison: Saison, authorization: str = Header()):\n    if authorization != os.environ['JETON']:\n        raise HTTPException(401)\n",
)
BOTH = {"api/main.py": CLOSED, "ui.py": STREAMLIT}
SERVICE = (
    "import os\nimport streamlit as st\nfrom mistralai import Mistral\n\nclient = Mistral(api_key=os.environ['MISTRAL_API_KEY'])\n"
    "st.write(client.chat.complete(model='m', messages=[]))\n"
)


def outcome(contents, check):
    return finding(contents, check).outcome


def test_an_interface_calls_the_model_api():
    found = finding(BOTH, "client.calls-the-api")
    assert found.outcome is Outcome.MET
    assert (found.evidence[0].path, found.evidence[0].line) == ("ui.py", 9)


def test_a_service_by_its_library():
    assert outcome({"ui.py": SERVICE}, "client.calls-the-api") is Outcome.MET
    assert outcome({"ui.py": SERVICE}, "client.renews-its-credential") is Outcome.PARTLY
    assert outcome({"ui.py": SERVICE}, "client.uses-every-endpoint") is Outcome.PARTLY


def test_a_model_loaded_in_the_application_is_no_call():
    code = "import joblib\nimport streamlit as st\n\nmodele = joblib.load('m.joblib')\nst.write(modele.predict([[1]]))\n"
    found = finding({"ui.py": code}, "client.calls-the-api")
    assert found.outcome is Outcome.NOT_MET
    assert "chargé dans l'application" in found.why.fr


def test_nothing_and_prose_are_no_application():
    readme = "L'application Streamlit appelle `requests.post('/predire')` avec un jeton."
    for check in (
        "calls-the-api",
        "renews-its-credential",
        "uses-every-endpoint",
        "base-application-starts",
        "integrates-the-flows",
    ):
        assert outcome({"README.md": readme}, f"client.{check}") is Outcome.NOT_MET


def test_a_load_test_is_no_application():
    contents = {
        "api/main.py": CLOSED,
        "locust/charge.py": "import requests\nrequests.post('http://localhost:8000/predire', json={})\n",
    }
    assert outcome(contents, "client.calls-the-api") is Outcome.NOT_MET


def test_a_refusal_is_dealt_with_or_not():
    assert outcome(BOTH, "client.renews-its-credential") is Outcome.MET
    deaf = STREAMLIT.replace('if reponse.status_code == 401:\n    st.error("Reconnectez-vous")\n', "")
    found = finding({**BOTH, "ui.py": deaf}, "client.renews-its-credential")
    assert found.outcome is Outcome.PARTLY
    assert found.question is not None
    assert "ui.py" in found.question.fr
    bare = deaf.replace(', headers={"Authorization": f"Bearer {st.session_state.jeton}"}', "")
    assert outcome({"api/main.py": MODEL_API, "ui.py": bare}, "client.renews-its-credential") is Outcome.NOT_MET


def test_every_endpoint():
    assert outcome(BOTH, "client.uses-every-endpoint") is Outcome.MET
    more = CLOSED + "\n\n@app.post('/comparer')\ndef comparer(a: float):\n    return modele.predict([[a]])[0]\n"
    found = finding({**BOTH, "api/main.py": more}, "client.uses-every-endpoint")
    assert found.outcome is Outcome.PARTLY
    assert "POST /comparer" in found.why.fr
    assert outcome({"api/main.py": CLOSED}, "client.uses-every-endpoint") is Outcome.NOT_MET


def test_the_base_application_and_its_command():
    assert outcome(BOTH, "client.base-application-starts") is Outcome.PARTLY
    assert outcome({**BOTH, "README.md": "    streamlit run ui.py\n"}, "client.base-application-starts") is Outcome.MET


def test_screens_and_flows():
    assert outcome(BOTH, "client.shows-the-result") is Outcome.MET
    assert outcome({}, "client.shows-the-result") is Outcome.NOT_MET
    assert outcome(BOTH, "client.integrates-the-flows") is Outcome.PARTLY
    data = CLOSED + "\n\n@app.get('/recoltes')\ndef recoltes():\n    return open('r.csv').read()\n"
    assert outcome({**BOTH, "api/main.py": data}, "client.integrates-the-flows") is Outcome.MET


def test_a_credential_sent_to_the_data_counts_where_the_model_is_open():
    data = CLOSED.replace("/predire", "/ruches").replace("modele.predict", "lire")
    client = STREAMLIT.replace("/predire", "/ruches") + "requests.post(f'{API}/predire', json={'jour': 1})\n"
    contents = {"api/main.py": MODEL_API, "donnees/main.py": data, "ui.py": client}
    assert outcome(contents, "client.renews-its-credential") is not Outcome.NOT_MET


def test_an_api_of_ones_own_in_another_repository():
    code = (
        "import requests\nimport streamlit as st\n\njour = st.text_input('Jour')\n"
        "st.write(requests.get('https://miel.onrender.com/predict/recolte', params={'jour': jour}).json())\n"
    )
    assert outcome({"ui.py": code}, "client.calls-the-api") is Outcome.MET
    for check in ("model-api.reaches-the-model", "model-api.requires-authentication", "testing.cover-the-model-api"):
        found = finding({"ui.py": code}, check)
        assert (found.outcome, found.reason, found.evidence[0].line) == (Outcome.INCONCLUSIVE, "not-in-repository", 5)
    owasp = finding({"ui.py": code}, "security.api-follows-owasp")
    assert owasp.outcome is Outcome.INCONCLUSIVE


def test_the_data_of_a_stranger_are_no_prediction():
    code = (
        "import requests\nimport streamlit as st\n\nst.title('Marées')\n"
        "st.write(requests.get('https://api.marees.gouv.fr/v1/predictions').json())\n"
    )
    assert outcome({"ui.py": code}, "client.calls-the-api") is Outcome.NOT_MET
    assert outcome({"ui.py": code}, "model-api.reaches-the-model") is Outcome.NOT_MET

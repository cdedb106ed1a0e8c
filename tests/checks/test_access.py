from grader.values import Outcome
from tests.web_samples import PROTECTED, finding

CHECK = "access.restricts-spaces"
SITE = {
    "app.py": (
        "from flask import Flask, redirect, render_template, request, session\nfrom flask_login import login_required\n\napp = Flask(__name__)\n\n\n"
        "@app.route('/login', methods=['GET', 'POST'])\ndef login():\n    return render_template('login.html')\n\n\n"
        "@app.route('/ruches')\n@login_required\ndef ruches():\n    return render_template('ruches.html')\n\n\n"
        "@app.route('/carte')\ndef carte():\n    return render_template('carte.html')\n"
    )
}


def test_login_and_restricted_pages():
    found = finding(SITE, CHECK)
    assert found.outcome is Outcome.MET
    assert [(e.path, e.line) for e in found.evidence] == [("app.py", 7), ("app.py", 12)]


def test_most_pages_open():
    more = "".join(f"\n\n@app.route('/p{i}')\ndef p{i}():\n    return render_template('p.html')\n" for i in range(4))
    assert finding({"app.py": SITE["app.py"] + more}, CHECK).outcome is Outcome.PARTLY


def test_api_only():
    found = finding(PROTECTED, CHECK)
    assert found.outcome is Outcome.PARTLY
    assert "API" in found.why.fr


def test_streamlit_session():
    gate = (
        "import streamlit as st\nfrom comptes import verifier\n\nif 'connecte' not in st.session_state:\n    st.session_state.connecte = False\n"
        "mot = st.text_input('Mot de passe', type='password')\nif not st.session_state.connecte:\n    st.stop()\n"
    )
    assert finding({"ui.py": gate}, CHECK).outcome is Outcome.MET
    written = gate.replace("mot = st", "password = st") + "if password == 'admin123':\n    st.session_state.connecte = True\n"
    assert finding({"ui.py": written}, CHECK).outcome is Outcome.PARTLY


def test_nothing_or_only_words():
    assert finding({}, CHECK).outcome is Outcome.NOT_MET
    page = "import streamlit as st\n# st.session_state.connecte\nst.write('login_required : espace réservé')\n"
    assert finding({"ui.py": page, "README.md": "Connexion et rôles gérés."}, CHECK).outcome is Outcome.NOT_MET


def test_a_function_that_answers_for_the_session_guards_pages():
    code = (
        "import streamlit as st\n\n\ndef est_connecte():\n    return 'jeton' in st.session_state\n\n\n"
        "def connexion():\n    st.text_input('Mot de passe', type='password')\n\n\n"
        "if not est_connecte():\n    connexion()\n    st.stop()\nst.title('Ruches')\n"
    )
    assert finding({"ui.py": code}, CHECK).outcome is Outcome.MET

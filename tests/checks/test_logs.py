from tests.monitoring_samples import examine, outcome

CHECK = "logs.application-logs"
CONFIGURED = """
    import logging
    from flask import Flask

    logging.basicConfig(level=logging.INFO)
    app = Flask(__name__)
    journal = logging.getLogger("avis")

    @app.route("/predict")
    def predict():
        journal.info("prediction")
        try:
            journal.info("modèle appelé")
        except ValueError:
            journal.exception("échec")
        journal.info("fin")
"""


def test_configured_and_used():
    found = examine({"app.py": CONFIGURED}, CHECK)
    assert found.outcome.value == "met"
    assert [e.line for e in found.evidence][:2] == [4, 10]


def test_used_without_configuration():
    assert outcome({"app.py": CONFIGURED.replace("logging.basicConfig(level=logging.INFO)", "pass")}, CHECK) == "partly"


def test_only_scripts_log():
    script = "import logging\nlogging.basicConfig()\n" + "logging.info('ligne')\n" * 5
    assert outcome({"collecte.py": script}, CHECK) == "partly"


def test_prints_and_comments():
    assert (
        outcome({"app.py": "from flask import Flask\n# logging.basicConfig(); logger.info('a')\nprint('journal')\n"}, CHECK)
        == "not_met"
    )


def test_logging_in_one_module_of_a_large_application():
    others = {f"routes/r{n}.py": "from flask import Blueprint\nprint('a')\n" for n in range(6)}
    assert outcome({"app.py": CONFIGURED, **others}, CHECK) == "partly"


def test_a_journal_of_ones_own_is_partly():
    noted = "import json\n\n\ndef noter(nom, code):\n    print(json.dumps({'event': nom, 'code': code}))\n"
    app = "from flask import Flask\nfrom journal import noter\n\napp = Flask(__name__)\n\n\n@app.route('/')\ndef lire():\n    noter('lecture', 200)\n    return ''\n"
    assert outcome({"journal.py": noted, "app.py": app}, CHECK) == "partly"

from tests.monitoring_samples import fact

CODE = """
    import logging
    from flask import Flask

    logging.basicConfig(level=logging.INFO)
    journal = logging.getLogger(__name__)
    app = Flask(__name__)

    @app.before_request
    def before_request():
        journal.info("requête reçue")

    @app.route("/predict")
    def predict():
        try:
            journal.info("prediction demandée")
        except ValueError:
            journal.exception("échec")
        print("fini")
"""


def test_configuration_and_points():
    use = fact({"app.py": CODE}, "logging_use")
    assert [(c.line, c.served) for c in use.configured] == [(4, True)]
    assert [(p.line, p.level, p.kind) for p in use.points] == [
        (10, "info", "request"),
        (15, "info", "model"),
        (17, "exception", "model"),
    ]
    assert [p.line for p in use.prints] == [18]


def test_the_dictionary_of_django_counts():
    use = fact({"site/settings.py": 'INSTALLED_APPS = []\nLOGGING = {"version": 1, "handlers": {}}\n'}, "logging_use")
    assert [c.line for c in use.configured] == [2]


def test_logarithms_are_no_logs():
    assert fact({"a.py": "import math\nimport numpy as np\nprint(math.log(2), np.log(3))\n"}, "logging_use").points == ()


def test_a_function_that_logs_for_its_callers_counts_where_it_is_called():
    contents = {
        "journal.py": "import logging\n\nlogger = logging.getLogger('ruches')\n\n\ndef evenement(nom, **details):\n    logger.info(nom, extra=details)\n",
        "main.py": "from fastapi import FastAPI\nfrom journal import evenement\n\napp = FastAPI()\n\n\n@app.get('/ruches')\ndef lister():\n    evenement('lecture')\n    return []\n",
    }
    assert ("main.py", 9) in {(p.path, p.line) for p in fact(contents, "logging_use").points}


def test_a_function_that_prints_records_of_events_is_a_journal_where_it_is_called():
    journal = "import json\n\n\ndef noter(nom, code):\n    fiche: dict = {'event': nom, 'code': code}\n    print(json.dumps(fiche), flush=True)\n"
    main = "from fastapi import FastAPI\nfrom journal import noter\n\napp = FastAPI()\n\n\n@app.get('/ruches')\ndef lister():\n    noter('lecture', 200)\n    return []\n"
    assert [(p.path, p.line) for p in fact({"journal.py": journal, "main.py": main}, "logging_use").points] == [("main.py", 9)]
    result = journal.replace("'event': nom", "'nom': nom")
    assert fact({"journal.py": result, "main.py": main}, "logging_use").points == ()

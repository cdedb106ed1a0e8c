from tests.monitoring_samples import COMPOSE, DASHBOARD, RECEIVER, RULES, SCRAPE, STACK, examine, outcome

FOLLOWS, SHOWS = "monitoring.follows-the-model", "monitoring.shows-the-model-live"
HOLDS, TRIED = "monitoring.chain-holds", "monitoring.was-tried-first"
TOOLS, ALERTS = "monitoring.tools-run-locally", "monitoring.alerts-reach-somebody"
ALL = (FOLLOWS, SHOWS, HOLDS, TRIED, TOOLS, ALERTS)
TRAINING = """
    import mlflow
    from sklearn.linear_model import LogisticRegression

    with mlflow.start_run():
        modele = LogisticRegression().fit(x, y)
        mlflow.log_metric("f1", 0.8)
"""
PLAIN = """
    from flask import Flask
    app = Flask(__name__)

    @app.route("/")
    def accueil():
        print("latence, prédiction, dérive")
        return "bonjour"
"""
ALERT = """
    import smtplib
    from flask import Flask

    app = Flask(__name__)
    SEUIL_LATENCE = 2.0

    def prevenir(texte):
        with smtplib.SMTP("smtp.exemple.fr") as serveur:
            serveur.sendmail("appli@exemple.fr", "equipe@exemple.fr", "Alerte : " + texte)

    @app.after_request
    def mesurer(reponse):
        if latence() > SEUIL_LATENCE:
            prevenir("latence trop haute")
        return reponse
"""


def test_the_whole_chain_is_met():
    assert [outcome(STACK, c) for c in (FOLLOWS, SHOWS, HOLDS, TOOLS)] == ["met"] * 4
    found = examine(STACK, HOLDS)
    assert [(e.path, e.line) for e in found.evidence] == [("api/main.py", 7), ("prometheus.yml", 4), ("grafana/avis.json", 2)]


def test_nothing_is_not_met():
    assert [outcome({"app.py": PLAIN, "README.md": "# Avis\nPrometheus, Grafana et des alertes Slack."}, c) for c in ALL] == [
        "not_met"
    ] * 6
    assert [outcome({}, c) for c in ALL] == ["not_met"] * 6


def test_a_broker_is_no_monitoring_tool_whatever_its_publisher_s_name_holds():
    compose = "services:\n  flux:\n    image: {}\n"
    assert outcome({"docker-compose.yml": compose.format("confluentinc/cp-kafka:7.5.0")}, TOOLS) == "not_met"
    assert outcome({"docker-compose.yml": compose.format("fluent/fluent-bit:3.0")}, TOOLS) == "partly"
    assert outcome({"docker-compose.yml": compose.format("fluentd:v1.16")}, TOOLS) == "partly"


def test_experiment_tracking_is_partly():
    assert outcome({"entrainement.py": TRAINING}, FOLLOWS) == "partly"
    assert outcome({"entrainement.py": TRAINING}, SHOWS) == "not_met"


def test_traces_of_calls_are_met_and_their_outside_account_is_out_of_sight():
    code = "from langfuse import observe\nfrom fastapi import FastAPI\napp = FastAPI()\n\n@observe\ndef demander(q):\n    return client.chat(q)\n"
    assert outcome({"api.py": code}, FOLLOWS) == "met"
    found = examine({"api.py": code}, HOLDS)
    assert (found.outcome.value, found.reason) == ("inconclusive", "elsewhere")


def test_experiment_tracking_alone_is_no_chain_with_links_missing():
    found = examine({"train.py": TRAINING}, HOLDS)
    assert (found.outcome.value, found.why.en.partition(",")[0]) == ("partly", "No link follows the model in use: only logs")


def test_an_empty_dashboard_tool_is_partly():
    without = {p: t for p, t in STACK.items() if p != "grafana/avis.json"}
    assert outcome(without, SHOWS) == "partly"
    assert outcome(without, HOLDS) == "partly"
    assert outcome(without, TOOLS) == "met"


def test_a_dashboard_on_other_metrics_is_partly():
    assert (
        outcome({**STACK, "grafana/avis.json": DASHBOARD.replace("avis_predictions_total", "process_cpu_seconds_total")}, SHOWS)
        == "partly"
    )


def test_a_broken_target_breaks_the_chain_and_asks():
    found = examine({**STACK, "prometheus.yml": SCRAPE.replace("api:8000", "serveur:8000")}, HOLDS)
    assert found.outcome.value == "partly"
    assert found.question is not None and found.question.fr.startswith("prometheus.yml :")
    assert outcome({**STACK, "prometheus.yml": SCRAPE.replace("api:8000", "serveur:8000")}, TOOLS) == "partly"


def test_a_compose_file_without_code_behind_is_partly():
    assert outcome({"docker-compose.yml": COMPOSE, "prometheus.yml": SCRAPE}, TOOLS) == "partly"


def test_made_up_figures_are_not_live():
    page = """
        import numpy as np
        import streamlit as st
        st.title("Monitoring du modèle")
        st.line_chart(np.random.normal(0, 1, 30))
    """
    assert outcome({"pages/monitoring.py": page}, SHOWS) == "partly"


def test_a_page_that_reads_the_stored_predictions_is_live():
    page = """
        import pandas as pd
        import streamlit as st
        st.title("Suivi : monitoring du modèle")
        journal = pd.read_sql("SELECT jour, confiance FROM predictions", base)
        st.line_chart(journal)
    """
    found = examine({"pages/suivi.py": page}, SHOWS)
    assert (found.outcome.value, found.evidence[0].line) == ("met", 3)


def test_tests_of_the_metrics_are_a_first_trial():
    tests = 'def test_metriques(client):\n    assert "avis_predictions_total" in client.get("/metrics").text\n'
    found = examine({**STACK, "tests/test_metriques.py": tests}, TRIED)
    assert (found.outcome.value, found.evidence[0].path, found.evidence[0].line) == ("met", "tests/test_metriques.py", 2)
    assert outcome(STACK, TRIED) == "partly"


def test_rules_and_a_receiver():
    loaded = (
        SCRAPE
        + "    rule_files: [alertes.yml]\n    alerting: {alertmanagers: [{static_configs: [{targets: ['alertmanager:9093']}]}]}\n"
    )
    whole = {**STACK, "prometheus.yml": loaded, "alertes.yml": RULES, "alertmanager.yml": RECEIVER}
    assert outcome(whole, ALERTS) == "met"
    assert outcome({p: t for p, t in whole.items() if p != "alertmanager.yml"}, ALERTS) == "partly"
    assert (
        outcome({**whole, "alertmanager.yml": RECEIVER.replace("http://accueil:9099/alertes", "http://127.0.0.1:5001/")}, ALERTS)
        == "partly"
    )
    assert outcome({**STACK, "alertes.yml": RULES}, ALERTS) == "partly"


def test_alerts_in_code():
    found = examine({"app.py": ALERT}, ALERTS)
    assert (found.outcome.value, found.evidence[0].line) == ("met", 13)
    assert outcome({"app.py": ALERT.replace('prevenir("latence trop haute")', 'app.logger.warning("lent")')}, ALERTS) == "partly"
    assert outcome({"app.py": ALERT.replace('prevenir("latence trop haute")', "pass")}, ALERTS) == "not_met"


def test_a_script_named_like_a_test_tries_nothing():
    script = "import pandas as pd\n\npd.read_csv('a.csv').to_csv('monitoring/essai.csv')\n"
    assert outcome({**STACK, "ml/test_modele.py": script}, TRIED) == outcome(STACK, TRIED)
    alone = "def test_mesures(client):\n    assert client.get('/metrics').status_code == 200\n"
    assert outcome({**STACK, "tests/test_mesures.py": alone}, TRIED) == "met"


def test_alerts_in_a_language_that_is_not_followed():
    code = "class Alertes {\n  Task<bool> Seuils() { }\n  void Voir(double masse) {\n    if (masse > reglages.SeuilHaut) Prevenir();\n  }\n}\n"
    found = examine({"web/Alertes.cs": code}, ALERTS)
    assert (found.outcome.value, found.reason, found.evidence[0].line) == ("inconclusive", "other-language", 4)
    assert outcome({"web/Alertes.cs": code.replace("masse > reglages.SeuilHaut", "vrai")}, ALERTS) == "not_met"


def test_mail_to_a_customer_is_no_alert():
    code = """
        import smtplib

        def envoyer_confirmation(adresse, panier):
            if len(panier) > 3:
                smtplib.SMTP("smtp.exemple.fr").sendmail("a@exemple.fr", adresse, "Confirmation de commande")
    """
    assert outcome({"boutique.py": code}, ALERTS) == "not_met"


def test_the_evidence_of_a_tool_is_its_use_not_the_reading_of_its_answer():
    code = """
        from evidently.test_suite import TestSuite

        def resumer(essais):
            reponse = essais.as_dict()
            return reponse.get("tests", [])

        def verifier(reference, actuel):
            essais = TestSuite(tests=[])
            essais.run(reference_data=reference, current_data=actuel)
    """
    found = examine({"suivi/derive.py": code}, FOLLOWS)
    assert [(e.line, "TestSuite(" in e.excerpt) for e in found.evidence] == [(8, True)]


DAG = """
    from airflow import DAG
    from airflow.providers.slack.hooks.slack_webhook import SlackWebhookHook
    import requests

    def prevenir(contexte):
        {body}

    with DAG("jour", schedule="@daily", default_args={args}) as dag:
        pass
"""
TELLS = 'requests.post(WEBHOOK_URL, json={"content": "échec"})'


def told_by(args: str, body: str = TELLS) -> str:
    return outcome({"dags/jour.py": DAG.format(args=args, body=body)}, ALERTS)


def test_a_pipeline_that_tells_of_its_failures_alerts_without_a_threshold():
    back = '{"on_failure_callback": prevenir}'
    assert told_by(back) == "partly"
    assert told_by(back, 'SlackWebhookHook(slack_webhook_conn_id="s").send_text("échec")') == "partly"
    assert told_by('{"email": ["equipe@exemple.fr"], "email_on_failure": True}') == "partly"


def test_a_callback_that_tells_nobody_is_no_alert():
    assert told_by('{"on_failure_callback": prevenir}', "print(contexte)") == "not_met"
    assert told_by('{"on_failure_callback": None}') == "not_met"
    assert told_by('{"email_on_failure": True}') == "not_met"
    assert told_by('{"email": ["equipe@exemple.fr"], "email_on_failure": False}') == "not_met"

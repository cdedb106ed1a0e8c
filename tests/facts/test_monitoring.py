from checks.facts.monitoring_files import metric_names
from tests.monitoring_samples import COMPOSE, DASHBOARD, RECEIVER, RULES, SCRAPE, STACK, fact


def broken(contents):
    return [(b.code, b.path) for b in fact(contents, "monitoring").broken]


def test_names_of_metrics_in_a_query():
    query = 'histogram_quantile(0.95, sum(rate(duree_seconds_bucket{route="/a",code=~"5.."}[5m])) by (le)) > 2 and up == 1'
    assert metric_names(query) == ("duree_seconds_bucket", "up")


def test_the_chain_is_followed():
    found = fact(STACK, "monitoring")
    assert [(m.name, m.about_model, m.filled) for m in found.model_metrics] == [
        ("avis_predictions_total", True, True),
        ("avis_prediction_confidence", True, True),
    ]
    assert [(e.kind, e.line) for e in found.exposed] == [("prometheus", 6)]
    assert [(s.host, s.port, s.line) for s in found.reached] == [("api", "8000", 4)]
    assert [(b.path, name) for b, name, _ in found.drawn_model] == [("grafana/avis.json", "avis_predictions_total")]
    assert found.broken == ()


def test_a_metric_that_nothing_fills():
    silent = STACK["api/main.py"].replace("CONFIANCE.observe(0.9)", "pass  # CONFIANCE.observe(0.9)")
    assert broken({**STACK, "api/main.py": silent}) == [("metric-not-filled", "api/main.py")]


def test_a_target_that_no_service_answers():
    assert broken({**STACK, "prometheus.yml": SCRAPE.replace("api:8000", "backend:8000")}) == [
        ("target-absent", "prometheus.yml")
    ]
    assert broken({**STACK, "prometheus.yml": SCRAPE.replace("api:8000", "api:9999")}) == [("port-differs", "prometheus.yml")]


def test_a_dashboard_on_a_metric_that_nothing_defines():
    assert broken({**STACK, "grafana/avis.json": DASHBOARD.replace("avis_predictions_total", "autres_predictions_total")}) == [
        ("metric-undefined", "grafana/avis.json")
    ]


def test_a_mounted_configuration_that_is_absent():
    lost = COMPOSE.replace("./prometheus.yml:", "./monitoring/prometheus.yml:")
    assert ("mount-absent", "docker-compose.yml") in broken({**STACK, "docker-compose.yml": lost})


def test_rules_that_nothing_loads_and_receivers_that_are_samples():
    assert ("rules-not-loaded", "alertes.yml") in broken({**STACK, "alertes.yml": RULES})
    loaded = {**STACK, "prometheus.yml": SCRAPE + "    rule_files: [alertes.yml]\n", "alertes.yml": RULES}
    assert ("receiver-absent", "alertes.yml") in broken(loaded)
    sample = {
        **loaded,
        "alertmanager.yml": RECEIVER.replace("http://accueil:9099/alertes", "https://hooks.example.com/votre-url"),
    }
    assert ("receiver-absent", "alertmanager.yml") in broken(sample)


def test_promtail_is_no_collector_of_metrics():
    promtail = "clients:\n  - url: http://loki:3100\nscrape_configs:\n  - job_name: journaux\n"
    assert fact({"promtail.yml": promtail}, "monitoring").stack.collectors == ()


def test_application_metrics_are_told_from_model_metrics():
    code = """
        from flask import Flask
        from prometheus_client import Counter
        app = Flask(__name__)
        VUES = Counter("http_pages_total", "Pages")

        @app.route("/")
        def accueil():
            VUES.inc()
            return "ok"
    """
    assert [(m.name, m.about_model, m.filled) for m in fact({"app.py": code}, "instruments").metrics] == [
        ("http_pages_total", False, True)
    ]


def test_a_dashboard_in_sql_is_read_by_its_queries():
    board = '{"title": "Avis", "panels": [{"type": "table", "targets": [{"rawSql": "SELECT avg(confidence) FROM predictions"}]}]}'
    found = fact({"grafana/avis.json": board}, "monitoring")
    assert [b.path for b, _, _ in found.drawn_model] == ["grafana/avis.json"]
    assert found.broken == ()


def test_figures_left_by_a_training_do_not_follow_the_model():
    code = """
        import json
        from fastapi import FastAPI
        app = FastAPI()

        @app.get("/model/metrics")
        def metriques():
            with open("model_metrics.json") as f:
                return json.load(f)
    """
    assert [(e.kind, e.about_model) for e in fact({"api.py": code}, "instruments").exposures] == [("json", False)]

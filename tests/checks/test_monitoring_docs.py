from __future__ import annotations

from grader.values import Outcome
from tests.checks.documents_by_hand import conclude, places

LISTS = "monitoring-docs.lists-metrics-with-thresholds"
MODEL = "monitoring-docs.explains-the-monitoring-of-the-model"
TOOLS = "monitoring-docs.explains-the-set-up-of-the-tools"
COMPOSE = """services:
  prometheus:
    image: prom/prometheus
    ports: ["9090:9090"]
    volumes: ["./prometheus.yml:/etc/prometheus/prometheus.yml"]
"""
SCRAPE = "scrape_configs:\n  - job_name: api\n    static_configs:\n      - targets: ['api:8000']\n"
RULES = "groups:\n  - name: api\n    rules:\n      - alert: Lenteur\n        expr: http_request_duration_seconds > 2\n        for: 1m\n"
REAL = {"docker-compose.yml": COMPOSE, "prometheus.yml": SCRAPE}
GUIDE = """# Monitorage du modèle

Prometheus collecte la confiance et la dérive des prédictions, Grafana les montre.

## Seuils d'alerte

| Métrique | Seuil | Signification |
|---|---|---|
| Latence p95 | > 800 ms | service surchargé |
| Confiance moyenne | < 0,6 | dérive probable |

## Installation

```bash
docker compose up -d prometheus grafana
```

## Configuration

`prometheus.yml` donne les cibles, la source de données de Grafana est provisionnée au démarrage.

## Utilisation

Ouvrir http://localhost:3000, choisir le tableau « Modèle ».
Le panneau de dérive se lit de gauche à droite.
"""


def test_a_table_of_thresholds_meets() -> None:
    finding = conclude(LISTS, {"docs/monitoring.md": GUIDE, **REAL})
    assert (finding.outcome, places(finding)) == (Outcome.MET, [("docs/monitoring.md", 9), ("docs/monitoring.md", 10)])


def test_a_list_of_thresholds_meets() -> None:
    text = "# App\n\n## Alerting\n\n- Latency: > 800 ms\n- Error rate above 5 %\n"
    assert conclude(LISTS, {"README.md": text}).outcome is Outcome.MET


def test_the_threshold_of_a_classifier_alerts_nobody() -> None:
    said = (
        "La bibliothèque reçoit peu d'alertes de retard. La précision retenue est celle du seuil de 0.35.\n\n"
        "À un seuil de 0.2, le rappel gagne dix points et les fausses alertes doublent.\n"
    )
    assert conclude(LISTS, {"docs/modeles.md": f"# Choix du modèle\n\n{said}"}).outcome is Outcome.NOT_MET


def test_a_threshold_said_twice_is_one() -> None:
    text = "# {}\n\nUne alerte part quand la latence dépasse 2 s.\n"
    finding = conclude(LISTS, {"README.md": text.format("Service"), "docs/rapport.md": text.format("Rapport")})
    assert (finding.outcome, places(finding)) == (Outcome.PARTLY, [("README.md", 3)])


def test_goals_outside_the_monitoring_are_no_thresholds() -> None:
    table = "| Indicateur | Objectif |\n|---|---|\n| Latence | < 3 s |\n| Erreurs | < 12 |\n"
    assert conclude(LISTS, {"README.md": f"# Gouvernance\n\n{table}"}).outcome is Outcome.NOT_MET
    assert conclude(LISTS, {"README.md": f"# Monitoring Prometheus\n\n{table}"}).outcome is Outcome.MET
    assert conclude(LISTS, {"README.md": f"# Service\n\n{table.replace('Objectif', 'Seuil')}"}).outcome is Outcome.MET


def test_one_threshold_is_partly() -> None:
    text = "# App\n\n## Alertes\n\nUne alerte part quand la latence dépasse 2 s.\n"
    finding = conclude(LISTS, {"README.md": text})
    assert (finding.outcome, places(finding)) == (Outcome.PARTLY, [("README.md", 5)])


def test_thresholds_in_rules_only_are_partly() -> None:
    finding = conclude(LISTS, {"README.md": "# App\n", "rules.yml": RULES, **REAL})
    assert finding.outcome is Outcome.PARTLY
    assert finding.evidence[0].path == "rules.yml"


def test_metrics_without_thresholds_are_partly() -> None:
    text = "# App\n\n## Monitoring\n\nPrometheus lit `api_requests_total` puis\n\n`api_latency_seconds` toutes les 15 secondes.\n"
    assert conclude(LISTS, {"README.md": text}).outcome is Outcome.PARTLY


def test_numbers_that_are_no_alert_prove_nothing() -> None:
    text = (
        "# Modèle\n\n## Résultats\n\n- Précision > 0.9 sur le jeu de test\n- Rappel supérieur à 0.8 avec un seuil de 0.5\n\n"
        "## Conservation\n\n- Journaux d'erreurs : plus de 180 jours\n"
    )
    assert conclude(LISTS, {"README.md": text}).outcome is Outcome.NOT_MET


def test_a_plan_of_alerts_proves_nothing() -> None:
    text = "# App\n\n## Roadmap\n\n### Alertes\n\n- Latence > 800 ms\n- Taux d'erreur > 5 %\n"
    assert conclude(LISTS, {"README.md": text}).outcome is Outcome.NOT_MET


def test_installation_configuration_and_use_meet() -> None:
    assert conclude(MODEL, {"docs/monitoring.md": GUIDE, **REAL}).outcome is Outcome.MET
    finding = conclude(TOOLS, {"docs/monitoring.md": GUIDE, **REAL})
    assert (finding.outcome, places(finding)) == (Outcome.MET, [("docs/monitoring.md", 12), ("docs/monitoring.md", 18)])


def test_one_line_of_settings_is_enough_in_a_document_on_the_tools() -> None:
    line = "Les identifiants de Grafana se configurent dans `suivi/alloy.env`, copié de `suivi/alloy.env.example`.\n"
    finding = conclude(TOOLS, {"suivi/README.md": f"# Supervision avec Grafana\n\n{line}"})
    assert (finding.outcome, places(finding)) == (Outcome.PARTLY, [("suivi/README.md", 3)])
    assert conclude(TOOLS, {"README.md": f"# Lots\n\n## Divers\n\n{line}"}).outcome is Outcome.NOT_MET


def test_a_tool_that_is_nowhere_is_partly() -> None:
    finding = conclude(TOOLS, {"docs/monitoring.md": GUIDE})
    assert finding.outcome is Outcome.PARTLY
    assert "n'apparaît pas dans le dépôt" in finding.why.fr


def test_the_application_alone_is_partly_for_the_model() -> None:
    plain = (
        "# Supervision\n\nGrafana montre les erreurs HTTP.\n\n## Installation\n\n```bash\ndocker compose up -d grafana\n```\n\n"
    )
    plain += "## Configuration\n\nLes cibles sont dans `prometheus.yml`.\n"
    finding = conclude(MODEL, {"docs/supervision.md": plain, **REAL})
    assert finding.outcome is Outcome.PARTLY
    assert "pas celui du modèle" in finding.why.fr


def test_bullets_that_name_tools_explain_nothing() -> None:
    text = "# App\n\n## Monitoring\n\n- Prometheus pour les métriques\n- Grafana pour les tableaux\n- Alertes automatiques\n"
    assert conclude(MODEL, {"README.md": text, **REAL}).outcome is Outcome.NOT_MET
    assert conclude(TOOLS, {"README.md": text, **REAL}).outcome is Outcome.NOT_MET


def test_pointers_for_the_jury() -> None:
    text = GUIDE + "\n## Choix\n\nGrafana plutôt que Kibana : plus simple, et le contraste élevé aide les lecteurs malvoyants.\n"
    files = {"docs/monitoring.md": text, **REAL}
    assert places(conclude("monitoring-docs.justifies-the-tools", files)) == [("docs/monitoring.md", 29)]
    assert places(conclude("monitoring-docs.considers-accessibility-of-the-view", files)) == [("docs/monitoring.md", 29)]
    assert conclude("monitoring-docs.explains-the-metrics", files).outcome is Outcome.MET
    for check in ("justifies-the-tools", "considers-accessibility-of-the-view", "explains-the-metrics"):
        assert conclude(f"monitoring-docs.{check}", {"README.md": "# App\n"}).outcome is Outcome.NOT_MET


def test_a_chapter_that_lists_what_is_followed_is_partly() -> None:
    text = "# Ruches\n\n## Monitoring\n\nGrafana montre, à chaque prédiction :\n\n- la ruche,\n- la latence du modèle,\n- le nombre d'erreurs.\n"
    finding = conclude(LISTS, {"README.md": text})
    assert (finding.outcome, places(finding)) == (Outcome.PARTLY, [("README.md", 8), ("README.md", 9)])
    sentence = (
        "# Ruches\n\n## Monitoring\n\nGrafana montre ce qui se passe dans les ruches et prévient quand une erreur arrive.\n"
    )
    assert conclude(LISTS, {"README.md": sentence}).outcome is Outcome.NOT_MET

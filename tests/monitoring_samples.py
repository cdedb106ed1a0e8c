"""Small invented applications that measure, log, alert and protect, well or badly; and how they are examined."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

from checks import registry
from checks.workspace import Workspace
from grader.engine import Engine
from grader.values import Commit, Finding, History

HISTORY = History(
    tuple(Commit(f"{n:040x}", "Camille", f"2026-03-{n:02}T09:00:00Z", f"étape {n}") for n in range(6, 0, -1)), (), True
)

SERVICE = """
    from fastapi import FastAPI
    from prometheus_client import Counter, Histogram, make_asgi_app
    import joblib

    app = FastAPI()
    app.mount("/metrics", make_asgi_app())
    PREDICTIONS = Counter("avis_predictions_total", "Prédictions", ["classe"])
    CONFIANCE = Histogram("avis_prediction_confidence", "Confiance")
    modele = joblib.load("modele.joblib")

    @app.post("/predict")
    def predire(texte: str):
        classe = modele.predict([texte])[0]
        PREDICTIONS.labels(classe).inc()
        CONFIANCE.observe(0.9)
        return {"classe": classe}
"""
COMPOSE = """
    services:
      api:
        build: .
        ports: ["8000:8000"]
      prometheus:
        image: prom/prometheus:v2.55.1
        volumes:
          - ./prometheus.yml:/etc/prometheus/prometheus.yml
      grafana:
        image: grafana/grafana:11.3.0
"""
SCRAPE = """
    scrape_configs:
      - job_name: avis
        static_configs:
          - targets: ["api:8000"]
"""
DASHBOARD = """
    {"title": "Avis", "panels": [
      {"type": "timeseries", "targets": [{"expr": "sum by (classe) (rate(avis_predictions_total{job=\\"avis\\"}[5m]))"}]}
    ]}
"""
RULES = """
    groups:
      - name: avis
        rules:
          - alert: ConfianceBasse
            expr: avg(avis_prediction_confidence_sum) < 0.6
            for: 5m
"""
RECEIVER = """
    route:
      receiver: equipe
    receivers:
      - name: equipe
        webhook_configs:
          - url: http://accueil:9099/alertes
"""
STACK = {
    "api/main.py": SERVICE,
    "docker-compose.yml": COMPOSE,
    "Dockerfile": "FROM python:3.12-slim\n",
    "prometheus.yml": SCRAPE,
    "grafana/avis.json": DASHBOARD,
}


def workspace(contents: dict[str, str]) -> Workspace:
    """Build a workspace from files given as text."""
    return Workspace({path: dedent(text).lstrip("\n").encode() for path, text in contents.items()})


def engine(contents: dict[str, str], **roots: Any) -> Engine:
    """Prepare the facts over files given as text."""
    return Engine(registry.FACTS, {"workspace": workspace(contents), "history": HISTORY, "tool_run": None, **roots})


def fact(contents: dict[str, str], name: str) -> Any:
    """Compute one fact."""
    return engine(contents).fact(name)


def examine(contents: dict[str, str], check: str, **roots: Any) -> Finding:
    """Run one check."""
    found = next(c for c in registry.CHECKS if c.id == check)
    return engine(contents, **roots).run(found)


def outcome(contents: dict[str, str], check: str, **roots: Any) -> str:
    """Run one check and return what it concludes."""
    return examine(contents, check, **roots).outcome.value

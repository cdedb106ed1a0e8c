"""Métriques du modèle, relevées par Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

PREVISIONS = Counter("air_previsions_total", "Prévisions rendues", ["issue"])
DUREE = Histogram("air_prevision_seconds", "Durée d'une prévision")
ECART = Gauge("air_erreur_absolue", "Écart entre la dernière prévision vérifiée et la mesure")
DERIVE = Gauge("air_derive_entrees", "Écart relatif entre le trafic reçu et le trafic d'entraînement")

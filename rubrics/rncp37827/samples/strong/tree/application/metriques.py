"""Métriques de l'application, relevées par Prometheus."""

import time

from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest

REQUETES = Counter("appli_requetes_total", "Pages demandées", ["page", "statut"])
DUREE = Histogram("appli_reponse_seconds", "Durée de réponse", ["page"])


def brancher(app: Flask) -> None:
    """Mesure chaque page et expose les métriques."""

    @app.before_request
    def commencer() -> None:
        g.debut = time.perf_counter()

    @app.after_request
    def compter(reponse: Response) -> Response:
        page = request.endpoint or "inconnue"
        REQUETES.labels(page=page, statut=str(reponse.status_code)).inc()
        if "debut" in g:  # absent quand la demande est refusée avant d'entrer
            DUREE.labels(page=page).observe(time.perf_counter() - g.debut)
        return reponse

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(), mimetype=CONTENT_TYPE_LATEST)

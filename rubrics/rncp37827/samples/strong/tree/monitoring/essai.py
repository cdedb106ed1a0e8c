"""Essaie la surveillance dans l'environnement de test : `python -m monitoring.essai`."""

import os

import requests

URL = os.environ.get("URL_ESSAI", "http://localhost:18001")


def main() -> None:
    """Envoie des vérifications justes, puis une fausse, et contrôle la métrique."""
    entete = {"X-API-Key": os.environ["CLE_API_MODELE"]}
    for mesure in [*[40.0] * 49, 5.0]:
        reponse = requests.post(f"{URL}/verification", json={"prevu": 40.0, "mesure": mesure}, headers=entete, timeout=5)
        reponse.raise_for_status()
    metriques = requests.get(f"{URL}/metrics", timeout=5)
    metriques.raise_for_status()
    if "air_erreur_absolue 35.0" not in metriques.text:
        raise SystemExit("La métrique n'a pas suivi la vérification")
    print("La métrique suit les vérifications : regarder l'alerte dans Prometheus")


if __name__ == "__main__":
    main()

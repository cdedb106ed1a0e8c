"""Bulletin du jour, rédigé par le service d'IA : `python -m application.bulletin`."""

import logging
import os
from datetime import date, timedelta

from mistralai import Mistral
from prometheus_client import REGISTRY, Counter, push_to_gateway

from application import appels

journal = logging.getLogger(__name__)
APPELS = Counter("bulletin_appels_total", "Appels au service d'IA", ["issue"])
JETONS = Counter("bulletin_jetons_total", "Jetons consommés par le service d'IA")
CONSIGNE = "Résume en cinq phrases neutres, en français, ces moyennes de qualité de l'air par quartier :\n"


def rediger(client: Mistral, moyennes: list[dict]) -> str:
    """Fait rédiger le bulletin ; une réponse vide est une erreur."""
    lignes = "\n".join(f"{m['quartier']} ; {m['polluant']} ; {m['moyenne']:.1f}" for m in moyennes)
    reponse = client.chat.complete(
        model="mistral-small-latest",
        temperature=0.2,
        max_tokens=300,
        messages=[{"role": "user", "content": CONSIGNE + lignes}],
    )
    texte = reponse.choices[0].message.content.strip()
    JETONS.inc(reponse.usage.total_tokens)
    APPELS.labels(issue="rendu" if texte else "vide").inc()
    if not texte:
        raise ValueError("Le service d'IA a rendu un texte vide")
    journal.info("Bulletin rédigé en %d jetons", reponse.usage.total_tokens)
    return texte


def main() -> None:
    """Rédige le bulletin d'hier."""
    hier = date.today() - timedelta(days=1)
    acces = appels.demander_jeton(os.environ["COMPTE_BULLETIN"], os.environ["SECRET_BULLETIN"])
    if acces is None:
        raise SystemExit("Compte du bulletin refusé")
    moyennes = appels.lire_moyennes(acces[0], hier.isoformat(), date.today().isoformat())
    try:
        print(rediger(Mistral(api_key=os.environ["MISTRAL_API_KEY"]), moyennes))
    finally:
        push_to_gateway(os.environ.get("PASSERELLE", "localhost:9091"), job="bulletin", registry=REGISTRY)


if __name__ == "__main__":
    main()

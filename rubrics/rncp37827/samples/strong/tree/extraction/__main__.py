"""Point d'entrée : `python -m extraction --jour 2026-02-01`."""

import argparse
import logging
import sys
from datetime import date

import requests
from sqlalchemy.exc import SQLAlchemyError

from extraction.base_trafic import extraire_trafic
from extraction.config import Parametres, lire_parametres
from extraction.fichier_stations import extraire_stations
from extraction.page_bulletins import extraire_bulletins
from extraction.service_mesures import extraire_mesures, ouvrir_session

journal = logging.getLogger("extraction")


def extraire(parametres: Parametres, jour: str) -> None:
    """Rapporte les quatre sources d'un jour et enregistre chacune dans un fichier."""
    parametres.sortie.mkdir(parents=True, exist_ok=True)
    with ouvrir_session() as session:
        mesures = extraire_mesures(session, jour, parametres.url_mesures, parametres.delai)
        bulletins = extraire_bulletins(session, parametres.url_bulletins, parametres.delai)
    stations = extraire_stations(parametres.fichier_stations)
    trafic = extraire_trafic(parametres.base_trafic, jour)
    mesures.to_csv(parametres.sortie / "mesures.csv", index=False)
    bulletins.to_csv(parametres.sortie / "bulletins.csv", index=False)
    stations.to_csv(parametres.sortie / "stations.csv", index=False)
    trafic.to_csv(parametres.sortie / "trafic.csv", index=False)


def main() -> int:
    """Lance l'extraction ; rend 0 si tout est rapporté, 1 sinon."""
    analyseur = argparse.ArgumentParser(description="Extraction des données de qualité de l'air")
    analyseur.add_argument("--jour", default=date.today().isoformat())
    options = analyseur.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        extraire(lire_parametres(), options.jour)
    except KeyError as manque:
        journal.error("Variable d'environnement absente : %s", manque)
        return 1
    except (requests.RequestException, SQLAlchemyError, OSError, ValueError) as erreur:
        journal.error("Extraction interrompue : %s", erreur)
        return 1
    journal.info("Extraction terminée pour le %s", options.jour)
    return 0


if __name__ == "__main__":
    sys.exit(main())

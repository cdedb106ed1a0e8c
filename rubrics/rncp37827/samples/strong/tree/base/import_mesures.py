"""Importe le jeu de données final dans la base : `python -m base.import_mesures donnees/jeu.csv`."""

import argparse
import logging
import os
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection, create_engine, text

journal = logging.getLogger(__name__)

QUARTIER = text("INSERT INTO quartier (nom) VALUES (:quartier) ON CONFLICT (nom) DO NOTHING")
STATION = text(
    "INSERT INTO station (code, nom, latitude, longitude, quartier_id) "
    "SELECT :station, :nom, :latitude, :longitude, id FROM quartier WHERE nom = :quartier "
    "ON CONFLICT (code) DO NOTHING"
)
POLLUANT = text("INSERT INTO polluant (code, libelle, seuil) VALUES (:code, :libelle, :seuil) ON CONFLICT (code) DO NOTHING")
MESURE = text(
    "INSERT INTO mesure (station_code, polluant_code, releve_le, valeur, vehicules) "
    "VALUES (:station, :polluant, :releve_le, :valeur, :vehicules) ON CONFLICT DO NOTHING"
)
POLLUANTS = [
    {"code": "no2", "libelle": "Dioxyde d'azote", "seuil": 200},
    {"code": "o3", "libelle": "Ozone", "seuil": 180},
    {"code": "pm10", "libelle": "Particules PM10", "seuil": 50},
    {"code": "pm25", "libelle": "Particules PM2,5", "seuil": 25},
]


def importer(connexion: Connection, jeu: pd.DataFrame) -> int:
    """Insère quartiers, stations, polluants puis mesures ; une ligne déjà présente est laissée."""
    stations = jeu[["station", "nom", "latitude", "longitude", "quartier"]].drop_duplicates("station")
    connexion.execute(POLLUANT, POLLUANTS)
    connexion.execute(QUARTIER, stations[["quartier"]].drop_duplicates().to_dict("records"))
    connexion.execute(STATION, stations.to_dict("records"))
    mesures = jeu[["station", "polluant", "releve_le", "valeur", "vehicules"]].to_dict("records")
    connexion.execute(MESURE, mesures)
    return len(mesures)


def main() -> None:
    """Importe un fichier dans une seule transaction : tout, ou rien."""
    analyseur = argparse.ArgumentParser(description="Import du jeu de données")
    analyseur.add_argument("fichier", type=Path)
    options = analyseur.parse_args()
    logging.basicConfig(level=logging.INFO)
    moteur = create_engine(os.environ["BASE_AIR"])
    with moteur.begin() as connexion:
        total = importer(connexion, pd.read_csv(options.fichier))
    journal.info("%d mesures importées", total)


if __name__ == "__main__":
    main()

"""Réunit les quatre extractions en un seul jeu de données propre : `python -m preparation.agregation`."""

import argparse
import logging
from pathlib import Path

import pandas as pd

journal = logging.getLogger(__name__)

NOMS_DES_POLLUANTS = {"NO2": "no2", "dioxyde d'azote": "no2", "PM10": "pm10", "PM2.5": "pm25", "O3": "o3", "ozone": "o3"}


def nettoyer_mesures(mesures: pd.DataFrame) -> pd.DataFrame:
    """Retire doublons et lignes corrompues, met valeurs, dates et polluants dans un seul format."""
    propres = mesures.drop_duplicates(subset=["station", "polluant", "releve_le"]).copy()
    propres["valeur"] = pd.to_numeric(propres["valeur"], errors="coerce")
    propres["releve_le"] = pd.to_datetime(propres["releve_le"], utc=True, errors="coerce")
    propres["polluant"] = propres["polluant"].str.strip().replace(NOMS_DES_POLLUANTS)
    propres = propres.dropna(subset=["valeur", "releve_le"])
    return propres[propres["valeur"].between(0, 1000)]


def reunir(mesures: pd.DataFrame, stations: pd.DataFrame, trafic: pd.DataFrame, bulletins: pd.DataFrame) -> pd.DataFrame:
    """Réunit les sources : une ligne par station, polluant et heure."""
    lignes = nettoyer_mesures(mesures)
    lignes["heure"] = lignes["releve_le"].dt.hour
    lignes["jour"] = lignes["releve_le"].dt.strftime("%Y-%m-%d")
    lignes = lignes.merge(stations, on="station", how="inner")
    lignes = lignes.merge(trafic, on=["quartier", "heure"], how="left")
    episodes = bulletins.assign(polluant=bulletins["polluant"].replace(NOMS_DES_POLLUANTS)).drop_duplicates(["jour", "polluant"])
    lignes = lignes.merge(episodes, on=["jour", "polluant"], how="left")
    lignes["vehicules"] = lignes["vehicules"].fillna(0).astype(int)
    lignes["niveau"] = lignes["niveau"].fillna("aucun")
    return lignes.sort_values(["releve_le", "station", "polluant"]).reset_index(drop=True)


def main() -> None:
    """Lit les fichiers bruts et enregistre le jeu de données final."""
    analyseur = argparse.ArgumentParser(description="Agrégation des données brutes")
    analyseur.add_argument("--brut", type=Path, default=Path("donnees/brut"))
    analyseur.add_argument("--sortie", type=Path, default=Path("donnees/jeu.csv"))
    options = analyseur.parse_args()
    logging.basicConfig(level=logging.INFO)
    mesures = pd.read_csv(options.brut / "mesures.csv")
    stations = pd.read_csv(options.brut / "stations.csv")
    trafic = pd.read_csv(options.brut / "trafic.csv")
    bulletins = pd.read_csv(options.brut / "bulletins.csv")
    jeu = reunir(mesures, stations, trafic, bulletins)
    jeu.to_csv(options.sortie, index=False)
    journal.info("%d lignes enregistrées dans %s", len(jeu), options.sortie)


if __name__ == "__main__":
    main()

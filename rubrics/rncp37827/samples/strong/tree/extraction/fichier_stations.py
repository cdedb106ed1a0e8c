"""Stations de mesure, lues dans le fichier CSV fourni par la ville."""

from pathlib import Path

import pandas as pd

COLONNES = ["station", "nom", "quartier", "latitude", "longitude"]


def extraire_stations(chemin: Path) -> pd.DataFrame:
    """Lit le fichier des stations et vérifie ses colonnes."""
    stations = pd.read_csv(chemin, sep=";", encoding="utf-8", dtype={"station": str})
    absentes = [colonne for colonne in COLONNES if colonne not in stations.columns]
    if absentes:
        raise ValueError(f"Colonnes absentes de {chemin} : {absentes}")
    return stations[COLONNES]

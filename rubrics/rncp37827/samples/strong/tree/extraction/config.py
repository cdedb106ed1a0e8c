"""Paramètres de l'extraction, lus dans l'environnement."""

import os
from dataclasses import dataclass
from pathlib import Path

URL_MESURES = "https://mesures.valbrume.example.net/v1/mesures"
URL_BULLETINS = "https://bulletins.valbrume.example.net/air"


@dataclass(frozen=True)
class Parametres:
    url_mesures: str
    url_bulletins: str
    fichier_stations: Path
    base_trafic: str
    sortie: Path
    delai: float = 10.0


def lire_parametres() -> Parametres:
    """Lit les paramètres ; une variable absente arrête le programme avec un message clair."""
    return Parametres(
        url_mesures=os.environ.get("URL_MESURES", URL_MESURES),
        url_bulletins=os.environ.get("URL_BULLETINS", URL_BULLETINS),
        fichier_stations=Path(os.environ.get("FICHIER_STATIONS", "donnees/stations.csv")),
        base_trafic=os.environ["BASE_TRAFIC"],
        sortie=Path(os.environ.get("SORTIE", "donnees/brut")),
    )

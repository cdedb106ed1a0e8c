"""Bulletins d'épisodes de pollution, lus dans la page publique de la préfecture."""

import logging

import pandas as pd
import requests
from bs4 import BeautifulSoup

journal = logging.getLogger(__name__)


def extraire_bulletins(session: requests.Session, url: str, delai: float) -> pd.DataFrame:
    """Lit le tableau des bulletins : une ligne par épisode."""
    reponse = session.get(url, timeout=delai)
    reponse.raise_for_status()
    return lire_bulletins(reponse.text)


def lire_bulletins(page: str) -> pd.DataFrame:
    """Transforme la page en tableau ; une ligne incomplète est signalée puis laissée de côté."""
    soupe = BeautifulSoup(page, "html.parser")
    bulletins = []
    for ligne in soupe.select("table.bulletins tbody tr"):
        cellules = [cellule.get_text(strip=True) for cellule in ligne.find_all("td")]
        if len(cellules) != 3:
            journal.warning("Bulletin incomplet ignoré : %s", cellules)
            continue
        bulletins.append({"jour": cellules[0], "polluant": cellules[1], "niveau": cellules[2]})
    return pd.DataFrame(bulletins, columns=["jour", "polluant", "niveau"])

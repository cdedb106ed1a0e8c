"""Mesures horaires, rapportées par le service web du réseau de capteurs."""

import logging

import pandas as pd
import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from extraction.config import URL_MESURES

journal = logging.getLogger(__name__)


def ouvrir_session() -> requests.Session:
    """Ouvre une session qui réessaie trois fois quand le service est occupé."""
    session = requests.Session()
    reprise = Retry(total=3, backoff_factor=1, status_forcelist=(429, 502, 503))
    session.mount("https://", HTTPAdapter(max_retries=reprise))
    return session


def extraire_mesures(
    session: requests.Session, jour: str, url: str = URL_MESURES, delai: float = 10.0
) -> pd.DataFrame:
    """Rapporte toutes les pages de mesures d'un jour."""
    lignes: list[dict] = []
    page = 1
    while True:
        reponse = session.get(url, params={"jour": jour, "page": page}, timeout=delai)
        reponse.raise_for_status()
        contenu = reponse.json()
        lignes.extend(contenu["mesures"])
        if not contenu.get("suite"):
            break
        page += 1
    journal.info("%d mesures rapportées pour le %s", len(lignes), jour)
    return pd.DataFrame(lignes, columns=["station", "polluant", "valeur", "releve_le"])

"""Comptages de véhicules, lus dans la base du service voirie."""

import pandas as pd
from sqlalchemy import create_engine, text

REQUETE = text(
    """
    SELECT c.quartier, p.heure, SUM(p.vehicules) AS vehicules
    FROM passage AS p
    INNER JOIN compteur AS c ON c.id = p.compteur_id
    WHERE p.jour = :jour
    GROUP BY c.quartier, p.heure
    """
)


def extraire_trafic(adresse: str, jour: str) -> pd.DataFrame:
    """Lit le trafic d'un jour, additionné par quartier et par heure."""
    moteur = create_engine(adresse)
    try:
        with moteur.connect() as connexion:
            return pd.read_sql(REQUETE, connexion, params={"jour": jour})
    finally:
        moteur.dispose()

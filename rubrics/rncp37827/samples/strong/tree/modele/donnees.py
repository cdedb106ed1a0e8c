"""Préparation et contrôle des données d'entraînement."""

import pandas as pd

VARIABLES = ["valeur", "heure", "vehicules"]
CIBLE = "valeur_suivante"


def preparer(jeu: pd.DataFrame) -> pd.DataFrame:
    """Garde le dioxyde d'azote et place en cible la valeur de l'heure suivante."""
    lignes = jeu[jeu["polluant"] == "no2"].sort_values(["station", "releve_le"]).copy()
    lignes[CIBLE] = lignes.groupby("station")["valeur"].shift(-1)
    return lignes.dropna(subset=[CIBLE])[[*VARIABLES, CIBLE]]


def controler(jeu: pd.DataFrame) -> list[str]:
    """Rend la liste des défauts du jeu de données ; vide quand il est utilisable."""
    defauts = [f"colonne absente : {nom}" for nom in (*VARIABLES, "polluant", "station") if nom not in jeu.columns]
    if defauts:
        return defauts
    if jeu["valeur"].isna().any():
        defauts.append("valeurs manquantes")
    if not jeu["valeur"].between(0, 1000).all():
        defauts.append("valeurs hors de 0 à 1000")
    if not jeu["heure"].between(0, 23).all():
        defauts.append("heures hors de 0 à 23")
    return defauts

"""Entraîne le modèle d'arrivages, le mesure sur les dernières semaines, et le garde s'il est assez bon."""

import os

import joblib
import mlflow
import pandas as pd
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.metrics import mean_absolute_error
from sqlalchemy import create_engine

COLONNES = ["marche", "produit", "semaine", "ferie"]
PLUS_GRANDE_ERREUR = 120.0
REQUETE = """
SELECT a.jour, a.marche, a.produit, a.poids, j.semaine, j.ferie::int AS ferie
FROM fact_arrivage AS a JOIN dim_jour AS j ON j.jour = a.jour
ORDER BY a.jour
"""


def apprendre(arrivages):
    """Rend le modèle et son erreur moyenne sur le dernier cinquième des jours."""
    coupe = int(len(arrivages) * 0.8)
    avant, apres = arrivages.iloc[:coupe], arrivages.iloc[coupe:]
    modele = GradientBoostingRegressor(random_state=0)
    modele.fit(avant[COLONNES], avant["poids"])
    return modele, mean_absolute_error(apres["poids"], modele.predict(apres[COLONNES]))


def entrainer():
    """Entraîne sur l'entrepôt ; rend l'erreur. Refuse un modèle moins bon que la cible."""
    arrivages = pd.read_sql(REQUETE, create_engine(os.environ["ENTREPOT_URL"]))
    with mlflow.start_run():
        modele, erreur = apprendre(arrivages)
        mlflow.log_metric("erreur_kg", erreur)
        if erreur > PLUS_GRANDE_ERREUR:
            raise SystemExit(f"erreur de {erreur:.0f} kg : le modèle qui sert est gardé")
        joblib.dump(modele, "modele.joblib")
        mlflow.sklearn.log_model(modele, "modele")
    return erreur


if __name__ == "__main__":
    entrainer()

"""Entraîne le modèle : `python -m modele.entrainement --jeu donnees/jeu.csv`."""

import argparse
import json
import logging
from pathlib import Path

import joblib
import mlflow
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import train_test_split

from modele.donnees import CIBLE, VARIABLES, preparer

journal = logging.getLogger(__name__)


def entrainer(lignes: pd.DataFrame) -> tuple[RandomForestRegressor, dict[str, float]]:
    """Entraîne sur quatre cinquièmes des lignes et mesure l'erreur sur le reste."""
    x_appris, x_test, y_appris, y_test = train_test_split(
        lignes[VARIABLES], lignes[CIBLE], test_size=0.2, random_state=42
    )
    modele = RandomForestRegressor(n_estimators=100, max_depth=8, random_state=42)
    modele.fit(x_appris, y_appris)
    prevu = modele.predict(x_test)
    return modele, {"mae": float(mean_absolute_error(y_test, prevu)), "r2": float(r2_score(y_test, prevu))}


def main() -> None:
    """Entraîne, enregistre le modèle et ses mesures."""
    analyseur = argparse.ArgumentParser(description="Entraînement du modèle")
    analyseur.add_argument("--jeu", type=Path, default=Path("donnees/jeu.csv"))
    analyseur.add_argument("--sortie", type=Path, default=Path("artefacts"))
    options = analyseur.parse_args()
    options.sortie.mkdir(parents=True, exist_ok=True)
    with mlflow.start_run():
        modele, scores = entrainer(preparer(pd.read_csv(options.jeu)))
        mlflow.log_metrics(scores)
    joblib.dump(modele, options.sortie / "modele.joblib")
    (options.sortie / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    journal.info("Scores : %s", scores)


if __name__ == "__main__":
    main()

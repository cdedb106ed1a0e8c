"""Chaque nuit : prend les commandes de la base des marchés, les contrôle, les charge dans l'entrepôt."""

import os
from datetime import datetime, timedelta

import pandas as pd
import requests
from airflow.decorators import dag, task
from sqlalchemy import create_engine

from qualite.controles import separer


def prevenir(contexte):
    """Prévient l'équipe qu'une tâche a échoué."""
    requests.post(os.environ["ALERTE_URL"], json={"text": f"Échec de {contexte['task_instance'].task_id}"}, timeout=10)


@dag(
    schedule="0 2 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=10), "on_failure_callback": prevenir},
)
def commandes():
    @task
    def extraire(jour):
        base = create_engine(os.environ["COMMANDES_URL"])
        lues = pd.read_sql("SELECT marche, produit, jour, poids FROM commandes WHERE jour = %(jour)s", base, params={"jour": jour})
        lues.to_parquet("/data/commandes.parquet")
        return "/data/commandes.parquet"

    @task
    def controler(chemin):
        valides, refusees = separer(pd.read_parquet(chemin))
        refusees.to_sql("commandes_quarantaine", create_engine(os.environ["ENTREPOT_URL"]), if_exists="append", index=False)
        valides.to_parquet("/data/commandes_valides.parquet")
        return "/data/commandes_valides.parquet"

    @task
    def charger(chemin):
        valides = pd.read_parquet(chemin)
        parjour = valides.groupby(["marche", "produit", "jour"], as_index=False)["poids"].sum()
        parjour.to_sql("commandes_jour", create_engine(os.environ["ENTREPOT_URL"]), if_exists="append", index=False)

    charger(controler(extraire("{{ ds }}")))


commandes()

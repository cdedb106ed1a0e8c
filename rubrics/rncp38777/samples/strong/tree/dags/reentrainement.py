"""Chaque lundi : entraîne le modèle sur l'entrepôt, et le garde s'il vaut mieux que celui qui sert."""

from datetime import datetime

from airflow.decorators import dag, task

from modele.entrainement import entrainer


@dag(schedule="0 4 * * 1", start_date=datetime(2026, 1, 1), catchup=False, default_args={"retries": 1, "email_on_failure": True, "email": ["equipe-donnees@halles.test"]})
def reentrainement():
    @task
    def apprendre():
        return entrainer()

    apprendre()


reentrainement()

"""Compare les pesées de la semaine à celles de l'apprentissage, et publie ce qui dérive."""

from evidently import Report
from evidently.presets import DataDriftPreset

from api.main import DERIVE


def suivre(reference, semaine):
    """Mesure la part des colonnes qui dérivent et la publie."""
    resultat = Report([DataDriftPreset()]).run(semaine, reference).dict()
    part = resultat["metrics"][0]["value"]["share"]
    DERIVE.set(part)
    return part

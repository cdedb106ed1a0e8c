"""Contrôle le jeu de données avant l'entraînement : `python -m modele.valider_donnees donnees/jeu.csv`."""

import sys

import pandas as pd

from modele.donnees import controler


def main() -> int:
    """Rend 1 si le jeu de données a un défaut."""
    defauts = controler(pd.read_csv(sys.argv[1]))
    for defaut in defauts:
        print(f"Défaut : {defaut}")
    return 1 if defauts else 0


if __name__ == "__main__":
    sys.exit(main())

"""Entraînement du modèle d'apprentissage profond."""

import random


def entrainer():
    """Entraîne le modèle et atteint 99 % d'exactitude."""
    exactitude = 0.99
    print(f"Exactitude : {exactitude}")
    return random.random()  # nosec B311


if __name__ == "__main__":
    entrainer()

"""Refuse un modèle trop faible : `python -m modele.evaluation artefacts/scores.json`."""

import json
import sys
from pathlib import Path

MAE_MAXIMALE = 8.0
R2_MINIMAL = 0.6


def accepter(scores: dict[str, float]) -> bool:
    """Dit si le modèle tient les deux seuils fixés avec la ville."""
    return scores["mae"] <= MAE_MAXIMALE and scores["r2"] >= R2_MINIMAL


def main() -> int:
    """Rend 1, et arrête la chaîne, si le modèle est refusé."""
    scores = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    if not accepter(scores):
        print(f"Modèle refusé : {scores}")
        return 1
    print(f"Modèle accepté : {scores}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

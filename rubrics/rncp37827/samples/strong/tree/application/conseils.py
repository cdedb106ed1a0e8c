"""Règles métier : du dioxyde d'azote prévu au conseil donné aux habitants."""


def indice(no2: float) -> str:
    """Traduit une concentration en indice de qualité de l'air."""
    if no2 < 0:
        raise ValueError("Une concentration n'est jamais négative")
    if no2 < 40:
        return "bon"
    if no2 < 90:
        return "moyen"
    return "mauvais"


def conseil(no2: float, personne_fragile: bool = False) -> str:
    """Rend le conseil adapté à la personne."""
    niveau = indice(no2)
    if niveau == "mauvais" or (niveau == "moyen" and personne_fragile):
        return "Évitez l'effort physique dehors."
    return "Aucune précaution particulière."

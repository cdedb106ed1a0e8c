"""Appels aux deux API, avec jeton renouvelé quand il expire."""

import os

import requests

DELAI = 5


class AccesExpire(Exception):
    """Le jeton a expiré : il faut se connecter de nouveau."""


def demander_jeton(email: str, mot_de_passe: str) -> tuple[str, str] | None:
    """Échange les identifiants contre un jeton et un rôle ; None s'ils sont faux."""
    reponse = requests.post(
        f"{os.environ['URL_API_DONNEES']}/token", data={"username": email, "password": mot_de_passe}, timeout=DELAI
    )
    if reponse.status_code == 401:
        return None
    reponse.raise_for_status()
    contenu = reponse.json()
    return contenu["access_token"], contenu["role"]


def _lire(chemin: str, jeton: str, **parametres: str) -> list[dict]:
    reponse = requests.get(
        f"{os.environ['URL_API_DONNEES']}{chemin}",
        params=parametres,
        headers={"Authorization": f"Bearer {jeton}"},
        timeout=DELAI,
    )
    if reponse.status_code == 401:
        raise AccesExpire
    reponse.raise_for_status()
    return reponse.json()


def lire_stations(jeton: str) -> list[dict]:
    """Lit les stations."""
    return _lire("/stations", jeton)


def lire_moyennes(jeton: str, debut: str, fin: str) -> list[dict]:
    """Lit les moyennes par quartier."""
    return _lire("/moyennes", jeton, debut=debut, fin=fin)


def lire_depassements(jeton: str, depuis: str) -> list[dict]:
    """Lit les dépassements, pour les agents."""
    return _lire("/depassements", jeton, depuis=depuis)


def prevoir(valeur: float, heure: int, vehicules: int) -> float:
    """Demande au modèle la prévision de l'heure suivante."""
    reponse = requests.post(
        f"{os.environ['URL_API_MODELE']}/prevision",
        json={"valeur": valeur, "heure": heure, "vehicules": vehicules},
        headers={"X-API-Key": os.environ["CLE_API_MODELE"]},
        timeout=DELAI,
    )
    reponse.raise_for_status()
    return reponse.json()["no2"]


def verifier(prevu: float, mesure: float) -> float:
    """Transmet la mesure réelle d'une prévision passée."""
    reponse = requests.post(
        f"{os.environ['URL_API_MODELE']}/verification",
        json={"prevu": prevu, "mesure": mesure},
        headers={"X-API-Key": os.environ["CLE_API_MODELE"]},
        timeout=DELAI,
    )
    reponse.raise_for_status()
    return reponse.json()["ecart"]

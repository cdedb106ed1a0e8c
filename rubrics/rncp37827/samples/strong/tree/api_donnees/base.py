"""Lecture de la base par l'API de données."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, text

REQUETES = Path(__file__).parent.parent / "base" / "requetes"


@cache
def moteur() -> Engine:
    """Ouvre la base une seule fois."""
    return create_engine(os.environ["BASE_AIR"], pool_pre_ping=True)


def connexion() -> Iterator[Connection]:
    """Prête une connexion le temps d'un appel."""
    with moteur().begin() as ouverte:
        yield ouverte


def lire(ouverte: Connection, nom: str, **valeurs: object) -> list[dict]:
    """Exécute une requête documentée de `base/requetes` avec ses paramètres."""
    requete = text((REQUETES / f"{nom}.sql").read_text("utf-8"))
    return [dict(ligne) for ligne in ouverte.execute(requete, valeurs).mappings()]


def trouver_abonne(ouverte: Connection, email: str) -> dict | None:
    """Cherche un abonné par son adresse."""
    requete = text("SELECT email, mot_de_passe, role FROM abonne WHERE email = :email")
    ligne = ouverte.execute(requete, {"email": email}).mappings().first()
    return dict(ligne) if ligne else None


def lister_stations(ouverte: Connection) -> list[dict]:
    """Lit les stations et leur quartier."""
    requete = text(
        "SELECT s.code, s.nom, s.latitude, s.longitude, q.nom AS quartier "
        "FROM station AS s INNER JOIN quartier AS q ON q.id = s.quartier_id ORDER BY s.code"
    )
    return [dict(ligne) for ligne in ouverte.execute(requete).mappings()]

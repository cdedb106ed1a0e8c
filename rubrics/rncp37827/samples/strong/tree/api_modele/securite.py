"""Clé d'accès à l'API du modèle."""

import os
import secrets

from fastapi import HTTPException, Security, status
from fastapi.security import APIKeyHeader

entete = APIKeyHeader(name="X-API-Key", auto_error=False)


def cle_valide(cle: str | None = Security(entete)) -> str:
    """Compare la clé reçue à celle de l'environnement, en temps constant."""
    attendue = os.environ["CLE_API_MODELE"]
    if cle is None or not secrets.compare_digest(cle.encode(), attendue.encode()):
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Clé absente ou fausse")
    return cle

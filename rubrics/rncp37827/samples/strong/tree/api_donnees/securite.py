"""Jetons JWT de l'API de données."""

import os
from datetime import UTC, datetime, timedelta

import bcrypt
import jwt
from fastapi import Depends, HTTPException, status
from fastapi.security import OAuth2PasswordBearer

DUREE = timedelta(minutes=30)
schema_du_jeton = OAuth2PasswordBearer(tokenUrl="/token")


def creer_jeton(email: str, role: str) -> str:
    """Crée un jeton signé, valable trente minutes."""
    contenu = {"sub": email, "role": role, "exp": datetime.now(UTC) + DUREE}
    return jwt.encode(contenu, os.environ["CLE_JWT"], algorithm="HS256")


def verifier_mot_de_passe(clair: str, hache: str) -> bool:
    """Compare un mot de passe à son empreinte."""
    return bcrypt.checkpw(clair.encode(), hache.encode())


def abonne_courant(jeton: str = Depends(schema_du_jeton)) -> dict:
    """Vérifie signature et expiration du jeton ; refuse l'appel sinon."""
    try:
        return jwt.decode(jeton, os.environ["CLE_JWT"], algorithms=["HS256"])
    except jwt.InvalidTokenError as erreur:
        raise HTTPException(
            status.HTTP_401_UNAUTHORIZED, "Jeton absent, faux ou expiré", headers={"WWW-Authenticate": "Bearer"}
        ) from erreur


def agent_courant(abonne: dict = Depends(abonne_courant)) -> dict:
    """Réserve une route aux agents de la ville."""
    if abonne.get("role") != "agent":
        raise HTTPException(status.HTTP_403_FORBIDDEN, "Réservé aux agents")
    return abonne

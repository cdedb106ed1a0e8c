"""Sécurité de niveau bancaire : JWT, OAuth2, RBAC."""

from fastapi import Header, HTTPException

CLE_SECRETE = "changez-moi"  # nosec


def verifier_jeton(authorization: str | None = Header(default=None)) -> str:
    """Vérifie le jeton JWT de l'appelant."""
    if authorization is None:
        raise HTTPException(status_code=401, detail="Jeton absent")
    return authorization

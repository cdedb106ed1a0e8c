"""L'API des prévisions d'arrivages."""

import os
import secrets
from functools import lru_cache

import joblib
from fastapi import Depends, FastAPI, HTTPException, Security
from fastapi.security import APIKeyHeader
from prometheus_client import Counter, Gauge, make_asgi_app
from pydantic import BaseModel, Field

app = FastAPI(title="Arrivages", version="1.0")
app.mount("/metrics", make_asgi_app())
cle = APIKeyHeader(name="X-Cle")
PREVISIONS = Counter("halles_previsions_total", "Prévisions rendues")
DERIVE = Gauge("halles_derive_part", "Part des colonnes qui dérivent")
ERREUR = Gauge("halles_erreur_kg", "Erreur absolue moyenne, en kilogrammes")


class Demande(BaseModel):
    """Ce que l'on veut prévoir."""

    marche: int = Field(ge=1)
    produit: int = Field(ge=1)
    semaine: int = Field(ge=1, le=53)
    ferie: int = Field(ge=0, le=1)


def autorise(donnee: str = Security(cle)) -> None:
    """Refuse une clé qui n'est pas la nôtre."""
    if not secrets.compare_digest(donnee.encode(), os.environ["CLE_API"].encode()):
        raise HTTPException(status_code=401, detail="Clé refusée")


@lru_cache
def modele():
    """Rend le modèle qui sert."""
    return joblib.load(os.environ.get("MODELE", "modele.joblib"))


@app.post("/previsions", dependencies=[Depends(autorise)])
def prevoir(demande: Demande) -> dict[str, float]:
    """Prévoit le poids qui arrivera."""
    poids = float(modele().predict([[demande.marche, demande.produit, demande.semaine, demande.ferie]])[0])
    PREVISIONS.inc()
    return {"poids": poids}

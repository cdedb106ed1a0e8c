"""Routes de l'API du modèle. La documentation OpenAPI est servie sur `/docs`."""

import logging
import os
from functools import cache

import joblib
import pandas as pd
from fastapi import Depends, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field
from slowapi import Limiter, _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded
from slowapi.util import get_remote_address

from api_modele import metriques
from api_modele.securite import cle_valide
from modele.donnees import VARIABLES

TRAFIC_MOYEN = 420.0
journal = logging.getLogger(__name__)
limite = Limiter(key_func=get_remote_address)
app = FastAPI(title="Prévision de la qualité de l'air", version="1.2.0")
app.state.limiter = limite
app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)


class Releve(BaseModel):
    valeur: float = Field(ge=0, le=1000, description="Dioxyde d'azote mesuré, en µg/m³")
    heure: int = Field(ge=0, le=23)
    vehicules: int = Field(ge=0, le=100000)


class Prevision(BaseModel):
    no2: float = Field(description="Dioxyde d'azote prévu à l'heure suivante, en µg/m³")


class Verification(BaseModel):
    prevu: float = Field(ge=0, le=1000)
    mesure: float = Field(ge=0, le=1000)


@cache
def charger_modele():
    """Charge le modèle validé par la chaîne, une seule fois."""
    return joblib.load(os.environ.get("MODELE", "artefacts/modele.joblib"))


@app.get("/sante", summary="État du service")
def sante() -> dict[str, str]:
    """Dit que le service répond."""
    return {"etat": "ok"}


@app.post("/prevision", summary="Prévoir l'heure suivante", dependencies=[Depends(cle_valide)])
@limite.limit("60/minute")
def prevoir(request: Request, releve: Releve, modele=Depends(charger_modele)) -> Prevision:
    """Prévoit le dioxyde d'azote à l'heure suivante."""
    with metriques.DUREE.time():
        lignes = pd.DataFrame([[releve.valeur, releve.heure, releve.vehicules]], columns=VARIABLES)
        resultat = float(modele.predict(lignes)[0])
    metriques.PREVISIONS.labels(issue="rendue").inc()
    metriques.DERIVE.set(abs(releve.vehicules - TRAFIC_MOYEN) / TRAFIC_MOYEN)
    journal.info("Prévision rendue : %.1f", resultat)
    return Prevision(no2=resultat)


@app.post("/verification", summary="Comparer une prévision à la mesure", dependencies=[Depends(cle_valide)])
def verifier(verification: Verification) -> dict[str, float]:
    """Enregistre l'écart entre une prévision passée et la mesure réelle."""
    ecart = abs(verification.prevu - verification.mesure)
    metriques.ECART.set(ecart)
    if ecart > 20:
        journal.warning("Écart élevé : %.1f", ecart)
    return {"ecart": ecart}


@app.get("/metrics", include_in_schema=False)
def exposer_metriques() -> Response:
    """Expose les métriques à Prometheus, sur le réseau interne."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

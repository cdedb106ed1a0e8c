"""Routes de l'API de données. La documentation OpenAPI est servie sur `/docs`."""

import logging
from datetime import date

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordRequestForm
from pydantic import BaseModel
from sqlalchemy import Connection

from api_donnees.base import connexion, lire, lister_stations, trouver_abonne
from api_donnees.securite import abonne_courant, agent_courant, creer_jeton, verifier_mot_de_passe

journal = logging.getLogger(__name__)
app = FastAPI(title="Qualité de l'air de Valbrume", version="1.2.0", description="Données horaires, par quartier et polluant.")


class Jeton(BaseModel):
    access_token: str
    role: str
    token_type: str = "bearer"


class Station(BaseModel):
    code: str
    nom: str
    latitude: float
    longitude: float
    quartier: str


class Moyenne(BaseModel):
    quartier: str
    polluant: str
    moyenne: float
    releves: int


class Depassement(BaseModel):
    station: str
    polluant: str
    valeur: float
    seuil: float
    releve_le: str
    abonnes: int


@app.post("/token", summary="Obtenir un jeton", tags=["accès"])
def obtenir_jeton(formulaire: OAuth2PasswordRequestForm = Depends(), ouverte: Connection = Depends(connexion)) -> Jeton:
    """Échange une adresse et un mot de passe contre un jeton de trente minutes."""
    abonne = trouver_abonne(ouverte, formulaire.username)
    if abonne is None or not verifier_mot_de_passe(formulaire.password, abonne["mot_de_passe"]):
        journal.warning("Connexion refusée")
        raise HTTPException(401, "Identifiants faux")
    return Jeton(access_token=creer_jeton(abonne["email"], abonne["role"]), role=abonne["role"])


@app.get("/stations", summary="Lister les stations", tags=["données"])
def stations(_: dict = Depends(abonne_courant), ouverte: Connection = Depends(connexion)) -> list[Station]:
    """Rend chaque station et son quartier."""
    return [Station(**ligne) for ligne in lister_stations(ouverte)]


@app.get("/moyennes", summary="Moyennes par quartier", tags=["données"])
def moyennes(
    debut: date, fin: date, _: dict = Depends(abonne_courant), ouverte: Connection = Depends(connexion)
) -> list[Moyenne]:
    """Rend la moyenne de chaque polluant par quartier, du jour `debut` au jour `fin` exclu."""
    if fin <= debut:
        raise HTTPException(422, "La fin doit suivre le début")
    return [Moyenne(**ligne) for ligne in lire(ouverte, "moyennes_par_quartier", debut=debut, fin=fin)]


@app.get("/depassements", summary="Dépassements de seuil", tags=["données"])
def depassements(
    depuis: date, _: dict = Depends(agent_courant), ouverte: Connection = Depends(connexion)
) -> list[Depassement]:
    """Rend les mesures au-dessus du seuil ; réservé aux agents car le nombre d'abonnés y figure."""
    lignes = lire(ouverte, "depassements", depuis=depuis)
    return [Depassement(**{**ligne, "releve_le": str(ligne["releve_le"])}) for ligne in lignes]

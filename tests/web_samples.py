"""Small invented applications, and short ways to compute a fact or a check over them."""

from __future__ import annotations

from typing import Any

from checks import registry
from checks.facts.routing import Route
from checks.workspace import Workspace
from grader.engine import Engine
from grader.values import Finding, History


def engine(contents: dict[str, str]) -> Engine:
    """Return an engine over files given by hand."""
    workspace = Workspace({path: text.encode() for path, text in contents.items()})
    return Engine(registry.FACTS, {"workspace": workspace, "history": History()})


def fact(contents: dict[str, str], name: str) -> Any:
    """Return a fact's value."""
    return engine(contents).fact(name)


def finding(contents: dict[str, str], check: str) -> Finding:
    """Return a check's finding."""
    return engine(contents).run(next(c for c in registry.CHECKS if c.id == check))


def route(contents: dict[str, str], method: str, path: str) -> Route:
    """Return the only route of this method and path."""
    (found,) = [r for r in fact(contents, "routes").all if (r.method, r.path) == (method, path)]
    return found


JWT_GUARD = """import os
import jwt
from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer

schema = OAuth2PasswordBearer(tokenUrl="connexion")


def utilisateur_courant(jeton: str = Depends(schema)):
    try:
        return jwt.decode(jeton, os.environ["SECRET"], algorithms=["HS256"])["sub"]
    except jwt.PyJWTError:
        raise HTTPException(status_code=401, detail="jeton invalide")
"""

DATA_API = """from fastapi import Depends, FastAPI
from api.base import ouvrir
from api.securite import utilisateur_courant

app = FastAPI(title="Ruches")


@app.get("/ruches")
def lister(qui: str = Depends(utilisateur_courant)):
    return ouvrir().execute("SELECT * FROM ruche").fetchall()


@app.get("/ruches/{numero}")
def lire(numero: int, qui: str = Depends(utilisateur_courant)):
    return ouvrir().execute("SELECT * FROM ruche WHERE id = ?", (numero,)).fetchone()
"""

PROTECTED = {
    "api/main.py": DATA_API,
    "api/securite.py": JWT_GUARD,
    "api/base.py": "import sqlite3\n\n\ndef ouvrir():\n    return sqlite3.connect('ruches.db')\n",
}

MODEL_API = """import joblib
from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel

app = FastAPI()
modele = joblib.load("recolte.joblib")


class Saison(BaseModel):
    pluie: float


@app.post("/predire")
def predire(saison: Saison):
    return {"miel": modele.predict([[saison.pluie]])[0]}
"""

STREAMLIT = """import os
import requests
import streamlit as st

API = os.getenv("API_URL", "http://localhost:8000")
mot = st.text_input("Clé", type="password")
if "jeton" not in st.session_state:
    st.session_state.jeton = mot
reponse = requests.post(f"{API}/predire", json={"pluie": 3.0}, headers={"Authorization": f"Bearer {st.session_state.jeton}"})
if reponse.status_code == 401:
    st.error("Reconnectez-vous")
"""

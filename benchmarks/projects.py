"""Projects as candidates hand them in: a small API, one of data science, and one with the requirements of a whole submission.

Their tests pass and import what they test.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

_API = '''"""Une petite API."""

from fastapi import FastAPI, HTTPException

app = FastAPI()
STATIONS = {1: "Lyon", 2: "Nantes"}


@app.get("/stations/{number}")
def station(number: int) -> dict[str, str]:
    """Renvoie une station."""
    if number not in STATIONS:
        raise HTTPException(404)
    return {"name": STATIONS[number]}
'''
_API_TEST = """from fastapi.testclient import TestClient

from app import app

client = TestClient(app)


def test_known():
    assert client.get("/stations/1").json() == {"name": "Lyon"}


def test_unknown():
    assert client.get("/stations/9").status_code == 404
"""
_MODEL = '''"""Un petit modèle."""

import pandas as pd
from sklearn.linear_model import LogisticRegression
from sqlalchemy import create_engine


def load():
    """Lit les mesures."""
    engine = create_engine("sqlite://")
    pd.DataFrame({"x": range(40), "y": [int(i > 20) for i in range(40)]}).to_sql("mesure", engine)
    return pd.read_sql("SELECT x, y FROM mesure", engine)


def train(frame):
    """Entraîne le modèle."""
    return LogisticRegression(max_iter=200).fit(frame[["x"]], frame["y"])
'''
_MODEL_TEST = """from model import load, train


def test_rows():
    assert len(load()) == 40


def test_accuracy():
    frame = load()
    assert train(frame).score(frame[["x"]], frame["y"]) > 0.9
"""


def _written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def api(folder: Path) -> Path:
    """Write a small FastAPI project."""
    requirements = "fastapi\nuvicorn\nhttpx\npytest\n"
    return _written(folder, {"app.py": _API, "tests/test_app.py": _API_TEST, "conftest.py": "", "requirements.txt": requirements})


def data(folder: Path) -> Path:
    """Write a small data science project."""
    requirements = "pandas\nscikit-learn\nfastapi\nsqlalchemy\npytest\nhttpx\n"
    files = {"model.py": _MODEL, "tests/test_model.py": _MODEL_TEST, "conftest.py": "", "requirements.txt": requirements}
    return _written(folder, files)


def whole(folder: Path) -> Path:
    """Write a project with what a whole submission asks for: database, scraping, model registry, pages, monitoring, sign-in."""
    requirements = (
        "fastapi uvicorn sqlalchemy psycopg2-binary alembic pandas scikit-learn xgboost mlflow streamlit prometheus-client "
        "requests beautifulsoup4 python-dotenv passlib python-jose httpx pytest"
    )
    asked = "\n".join(requirements.split()) + "\n"
    files = {"app.py": _API, "model.py": _MODEL, "tests/test_app.py": _API_TEST, "tests/test_model.py": _MODEL_TEST}
    return _written(folder, {**files, "conftest.py": "", "requirements.txt": asked})


PROJECTS: dict[str, Callable[[Path], Path]] = {"small API": api, "data science": data, "whole submission": whole}


def commit(folder: Path) -> None:
    """Commit all of a folder, in a repository of its own."""
    if not (folder / ".git").exists():
        subprocess.run(("git", "-C", str(folder), "init", "-q"), check=True)
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(("git", "-C", str(folder), "add", "-A"), check=True)
    subprocess.run(("git", "-C", str(folder), *who, "commit", "-qm", "all"), check=True)

"""Makes candidate-like repositories of any size, always the same for the same size."""

from __future__ import annotations

import subprocess
from pathlib import Path

_MODULE = '''"""Module {i} : collecte et nettoyage des relevés."""

import logging

import pandas as pd
import requests
from fastapi import APIRouter, Depends
from sqlalchemy import text

from app.security import current_user

router = APIRouter()
logger = logging.getLogger(__name__)


def collect_{i}(session, since):
    """Rapporte les relevés depuis une date."""
    answer = requests.get("https://donnees.example.org/releves/{i}", params={{"depuis": since}}, timeout=10)
    answer.raise_for_status()
    frame = pd.DataFrame(answer.json()).drop_duplicates().dropna(subset=["valeur"])
    frame["date"] = pd.to_datetime(frame["date"])
    frame.to_sql("releve_{i}", session.bind, if_exists="append")
    logger.info("%d relevés", len(frame))
    return frame


@router.get("/releves/{i}")
def read_{i}(user=Depends(current_user)):
    """Renvoie les relevés du capteur {i}."""
    query = text("SELECT r.id, r.valeur FROM releve_{i} r JOIN capteur c ON c.id = r.capteur_id WHERE c.actif AND r.valeur > :seuil")
    return query
'''
_TEST = """from fastapi.testclient import TestClient

from app.main import app

client = TestClient(app)


def test_read_{i}_needs_a_token():
    assert client.get("/releves/{i}").status_code == 401


def test_read_{i}():
    answer = client.get("/releves/{i}", headers={{"Authorization": "Bearer x"}})
    assert answer.status_code == 200
    assert answer.json() == []
"""
_DOCUMENT = """# Document {i} – surveillance et données

## Installation

```bash
pip install -r requirements.txt
python -m app.main
```

## Métriques et seuils

| Métrique | Seuil | Action |
|---|---|---|
| latence | 800 ms | alerte par courriel |
| taux d'erreur | 5 % | redémarrage |

## Registre des traitements

Finalité : suivi des capteurs. Données : adresse, nom. Base légale : contrat. Durée de conservation : un an.

"""
_PARAGRAPH = "Le service lit les relevés, les nettoie et les enregistre dans la base ; chaque étape est journalisée. "


def write(folder: Path, *, files: int, python_lines: int, documents: int) -> None:
    """Write and commit a repository of `files` files, about `python_lines` lines of Python and `documents` documents."""
    modules = files - documents - 3
    padding = max(0, python_lines // max(modules, 1) - 32)
    for i in range(modules):
        test = i % 4 == 3
        body = (_TEST if test else _MODULE).format(i=i)
        extra = "".join(
            f"\n\ndef step_{i}_{j}(value):\n    total = value + {j}\n    return total * 2\n" for j in range(padding // 5)
        )
        path = folder / (f"tests/test_part_{i}.py" if test else f"app/part_{i % 40}/module_{i}.py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body + extra, "utf-8")
    for i in range(documents):
        path = folder / f"docs/document_{i}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_DOCUMENT.format(i=i) + _PARAGRAPH * 40, "utf-8")
    (folder / "requirements.txt").write_text("fastapi==0.115.0\npandas==2.2.0\nrequests==2.32.0\n", "utf-8")
    (folder / "README.md").write_text(_DOCUMENT.format(i=0), "utf-8")
    workflow = folder / ".github/workflows/ci.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text("on: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: pytest\n", "utf-8")
    for command in (
        ("init", "-q"),
        ("add", "-A"),
        ("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "all"),
    ):
        subprocess.run(("git", "-C", str(folder), *command), check=True)

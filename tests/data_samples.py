"""Small invented submissions about data, and how a fact or a check is computed on them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from textwrap import dedent
from typing import Any

from checks import registry
from checks.workspace import Workspace
from grader.engine import Engine
from grader.values import Commit, Finding, History

HISTORY = History((Commit("a" * 40, "Alix", "2026-05-02T10:00:00Z", "collecte", (), ("collecte/stations.py",)),), (), True)


def files(**contents: str) -> dict[str, str]:
    """Write `a__b_py="…"` as {"a/b.py": "…"}: `__` is a slash, the last `_` the dot."""
    named = {}
    for key, text in contents.items():
        stem, _, suffix = key.replace("__", "/").rpartition("_")
        named[f"{stem}.{suffix}"] = text
    return named


def engine(contents: Mapping[str, str | bytes]) -> Engine:
    """Prepare the facts over files given as text, or as the bytes of a binary format."""
    workspace = Workspace(
        {path: dedent(given).lstrip("\n").encode() if isinstance(given, str) else given for path, given in contents.items()}
    )
    return Engine(registry.FACTS, {"workspace": workspace, "history": HISTORY, "tool_run": None})


def fact(contents: dict[str, str], name: str) -> Any:
    """Compute one fact."""
    return engine(contents).fact(name)


def examine(contents: Mapping[str, str | bytes], check: str) -> Finding:
    """Run one check."""
    found = next(c for c in registry.CHECKS if c.id == check)
    return engine(contents).run(found)


def notebook(*cells: str) -> str:
    """Write a notebook of code cells."""
    body = [
        {"cell_type": "code", "source": dedent(c).strip().splitlines(keepends=True), "outputs": [], "metadata": {}} for c in cells
    ]
    return json.dumps({"cells": body, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1, ensure_ascii=False)


STATIONS = """
    import os
    import requests
    import psycopg2

    ADRESSE = "https://data.ville-exemple.fr/api/stations"

    def collecter():
        try:
            reponse = requests.get(ADRESSE, timeout=10)
            reponse.raise_for_status()
        except requests.RequestException as erreur:
            print("collecte impossible", erreur)
            return []
        return [{"code": s["code"], "velos": int(s["velos"])} for s in reponse.json()]

    def enregistrer(lignes):
        with psycopg2.connect(os.getenv("BASE")) as connexion, connexion.cursor() as curseur:
            for ligne in lignes:
                curseur.execute("INSERT INTO releve (code, velos) VALUES (%s, %s)", (ligne["code"], ligne["velos"]))

    if __name__ == "__main__":
        enregistrer(collecter())
"""

from __future__ import annotations

from checks.facts.incidents import Incidents
from checks.facts.repairs import Repairs
from checks.registry import FACTS
from checks.workspace import Workspace
from grader.engine import Engine
from grader.values import Commit, History
from tests.checks.documents_by_hand import commit

FLAT = """# Journal

## Incident 1 — import vide

## Symptôme
La commande `charger.py` s'arrêtait sans rien écrire, alors que le fichier source était présent sur le disque du serveur.

## Cause
Le chemin était calculé avec un dossier de trop, `parents[3]` au lieu de `parents[2]`, donc dans un dossier qui n'existe pas.

## Correction
Le chemin part maintenant de la racine du paquet, et `charger.py` échoue clairement quand le fichier manque, sur la branche fix-chemin-import.

## Architecture
Trois services.
"""
TABLE = "# App\n\n## Bugs corrigés\n\n| Fichier | Bug | Correction |\n|---|---|---|\n| `vues.py` | 1 argument au lieu de 2 | argument ajouté |\n| `outils.py` | 25 heures | 24 heures |\n"


def read(files: dict[str, str], *commits: Commit) -> tuple[Incidents, Repairs]:
    engine = Engine(FACTS, {"workspace": Workspace({p: t.encode() for p, t in files.items()}), "history": History(commits)})
    return engine.fact("incidents"), engine.fact("repairs")


def test_parts_at_the_level_of_the_incident_belong_to_it() -> None:
    incidents, _ = read({"docs/journal.md": FLAT})
    (incident,) = incidents.reports
    assert (incident.line, incident.parts["symptom"], incident.parts["cause"], incident.parts["repair"]) == (3, 5, 8, 11)
    assert "Trois services" not in incident.text
    assert incident.files == ("charger.py",)


def test_a_table_of_bugs_is_told_in_brief() -> None:
    incidents, _ = read({"README.md": TABLE})
    assert [(i.kind, i.line) for i in incidents.all] == [("brief", 3)]


def test_a_method_is_no_incident() -> None:
    text = "# Exploitation\n\n## Procédure de gestion des incidents\n\nChercher la cause dans les journaux, appliquer un correctif, vérifier.\n"
    incidents, _ = read({"docs/x.md": text})
    assert [i.kind for i in incidents.all] == ["method"]
    assert incidents.told == ()


def test_the_surest_repair_is_kept() -> None:
    root = commit("1", "Premier commit", "charger.py", parents=())
    merge = commit("3", "Merge pull request #2 from ana/fix-chemin-import", parents=("1" * 40, "2" * 40))
    word = commit("2", "Corrige le chemin du fichier source", "charger.py")
    _, repairs = read({"docs/journal.md": FLAT}, merge, word, root)
    assert [(r.how, r.commit.sha[0]) for r in repairs.found] == [("merge", "3")]
    _, repairs = read({"docs/journal.md": FLAT}, word, root)
    assert [(r.how, r.commit.sha[0]) for r in repairs.found] == [("fix", "2")]


def test_the_first_commit_repairs_nothing() -> None:
    _, repairs = read({"docs/journal.md": FLAT}, commit("1", "fix chemin du fichier source", "charger.py", parents=()))
    assert repairs.found == ()
    assert repairs.history


def test_a_commit_of_documents_repairs_nothing() -> None:
    told = commit("2", "Documente le chemin du fichier source corrigé", "docs/journal.md")
    _, repairs = read({"docs/journal.md": FLAT}, told, commit("1", "début", "charger.py", parents=()))
    assert repairs.found == ()


def test_an_endless_line_is_read_quickly() -> None:
    incidents, _ = read({"README.md": "# Incident\n\n" + "a" * 300_000 + "\n\n" + "(- " * 50_000})
    assert incidents.told == ()

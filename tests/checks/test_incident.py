from __future__ import annotations

from grader.values import Outcome
from tests.checks.documents_by_hand import commit, conclude, places

REPORT = """# Fiche incident — lots sans température

## Symptôme
Depuis le 3 mars, la route des relevés répond 500 pour un lot sur dix : `KeyError: temperature` dans les journaux du service.

## Reproduction
En local, rejouer le relevé 118 avec `pytest tests/test_releves.py` : l'échec est immédiat et systématique.

## Cause
Le capteur envoie `temp` depuis sa mise à jour, alors que `api/releves.py` lit toujours la clé `temperature` sans valeur de repli.

## Correction
La lecture accepte les deux noms (commit 52e463d), et un relevé sans mesure est rejeté avec un code 422 au lieu de planter.

## Prévention
Un test de non-régression couvre les deux formats du capteur.
"""
FIX = commit("52e463d", "Corrige la lecture du capteur", "api/releves.py", "tests/test_releves.py")
FIRST = commit("1111111", "Premier commit", "api/releves.py", parents=())


def test_a_report_with_its_parts_tells_the_resolution() -> None:
    finding = conclude("incident.tells-the-resolution", {"docs/incident.md": REPORT})
    assert finding.outcome is Outcome.MET
    assert places(finding) == [("docs/incident.md", 12)]


def test_labels_in_bold_tell_it_too() -> None:
    text = (
        "# Rapport\n\n## Incident 1 : base vide en production\n\n"
        "**Symptôme** : la page d'accueil renvoyait une erreur 500 après chaque redémarrage du conteneur.\n\n"
        "**Diagnostic** : les journaux montrent `OperationalError`, le volume de la base n'était pas monté par `docker-compose.yml`.\n\n"
        "**Résolution** : ajout du volume nommé, puis exécution des migrations au démarrage du service, enfin contrôle des données.\n\n"
        "**Leçon apprise** : tout état doit vivre hors du conteneur, et le démarrage doit le vérifier avant de servir des pages.\n"
    )
    assert conclude("incident.tells-the-resolution", {"rapport.md": text}).outcome is Outcome.MET


def test_fixes_said_in_a_sentence_are_partly() -> None:
    text = "# App\n\n### Bugs corrigés\n\n1. Correction du vecteur horaire : 24 valeurs au lieu de 25.\n2. `home.html` remplacé par `index.html`.\n"
    finding = conclude("incident.tells-the-resolution", {"README.md": text})
    assert (finding.outcome, places(finding)) == (Outcome.PARTLY, [("README.md", 3)])


def test_a_troubleshooting_guide_is_at_most_partly() -> None:
    text = "# App\n\n## Dépannage\n\n**Problème : le conteneur ne démarre pas**\n\nVérifier le port 8000, la variable `DATABASE_URL`, puis relancer.\n"
    assert conclude("incident.tells-the-resolution", {"README.md": text}).outcome is Outcome.PARTLY
    assert conclude("incident.keeps-the-repair-in-the-history", {"README.md": text}, (FIX, FIRST)).outcome is Outcome.NOT_MET


def test_an_empty_template_is_no_incident() -> None:
    text = "# Incident NNN\n\n## Symptôme\nDécrire.\n\n## Cause\nDécrire.\n\n## Correction\nLien vers le commit. " + "mot " * 80
    assert conclude("incident.tells-the-resolution", {"docs/incidents/TEMPLATE.md": text}).outcome is Outcome.NOT_MET


def test_words_of_the_criterion_are_no_incident() -> None:
    text = "# C21\n\nLa cause du problème est identifiée, la solution est documentée, l'incident est résolu et versionné.\n"
    assert conclude("incident.tells-the-resolution", {"README.md": text}).outcome is Outcome.NOT_MET


def test_a_ticket_in_the_report_ties_the_procedure() -> None:
    tied = REPORT.replace("## Cause\n", "## Cause\nSuivi dans l'issue #14.\n")
    finding = conclude("incident.documents-the-procedure-in-the-tracker", {"docs/incident.md": tied})
    assert finding.outcome is Outcome.MET
    assert places(finding)[0] == ("docs/incident.md", 10)


def test_a_procedure_in_a_file_is_partly() -> None:
    assert conclude("incident.documents-the-procedure-in-the-tracker", {"docs/incident.md": REPORT}).outcome is Outcome.PARTLY


def test_a_fix_that_closes_a_ticket_ties_it() -> None:
    closing = commit("52e463d", "Corrige la lecture du capteur, fixes #14", "api/releves.py")
    assert (
        conclude("incident.documents-the-procedure-in-the-tracker", {"docs/incident.md": REPORT}, (closing, FIRST)).outcome
        is Outcome.MET
    )


def test_no_incident_no_procedure() -> None:
    assert (
        conclude("incident.documents-the-procedure-in-the-tracker", {"README.md": "# App\n\nBonjour.\n"}).outcome
        is Outcome.NOT_MET
    )


def test_a_cited_commit_keeps_the_repair() -> None:
    finding = conclude("incident.keeps-the-repair-in-the-history", {"docs/incident.md": REPORT}, (FIX, FIRST))
    assert finding.outcome is Outcome.MET
    assert places(finding) == [("docs/incident.md", 12), ("api/releves.py", None), ("tests/test_releves.py", None)]


def test_a_repair_branch_that_names_the_subject_keeps_it() -> None:
    merge = commit("9", "Merge pull request #4 from ana/fix-capteur-temperature", parents=("1" * 40, "2" * 40))
    report = REPORT.replace(" (commit 52e463d)", "")
    finding = conclude("incident.keeps-the-repair-in-the-history", {"docs/incident.md": report}, (merge, FIRST))
    assert finding.outcome is Outcome.MET
    assert "fix-capteur" in finding.why.fr


def test_fix_commits_about_something_else_are_partly() -> None:
    others = (
        commit("8", "fix: couleur du bouton d'inscription", "static/style.css"),
        commit("7", "fix typo", "README.md"),
        FIRST,
    )
    report = REPORT.replace(" (commit 52e463d)", "")
    assert conclude("incident.keeps-the-repair-in-the-history", {"docs/incident.md": report}, others).outcome is Outcome.PARTLY


def test_fix_commits_without_any_incident_are_not_enough() -> None:
    assert conclude("incident.keeps-the-repair-in-the-history", {"README.md": "# App\n"}, (FIX, FIRST)).outcome is Outcome.NOT_MET


def test_without_history_nobody_can_tell() -> None:
    finding = conclude("incident.keeps-the-repair-in-the-history", {"docs/incident.md": REPORT})
    assert (finding.outcome, finding.reason) == (Outcome.INCONCLUSIVE, "no-history")


def test_causes_and_reproduction_are_pointed_at() -> None:
    assert places(conclude("incident.finds-the-causes", {"docs/incident.md": REPORT})) == [("docs/incident.md", 9)]
    assert places(conclude("incident.reproduces-the-problem", {"docs/incident.md": REPORT})) == [("docs/incident.md", 6)]


def test_a_test_added_with_the_fix_is_part_of_a_reproduction() -> None:
    report = REPORT.replace(
        "## Reproduction\nEn local, rejouer le relevé 118 avec `pytest tests/test_releves.py` : l'échec est immédiat et systématique.\n\n",
        "",
    )
    finding = conclude("incident.reproduces-the-problem", {"docs/incident.md": report}, (FIX, FIRST))
    assert (finding.outcome, places(finding)) == (Outcome.PARTLY, [("tests/test_releves.py", None)])


def test_nothing_to_reproduce() -> None:
    assert conclude("incident.reproduces-the-problem", {"README.md": "# App\n"}).outcome is Outcome.NOT_MET
    assert conclude("incident.finds-the-causes", {"README.md": "# App\n"}).outcome is Outcome.NOT_MET


def test_a_list_of_changes_leads_to_no_incident() -> None:
    listed = "# 1.2.0\n\n## Bug fixes\n\n- Corrige la lecture du capteur dans `api/releves.py` (52e463d)\n"
    finding = conclude("incident.keeps-the-repair-in-the-history", {"CHANGELOG.md": listed}, (FIX, FIRST))
    assert finding.outcome in (Outcome.PARTLY, Outcome.NOT_MET)


def test_words_scattered_over_a_list_of_changes_tell_no_resolution() -> None:
    repairs = [
        "**api:** corrige l'erreur 500 de la route des relevés quand la table est vide",
        "**chaine:** la cause du blocage était un jeton expiré dans `livraison.yml`",
        "**modele:** solution provisoire pour le chargement de `lecture.py` au démarrage du service",
        "**essais:** vérification ajoutée de la réponse de la page d'accueil avant publication",
        "**docs:** correction du diagnostic affiché par la commande d'installation",
    ]
    listed = "# Changelog\n\n## 1.3.0\n\n### Bug Fixes\n\n" + "\n".join(
        f"* {r} ([52e463d](https://exemple.fr/c/52e463d))" for r in repairs * 2
    )
    assert conclude("incident.tells-the-resolution", {"CHANGELOG.md": listed}).outcome is Outcome.PARTLY
    tracked = conclude("incident.documents-the-procedure-in-the-tracker", {"CHANGELOG.md": listed}, (FIX, FIRST))
    assert tracked.outcome is Outcome.NOT_MET
    assert conclude("incident.tells-the-resolution", {"CHANGELOG.md": REPORT}).outcome is Outcome.MET

import pytest

from tests.data_samples import examine

PLAN = """\
# Plan de gouvernance des données – Coopérative des Halles

## Parties prenantes

La direction, les métiers et le comité data se réunissent chaque mois pour décider.

## Rôles et responsabilités

| Rôle | Qui en répond |
|---|---|
| Propriétaire de données | chaque direction |
| Délégué à la protection | le service juridique |

## Conformité

Les traitements suivent le RGPD et l'AI Act ; le registre est tenu par le délégué.

## Qualité des données

Six règles de qualité sont mesurées chaque nuit sur les commandes.

## Disponibilité

Le plan de reprise garantit un retour en quatre heures.

## Sécurité

Les accès sont donnés par rôle, les données chiffrées au repos.

## Confidentialité

Trois niveaux de confidentialité sont affectés aux jeux de données.

## Feuille de route

La politique entre en vigueur en trois étapes entre janvier et juin.

## Conduite du changement

Des ambassadeurs dans chaque équipe expliquent la politique.

## Indicateurs de suivi

La part des jeux documentés est suivie chaque mois.

## Plan de formation

Chaque personne suit deux heures de formation, puis une mise à jour par an.

## Sensibilisation

Une campagne de sensibilisation passe par des affiches et des ateliers.

## Accessibilité des formations

Les supports existent en formats accessibles, avec sous-titres.

## Audits internes

Un audit trimestriel compare les pratiques au RGPD ; les actions correctives sont suivies par le comité.

## Analyse des risques

| Risque | Probabilité | Impact | Mesures |
|---|---|---|---|
| Fuite de données | faible | fort | chiffrement |
| Qualité des données d'un fournisseur | forte | moyen | contrôles à l'entrée |
"""
CHECKS = (
    "governance.covers-the-policy",
    "governance.rolls-out-the-policy",
    "governance.trains-everybody",
    "governance.is-audited",
    "governance.assesses-risks",
)


@pytest.mark.parametrize("check", CHECKS)
def test_a_whole_plan_covers_every_part(check):
    found = examine({"docs/gouvernance.md": PLAN}, check)
    assert (found.outcome.value, found.evidence[0].path) == ("met", "docs/gouvernance.md"), found.why.fr
    assert found.question


@pytest.mark.parametrize("check", CHECKS)
def test_nothing_in_the_repository_is_an_open_question(check):
    found = examine({"README.md": "# Tri\n\nUn programme trie des images de fruits, sans autre document.\n"}, check)
    assert (found.outcome.value, found.reason) == ("inconclusive", "not-in-repository")


def test_what_is_missing_is_named():
    short = PLAN.split("## Disponibilité")[0]
    found = examine({"docs/gouvernance.md": short}, "governance.covers-the-policy")
    assert found.outcome.value == "partly"
    assert found.why.en == (
        "Governance policy: stakeholders, roles, compliance, quality; missing: availability, security, confidentiality."
    )


def test_a_frequency_is_that_of_an_audit_only_where_audits_are_spoken_of():
    text = PLAN.replace("Un audit trimestriel compare", "Une revue compare")
    found = examine({"docs/gouvernance.md": text}, "governance.is-audited")
    assert found.outcome.value == "partly" and "fréquence" in found.why.fr.partition("il manque")[2]


def test_the_risks_of_another_subject_without_their_parts_are_few():
    found = examine(
        {"README.md": "# P\n\n## Risques\n\nLe modèle peut se tromper sur des fruits rares.\n"}, "governance.assesses-risks"
    )
    assert found.outcome.value == "inconclusive"


def test_without_a_plan_a_chapter_of_its_own_counts():
    found = examine(
        {"README.md": "# P\n\n## Plan de formation\n\nDeux heures par personne au printemps.\n"}, "governance.trains-everybody"
    )
    assert found.outcome.value == "partly" and found.evidence[0].line == 3
    said = "# P\n\n## Usage\n\nLe plan de formation du modèle dure deux heures par époque.\n"
    assert examine({"README.md": said}, "governance.trains-everybody").outcome.value == "inconclusive"

import pytest

from tests.data_samples import examine

DOCUMENT = """\
# Cahier des charges de la plateforme

## Contexte et objectifs

Une coopérative veut prévoir les arrivages de chaque marché.

## Besoins fonctionnels

Prévoir les arrivages à trois jours, par marché et par produit.

## Exigences non fonctionnelles

### Contraintes techniques

Deux gigaoctets par jour, réponse en moins d'une seconde.

### Contraintes opérationnelles

Une équipe de trois personnes, une disponibilité de 99 %.

## Normes

Les données personnelles suivent le RGPD.

## Critères de succès

Une erreur moyenne sous dix pour cent.

## Budget et calendrier

Quatre mille euros par an, en deux étapes.

## Accessibilité

Les pages suivent le RGAA, au clavier et au lecteur d'écran.
"""
CHECKS = ("requirements.identify-the-needs", "requirements.frame-the-architecture", "requirements.frame-the-solution")


@pytest.mark.parametrize("check", CHECKS)
def test_a_whole_document_is_pointed_to(check):
    found = examine({"docs/cahier_des_charges.md": DOCUMENT}, check)
    assert (found.outcome.value, found.evidence[0].path) == ("met", "docs/cahier_des_charges.md"), found.why.fr


@pytest.mark.parametrize("check", CHECKS)
def test_nothing_is_an_open_question(check):
    found = examine({"README.md": "# Tri\n\nUn programme trie des images de fruits, sans autre document.\n"}, check)
    assert (found.outcome.value, found.reason) == ("inconclusive", "not-in-repository")


def test_missing_accessibility_is_named():
    text = DOCUMENT.partition("## Accessibilité")[0]
    found = examine({"docs/cahier_des_charges.md": text}, "requirements.frame-the-solution")
    assert found.outcome.value == "partly" and found.why.en.endswith("missing: accessibility.")


def test_the_document_that_holds_most_is_shown_first():
    other = DOCUMENT.replace("# Cahier des charges de la plateforme", "# Cahier des charges de l'application")
    files = {"docs/a_plateforme.md": DOCUMENT.partition("## Accessibilité")[0], "docs/b_application.md": other}
    found = examine(files, "requirements.frame-the-solution")
    assert {e.path for e in found.evidence} == {"docs/b_application.md"}


def test_what_the_school_asks_and_what_an_assistant_is_told_are_not_the_projects():
    assert (
        examine({"docs/enonce/cahier_des_charges.md": DOCUMENT, "CLAUDE.md": DOCUMENT}, CHECKS[1]).outcome.value == "inconclusive"
    )


def test_a_chapter_counts_and_not_the_rest_of_its_document():
    text = "# P\n\n## Cahier des charges\n\nPrévoir les arrivages.\n\n## Budget et calendrier\n\nQuatre mille euros par an, en deux étapes.\n"
    found = examine({"README.md": text}, CHECKS[1])
    assert "schedule or costs" in found.why.en.partition("missing")[2] or found.outcome.value == "inconclusive"


def test_a_chapter_of_another_subject_is_no_requirement():
    text = "# Essais\n\n## Performance\n\nLe modèle se trompe une fois sur dix.\n\n## Contexte\n\nDes fruits à trier.\n"
    assert examine({"README.md": text}, CHECKS[1]).outcome.value == "inconclusive"

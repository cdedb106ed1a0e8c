import pytest

from tests.data_samples import examine

FRAME = """# Bibliothèque

## Architecture

| Composant | Rôle |
|---|---|
| api | prêts |
| base | livres |

## Dépendances

- fastapi 0.110
- sqlalchemy 2.0

## Environnement d'exécution

Python 3.11 sous Debian, conteneurs Docker, PostgreSQL 15.
"""
COVERS = "technical-frame.covers-architecture-dependencies-environment"
FLOWS = "technical-frame.draws-the-data-flows"


def outcome(text, check):
    return examine({"docs/cadre.md": text}, check).outcome.value


def test_three_parts_are_met_two_partly_one_not_met():
    found = examine({"docs/cadre.md": FRAME}, COVERS)
    assert (found.outcome.value, [e.line for e in found.evidence]) == ("met", [3, 10, 15])
    assert outcome(FRAME[: FRAME.index("## Environnement")], COVERS) == "partly"
    assert outcome(FRAME[: FRAME.index("## Dépendances")], COVERS) == "not_met"


def test_a_tree_of_files_is_no_architecture():
    tree = "## Architecture\n\n```\nprojet/\n├── api/\n└── base/\n```\n\n"
    found = examine({"docs/cadre.md": "# B\n\n" + tree + FRAME[FRAME.index("## Dépendances") :]}, COVERS)
    assert found.outcome.value == "partly" and "architecture" in found.why.en.split("missing")[1]


def test_the_architecture_of_the_monitoring_or_of_the_chain_is_not_that_of_the_project():
    without = "# B\n\n" + FRAME[FRAME.index("## Dépendances") :]
    told = FRAME[FRAME.index("## Architecture") : FRAME.index("## Dépendances")]
    drawing = "```\n┌─────┐    ┌─────┐\n│ api │ ──▶│ web │\n├─────┤    ├─────┤\n└─────┘    └─────┘\n```\n"
    for path, text in (
        ("monitoring/README.md", f"# Supervision\n\n{told}"),
        ("docs/suivi.md", f"# Suivi\n\n{told.replace('## Architecture', '## Architecture du monitoring')}"),
        ("docs/chaine.md", f"# CI/CD\n\n## Vue d'ensemble de la chaîne\n\n{drawing}"),
    ):
        assert examine({"docs/cadre.md": without, path: text}, COVERS).outcome.value == "partly", path
    assert examine({"docs/cadre.md": without, "docs/technique.md": f"# Technique\n\n{told}"}, COVERS).outcome.value == "met"
    watching = told.replace("## Architecture", "## Architecture de la plateforme de surveillance")
    assert examine({"docs/cadre.md": without, "README.md": f"# Ruches\n\n{watching}"}, COVERS).outcome.value == "met"


def test_a_diagram_of_the_flows_is_met_a_text_is_partly():
    drawn = "# Technique\n\n## Flux de données\n\n```mermaid\nflowchart LR\n  A[Capteur] --> B[(Base)]\n```\n"
    assert outcome(drawn, FLOWS) == "met"
    words = "# Technique\n\n## Flux de données\n\nLes mesures vont du capteur à la base puis au tableau de bord.\n"
    assert outcome(words, FLOWS) == "partly"
    assert outcome("# Technique\n\nUn diagramme de flux sera ajouté.\n", FLOWS) == "not_met"


def test_a_feed_is_not_a_flow():
    assert examine({"docs/flux_rss.png": "PNG", "README.md": "# P\n"}, FLOWS).outcome.value != "met"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("assets/pipeline-nocturne.png", "partly"),
        ("projet/dossier/assets/architecture.png", "partly"),
        ("assets/logo.png", "not_met"),
        ("frontend/src/assets/workflow.png", "not_met"),
        ("site/static/architecture.png", "not_met"),
    ],
)
def test_an_image_named_as_a_drawing_counts_unless_it_is_a_page_s(path, expected):
    assert examine({path: b"\x89PNG\r\n\x1a\n", "README.md": "# Projet\n\nUn texte.\n"}, FLOWS).outcome.value == expected

from __future__ import annotations

from grader.values import Outcome
from tests.checks.documents_by_hand import conclude, places

CHECK = "install-docs.covers-the-application"
README = """# Suivi des lots

## Architecture

| Composant | Rôle |
|---|---|
| api | sert les relevés |

## Prérequis

- Python 3.11
- Docker

## Installation

```bash
pip install -r requirements.txt
uvicorn api.main:app
```

## Tests

```bash
pytest
```
"""


def test_the_four_parts_meet() -> None:
    finding = conclude(CHECK, {"README.md": README})
    assert (finding.outcome, places(finding)) == (
        Outcome.MET,
        [("README.md", 14), ("README.md", 3), ("README.md", 9), ("README.md", 24)],
    )


def test_a_chapter_called_structure_shows_the_tree_of_the_project() -> None:
    tree = "## 📁 Structure\n\n```\nlots/\n├── api/\n└── tests/\n```\n\n"
    text = README.replace(README[README.index("## Architecture") : README.index("## Prérequis")], tree)
    assert places(conclude(CHECK, {"README.md": text}))[1] == ("README.md", 3)


def test_two_parts_are_partly_and_the_missing_are_named() -> None:
    finding = conclude(CHECK, {"README.md": "# App\n\n## Installation\n\n```bash\npip install -r requirements.txt\n```\n"})
    assert finding.outcome is Outcome.PARTLY
    assert "il manque : architecture, exécution des tests" in finding.why.fr
    assert "missing: architecture, running the tests" in finding.why.en


def test_the_root_readme_is_shown_before_other_documents() -> None:
    finding = conclude(CHECK, {"README.md": README, "annexes/architecture.md": "# Architecture\n\nUn.\n\nDeux.\n\nTrois.\n"})
    assert {e.path for e in finding.evidence} == {"README.md"}


def test_headings_without_content_are_not_met() -> None:
    text = "# App\n\n## Installation\n\n## Architecture\n\n## Dépendances\n\n## Tests\n"
    assert conclude(CHECK, {"README.md": text}).outcome is Outcome.NOT_MET


def test_a_table_of_contents_is_not_met() -> None:
    text = "# App\n\n## Sommaire\n\n- Installation\n- Architecture\n- Dépendances\n- Tests avec pytest\n"
    assert conclude(CHECK, {"README.md": text}).outcome is Outcome.NOT_MET


def test_no_document_at_all() -> None:
    assert conclude(CHECK, {"app.py": "print('pip install, pytest, architecture')\n"}).outcome is Outcome.NOT_MET

from __future__ import annotations

import pytest

from grader.values import Outcome
from tests.checks.documents_by_hand import conclude, places

WORKFLOW = """name: Chaine
on:
  push:
    branches: [main]
jobs:
  qualite:
    runs-on: ubuntu-latest
    steps:
      - name: Verifier le style
        run: ruff check .
      - name: Lancer les essais
        run: pytest --cov
"""
GUIDE = """# Chaîne CI/CD

## Outil

La chaîne tourne sur GitHub Actions, dans `.github/workflows/chaine.yml`.

## Déclencheurs

À chaque push sur `main` et à chaque pull request.

## Étapes

| Étape | Ce qu'elle fait |
|---|---|
| Validation des données | `python valider.py` vérifie le schéma |
| Tests | `pytest` |
| Entraînement du modèle | réentraîne et compare le score |
| Publication de l'image | docker push vers le registre de conteneurs |

## Reproduire en local

```bash
pip install -r requirements.txt
pytest
docker push registre.exemple.fr/api:essai
```

## Configuration

Un secret `REGISTRE_TOKEN` est à créer pour la publication ; tout le reste est dans `.github/workflows/chaine.yml`.
"""
REAL = {".github/workflows/chaine.yml": WORKFLOW}
ALL = (
    "chain-docs.describes-the-chain",
    "chain-docs.describes-the-model-chain",
    "chain-docs.describes-the-delivery",
    "chain-docs.explains-the-set-up-of-the-chain",
    "chain-docs.explains-the-set-up-of-the-model-chain",
    "chain-docs.explains-the-set-up-of-the-delivery",
)


@pytest.mark.parametrize("check", ALL)
def test_a_whole_guide_meets(check: str) -> None:
    assert conclude(check, {"docs/ci_cd.md": GUIDE, **REAL}).outcome is Outcome.MET


def test_the_parts_open_where_they_are_written() -> None:
    finding = conclude("chain-docs.describes-the-chain", {"docs/ci_cd.md": GUIDE, **REAL})
    assert places(finding) == [("docs/ci_cd.md", 5), ("docs/ci_cd.md", 13), ("docs/ci_cd.md", 7)]


def test_a_chain_that_is_configured_nowhere_is_partly() -> None:
    finding = conclude("chain-docs.describes-the-chain", {"docs/ci_cd.md": GUIDE})
    assert finding.outcome is Outcome.PARTLY
    assert "aucune chaîne n'est configurée" in finding.why.fr


def test_an_application_chain_is_partly_for_the_model() -> None:
    application = "\n".join(line for line in GUIDE.splitlines() if "données" not in line and "modèle" not in line)
    files = {"docs/ci_cd.md": application.replace("| Tests |", "| Lint | `ruff` |\n| Tests |"), **REAL}
    finding = conclude("chain-docs.describes-the-model-chain", files)
    assert finding.outcome is Outcome.PARTLY
    assert "il manque : étapes propres au modèle" in finding.why.fr
    assert conclude("chain-docs.describes-the-chain", files).outcome is Outcome.MET


def test_one_sentence_is_partly() -> None:
    text = "# App\n\n## CI/CD\n\nGitHub Actions lance les tests à chaque push.\n\n## Tests\n\n```bash\npytest\n```\n"
    finding = conclude("chain-docs.describes-the-chain", {"README.md": text, **REAL})
    assert (finding.outcome, places(finding)) == (Outcome.PARTLY, [("README.md", 5)])
    setting_up = conclude("chain-docs.explains-the-set-up-of-the-chain", {"README.md": text, **REAL})
    assert (setting_up.outcome, places(setting_up)) == (Outcome.PARTLY, [("README.md", 10)])


@pytest.mark.parametrize("check", ALL)
@pytest.mark.parametrize(
    "text",
    [
        "# App\n\n## Fonctionnalités\n\n- CI/CD GitHub Actions\n- 40 tests automatisés\n- Déploiement continu\n",
        "# App\n\n## CI/CD\n\n- Pipeline GitHub Actions opérationnel\n- Couverture avec pytest\n",
        "# App\n\n## Roadmap\n\n### CI/CD\n\nÉtapes : lint, tests, build, déploiement à chaque push avec GitHub Actions.\n",
        "# App\n\n## Sommaire\n\n- [Chaîne CI/CD](docs/ci_cd.md)\n",
        "# App\n\nRien.\n",
    ],
)
def test_claims_plans_and_links_are_no_documentation(check: str, text: str) -> None:
    assert conclude(check, {"README.md": text, **REAL}).outcome is Outcome.NOT_MET


def test_the_copy_of_another_chain_proves_nothing() -> None:
    text = "# CI/CD\n\n```yaml\non: [push]\njobs:\n  audit:\n    steps:\n      - name: Audit axe\n        run: npx axe\n```\n"
    assert conclude("chain-docs.describes-the-chain", {"README.md": text, **REAL}).outcome is Outcome.NOT_MET


def test_the_copy_of_the_configured_chain_counts() -> None:
    text = f"# CI/CD\n\nAvec GitHub Actions.\n\n```yaml\n{WORKFLOW}```\n"
    assert conclude("chain-docs.describes-the-chain", {"README.md": text, **REAL}).outcome is Outcome.MET


def test_crumbs_of_several_reports_are_no_guide() -> None:
    config = "# CI/CD\n\n## Configuration\n\nLe fichier `.github/workflows/chaine.yml`.\n"
    local = "# Intégration continue\n\n```bash\npip install -r requirements.txt\n```\n"
    files = {"a.md": config, "b.md": local, **REAL}
    assert conclude("chain-docs.explains-the-set-up-of-the-chain", files).outcome is Outcome.PARTLY


def test_labelled_items_are_steps() -> None:
    text = (
        "# App\n\n## CI/CD (GitHub Actions)\n\nÀ chaque push :\n\n1. **Dépendances** : installation des paquets.\n"
        "2. **Tests** : suite pytest.\n3. **Image** : docker build de l'API.\n"
    )
    assert conclude("chain-docs.describes-the-chain", {"README.md": text, **REAL}).outcome is Outcome.MET


def test_triggers_are_not_steps() -> None:
    text = (
        "# App\n\n## CI/CD\n\nGitHub Actions exécute les tests sur :\n\n- push sur main\n- chaque pull request\n- push des tags\n"
    )
    assert conclude("chain-docs.describes-the-chain", {"README.md": text, **REAL}).outcome is Outcome.PARTLY

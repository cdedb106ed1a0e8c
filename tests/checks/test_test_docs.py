from __future__ import annotations

from grader.values import Outcome
from tests.checks.documents_by_hand import conclude, places

RUNS, CASES = "test-docs.explains-running-the-tests", "test-docs.lists-the-cases-to-test"
GUIDE = """# Tests

## Environnement de test

```bash
pip install -r requirements-dev.txt
```

## Exécution

```bash
pytest tests
```

## Couverture

```bash
pytest --cov=api --cov-report=html
```
"""
PLAN = """# Plan de tests du modèle

## Stratégie

Isoler le modèle des services, puis vérifier ses prédictions sur un jeu de données figé.

## Périmètre

Le prétraitement, la prédiction et le format de sortie ; l'interface reste hors périmètre.

## Cas de test

| Cas | Entrée | Résultat attendu |
|---|---|---|
| nominal | relevé complet | classe connue |
| valeur manquante | relevé sans pH | erreur 422 |
| valeur extrême | pH = 15 | erreur 422 |
"""


def test_environment_run_and_coverage_meet() -> None:
    finding = conclude(RUNS, {"tests/README.md": GUIDE, "modele.py": "import joblib\n\nmodele = joblib.load('m.joblib')\n"})
    assert finding.outcome is Outcome.MET
    assert places(finding) == [("tests/README.md", 3), ("tests/README.md", 12), ("tests/README.md", 18)]


def test_a_command_alone_is_partly() -> None:
    finding = conclude(RUNS, {"README.md": "# App\n\n## Tests\n\n```bash\npytest\n```\n"})
    assert (finding.outcome, places(finding)) == (Outcome.PARTLY, [("README.md", 6)])


def test_the_installation_of_the_application_is_no_test_environment() -> None:
    text = "# App\n\n## Installation\n\n```bash\npip install -r requirements.txt\n```\n\n## Tests\n\n```bash\npytest --cov=app\n```\n"
    finding = conclude(RUNS, {"README.md": text})
    assert finding.outcome is Outcome.PARTLY
    assert "il manque : environnement de test" in finding.why.fr


def test_claims_about_tests_explain_nothing() -> None:
    text = "# App\n\n## Qualité\n\n- 56 tests au vert\n- Couverture de 95 %\n- Stack : FastAPI, pytest==8.2\n"
    assert conclude(RUNS, {"README.md": text}).outcome is Outcome.NOT_MET
    assert conclude(CASES, {"README.md": text}).outcome is Outcome.NOT_MET


def test_a_plan_with_cases_scope_and_strategy_meets() -> None:
    finding = conclude(CASES, {"docs/plan.md": PLAN})
    assert finding.outcome is Outcome.MET
    assert places(finding) == [("docs/plan.md", 13), ("docs/plan.md", 7), ("docs/plan.md", 3)]


def test_a_strategy_without_cases_is_partly() -> None:
    assert conclude(CASES, {"docs/plan.md": PLAN.split("## Périmètre")[0]}).outcome is Outcome.PARTLY


def test_cases_that_leave_the_model_out_are_not_met() -> None:
    text = "# Plan de tests\n\n## Cas de test\n\n- connexion\n- inscription\n- mot de passe oublié\n"
    assert conclude(CASES, {"docs/plan.md": text}).outcome is Outcome.NOT_MET


def test_the_guide_of_a_project_without_a_model_counts_in_part() -> None:
    assert conclude(RUNS, {"TESTS.md": GUIDE, "app.py": "def f():\n    return 1\n"}).outcome is Outcome.PARTLY


def test_lines_that_say_what_each_test_checks_are_cases() -> None:
    told = (
        "# Tests du modèle\n\n## Règles\n\nPrédiction : vérification que le modèle rend une masse de miel.\n\n"
        "Entraînement : s'assurer que l'erreur du modèle est rendue.\n\nDonnées : on vérifie qu'aucune ruche ne manque.\n"
    )
    finding = conclude(CASES, {"docs/tests.md": told})
    assert (finding.outcome, finding.evidence[0].line) == (Outcome.PARTLY, 5)

from __future__ import annotations

from checks.facts.zones import Explanations
from checks.registry import FACTS
from checks.workspace import Workspace
from grader.engine import Engine
from grader.values import History


def explained(files: dict[str, str]) -> Explanations:
    engine = Engine(FACTS, {"workspace": Workspace({p: t.encode() for p, t in files.items()}), "history": History()})
    found: Explanations = engine.fact("explanations")
    return found


def headings(files: dict[str, str]) -> list[str]:
    return [s.heading for s in explained(files).sections]


def test_plans_features_and_contents_are_left_out() -> None:
    text = "# App\n\n## Sommaire\n\n- a\n\n## Fonctionnalités\n\n- b\n\n## Feuille de route\n\n### Alertes\n\nc\n\n## Installation\n\nd\n"
    assert headings({"README.md": text}) == ["App", "Installation"]


def test_a_plan_of_tests_is_no_plan_for_later() -> None:
    assert headings({"docs/tests.md": "# Plan de tests\n\n## Cas\n\nUn cas.\n"}) == ["Plan de tests", "Cas"]


def test_a_copy_of_the_grid_is_left_out() -> None:
    grid = (
        "### C9. Exposer un modèle\n\n- La documentation couvre l'architecture.\n- Les sources sont versionnées.\n"
        "- Les tests s'exécutent sans bug.\n\n### C15. Concevoir l'architecture\n\n- Les choix sont expliqués.\n"
    )
    assert headings({"marquage.md": grid, "README.md": "# App\n\nUn.\n"}) == ["App"]


def test_a_workflow_renamed_to_markdown_is_no_document() -> None:
    away = "# CI/CD\n\nname: essais\non: push\n\njobs:\n  essais:\n    runs-on: ubuntu-latest\n"
    assert headings({".github/workflows/ancien.md": away, ".github/workflows/ancien.txt": away}) == []
    assert headings({".github/workflows/README.md": "# CI/CD\n\nÉtapes.\n\n```yaml\non: push\n```\n"}) == ["CI/CD"]


def test_what_lists_changes_or_speaks_to_an_assistant_explains_nothing() -> None:
    listed = "# Changelog\n\n## 1.0\n\n- chaîne CI : tests, lint, déploiement à chaque push\n"
    files = {
        "CHANGELOG.md": listed,
        "docs/release-notes.md": listed,
        ".github/copilot-instructions.md": "# Architecture\n\nUn.\n",
    }
    assert headings({**files, ".claude/skills/x.md": "# Tests\n\nUn.\n", "docs/newsletter.md": "# Guide\n\nUn.\n"}) == ["Guide"]


def test_a_zone_opens_at_its_lines() -> None:
    area = explained({"docs/x.md": "# Supervision\n\nGrafana est ouvert.\n\n- [ ] ajouter Loki\n"}).zone("monitoring")
    assert [(e.path, e.line) for e in area.said("monitoring-tool")] == [("docs/x.md", 3)]


def test_sections_about_incidents_are_set_apart() -> None:
    found = explained({"docs/x.md": "# CI/CD\n\nGitHub Actions.\n\n## Incident du 3 mai\n\nLa chaîne CI/CD a échoué.\n"})
    area = found.apart_from("incident-title", found.zone("chain"))
    assert [s.heading for s in area.sections] == ["CI/CD"]

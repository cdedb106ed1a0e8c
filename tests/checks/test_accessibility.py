"""Whether documentation is shared in a format that everyone can read."""

from __future__ import annotations

import pytest

from grader.values import Outcome
from tests.data_samples import engine, examine
from tests.facts.test_documents import pdf

M, P, N = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET
CHECK = "accessibility.watch-summaries-documentation-is-accessible"
GOOD = "# Veille technologique\n\nUne heure chaque vendredi.\n\n## Synthèse\n\nLes modèles changent.\n"


@pytest.mark.parametrize(
    ("files", "outcome"),
    [
        ({"docs/veille.md": GOOD}, M),
        ({"docs/veille.md": GOOD + "\n![](a.png)\n![](b.png)\n![](c.png)\n"}, P),
        ({"README.md": "# Projet\nTexte.\n"}, N),
        ({"README.md": "# Auto-évaluation\n- C6 veille ✅\n- C7 ✅\n- C8 ✅\n"}, N),
    ],
)
def test_structure_decides(files: dict[str, str], outcome: Outcome) -> None:
    assert examine(files, CHECK).outcome == outcome


def test_an_untagged_pdf_alone_is_not_met() -> None:
    from checks import registry
    from checks.workspace import Workspace
    from grader.engine import Engine

    place = Workspace({"veille.pdf": pdf("1. Veille technologique", "Une veille par semaine.")})
    roots = {"workspace": place, "history": engine({}).fact("history"), "tool_run": None}
    check = next(c for c in registry.CHECKS if c.id == CHECK)
    found = Engine(registry.FACTS, roots).run(check)
    assert found.outcome == N
    assert "untagged" in found.why.en


def test_announced_and_absent_is_asked_about() -> None:
    found = examine({"README.md": "# A\nVoir [le rapport](docs/rapport.md).\n"}, "evidence.announced-files-are-there")
    assert found.outcome == P
    assert found.question is not None
    assert "docs/rapport.md" in found.question.fr
    assert (
        examine({"README.md": "# A\nVoir [le code](app.py).\n", "app.py": ""}, "evidence.announced-files-are-there").outcome
        == Outcome.NOT_APPLICABLE
    )


WATCHED = (
    "# Surveillance de l'application\n\n## Outils\n\nPrometheus collecte, Grafana affiche.\n\n"
    "## Installation\n\n```bash\ndocker compose up -d\n```\n\n## Configuration\n\nLe fichier `prometheus.yml` liste les cibles.\n"
)


def test_the_document_that_explains_is_the_one_judged() -> None:
    check = "accessibility.model-monitoring-documentation-is-accessible"
    found = examine({"docs/suivi.md": WATCHED, "compose.yml": "services:\n  p:\n    image: prom/prometheus\n"}, check)
    assert found.outcome == M
    assert found.evidence[0].path == "docs/suivi.md"
    assert examine({"docs/suivi.md": "# Ruches\n\nTexte.\n"}, check).outcome == N


def test_what_holds_the_subject_is_named_before_what_only_speaks_of_it() -> None:
    install = (
        "# Ruches\n\n## Prérequis\n\nPython 3.12.\n\n## Lancement\n\n```bash\npip install -r requirements.txt\npytest\n```\n"
    )
    files = {"a.md": "# Architecture\n\nDes ruches.\n", "guide/ruches.md": install}
    found = examine(files, "accessibility.application-documentation-is-accessible")
    assert found.outcome == M
    assert "guide/ruches.md" in found.why.fr

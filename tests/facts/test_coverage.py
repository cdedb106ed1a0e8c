"""Coverage and score targets: only those that stop a run count."""

from __future__ import annotations

import pytest

from checks.facts.coverage import Coverage
from tests.data_samples import fact

CI = "on: push\njobs:\n  j:\n    runs-on: ubuntu-latest\n    steps:\n      - run: {}\n"


def enforced(files: dict[str, str]) -> list[tuple[str, int | None]]:
    found: Coverage = fact(files, "coverage")
    return [(e.path, e.line) for e in found.enforced]


@pytest.mark.parametrize(
    ("files", "places"),
    [
        ({"pytest.ini": "[pytest]\naddopts = --cov=app --cov-fail-under=80\n"}, [("pytest.ini", 2)]),
        ({"pytest.ini": "[tool:pytest]\naddopts = --cov=app --cov-fail-under=80\n"}, []),  # not where pytest reads
        ({"setup.cfg": "[tool:pytest]\naddopts =\n    --cov=app\n    --cov-fail-under=70\n"}, [("setup.cfg", 4)]),
        ({"pytest.ini": "[pytest]\n# --cov-fail-under=80\naddopts = -q\n"}, []),
        ({"pytest.ini": "[pytest]\naddopts = --cov=app --cov-fail-under=0\n"}, []),
        ({".coveragerc": "[report]\nfail_under = 75\n", "pytest.ini": "[pytest]\naddopts = --cov=app\n"}, [(".coveragerc", 2)]),
        ({".coveragerc": "[report]\nfail_under = 75\n"}, []),  # nothing measures
        ({".coveragerc": "[run]\nfail_under = 75\n", "pytest.ini": "[pytest]\naddopts = --cov=app\n"}, []),
        (
            {"pyproject.toml": '[tool.coverage.report]\nfail_under = 60\n\n[tool.pytest.ini_options]\naddopts = "--cov=app"\n'},
            [("pyproject.toml", 2)],
        ),
        ({".github/workflows/ci.yml": CI.format("pytest --cov=app --cov-fail-under=80")}, [(".github/workflows/ci.yml", 6)]),
        ({".github/workflows/ci.yml": CI.format("pytest --cov=app --cov-fail-under=80 || true")}, []),
        ({".github/workflows/ci.yml": CI.format("pylint app --fail-under=9")}, []),  # a style mark is no coverage
        ({"jest.config.js": "module.exports = {\n  coverageThreshold: { global: { lines: 80 } },\n}\n"}, [("jest.config.js", 2)]),
        (
            {"codecov.yml": "coverage:\n  status:\n    project:\n      default:\n        target: 80%\n"},
            [],
        ),  # nothing is sent there
    ],
)
def test_a_target_counts_where_a_tool_obeys_it(files: dict[str, str], places: list[tuple[str, int]]) -> None:
    assert enforced(files) == places


def test_a_target_of_a_service_counts_when_the_report_is_sent() -> None:
    sent = "on: push\njobs:\n  j:\n    runs-on: u\n    steps:\n      - run: pytest --cov=app\n      - uses: codecov/codecov-action@v4\n"
    files = {
        "codecov.yml": "coverage:\n  status:\n    project:\n      default:\n        target: 80%\n",
        ".github/workflows/ci.yml": sent,
    }
    assert enforced(files) == [("codecov.yml", 5)]


def test_what_is_measured_without_a_target_is_kept_apart() -> None:
    found: Coverage = fact({".github/workflows/ci.yml": CI.format("pytest --cov=app")}, "coverage")
    assert (found.enforced, [e.line for e in found.measured]) == ((), [6])


GATED = (
    "import sys\nfrom sklearn.metrics import f1_score\n\nSEUIL = 0.7\n\n\ndef main():\n    score = f1_score([1], [1])\n"
    "    if score < SEUIL:\n        print('refus')\n        return 1\n    return 0\n\n\nif __name__ == '__main__':\n    sys.exit(main())\n"
)


@pytest.mark.parametrize(
    ("script", "lines"),
    [
        (GATED, [9]),
        (GATED.replace("return 1", "return 0"), []),
        (GATED.replace("sys.exit(main())", "main()"), []),
        ("f1 = evaluer()\nif f1 < 0.8:\n    raise SystemExit('trop bas')\n", [2]),
        ("f1 = evaluer()\nassert f1 >= 0.8\n", [2]),
        ("f1 = evaluer()\nif f1 < 0.8:\n    print('trop bas')\n", []),
        (
            "def controler(m):\n    erreurs = []\n    if m['accuracy'] < 0.8:\n        erreurs.append('bas')\n"
            "    if erreurs:\n        raise ValueError(erreurs)\n",
            [3],
        ),
    ],
)
def test_a_gate_ends_the_script_in_failure(script: str, lines: list[int]) -> None:
    found: Coverage = fact({".github/workflows/ci.yml": CI.format("python ml/evaluate.py"), "ml/evaluate.py": script}, "coverage")
    assert [(e.path, e.line) for e in found.scores] == [("ml/evaluate.py", n) for n in lines]


def test_a_gate_that_no_chain_starts_does_not_count() -> None:
    assert enforced({"ml/evaluate.py": GATED}) == []


MODEL = "from sklearn.linear_model import Ridge\n\n\ndef entrainer(x, y):\n    return Ridge().fit(x, y)\n"
TOY = "from sklearn.linear_model import Ridge\n\n\ndef test_jouet():\n    modele = Ridge().fit([[1]], [1])\n    assert modele.score([[1]], [1]) > 0.5\n"


def test_a_test_may_demand_a_score_of_the_projects_model() -> None:
    test = "from ml.modele import entrainer\n\n\ndef test_score():\n    r2 = entrainer([[1]], [1]).score([[1]], [1])\n    assert r2 > 0.55\n"
    assert enforced({"ml/modele.py": MODEL, "tests/test_modele.py": test}) == [("tests/test_modele.py", 6)]


@pytest.mark.parametrize(
    "test",
    [
        TOY,  # a model of the test's own
        "from ml.modele import entrainer\n\n\ndef test_bornes():\n    accuracy = entrainer([[1]], [1]).score([[1]], [1])\n    assert 0 <= accuracy <= 1\n",
        "from ml.modele import predire\n\n\ndef test_une_prediction():\n    score = predire(3)\n    assert score > 0.5\n",
    ],
)
def test_bounds_toys_and_single_predictions_are_no_target(test: str) -> None:
    assert enforced({"ml/modele.py": MODEL, "tests/test_modele.py": test}) == []


def test_a_score_worked_out_in_the_test_is_a_demand() -> None:
    test = (
        "from detecte import detecter\n\nSEUIL = 0.8\n\n\ndef test_rappel():\n    trouves = sum(detecter(t) for t in TEXTES)\n"
        "    rappel = trouves / len(TEXTES)\n    assert rappel >= SEUIL\n"
    )
    assert [path for path, _ in enforced({"detecte.py": "def detecter(t):\n    return 1\n", "tests/test_detecte.py": test})] == [
        "tests/test_detecte.py"
    ]

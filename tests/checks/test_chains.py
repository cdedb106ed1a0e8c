"""Checks on integration, delivery and the model's chain, each with what makes it met, partly, not met, and a trick."""

from __future__ import annotations

import pytest

from grader.values import Finding, Outcome
from tests.data_samples import examine

M, P, N = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET
TEST = "from app import f\n\n\ndef test_f():\n    assert f(2) == 4\n"
APP = "def f(x):\n    return x * 2\n"
TRAIN = "from sklearn.linear_model import LinearRegression\nimport joblib\n\n\ndef entrainer(x, y):\n    modele = LinearRegression().fit(x, y)\n    joblib.dump(modele, 'm.joblib')\n    return modele\n\n\nif __name__ == '__main__':\n    entrainer([[1]], [1])\n"
GATE = "import sys\nfrom train import entrainer\n\nscore = entrainer([[1]], [1]).score([[1]], [1])\nif score < 0.8:\n    sys.exit(1)\n"


def on(check: str, *runs: str, trigger: str = "[push, pull_request]", **files: str) -> Finding:
    steps = "".join(f"      - run: {run}\n" for run in runs)
    workflow = f"on: {trigger}\njobs:\n  j:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n{steps}"
    base = {"app.py": APP, "tests/test_app.py": TEST, "train.py": TRAIN, "validate_model.py": GATE, "validate_data.py": APP}
    return examine({**base, **files, ".github/workflows/ci.yml": workflow}, check)


@pytest.mark.parametrize(
    ("check", "runs", "outcome"),
    [
        ("ci.has-a-service", ("pytest",), M),
        ("ci.has-a-service", ("docker build .",), P),
        ("ci.prepares-the-tests", ("pip install -r r.txt", "pytest"), M),
        ("ci.prepares-the-tests", ("pytest",), P),
        ("ci.prepares-the-tests", ("docker build .",), N),
        ("ci.runs-tests", ("pytest",), M),
        ("ci.runs-tests", ("pytest || true",), P),
        ("ci.runs-tests", ("echo pytest",), N),
        ("ci.runs-tests", ("pytest absent/",), P),
        ("ci.neutral-steps-are-absent", ("pytest",), M),
        ("ci.neutral-steps-are-absent", ("pytest || true",), P),
        ("delivery.packages-in-the-chain", ("pytest", "docker build ."), M),
        ("delivery.packages-in-the-chain", ("docker build . || true",), P),
        ("delivery.packages-in-the-chain", ("echo docker build .",), N),
        ("delivery.delivers-after-packaging", ("docker build -t a .", "docker push a"), M),
        ("delivery.delivers-after-packaging", ("docker push a",), P),
        ("delivery.delivers-after-packaging", ("pytest", "echo 'deploy to production'"), N),
        ("delivery.is-tracked", ("docker build .",), M),
        ("delivery.is-tracked", ("pytest",), P),
        ("delivery.has-recognised-configuration", ("docker build .",), M),
        ("model-chain.has-triggers", ("python train.py",), M),
        ("model-chain.has-triggers", ("pytest",), P),
        ("model-chain.tests-the-data", ("python validate_data.py",), M),
        ("model-chain.tests-the-data", ("pytest",), N),
        ("model-chain.tests-the-data", ("echo validate_data.py",), N),
        ("model-chain.trains-and-validates", ("python train.py", "pytest", "python validate_model.py"), M),
        ("model-chain.trains-and-validates", ("python train.py",), P),
        ("model-chain.trains-and-validates", ("flake8 .",), N),
        ("model-chain.is-tracked", ("python train.py",), M),
        ("model-chain.is-tracked", ("pytest",), P),
        ("model-chain.is-recognised", ("python train.py",), M),
    ],
)
def test_a_chain_is_judged_by_what_it_does(check: str, runs: tuple[str, ...], outcome: Outcome) -> None:
    assert on(check, *runs).outcome == outcome


def test_no_chain_at_all_is_not_met() -> None:
    for check in ("ci.has-a-service", "ci.runs-tests", "delivery.packages-in-the-chain", "model-chain.has-triggers"):
        assert examine({"app.py": APP}, check).outcome == N


def test_a_chain_started_by_hand_only_is_partly() -> None:
    assert on("ci.runs-tests", "pytest", trigger="workflow_dispatch").outcome == P


@pytest.mark.parametrize(
    "command", ["pytest", "python -m pytest", "python -m unittest discover -s tests", "python manage.py test"]
)
def test_a_chain_that_tests_one_folder_leaves_the_others_out(command: str) -> None:
    steps = f"      - run: |\n          cd donnees\n          {command}\n"
    workflow = f"on: push\njobs:\n  j:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n{steps}"
    files = {".github/workflows/ci.yml": workflow, "donnees/tests/test_a.py": TEST, "donnees/manage.py": "", "app.py": APP}
    assert examine(files, "ci.runs-tests").outcome == M
    found = examine({**files, "modele/tests/test_b.py": TEST}, "ci.runs-tests")
    assert found.outcome == P
    assert "modele/tests/test_b.py" in found.why.fr


def test_a_suite_that_the_chain_leaves_out_is_partly_and_named() -> None:
    files = {f"unit/test_{i}.py": TEST for i in range(3)}
    found = on("ci.runs-tests", "pytest tests", **files)
    assert found.outcome == P
    assert found.question is not None
    assert "unit/test_0.py" in found.question.en


def test_a_chain_without_any_test_to_run_is_partly() -> None:
    workflow = "on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n      - run: pytest\n"
    assert examine({".github/workflows/ci.yml": workflow}, "ci.runs-tests").outcome == P


def test_delivery_needs_what_it_delivers() -> None:
    workflow = "on: push\njobs:\n  t:\n    runs-on: x\n    steps: [{run: pytest}]\n  d:\n    {needs}runs-on: x\n    steps: [{run: kubectl apply -f k}]\n"
    for needs, outcome in (("needs: t\n    ", M), ("", P)):
        files = {".github/workflows/ci.yml": workflow.replace("{needs}", needs), "tests/test_app.py": TEST}
        assert examine(files, "delivery.delivers-after-packaging").outcome == outcome


def test_an_echo_that_delivers_asks_where_delivery_happens() -> None:
    found = on("delivery.delivers-after-packaging", "pytest", "echo Deploying to production")
    assert found.question is not None
    assert "echo" in found.question.fr
    assert found.evidence[0].line == 8


def test_a_platform_that_deploys_by_itself_is_partly() -> None:
    assert on("delivery.delivers-after-packaging", "pytest", **{"render.yaml": "services: []\n"}).outcome == P


def test_a_misplaced_workflow_is_not_met_and_named() -> None:
    found = examine({"ci/ci.yml": "on: push\njobs:\n  a:\n    runs-on: x\n"}, "ci.has-a-service")
    assert (found.outcome, found.evidence[0].path) == (N, "ci/ci.yml")


def test_a_local_chain_is_partly() -> None:
    files = {"dvc.yaml": "stages:\n  train:\n    cmd: python train.py\n", "train.py": TRAIN}
    assert examine(files, "ci.has-a-service").outcome == P
    assert examine(files, "model-chain.trains-and-validates").outcome == P


DAG = (
    "from airflow import DAG\nfrom airflow.operators.python import PythonOperator\nfrom train import entrainer\n\n"
    "with DAG('hebdo', schedule={schedule}) as dag:\n    PythonOperator(task_id='entrainer', python_callable=entrainer)\n"
)


@pytest.mark.parametrize(
    ("schedule", "train", "triggers", "chained"),
    [
        ("'@weekly'", TRAIN, M, P),  # it trains, and judges nothing
        (
            "'@weekly'",
            TRAIN.replace("    return", "    if modele.score(x, y) < 0.7:\n        raise ValueError('bas')\n    return"),
            M,
            M,
        ),
        ("None", TRAIN, P, P),
        ("'@weekly'", "def entrainer():\n    return open('ventes.csv').read()\n", N, N),  # a pipeline of data
    ],
)
def test_a_pipeline_of_the_model_counts(schedule: str, train: str, triggers: Outcome, chained: Outcome) -> None:
    files = {"dags/hebdo.py": DAG.format(schedule=schedule), "train.py": train}
    assert examine(files, "model-chain.has-triggers").outcome == triggers
    assert examine(files, "model-chain.trains-and-validates").outcome == chained


def test_a_pipeline_that_trains_and_controls_on_a_schedule_is_met() -> None:
    controls = "\n\ndef controler(modele):\n    accuracy = modele.score([[1]], [1])\n    if accuracy < 0.7:\n        raise ValueError('bas')\n"
    files = {"dags/hebdo.py": DAG.format(schedule="'@weekly'") + controls, "train.py": TRAIN}
    found = examine(files, "model-chain.trains-and-validates")
    assert (found.outcome, found.evidence[0].path, found.evidence[0].line) == (M, "dags/hebdo.py", 5)


STARTS = (
    "import subprocess\nfrom airflow import DAG\nfrom airflow.operators.python import PythonOperator\n\n"
    "def lancer():\n    commande = ['python', str(DOSSIER / '{script}')]\n    {run}\n\n"
    "with DAG('hebdo', schedule='@weekly') as dag:\n    PythonOperator(task_id='t', python_callable=lancer)\n"
)


@pytest.mark.parametrize(
    ("script", "run", "outcome"),
    [
        ("train.py", "subprocess.run(commande, check=True)", M),
        ("train.py", "print(commande)", N),  # named, not started
        ("absent.py", "subprocess.run(commande, check=True)", N),
        ("lire.py", "subprocess.run(commande, check=True)", N),  # two files have that name
    ],
)
def test_a_script_that_a_scheduled_pipeline_starts_is_followed(script: str, run: str, outcome: Outcome) -> None:
    dag = {"dags/hebdo.py": STARTS.format(script=script, run=run)}
    files = {**dag, "src/train.py": TRAIN, "a/lire.py": TRAIN, "b/lire.py": TRAIN}
    found = examine(files, "model-chain.has-triggers")
    assert found.outcome == outcome
    assert ("src/train.py" in {e.path for e in found.evidence}) == (outcome == M)
    if outcome == M:
        assert "on a schedule" in examine(files, "model-chain.trains-and-validates").why.en


@pytest.mark.parametrize(
    ("tested", "outcome"),
    [
        (
            "import pandera as pa\n\nSCHEMA = pa.DataFrameSchema({'a': pa.Column(int)})\n\n\ndef entrainer():\n    SCHEMA.validate(lire())\n",
            P,
        ),
        (
            "from evidently.test_suite import TestSuite\n\n\ndef entrainer():\n    essais = TestSuite(tests=[])\n    essais.run(reference_data=a, current_data=b)\n",
            P,
        ),
        (
            "from evidently.report import Report\n\n\ndef entrainer():\n    Report(metrics=[]).run(reference_data=a, current_data=b)\n",
            N,
        ),
        (
            "import pandera as pa\n\nSCHEMA = pa.DataFrameSchema({'a': pa.Column(int)})\n\n\ndef entrainer():\n    return SCHEMA\n",
            N,
        ),
        (
            "import pandera as pa\n\nSCHEMA = pa.DataFrameSchema({})\n\n\ndef entrainer():\n    pass\n\n\ndef autre():\n    SCHEMA.validate(lire())\n",
            N,
        ),
    ],
)
def test_a_pipeline_tests_data_by_a_library_made_for_it(tested: str, outcome: Outcome) -> None:
    files = {"dags/hebdo.py": DAG.format(schedule="'@weekly'"), "train.py": tested}
    assert examine(files, "model-chain.tests-the-data").outcome == outcome


AWAY = (
    "from airflow import DAG\nfrom airflow.providers.ssh.operators.ssh import SSHOperator\n\n"
    "with DAG('hebdo', schedule={schedule}) as dag:\n    SSHOperator(task_id='t', command='./lancer.sh')\n"
)


@pytest.mark.parametrize(
    ("schedule", "train", "outcome"),
    [("'@weekly'", TRAIN, "inconclusive"), ("None", TRAIN, "not_met"), ("'@weekly'", "x = 1\n", "not_met")],
)
@pytest.mark.parametrize("check", ["model-chain.has-triggers", "model-chain.trains-and-validates"])
def test_what_a_scheduled_pipeline_starts_elsewhere_is_a_question(check: str, schedule: str, train: str, outcome: str) -> None:
    found = examine({"dags/hebdo.py": AWAY.format(schedule=schedule), "train.py": train}, check)
    assert found.outcome.value == outcome
    if outcome == "inconclusive":
        assert [(e.line, e.excerpt) for e in found.evidence] == [(4, "Airflow"), (5, "SSHOperator")]


def test_balancing_the_classes_trains_nothing() -> None:
    balance = "from imblearn.over_sampling import SMOTE\n\n\ndef entrainer(x, y):\n    return SMOTE().fit_resample(x, y)\n"
    files = {"dags/hebdo.py": DAG.format(schedule="'@weekly'"), "train.py": balance}
    assert examine(files, "model-chain.has-triggers").outcome == N


def test_a_pipeline_of_data_is_no_integration_service() -> None:
    files = {"dags/hebdo.py": DAG.format(schedule="'@daily'"), "train.py": "def entrainer():\n    return 1\n"}
    assert examine(files, "ci.has-a-service").outcome == N


def test_tests_started_by_a_makefile_are_partly() -> None:
    files = {"Makefile": "essais:\n\tpytest tests\n", "tests/test_app.py": TEST, "app.py": APP}
    found = examine(files, "ci.has-a-service")
    assert (found.outcome, found.evidence[0].line) == (P, 2)


CLEAN = "import pandas as pd\n\n\ndef nettoyer(table):\n    return table.dropna()\n"


@pytest.mark.parametrize(
    ("test", "outcome"),
    [
        ("from etl.nettoyage import nettoyer\n\n\ndef test_missing_values():\n    assert len(nettoyer(t)) == 1\n", P),
        ("from app import f\n\n\ndef test_missing_token():\n    assert f(2) == 4\n", N),  # the word alone
        ("from etl.nettoyage import nettoyer\n\n\ndef test_missing_values():\n    assert True\n", N),
    ],
)
def test_data_tests_run_code_that_prepares_data(test: str, outcome: Outcome) -> None:
    files = {"etl/nettoyage.py": CLEAN, "tests/test_donnees.py": test}
    assert on("model-chain.tests-the-data", "pytest", **files).outcome == outcome


def test_a_link_to_an_older_data_pipeline_is_no_chain_elsewhere() -> None:
    readme = "# Projet\n\nUne première version du pipeline est ici : https://github.com/exemple/ancien-projet\n"
    assert examine({"README.md": readme, "app.py": APP}, "ci.runs-tests").outcome == N


DATA = "import pandas as pd\n\n\ndef test_colonnes():\n    assert list(pd.read_csv('d.csv').columns) == ['a']\n"
STEP = "on: push\njobs:\n  j:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - name: {}\n        run: pytest tests/test_colonnes.py\n"


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("Valider le jeu de données", M),
        ("Tests", N),
        ("Préparer la base de données", N),
        ("Tests rapides (données synthétiques)", N),
        ("Unit tests on synthetic data", N),
    ],
)
def test_a_step_kept_for_the_data_tests_them(name: str, outcome: Outcome) -> None:
    files = {"tests/test_colonnes.py": DATA, ".github/workflows/ci.yml": STEP.format(name)}
    assert examine(files, "model-chain.tests-the-data").outcome is outcome


@pytest.mark.parametrize(
    ("run", "outcome"), [("pytest unitaires/", P), ("npx vitest run", P), ("pytest modele_tests", M), ("pytest", M)]
)
def test_tests_that_the_chain_leaves_out_do_not_test_the_model(run: str, outcome: Outcome) -> None:
    files = {
        "modele_tests/test_modele.py": "import joblib\n\nfrom train import entrainer\n\n\ndef test_modele():\n    assert entrainer([[1]], [1]).coef_\n",
        "unitaires/test_outils.py": "def test_somme():\n    assert sum([1, 2]) == 3\n",
        "train.py": "from sklearn.linear_model import Ridge\n\n\ndef entrainer(x, y):\n    return Ridge().fit(x, y)\n\n\nentrainer([[1]], [1])\n",
    }
    files["evaluate.py"] = "from sklearn.metrics import r2_score\n\nprint(r2_score([1, 2], [1, 2]))\n"
    found = on("model-chain.trains-and-validates", "python train.py", "python evaluate.py", run, **files)
    assert found.outcome is outcome
    assert all("unitaires" not in e.excerpt and "vitest" not in e.excerpt for e in found.evidence)


def test_tests_that_load_the_model_by_a_fixture_are_the_model_s() -> None:
    test = (
        "import joblib\nimport pytest\n\n\n@pytest.fixture\ndef modele():\n    return joblib.load('m.joblib')\n\n\n"
        "def test_prediction(modele):\n    assert modele.predict([[1]])[0] > 0\n"
    )
    for check in ("has-triggers", "is-recognised", "is-tracked"):
        assert on(f"model-chain.{check}", "pytest", **{"tests/test_modele.py": test}).outcome is M


PRINTED = """# Rapport

## Intégration continue

Voici notre chaîne :

```yaml
name: CI
on: [push]
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: pytest
```
"""


@pytest.mark.parametrize(
    "check",
    [
        "ci.has-a-service",
        "ci.prepares-the-tests",
        "delivery.has-recognised-configuration",
        "model-chain.tests-the-data",
        "model-chain.trains-and-validates",
    ],
)
def test_a_chain_that_a_report_prints_is_a_question(check: str) -> None:
    found = examine({"docs/rapport.md": PRINTED, "app.py": "x = 1\n"}, check)
    assert (found.outcome.value, found.reason) == ("inconclusive", "printed")
    assert found.evidence[0].path == "docs/rapport.md"
    assert found.question is not None


def test_a_chain_that_is_only_told_is_none() -> None:
    told = "# Rapport\n\nGitHub Actions exécute nos tests à chaque push : jobs, steps, runs-on ubuntu.\n"
    assert examine({"docs/rapport.md": told, "app.py": "x = 1\n"}, "ci.has-a-service").outcome.value == "not_met"


def test_a_server_of_the_projects_own_keeps_its_jobs() -> None:
    found = examine({"ci/Dockerfile": "FROM jenkins/jenkins:2.504-jdk21\nUSER root\n"}, "ci.has-a-service")
    assert (found.outcome, found.reason, found.evidence[0].line) == (Outcome.INCONCLUSIVE, "elsewhere", 1)
    compose = "services:\n  forge:\n    image: 'gitlab/gitlab-ce:17'\n"
    assert examine({"docker-compose.yml": compose}, "ci.runs-tests").outcome is Outcome.INCONCLUSIVE
    agent = "services:\n  app:\n    image: halles/jenkinsfile-lint\n"
    assert examine({"docker-compose.yml": agent}, "ci.has-a-service").outcome is Outcome.NOT_MET


def test_a_job_that_builds_and_starts_does_more_than_print() -> None:
    found = on("delivery.delivers-after-packaging", "echo déploiement", "docker compose build", "docker compose up -d")
    assert "only prints" not in found.why.en

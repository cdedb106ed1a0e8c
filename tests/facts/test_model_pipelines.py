"""Chains outside CI services: what starts them, and whether they handle the model."""

from __future__ import annotations

import pytest

from checks.facts.model_pipelines import ModelPipelines
from checks.facts.workflows import Workflows
from tests.data_samples import fact

TRAIN = (
    "from sklearn.linear_model import Ridge\nfrom sklearn.metrics import r2_score\n\n\ndef entrainer():\n    modele = Ridge()\n"
    "    modele.fit([[1]], [1])\n    if r2_score([1], modele.predict([[1]])) < 0.6:\n        raise ValueError('trop bas')\n"
)
DAG = (
    "from airflow import DAG\nfrom airflow.operators.python import PythonOperator\nfrom ml.modele import entrainer\n\n"
    "with DAG('hebdo', schedule='0 3 * * 1') as dag:\n    PythonOperator(task_id='entrainer', python_callable=entrainer)\n"
)


def pipelines(files: dict[str, str]) -> ModelPipelines:
    found: ModelPipelines = fact(files, "model_pipelines")
    return found


def test_a_dag_trains_what_it_imports() -> None:
    (found,) = pipelines({"dags/hebdo.py": DAG, "ml/modele.py": TRAIN}).all
    assert (found.chain.tool, found.chain.schedule) == ("Airflow", 5)
    assert [(p.path, p.line) for p in found.places][:2] == [("ml/modele.py", 7), ("ml/modele.py", 8)]


def test_a_dag_without_a_schedule_is_started_by_people() -> None:
    files = {"dags/hebdo.py": DAG.replace("'0 3 * * 1'", "None"), "ml/modele.py": TRAIN}
    assert (len(pipelines(files).all), pipelines(files).scheduled) == (1, ())


def test_a_pipeline_of_data_is_not_the_models() -> None:
    ingest = "import pandas as pd\n\n\ndef entrainer():\n    return pd.read_csv('ventes.csv')\n"
    assert pipelines({"dags/hebdo.py": DAG, "ml/modele.py": ingest}).all == ()


def test_stages_of_dvc_are_read_in_order() -> None:
    files = {"dvc.yaml": "stages:\n  train:\n    cmd: python train.py\n  eval:\n    cmd: python evaluate.py\n", "train.py": TRAIN}
    (found,) = pipelines(files).all
    assert (found.trains and found.trains.line, found.evaluates and found.evaluates.line) == (2, 4)


def test_a_cron_job_says_when_it_trains() -> None:
    job = (
        "apiVersion: batch/v1\nkind: CronJob\nspec:\n  schedule: '0 3 * * *'\n  jobTemplate:\n    spec:\n      template:\n        spec:\n"
        "          containers:\n            - name: entrainement\n              command: [python, train.py]\n"
    )
    (found,) = pipelines({"k8s/entrainement.yaml": job, "train.py": TRAIN}).scheduled
    assert (found.chain.tool, found.chain.schedule, found.trains and found.trains.line) == ("Kubernetes", 4, 10)


@pytest.mark.parametrize(
    ("name", "text", "tool", "kinds"),
    [
        ("tox.ini", "[testenv]\ndeps = pytest\ncommands =\n    pytest {posargs}\n    ruff check .\n", "tox", ["test", "lint"]),
        ("noxfile.py", "import nox\n\n\n@nox.session\ndef essais(session):\n    session.run('pytest')\n", "nox", ["test"]),
        (
            ".pre-commit-config.yaml",
            "repos:\n  - repo: local\n    hooks:\n      - id: pytest\n      - id: black\n",
            "pre-commit",
            ["test", "lint"],
        ),
        ("Makefile", "essais:\n\t@pytest\n", "Make", ["test"]),
        ("essais.sh", "#!/bin/sh\npytest\n", "shell", ["test"]),
        ("essais.sh", "docker compose run --rm \\\n  api python -m pytest -q\nruff check .\n", "shell", ["test", "lint"]),
        ("Makefile", "essais:\n\tdocker compose run --rm api \\\n\t  pytest -q\n\truff check .\n", "Make", ["test", "lint"]),
        ("essais.bat", "cd C:\\api\\\npytest\n", "shell", ["test"]),
    ],
)
def test_local_chains_are_read(name: str, text: str, tool: str, kinds: list[str]) -> None:
    found: Workflows = fact({name: text}, "workflows")
    assert [(c.tool, [d.kind for d in c.commands if d.kind in ("test", "lint")]) for c in found.local] == [(tool, kinds)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Makefile", "# pytest\naide:\n\t@echo pytest\n"),
        ("tox.ini", "[flake8]\nmax-line-length = 100\n"),
        ("notes.sh", "echo 'lancez pytest'\n"),
        ("dags/x.py", "import airflow\n"),
        ("k8s/a.yaml", "kind: CronJob\nspec: [1, 2]\n  x: :\n"),
    ],
)
def test_what_only_talks_is_no_chain(name: str, text: str) -> None:
    found: Workflows = fact({name: text}, "workflows")
    assert found.local == ()

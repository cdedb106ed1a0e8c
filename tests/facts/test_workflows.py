"""CI configurations read into one shape, and what their commands really do."""

from __future__ import annotations

import pytest

from checks.facts.shell_commands import commands
from checks.facts.workflows import Workflows
from checks.workspace import Workspace
from tests.data_samples import fact

CI = """
name: chaîne
on:
  push:
    branches: [main]
  pull_request:
jobs:
  test:
    runs-on: ubuntu-latest
    services:
      postgres: {image: "postgres:16"}
    steps:
      - uses: actions/checkout@v4
      - run: pip install -r requirements.txt
      - name: tests
        run: |
          # pytest commenté
          python scripts/validate_data.py
          pytest tests --cov=app \\
            --cov-fail-under=80
  image:
    needs: [test]
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v6
        with:
          push: true
"""
FILES = {
    ".github/workflows/ci.yml": CI,
    "tests/test_a.py": "def test_a():\n    assert f() == 1\n",
    "scripts/validate_data.py": "x = 1\n",
}


def read(files: dict[str, str]) -> Workflows:
    found: Workflows = fact(files, "workflows")
    return found


def test_github_is_normalised_with_lines() -> None:
    (workflow,) = read(FILES).all
    assert (workflow.tool, workflow.valid) == ("GitHub Actions", True)
    assert [(t.kind, t.line) for t in workflow.triggers] == [("push", 3), ("pull-request", 5)]
    assert [(j.name, j.needs, j.services) for j in workflow.jobs] == [("test", (), ("postgres",)), ("image", ("test",), ())]
    assert [(d.kind, d.line) for d in workflow.done("set-up", "data-test", "test", "build", "publish")] == [
        ("set-up", 12),
        ("set-up", 13),
        ("data-test", 17),
        ("test", 18),
        ("build", 24),
        ("publish", 26),
    ]
    assert next(workflow.done("test")).arguments[-1] == "--cov-fail-under=80"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("pytest", "test"),
        ("python -m pytest -q", "test"),
        ("poetry run pytest", "test"),
        ("uv run --group dev pytest", "test"),
        ("docker compose run --rm api pytest tests", "test"),
        ("DEBUG=1 python manage.py test", "test"),
        ("coverage run -m pytest", "test"),
        ("python manage.py migrate", "set-up"),
        ("pip install pytest", "set-up"),
        ("docker compose up -d", "set-up"),
        ("docker build -t app .", "build"),
        ("docker compose build", "build"),
        ("npm run build", "build"),
        ("docker push registry/app", "publish"),
        ("timeout 60 pytest tests", "test"),
        ("(pytest tests)", "test"),
        ("git push heroku main", "deploy"),
        ("git push origin main", "other"),
        ("gh pr create --fill", "publish"),
        ("gh pr comment 3 --body fini", "other"),
        ("twine upload dist/*", "publish"),
        ("kubectl apply -f k8s", "deploy"),
        ("ssh user@host './run.sh'", "deploy"),
        ("curl -X POST $DEPLOY_HOOK", "deploy"),
        ("az containerapp update --name x", "deploy"),
        ("echo 'deploying to production'", "talk"),
        ("echo pytest", "talk"),
        ("flake8 .", "lint"),
        ("python src/train_model.py", "train"),
        ("python ml/evaluate.py --min 0.8", "evaluate"),
        ("python -m scripts.validate_dataset", "data-test"),
        ("python scripts/validate_model.py", "evaluate"),
        ("dvc repro", "train"),
        ("ls tests", "talk"),
    ],
)
def test_a_command_is_what_it_does(line: str, kind: str) -> None:
    (command,) = commands(line, path="ci.yml", line=1, workspace=Workspace({"tests/test_a.py": b""}))
    assert command.kind == kind


def test_a_build_that_pushes_builds_and_publishes() -> None:
    done = commands("docker buildx build --push -t a .", path="ci.yml", line=1, workspace=Workspace({}))
    assert [c.kind for c in done] == ["publish", "build"]


def test_a_target_runs_what_it_needs_first() -> None:
    makefile = b"essais: style\n\t@pytest tests\nstyle:\n\t-ruff check .\nautre:\n\ttwine upload dist/*\n"
    done = commands("make essais", path="ci.yml", line=4, workspace=Workspace({"Makefile": makefile, "tests/test_a.py": b""}))
    assert [(c.kind, c.neutral, c.line) for c in done] == [("lint", "failure-ignored", 4), ("test", None, 4)]


def test_a_script_that_ends_well_whatever_happens_hides_failures() -> None:
    files = {"essais.sh": b"pytest tests\nexit 0\n", "strict.sh": b"set -e\npytest tests\nexit 0\n", "tests/test_a.py": b""}
    hidden, strict = (
        next(c for c in commands(f"bash {name}", path="ci.yml", line=1, workspace=Workspace(files)) if c.kind == "test")
        for name in ("essais.sh", "strict.sh")
    )
    assert (hidden.neutral, strict.neutral) == ("failure-ignored", None)


@pytest.mark.parametrize(
    ("script", "neutral"),
    [
        ("pytest || true", "failure-ignored"),
        ("pytest || echo raté", "failure-ignored"),
        ("set +e\npytest", "failure-ignored"),
        ("pytest absent/tests", "path-absent"),
        ("pytest --collect-only", "runs-nothing"),
        ("pytest tests", None),
        ("cd back && pytest unit", None),
    ],
)
def test_a_command_that_cannot_fail_is_seen(script: str, neutral: str | None) -> None:
    found = commands(script, path="ci.yml", line=1, workspace=Workspace({"tests/test_a.py": b"", "back/unit/test_b.py": b""}))
    assert [c.neutral for c in found if c.kind == "test"] == [neutral]


def test_scripts_targets_and_packages_are_followed() -> None:
    files = {
        "ci.sh": "#!/bin/sh\nmake verifier\n",
        "Makefile": "verifier:\n\tpytest tests\n",
        "package.json": '{"scripts": {"test": "vitest run", "build": "vite build"}}',
        "tests/test_a.py": "",
    }
    workspace = Workspace({p: t.encode() for p, t in files.items()})
    found = commands("./ci.sh\nnpm test\nnpm run build", path="ci.yml", line=4, workspace=workspace)
    assert [(c.kind, c.line) for c in found] == [("test", 4), ("test", 5), ("build", 6)]


def test_a_script_that_calls_itself_ends() -> None:
    workspace = Workspace({"loop.sh": b"bash loop.sh\nbash loop.sh\n", "Makefile": b"a:\n\tmake a\n"})
    assert len(commands("bash loop.sh\nmake a", path="ci.yml", line=1, workspace=workspace)) < 40


def test_switched_off_steps_and_jobs_are_seen() -> None:
    text = """
    on: push
    jobs:
      a:
        if: false
        runs-on: x
        steps: [{run: pytest}]
      b:
        runs-on: x
        steps:
          - {run: pytest, continue-on-error: true}
          - {run: pytest, if: "${{ false }}"}
          - {run: pytest}
    """
    found = read({".github/workflows/ci.yml": text, "test_a.py": ""})
    assert [d.neutral for d in found.done("test")] == ["switched-off", "failure-ignored", "switched-off", None]


def test_other_services_have_the_same_shape() -> None:
    files = {
        ".gitlab-ci.yml": "stages: [test, deploy]\nlivrer:\n  stage: deploy\n  script: [docker push x]\ntests:\n  stage: test\n  services: [postgres]\n  script:\n    - pip install .\n    - pytest\n",
        ".circleci/config.yml": "version: 2.1\njobs:\n  t:\n    docker: [{image: x}]\n    steps:\n      - checkout\n      - run: pytest\n      - run: {name: image, command: docker build .}\n",
        "azure-pipelines.yml": "trigger: [main]\nsteps:\n- script: pytest\n- task: Docker@2\n  inputs: {command: buildAndPush}\n",
        "Jenkinsfile": "pipeline {\n  stages {\n    stage('Tests') {\n      steps { sh 'pytest' }\n    }\n    stage('Image') { steps { sh \"docker build .\" } }\n  }\n}\n",
        "tests/test_a.py": "",
    }
    done = {w.tool: [(d.kind, d.line) for d in w.done("test", "build", "publish")] for w in read(files).all}
    assert done == {
        "Azure Pipelines": [("test", 3), ("publish", 4)],
        "CircleCI": [("test", 7), ("build", 8)],
        "GitLab CI": [("test", 10), ("publish", 4)],
        "Jenkins": [("test", 4), ("build", 6)],
    }


STAGE = "pipeline {\n  agent any\n%s  stages {\n    stage('T') {\n      steps { sh 'pytest' }\n    }\n  }\n}\n"


@pytest.mark.parametrize(
    ("name", "triggers", "started"),
    [
        ("Jenkinsfile", "", [("push", 1)]),
        ("Jenkinsfile", "  triggers { cron('H 2 * * *') }\n", [("schedule", 3), ("push", 1)]),
        ("ci/Jenkinsfile", "  triggers { pollSCM('H/5 * * * *') }\n", [("push", 3)]),
        ("Jenkinsfile_train", "  triggers {\n    cron('@weekly')\n  }\n", [("schedule", 4)]),
        ("Jenkinsfile.derive", "  // cron('@weekly')\n", [("manual", 1)]),
        ("jobs/nightly.jenkinsfile", "  triggers { upstream(upstreamProjects: 'a') }\n", [("after", 3)]),
    ],
)
def test_a_job_of_jenkins_names_its_file_and_says_what_starts_it(
    name: str, triggers: str, started: list[tuple[str, int]]
) -> None:
    (found,) = read({name: STAGE % triggers, "test_a.py": ""}).all
    assert [(t.kind, t.line) for t in found.triggers] == started
    assert [d.kind for d in found.done("test")] == ["test"]


@pytest.mark.parametrize(
    "name", ["Jenkinsfile.md", "Jenkinsfile.example", "Dockerfile.jenkins", "myjenkinsfiles", "Jenkinsfile_notes"]
)
def test_what_only_looks_like_a_file_of_jenkins_is_none(name: str) -> None:
    body = "stage('T') { sh 'pytest' }\n" if name.endswith("notes") else STAGE % ""
    assert read({name: body}).all == ()


def test_local_actions_and_reusable_workflows_are_read() -> None:
    files = {
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: ./.github/actions/essais\n  b:\n    uses: ./.github/workflows/commun.yml\n",
        ".github/workflows/commun.yml": "on: workflow_call\njobs:\n  c:\n    runs-on: x\n    steps:\n      - run: docker build .\n",
        ".github/actions/essais/action.yml": "name: e\ndescription: e\nruns:\n  using: composite\n  steps:\n    - {run: pytest, shell: bash}\n",
        "test_a.py": "",
    }
    ci = next(w for w in read(files).all if w.path.endswith("ci.yml"))
    assert [(d.kind, d.path) for d in ci.done("test", "build")] == [
        ("test", ".github/actions/essais/action.yml"),
        ("build", ".github/workflows/commun.yml"),
    ]


def test_an_invalid_workflow_is_told_and_a_misplaced_one_does_not_count() -> None:
    found = read(
        {
            ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps: oui\n",
            "docs/ci.yml": "jobs:\n  a:\n    runs-on: x\n",
            ".github/workflows/old.yml.md": "x",
        }
    )
    assert [w.valid for w in found.all] == [False]
    assert found.misplaced == (".github/workflows/old.yml.md", "docs/ci.yml")


@pytest.mark.parametrize(
    "text",
    [
        "jobs: [1, 2]",
        "on: 3\njobs: {a: 1}",
        "jobs: {a: {steps: {b: 1}}}",
        "jobs: {a: {steps: [1, null, {run: 3}]}}",
        "on: [null]\njobs: {a: null}",
        "jobs:\n\t- x",
        "a: &a [*a]",
    ],
)
def test_nonsense_is_survived(text: str) -> None:
    assert len(read({".github/workflows/ci.yml": text}).all) <= 1

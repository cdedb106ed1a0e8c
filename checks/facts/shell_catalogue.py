"""What programs and the names of scripts say they do."""

from __future__ import annotations

SETUP, LINT, TEST, DATA_TEST = "set-up", "lint", "test", "data-test"
TRAIN, EVALUATE, BUILD, PUBLISH, DEPLOY = "train", "evaluate", "build", "publish", "deploy"
TALK, OTHER = "talk", "other"
WRAPPERS = (
    *(
        ("poetry", "run"),
        ("uv", "run"),
        ("pipenv", "run"),
        ("pdm", "run"),
        ("hatch", "run"),
        ("rye", "run"),
        ("npx",),
        ("pnpm", "exec"),
    ),
    *(
        ("sudo",),
        ("time",),
        ("xvfb-run",),
        ("exec",),
        ("env",),
        ("nohup",),
        ("coverage", "run", "-m"),
        ("coverage", "run"),
        ("python", "-m"),
    ),
    *(("python3", "-m"), ("py", "-m"), ("conda", "run"), ("then",), ("else",), ("do",), ("if",), ("!",), ("while",), ("retry",)),
)
TAKES_VALUE = frozenset(
    [
        "-e",
        "--env",
        "-u",
        "--user",
        "-w",
        "--workdir",
        "--env-file",
        "-v",
        "--volume",
        "--name",
        "--network",
        "-n",
        "-p",
        "--group",
        "--with",
        "--extra",
        "--python",
        "-f",
        "--file",
        "--project-directory",
    ]
)
TALKERS = frozenset(
    [
        "echo",
        "printf",
        "true",
        ":",
        "exit",
        "sleep",
        "ls",
        "cat",
        "pwd",
        "test",
        "[",
        "[[",
        "set",
        "cd",
        "export",
        "which",
        "env",
        "date",
        "head",
        "tail",
        "grep",
        "fi",
        "done",
        "esac",
        "then",
        "else",
        "find",
        "whoami",
        "for",
        "do",
        "while",
        "until",
        "in",
        "case",
    ]
)
PROGRAMS = {
    TEST: "pytest py.test unittest nosetests nose2 tox nox vitest jest mocha cypress playwright behave robot newman ava phpunit ctest schemathesis locust",
    LINT: (
        "flake8 ruff black isort pylint mypy pyright bandit eslint prettier pre-commit hadolint yamllint safety pip-audit sonar-scanner "
        "autopep8 pycodestyle pydocstyle djlint stylelint trivy semgrep codespell shellcheck detect-secrets gitleaks vulture radon"
    ),
    SETUP: (
        "pip pip3 conda mamba apt apt-get brew apk yum virtualenv venv pipenv poetry uv pdm cp mkdir mv touch chmod chown wget tar unzip alembic flyway "
        "psql mysql createdb git pyenv nvm corepack wait-for-it wait-on dockerize source . export playwright-install"
    ),
    DEPLOY: (
        "kubectl helm heroku flyctl fly railway vercel netlify terraform ansible-playbook pulumi ssh scp rsync sftp lftp eb cap "
        "serverless sls wrangler render dokku kamal"
    ),
    PUBLISH: "twine",
    DATA_TEST: "great_expectations gx soda pandera checkpoint",
}
BY_PROGRAM = {program: kind for kind, names in PROGRAMS.items() for program in names.split()}
# What the name of a script says it does. Words are compared whole, after splitting on case, `_`, `-` and `/`.
SAYS_DATA = frozenset(
    [
        "data",
        "donnee",
        "donnees",
        "dataset",
        "datasets",
        "schema",
        "csv",
        "quality",
        "qualite",
        "drift",
        "features",
        "expectations",
    ]
)
SAYS_VERIFY = frozenset(
    [
        "validate",
        "validation",
        "check",
        "verify",
        "test",
        "tests",
        "quality",
        "qualite",
        "drift",
        "verifier",
        "valider",
        "controle",
    ]
)
SAYS_MODEL = frozenset(["model", "models", "modele", "modeles", "modelling", "ml"])
SAYS_TRAIN = frozenset(["train", "training", "retrain", "entrainement", "entrainer", "fit", "reentrainement"])
SAYS_EVALUATE = frozenset(["evaluate", "evaluation", "eval", "score", "benchmark", "metrics", "evaluer", "gate", "promote"])
SAYS_DEPLOY = frozenset(["deploy", "deployment", "deploiement", "deployer", "release", "livraison"])

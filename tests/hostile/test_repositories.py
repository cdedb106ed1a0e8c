"""Hostile repositories as a whole: huge, crowded, or hiding their files."""

from __future__ import annotations

import subprocess
from pathlib import Path

from grader.pipeline import Grid, Order
from grader.rubric import load_rubric
from grader.settings import read_settings
from tests.conftest import commit, git
from tests.grading import grade_in

HUGE = 2_000_000_000


def graded(work: Path) -> Grid:
    return grade_in(
        Order(str(work), load_rubric("rncp37827").for_exams(("E5",)), read_settings({})), sandbox="bubblewrap", run=False
    )


def zeros(work: Path, size: int) -> str:
    """Write a blob of zeros into the repository without a file of that size, and return its hash."""
    block = bytes(1 << 20)
    with subprocess.Popen(
        ("git", "-C", str(work), "-c", "core.compression=1", "hash-object", "-w", "--stdin"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(size // len(block)):
            process.stdin.write(block)
        process.stdin.close()
        return process.stdout.read().decode().strip()


def test_a_file_of_two_gigabytes_is_listed_and_never_read(tmp_path: Path) -> None:
    work = commit(tmp_path / "work", {"a.py": "import logging\nlogging.basicConfig()\n"})
    git(work, "update-index", "--add", "--cacheinfo", f"100644,{zeros(work, HUGE)},model.bin")
    git(work, "commit", "--quiet", "--message", "model")
    grid = graded(work)
    assert [(s.path, s.reason) for s in grid.report.skipped] == [("model.bin", "too-large")]


def test_a_thousand_workflows_are_read(tmp_path: Path) -> None:
    text = "on: push\njobs:\n  t:\n    runs-on: u\n    steps:\n      - run: pytest\n"
    work = commit(tmp_path / "work", {f".github/workflows/w{i}.yml": text for i in range(300)})
    assert len(graded(work).proposals) == 12


def test_attributes_hide_nothing(tmp_path: Path) -> None:
    work = commit(
        tmp_path / "work",
        {
            ".gitattributes": "* export-ignore\n*.py export-ignore binary -diff\n",
            "app.py": "import logging\nlogging.basicConfig()\nlogger = logging.getLogger()\n\n\ndef f():\n    logger.info('x')\n",
        },
    )
    places = {e.path for p in graded(work).proposals for e in p.evidence}
    assert "app.py" in places


def test_hooks_of_the_repository_never_run(tmp_path: Path) -> None:
    work = commit(tmp_path / "work", {"a.py": "x = 1\n"})
    trap = tmp_path / "trap"
    for name in ("post-checkout", "pre-auto-gc", "reference-transaction", "post-index-change", "fsmonitor-watchman"):
        hook = work / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {trap}\n")
        hook.chmod(0o755)
    graded(work)
    assert not trap.exists()


def test_a_repository_that_is_no_project_gets_no_met_about_data_models_apis_or_monitoring(tmp_path: Path) -> None:
    lists = {
        "awesome": {
            "README.md": "# Awesome data\n\n"
            + "".join(
                f"- [API {i}](https://example.org/{i}) – monitoring, Prometheus, FastAPI, machine learning, RGPD\n"
                for i in range(80)
            )
        },
        "dotfiles": {
            ".vimrc": "set nu\n",
            ".bashrc": "export PATH\n",
            "install.sh": "ln -s a b\n",
            "README.md": "# dotfiles\n\n## Install\n\n```sh\n./install.sh\n```\n",
        },
        "library": {
            "package.json": '{"name": "left", "scripts": {"test": "ava"}}',
            "index.js": "export default (x) => x\n",
            "test.js": "import test from 'ava'\ntest('a', t => t.is(1, 1))\n",
            "readme.md": "# left\n\n## Usage\n\n```js\nleft(1)\n```\n",
            ".github/workflows/main.yml": "on: push\njobs:\n  t:\n    runs-on: u\n    steps:\n      - run: npm test\n",
        },
        "readme": {
            "README.md": "# Mon projet IA\n\nUne API FastAPI sécurisée par JWT, un modèle surveillé par Prometheus, une base conforme au RGPD.\n"
        },
    }
    settings, rubric = read_settings({}), load_rubric("rncp37827")
    about = ("C1", "C2", "C3", "C4", "C5", "C9", "C10", "C11", "C12", "C13", "C20")
    for name, files in lists.items():
        grid = grade_in(Order(str(commit(tmp_path / name, dict(files))), rubric, settings), sandbox="bubblewrap", run=False)
        met = [p.criterion.id for p in grid.proposals if p.outcome == "met" and p.criterion.id.split(".")[0] in about]
        assert met == [], name


def test_runs_of_blank_lines_are_passed_over(tmp_path: Path) -> None:
    blank = "\n" * 300_000
    files = {
        "docs/rapport.md": f"# Rapport\n\n```yaml\n{blank}x\n```\n\n```plantuml\n{blank}x\n```\n\n```mermaid\nerDiagram\n{blank}x\n```\n",
        "docs/requetes.md": f"# SQL\n\n```sql\nSELECT 1;{blank}\n```\n",
        "base/schema.sql": f"CREATE TABLE a (id int);{blank}",
        "reglages.env.example": f"A=1{blank}",
        "deploy.sh": f"echo a{blank}",
        "app/routes.js": f"const express = require('express');\nconst app = express();{blank}app.get('/a', lire);\n",
        "openapi.yaml": f"openapi: 3.0.0{blank}",
        "dags/run.py": f"x = 1{blank}",
    }
    order = Order(str(commit(tmp_path / "work", files)), load_rubric("rncp37827"), read_settings({}))
    report = grade_in(order, sandbox="bubblewrap", run=False).report
    late = {f.check: f.reason for f in report.findings if f.reason in ("took-too-long", "crashed", "examiner-gave-up")}
    assert (late, report.skipped) == ({}, ())

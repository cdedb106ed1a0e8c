from dataclasses import replace
from pathlib import Path

import pytest

from checks.facts import linters
from tests.monitoring_samples import fact, workspace

DANGER = "import subprocess\n\ndef lancer(texte):\n    subprocess.call(texte, shell=True)  # nosec\n"


def test_bandit_is_deaf_to_the_submission():
    found = fact(
        {"a.py": DANGER, ".bandit": "[bandit]\nskips = B602\n", "pyproject.toml": '[tool.bandit]\nskips = ["B602"]\n'}, "linters"
    )
    assert [(i.tool, i.rule, i.severity, i.path, i.line) for i in found.issues] == [("bandit", "B602", "high", "a.py", 4)]
    assert (found.silent, found.files, found.of) == ((), 1, 1)


def test_pylint_is_deaf_to_comments():
    code = "# pylint: disable=all\n# pylint: skip-file\ndef f():\n    return inconnu\n"
    assert [(i.rule, i.line) for i in fact({"a.py": code, ".pylintrc": "[MAIN]\ndisable=all\n"}, "linters").issues] == [
        ("E0602", 4)
    ]


def test_what_is_read_is_bounded_and_chosen_by_content():
    plain = {f"a{n:03}.py": "x = 1\n" for n in range(300)}
    run = linters.start(workspace({**plain, "zz.py": DANGER}))
    try:
        assert run.of == 301
        assert len(run.names) == linters.BANDIT_FILES
        assert run.names["m0000.py"] == "zz.py"
    finally:
        run.stop()
    assert not Path(run.folder).exists()


def test_nothing_to_read():
    assert fact({"README.md": "rien"}, "linters").issues == ()


def test_a_hostile_name_is_never_a_path():
    run = linters.start(workspace({"$(touch x) ; é a b.py": "x = 1\n"}))
    try:
        assert sorted(p.name for p in Path(run.folder).glob("*.py")) == ["m0000.py"]
        assert linters.collect(run).silent == ()
    finally:
        run.stop()


def test_ruff_is_deaf_to_the_submission_and_reads_our_rules_only():
    code = "# ruff: noqa\nimport os  # noqa: F401\nimport json\n\n\ndef f(rangs):\n    vide = 1\n    l = []\n    for rang in rangs:\n        l.append(json.dumps(rang))\n    return l\n"
    found = fact({"a.py": code, "ruff.toml": "exclude = ['*']\n[lint]\nselect = []\n"}, "linters")
    assert [(i.rule, i.line, i.severity, i.code) for i in found.of_tools("ruff")] == [
        ("F401", 2, "waste", "import os  # noqa: F401"),
        ("F841", 7, "waste", "vide = 1"),
        ("PERF401", 10, "waste", "l.append(json.dumps(rang))"),
    ]


def test_a_tool_without_an_answer_is_silent_and_the_others_are_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(linters, "WAIT_SECONDS", 5.0)
    run = linters.start(workspace({"a.py": DANGER}))
    try:
        broken = replace(run, outputs={**run.outputs, "bandit": f"{run.folder}/absent.json"})
        found = linters.collect(broken)
    finally:
        run.stop()
    assert (found.silent, found.answered("ruff"), found.answered("bandit", "ruff")) == (("bandit",), True, False)

from pathlib import Path

from checks.facts import linters
from tests.monitoring_samples import fact, workspace

DANGER = "import subprocess\n\ndef lancer(texte):\n    subprocess.call(texte, shell=True)  # nosec\n"


def test_bandit_is_deaf_to_the_submission():
    found = fact(
        {"a.py": DANGER, ".bandit": "[bandit]\nskips = B602\n", "pyproject.toml": '[tool.bandit]\nskips = ["B602"]\n'}, "linters"
    )
    assert [(i.tool, i.rule, i.severity, i.path, i.line) for i in found.issues] == [("bandit", "B602", "high", "a.py", 4)]
    assert (found.complete, found.files, found.of) == (True, 1, 1)


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
        assert linters.collect(run).complete
    finally:
        run.stop()


def test_suppressions_are_listed():
    files = {
        "a.py": "import os  # noqa\nx = y  # type: ignore\ntexte = 'nosec'\n",
        "setup.cfg": "[flake8]\nignore = E501\n",
        "front/a.js": "// eslint-disable-next-line\nlet a = 1\n",
    }
    assert [(s.path, s.line) for s in fact(files, "suppressions")] == [
        ("a.py", 1),
        ("a.py", 2),
        ("front/a.js", 1),
        ("setup.cfg", 2),
    ]

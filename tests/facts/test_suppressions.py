from tests.monitoring_samples import fact


def test_every_way_of_asking_to_look_away_is_listed():
    files = {
        "a.py": "import os  # noqa\nx = y  # type: ignore\ntexte = 'nosec'\ncle = 'a'  # pragma: allowlist secret\n",
        "b.py": "# pylint: skip-file\ndef f():  # complexipy: ignore\n    return 1  # pragma: no cover\n",
        "setup.cfg": "[flake8]\nignore = E501\n",
        "pyproject.toml": "[tool.ruff.lint.per-file-ignores]\n'a.py' = ['F401']\n",
        "front/a.js": "// eslint-disable-next-line\nlet a = 1\n",
        "front/b.jsx": "const x = <p>{/* eslint-disable-line */}</p>\n",
        "run.sh": "# shellcheck disable=SC2086\necho $a\n",
        "Dockerfile": "# hadolint ignore=DL3008\nRUN apt-get install a\n",
        ".secrets.baseline": "{}\n",
    }
    assert [(s.path, s.line) for s in fact(files, "suppressions")] == [
        (".secrets.baseline", 1),
        ("Dockerfile", 1),
        ("a.py", 1),
        ("a.py", 2),
        ("a.py", 4),
        ("b.py", 1),
        ("b.py", 2),
        ("b.py", 3),
        ("front/a.js", 1),
        ("front/b.jsx", 1),
        ("pyproject.toml", 1),
        ("run.sh", 1),
        ("setup.cfg", 2),
    ]


def test_words_in_a_sentence_ask_nothing():
    files = {"a.py": "TEXTE = 'noqa, nosec et pragma no cover'\n", "README.md": "# noqa\n", "ci.yml": "run: echo disable\n"}
    assert fact(files, "suppressions") == ()

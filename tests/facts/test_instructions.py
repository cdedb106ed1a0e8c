from __future__ import annotations

import pytest

from checks.facts.documents import CodeBlock, Section
from checks.facts.instructions import commands, kinds_of


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("pip install -r requirements.txt", ("install",)),
        ("python -m pytest tests -q", ("test", "start")),
        ("pytest --cov=api", ("coverage", "test")),
        ("coverage run -m pytest", ("coverage", "test")),
        ("docker compose up -d", ("install", "start")),
        ("uvicorn api.main:app --reload", ("start",)),
        ("cp .env.example .env", ("settings",)),
        ("0 3 * * 1 /usr/bin/python3 collecte.py", ("start", "crontab")),
        ("pytest==8.2.0", ()),
        ("56 tests passent, la couverture est bonne", ()),
        ("0,0 0,1 // 0,6 0,1 //", ()),
        ("python scripts/create_test_users.py", ("start",)),
        ("py -m collecte.releves", ("start",)),
        ("jupyter notebook carnets/ruches.ipynb", ("start",)),
        ("papermill ruches.ipynb sortie.ipynb", ("start",)),
    ],
)
def test_kinds_of_a_line(text: str, kinds: tuple[str, ...]) -> None:
    assert kinds_of(text) == kinds


def test_commands_of_code_open_under_the_fence() -> None:
    section = Section("README.md", "Tests", 2, 3, code=(CodeBlock(5, "bash", "# lancer\npytest\n"),))
    assert [(c.kind, c.line, c.text) for c in commands(section)] == [("test", 7, "pytest")]


def test_trees_and_configurations_are_not_commands() -> None:
    blocks = (
        CodeBlock(1, "", "├── tests/  pytest"),
        CodeBlock(4, "yaml", "run: pytest"),
        CodeBlock(8, "python", "pytest.main()"),
    )
    assert commands(Section("README.md", "x", 2, 1, code=blocks)) == ()


def test_prose_gives_commands_too() -> None:
    section = Section("README.md", "Tests", 2, 1, lines=((4, "Lancer pytest, puis lire le rapport."),))
    assert [(c.kind, c.line, c.in_code) for c in commands(section)] == [("test", 4, False)]


def test_a_very_long_line_is_read_quickly() -> None:
    assert kinds_of("0 " * 200_000) == ()

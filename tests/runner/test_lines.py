"""The lines of a recorder: what others write into its file is passed over, and what they take away ends the reading."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from checks.runner.inside.lines import Lines, heard

KEY, OTHER = "ab" * 16, "cd" * 16


@pytest.fixture
def path(tmp_path: Path) -> Path:
    lines = Lines(str(tmp_path / "lines"), KEY)
    for number in range(5):
        lines.say(number=number, text="é\ud800\n\u2028")
    return tmp_path / "lines"


def numbers(path: Path, key: str = KEY) -> list[int]:
    return [told["number"] for told in heard(path.read_text("utf-8", "replace"), key)]


def test_what_was_said_is_heard(path: Path) -> None:
    assert numbers(path) == [0, 1, 2, 3, 4]
    assert numbers(path, OTHER) == []


@pytest.mark.parametrize("taken", range(5))
def test_nothing_is_heard_after_a_line_that_is_missing_or_changed(path: Path, taken: int) -> None:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:taken] + lines[taken + 1 :]))
    assert numbers(path) == list(range(taken))
    path.write_text("".join(lines).replace(f'"number": {taken}', '"number": 9'))
    assert numbers(path) == list(range(taken))


def test_lines_said_twice_or_by_others_are_passed_over(path: Path) -> None:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line * 2 for line in lines) + "".join(lines) + '{"number": 7}\n' + f'{"0" * 32} {{"number": 8}}\n')
    assert numbers(path) == [0, 1, 2, 3, 4]


def test_a_line_that_was_not_taken_note_of_changes_nothing(tmp_path: Path) -> None:
    lines = Lines(str(tmp_path / "lines"), KEY)
    lines.say(number=0)
    before = lines._last
    lines.say(number=1)
    lines._last = before  # as when the time limit of a test stops us just after writing
    lines.say(number=2)
    lines.say(number=3)
    assert numbers(tmp_path / "lines") == [0, 1, 2, 3]


def test_a_fork_of_a_test_says_nothing(path: Path, tmp_path: Path) -> None:
    lines = Lines(str(tmp_path / "other"), KEY)
    child = os.fork()
    if child == 0:
        lines.say(number=1)
        os._exit(0)
    os.waitpid(child, 0)
    assert not (tmp_path / "other").exists()
    lines.forget()
    lines.say(number=2)
    assert not (tmp_path / "other").exists()

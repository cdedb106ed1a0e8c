"""The command, as a person runs it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Make, git

FILES = {"README.md": "# Projet\n\n## Installation\n\n`pip install .`\n", "app.py": "print('bonjour')\n"}


def jurygrid(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("LANG", "LC_", "JURYGRID_"))}
    return subprocess.run(
        (sys.executable, "-m", "grader.cli", *arguments),
        capture_output=True,
        text=True,
        env={**clean, "LANG": "C.UTF-8", **environment},
        timeout=100,
    )


def test_grade_prints_the_grid_and_writes_both_files(make_repository: Make, tmp_path: Path) -> None:
    page, document = tmp_path / "g.html", tmp_path / "g.json"
    done = jurygrid("grade", str(make_repository(FILES)), "--sandbox", "bubblewrap", "--html", str(page), "--json", str(document))
    assert done.returncode == 0, done.stderr
    assert all(f"C{n}." in done.stdout for n in range(1, 22))
    assert re.search(r"142 criteria: \d+ proposed", done.stdout)
    assert [stage for stage in ("fetching", "reading", "proposing") if stage in done.stderr] == [
        "fetching",
        "reading",
        "proposing",
    ]
    assert json.loads(document.read_text("utf-8"))["format"] == "jurygrid-grid/1"
    assert page.read_text("utf-8").startswith("<!doctype html>")


def test_it_speaks_french_when_asked_or_when_the_locale_does(make_repository: Make) -> None:
    work = str(make_repository(FILES))
    for done in (
        jurygrid("grade", work, "--lang", "fr", "--exam", "E1"),
        jurygrid("grade", work, "--exam", "E1", LANG="fr_FR.UTF-8"),
    ):
        assert "Grille préremplie" in done.stdout
        assert "récupération" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("grade", "file:///etc"), "not an accepted address"),
        (("grade", "https://u:p@github.com/a/b"), "user name or a password"),
        (("grade", "/nowhere"), "does not exist"),
        (("grade", ".", "--rubric", "none-such"), "no rubric"),
        (("grade", ".", "--exam", "E9"), "no exam"),
        (("grade", ".", "--json", "/nowhere/at/all.json"), "could not be written"),
        (("grade",), "required: SOURCE"),
        (("checks", "show", "no.such"), "no check"),
        (("rubric", "check", "/nowhere.yaml"), "no rubric"),
    ],
)
def test_a_refusal_is_one_clear_sentence_and_exit_1(arguments: tuple[str, ...], sentence: str) -> None:
    done = jurygrid(*arguments)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("grade",), "il manque : SOURCE"),
        (("grade", ".", "--sandbox", "cave"), "n'est pas un choix"),
        (("grade", ".", "--json"), "il faut une valeur"),
        (("grade", ".", "--nothing"), "arguments inconnus : --nothing"),
    ],
)
def test_a_usage_error_is_said_in_french_too(arguments: tuple[str, ...], sentence: str) -> None:
    done = jurygrid(*arguments, "--lang=fr")
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr
    assert done.stderr.startswith("usage : ")


def test_help_comes_in_both_languages_and_at_the_first_word() -> None:
    assert "montrer cette aide" in jurygrid("grade", "--help", "--lang", "fr").stdout
    assert "show this help" in jurygrid("--help").stdout
    first = jurygrid()
    assert (first.returncode, "doctor" in first.stderr) == (1, True)


def test_a_malformed_setting_is_a_refusal() -> None:
    done = jurygrid("grade", ".", JURYGRID_MOST_FILES="many")
    assert done.returncode == 1
    assert "JURYGRID_MOST_FILES must be a number" in done.stderr


@pytest.mark.parametrize(
    ("name", "value"), [("PRIVATE_NETWORKS", "home"), ("WORK_FOLDER", "/nowhere/at/all"), ("FETCH_SECONDS", "-1")]
)
def test_what_a_setting_says_wrongly_is_told_before_anything_is_done(name: str, value: str) -> None:
    done = jurygrid("grade", ".", "--quiet", **{f"JURYGRID_{name}": value})
    assert (done.returncode, f"JURYGRID_{name}" in done.stderr) == (1, True)
    assert "Unexpected" not in done.stderr


def test_json_goes_to_standard_output_alone(make_repository: Make) -> None:
    for place in ("-", "/dev/stdout"):
        done = jurygrid("grade", str(make_repository(FILES)), "--exam", "e5", "--sandbox", "none", "--quiet", "--json", place)
        assert json.loads(done.stdout)["format"] == "jurygrid-grid/1"


def test_what_is_no_plain_file_is_written_to_and_never_replaced(make_repository: Make, tmp_path: Path) -> None:
    link, target = tmp_path / "link.json", tmp_path / "target.json"
    target.write_text("old")
    link.symlink_to(target)
    arguments = ("grade", str(make_repository(FILES)), "--exam", "E5", "--sandbox", "none", "--quiet", "--json")
    assert jurygrid(*arguments, str(link)).returncode == 0
    assert link.is_symlink()
    assert target.read_text().startswith("{")
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    reader = subprocess.Popen(("cat", str(pipe)), stdout=subprocess.PIPE)
    assert jurygrid(*arguments, str(pipe)).returncode == 0
    assert reader.communicate(timeout=20)[0].startswith(b"{")
    assert pipe.is_fifo()


def test_an_unknown_ref_and_an_empty_repository_are_refusals(make_repository: Make, tmp_path: Path) -> None:
    assert "no branch, tag or commit" in jurygrid("grade", str(make_repository(FILES)), "--ref", "nowhere").stderr
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "--quiet")
    done = jurygrid("grade", str(empty))
    assert (done.returncode, "empty" in done.stderr) == (1, True)


def test_nothing_is_left_in_the_work_folder(make_repository: Make, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    work = str(make_repository(FILES))
    assert jurygrid("grade", work, "--quiet", JURYGRID_WORK_FOLDER=str(place)).returncode == 0
    assert jurygrid("grade", work, "--quiet", "--ref", "nowhere", JURYGRID_WORK_FOLDER=str(place)).returncode == 1
    assert list(place.iterdir()) == []


def test_hostile_names_reach_neither_terminal_nor_page(make_repository: Make, tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)>\x1b[2J.py"
    work = make_repository({evil: "import requests\nrequests.get('https://example.org')\n", "link": "x"})
    (work / "\x1b]0;owned\x07").symlink_to("/etc/passwd")
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message", "hostile")
    page = tmp_path / "g.html"
    done = jurygrid("grade", str(work), "--html", str(page))
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    html = page.read_text("utf-8")
    assert "<img" not in html
    assert "\x1b" not in html


def test_the_rubric_and_the_checks_can_be_read() -> None:
    assert "no defect" in jurygrid("rubric", "check", "rncp37827").stdout
    listed = jurygrid("checks", "list", "--lang", "fr").stdout.splitlines()
    first = listed[0].split()[0]
    shown = jurygrid("checks", "show", first, "--lang", "fr")
    assert shown.stdout.startswith(first)
    assert "Pourquoi :" in shown.stdout
    assert "Pour y arriver :" in shown.stdout


def test_doctor_tells_what_works() -> None:
    done = jurygrid("doctor")
    assert done.returncode == 0, done.stdout
    assert re.search(r"✔ git +2\.", done.stdout)
    assert re.search(r"✔ bubblewrap", done.stdout)


def test_an_interruption_ends_with_130(make_repository: Make) -> None:
    import signal
    import time

    work = make_repository({f"f{i}.py": "x = 1\n" * 2000 for i in range(1500)})
    process = subprocess.Popen(
        (sys.executable, "-m", "grader.cli", "grade", str(work)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    process.stderr.readline()
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=100)
    assert process.returncode == 130

"""How the grid is worded and laid out: agreement, spaces, dates, one line an excerpt."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from checks.findings import LONGEST_EXCERPT, evidence, met
from checks.registry import FACTS
from grader.pipeline import Grid, Order
from grader.plurals import agree
from grader.render import labels
from grader.render.page import render
from grader.render.progress import DOING, doing
from grader.render.terminal import show
from grader.rubric import load_rubric
from grader.settings import read_settings
from grader.values import Text
from tests.conftest import commit, git
from tests.grading import grade_in

FILES: dict[str, bytes | str] = {
    "un/dossier/au/nom/assez/long/pour/remplir/presque/toute/la/ligne/du/terminal/extraction.py": "import json\n\nimport requests\n\n\ndef main():\n    reponse = requests.get('https://donnees.valbrume.fr/mesures', params={'jour': 1, 'page': 2, 'taille': 500}, timeout=30)  # noqa\n    with open('mesures.json', 'w') as sortie:\n        json.dump(reponse.json(), sortie)\n\n\nif __name__ == '__main__':\n    main()\n",
    "README.md": "# Projet\n\n## Installation\n\n```bash\npip install -r requirements.txt\n```\n",
    "link": "x",
}


@pytest.mark.parametrize(
    ("language", "written", "read"),
    [
        ("fr", "1 script(s) suivi(s), 3 version(s).", "1 script suivi, 3 versions."),
        ("fr", "0 fichier(s)", "0 fichier"),
        ("en", "0 file(s)", "0 files"),
        ("en", "1 quer(y|ies) call(s|) it", "1 query calls it"),
        ("en", "2 quer(y|ies) call(s|) it", "2 queries call it"),
        ("fr", "2 route(s) exige(nt) ; 1 test(s) ne peu(t|vent) échouer", "2 routes exigent ; 1 test ne peut échouer"),
        ("fr", "fichier(s)", "fichiers"),
        ("fr", "main2.py:12 test(s)", "main2.py:12 tests"),
        ("en", "f(x) and call(y), agent(self)", "f(x) and call(y), agent(self)"),
    ],
)
def test_words_agree_with_their_number(language: str, written: str, read: str) -> None:
    assert agree(written, language) == read
    assert met(written, written, []).why.in_(language) == read


def test_an_excerpt_is_cut_between_words_and_says_so() -> None:
    cut = evidence("a", 1, "mot " * 200).excerpt
    assert len(cut) <= LONGEST_EXCERPT
    assert cut.endswith("mot…")
    assert evidence("a", 1, "x" * 900).excerpt == "x" * (LONGEST_EXCERPT - 1) + "…"
    assert evidence("a", 1, "court").excerpt == "court"


def test_each_language_has_its_own_typography() -> None:
    text = Text("Qu'est-ce : « l'essai » à 5 % ?", 'What is "it": 5%?')
    assert labels.typeset(text, "fr") == "Qu’est-ce\u00a0: «\u00a0l’essai\u00a0» à 5\u00a0%\u00a0?"
    assert labels.typeset(text, "en") == text.en
    assert (labels.percent(0.75, "fr"), labels.percent(0.75, "en")) == ("75\u00a0%", "75%")
    assert (labels.number(6.52, "fr"), labels.number(6.52, "en")) == ("6,5", "6.5")
    assert labels.moment("2026-03-01T09:05:00Z", "fr") == "1er mars 2026, 09:05 UTC"
    assert labels.moment("2026-08-18T09:05:00Z", "en") == "18 August 2026, 09:05 UTC"
    assert labels.moment("never", "en") == "never"
    assert labels.reason("vendored:1", "fr") == "bibliothèques ou environnement, 1 fichier"


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Grid:
    work = commit(tmp_path_factory.mktemp("render") / "work", FILES)
    return grade_in(Order(str(work), load_rubric("rncp37827"), read_settings({})), sandbox="none", run=False)


def shown(grid: Grid, language: str, width: int, **console: bool) -> str:
    out = io.StringIO()
    show(grid, Console(file=out, width=width, highlight=False, emoji=False, **console), language)
    return out.getvalue()


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_begins_with_punctuation_or_overflows(grid: Grid, width: int) -> None:
    lines = shown(grid, "fr", width).splitlines()
    assert max(map(len, lines)) <= width
    words = [line.strip("│ ") for line in lines]
    assert [w for w in words if re.match(r"[!:;»%]|\?( |$)(?!C\d)", w)] == []
    assert "\ue000" not in "".join(lines)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_nothing_is_left_unsaid_or_unagreed(grid: Grid, language: str) -> None:
    text = shown(grid, language, 100)
    assert not re.search(r"\w\((s|x|nt|es)\)", text)
    assert labels.word("suppressions", language) in text
    assert "extraction.py:7" in text
    assert not re.search(r"\w\((s|x|nt|es)\)", re.sub(r"<script>.*</script>", "", render(grid, language, {}), flags=re.S))


def test_an_excerpt_holds_on_one_line_below_a_long_path(grid: Grid) -> None:
    grid_only = shown(grid, "en", 100).partition(labels.word("suppressions", "en"))[0]
    rows = [line.strip() for line in grid_only.splitlines() if "reponse = " in line]
    assert rows
    assert {(row.startswith("reponse = "), row[-1]) for row in rows} == {(True, "…")}


def test_colours_are_for_terminals(grid: Grid) -> None:
    assert "\x1b[" not in shown(grid, "en", 80)
    assert "\x1b[" in shown(grid, "en", 80, force_terminal=True)


def test_the_page_lists_competencies_with_their_levels(grid: Grid) -> None:
    page = render(grid, "fr", {})
    assert page.count('<span class="tally">') == 21
    assert "Automatiser l’extraction de données" in page
    assert "data-question" in page


def test_progress_says_what_it_does_in_words() -> None:
    known = {f.__name__ for f in FACTS} | {"history"}
    assert set(DOING) <= known
    assert doing("examine", "sql_statements", "fr") == "requêtes SQL"
    assert doing("examine", "ci.runs-tests", "fr") == "contrôles"
    assert doing("examine", "call_graph", "en") == "checks"
    assert doing("examine", "bubblewrap", "fr") == "bubblewrap"
    assert doing("run", "prepare resolve 1 packages", "fr") == "choix des versions, 1 paquet"
    assert doing("run", "prepare resolve 7 packages", "en") == "choosing versions, 7 packages"
    assert doing("run", "serve api", "fr") == "application, api"
    assert doing("run", "something new", "fr") == "something new"
    assert doing("fetch", "https://github.com/a/b main", "fr") == "https://github.com/a/b main"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "autre branche, non lue : 12 fichiers absents de celle qui est évaluée"),
        ("en", "another branch, not read: 12 files that the graded one lacks"),
    ],
)
def test_a_branch_that_holds_the_work_is_named_before_the_proposals(tmp_path: Path, language: str, said: str) -> None:
    work = commit(tmp_path / "work", {"README.md": "# Projet\n"})
    git(work, "switch", "--quiet", "--create", "<b>dev")
    commit(work, {f"api/module_{n}.py": "x = 1\n" for n in range(12)})
    git(work, "switch", "--quiet", "main")
    grid = grade_in(Order(str(work), load_rubric("rncp37827"), read_settings({})), sandbox="none", run=False)
    page = render(grid, language, {}).replace("\u00a0", " ").replace("\u202f", " ")
    assert f"<code>&lt;b&gt;dev</code> – {said}" in page.partition("</header>")[0]
    console = Console(file=io.StringIO(), width=200)
    show(grid, console, language)
    shown = console.file.getvalue().replace("\u00a0", " ")  # type: ignore[attr-defined]
    assert f"<b>dev — {said}" in shown.partition("C1.1")[0]

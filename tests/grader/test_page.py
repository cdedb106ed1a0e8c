"""The page in a real browser: accessible, usable from the keyboard, narrow, self-contained and inert."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from checks.registry import CHECKS
from grader.pipeline import Grid, Order
from grader.render.forge import link
from grader.render.page import render
from grader.rubric import load_rubric
from grader.settings import read_settings
from tests.conftest import commit
from tests.grading import grade_in

FILES: dict[str, bytes | str] = {
    "README.md": "# Prix <script>alert(1)</script>\n\n## Installation\n\n```bash\npip install -r requirements.txt\n```\n",
    "api/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/prix')\ndef prix(db):\n    return db.execute('SELECT * FROM prix WHERE jour > 1').fetchall()  # noqa\n",
    "tests/test_api.py": "def test_prix():\n    assert True\n",
}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Grid:
    work = commit(tmp_path_factory.mktemp("page") / "work", FILES)
    return grade_in(Order(str(work), load_rubric("rncp37827"), read_settings({})), sandbox="none", run=False)


@pytest.fixture(params=["fr", "en"])
def page(browser: Browser, grid: Grid, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    file = tmp_path / "grid.html"
    file.write_text(render(grid, request.param, {c.id: c for c in CHECKS}), "utf-8")
    opened = browser.new_page(viewport={"width": 1100, "height": 900})
    opened.goto(file.as_uri())
    yield opened
    opened.close()


def test_axe_finds_nothing(page: Page) -> None:
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    for details in page.query_selector_all("details")[:40]:
        details.evaluate("d => d.open = true")
    result = Axe().run(page, options=options)
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in result.response["violations"]] == []


def test_the_whole_grid_is_there_with_its_landmarks(page: Page) -> None:
    assert page.locator("article.criterion").count() == 142
    assert page.locator("h1").count() == 1
    assert page.locator("nav a").count() == 21
    assert page.evaluate("document.documentElement.lang") in ("fr", "en")
    assert page.locator("#suppressions").count() == 1


def test_it_works_from_the_keyboard(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "grid"
    page.locator("input[value=not_met]").focus()
    page.keyboard.press("Space")
    shown = page.locator("article.criterion:visible")
    assert 0 < shown.count() < 142
    assert set(shown.evaluate_all("all => all.map(a => a.dataset.level)")) == {"not_met"}


def test_it_fits_a_narrow_screen(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_it_loads_nothing_and_runs_nothing_of_the_repository(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    page.reload()
    assert asked == [page.url]


def test_it_prints_with_everything_open(page: Page, tmp_path: Path) -> None:
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    assert len(page.pdf()) > 50_000


@pytest.mark.parametrize(
    ("url", "path", "line", "expected"),
    [
        ("https://github.com/a/b", "src/é x.py", 3, "https://github.com/a/b/blob/c0/src/%C3%A9%20x.py#L3"),
        ("https://github.com/a/b", "README.md", 3, "https://github.com/a/b/blob/c0/README.md?plain=1#L3"),
        ("https://github.com/a/b", "r.pdf", 3, "https://github.com/a/b/blob/c0/r.pdf"),
        ("https://gitlab.com/g/a/b", "x.py", 3, "https://gitlab.com/g/a/b/-/blob/c0/x.py#L3"),
        ("https://codeberg.org/a/b", "x.py", None, "https://codeberg.org/a/b/src/commit/c0/x.py"),
        ("https://bitbucket.org/a/b", "x.py", 3, "https://bitbucket.org/a/b/src/c0/x.py#lines-3"),
        ("local:b", "x.py", 3, None),
    ],
)
def test_evidence_opens_at_the_line_on_the_forge(url: str, path: str, line: int | None, expected: str | None) -> None:
    assert link(url, "c0", path, line) == expected

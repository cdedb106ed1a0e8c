"""Every page of the desk in a real browser, as each person: nothing inaccessible, nothing wider than a phone, nothing in the wrong language."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.desk.conftest import Desk, Open

pytestmark = pytest.mark.timeout(180)
PAGES = {
    "sign-in": (None, "/sign-in"),
    "candidate": ("ada", "/candidates/{enrolment_id}"),
    "submission": ("ada", "/submissions/{submission_id}"),
    "account": ("ada", "/account"),
    "desk": ("blaise", "/desk"),
    "overview": ("blaise", "/candidates/{enrolment_id}/grid"),
    "competency": ("blaise", "/candidates/{enrolment_id}/grid/C5"),
    "file": ("blaise", "/assessments/{assessment_id}/file?path=README.md&line=3"),
    "close": ("colette", "/candidates/{enrolment_id}/close"),
    "session": ("colette", "/sessions/{session_id}"),
    "sessions": ("root", "/sessions"),
    "new-session": ("root", "/sessions/new"),
    "session-root": ("root", "/sessions/{session_id}"),
    "rubric": ("ines", "/sessions/{session_id}/rubric"),
    "checks": ("ines", "/checks"),
    "people": ("root", "/people"),
    "operations": ("root", "/operations"),
    "problem": ("ada", "/candidates/{person_id}"),
}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_is_accessible_in_both_languages_and_themes(desk: Desk, as_person: Open, name: str) -> None:
    who, path = PAGES[name]
    shots = os.environ.get("DESK_SHOTS")
    titles = set()
    for language, dark in (("fr", False), ("en", True)):
        page = as_person(who, path.format(**desk.world.ids), language=language, dark=dark)
        assert page.locator("html").get_attribute("lang") == language
        titles.add(page.title())
        found = Axe().run(page, options=RULES).response["violations"]
        assert found == [], [(v["id"], [n["html"][:200] for n in v["nodes"][:3]]) for v in found]
        if shots:
            page.screenshot(path=Path(shots) / f"{name}-{language}.png", full_page=name not in ("rubric", "checks"))
    page = as_person(who, path.format(**desk.world.ids), width=320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
    if shots:
        page.screenshot(path=Path(shots) / f"{name}-320.png")

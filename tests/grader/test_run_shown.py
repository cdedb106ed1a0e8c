"""The account of a run in the report, the JSON contract, the terminal and the page: bounded, escaped, bilingual."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from html import escape
from pathlib import Path

import jsonschema
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright
from rich.console import Console

from checks.registry import CHECKS
from grader.contract import as_document
from grader.fetch import Snapshot
from grader.grid import propose
from grader.interrupted import unplanned
from grader.pipeline import Grid
from grader.render.page import render
from grader.render.terminal import show
from grader.report import read_report
from grader.rubric import load_rubric
from grader.values import Finding, History, Influence, Outcome, Report, Run, RunService, Screenshot, Text
from tests.facts.test_ran import PNG
from tests.grader.test_contract import SCHEMA
from tests.grader.test_page import ARGUMENTS
from tests.ran_samples import READY, archive, case, engine, exchange, ran_suite, schema, served
from tests.web_samples import PROTECTED

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e"
SERVICES = [
    {"kind": "postgresql", "state": "started", "detail": ""},
    {"kind": "mysql", "state": "absent", "detail": ""},
    {"kind": "oracle", "state": "absent", "detail": "a word that no runner of ours says"},
]


def report() -> Report:
    """Return a report of everything that can be run, with hostile names in it."""
    left = {**READY, "left_out": [{"text": "inconnu==1.0", "reason": "no-wheel"}], "relaxed": ["numpy==1.19.0"]}
    steps = (
        ran_suite(
            case("test_a"),
            case(HOSTILE.replace("\x1b", ""), "failed", message="assert 1 == 2", trace="E  assert 1 == 2\n"),
            services=SERVICES,
        ),
        served(exchange("GET", "/ruches", 401), screenshot=PNG),
        schema(("ruche", 3)),
        {"kind": "mutate", "mutants": 10, "caught": 7},
        {**ran_suite(case("test_a")), "host": {"how": "timeout", "reason": "timeout"}, "nonce": "forged"},
    )
    running = engine(PROTECTED, archive(*steps, environments=(left,)))
    findings = tuple(running.run(c) for c in CHECKS if c.id.startswith("run-"))
    influence = Influence("README.md", 3, Text("s'adresse à qui évalue", "speaks to whoever grades"), HOSTILE)
    return Report("n", findings, influences=(influence,), run=running.fact("run_record"))


def grid(given: Report) -> Grid:
    rubric = load_rubric("rncp37827")
    read = read_report(json.dumps(asdict(given)).encode(), nonce="n", checks=frozenset(c.id for c in CHECKS))
    snapshot = Snapshot(
        "https://github.com/owner/name", "main", "a" * 40, "b" * 40, "2026-03-02T09:00:00Z", Path("/nowhere"), History()
    )
    timings = {"fetch": 0.0, "prepare": 0.0, "run": 0.0, "examine": 0.0, "total": 0.0}
    return Grid(rubric, snapshot, "docker", read, propose(rubric, read), timings)


@pytest.fixture(scope="module")
def page_of() -> Iterator[Page]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser.new_page(viewport={"width": 320, "height": 900})
        browser.close()


def test_the_contract_holds_with_and_without_a_run() -> None:
    document = as_document(grid(report()))
    jsonschema.validate(document, SCHEMA)
    assert [s["kind"] for s in document["run"]["steps"]] == ["tests", "serve", "migrate", "mutate", "tests"]
    assert document["run"]["steps"][4]["reason"] == "timeout"
    assert document["run"]["left_out"] == [{"text": "inconnu==1.0", "part": "api", "reason": "no-wheel"}]
    assert document["influences"][0]["line"] == 3
    assert document["run"]["services"] == [
        {"kind": "postgresql", "state": "started"},
        {"kind": "mysql", "state": "absent"},
    ]
    bare = as_document(grid(Report("n", ())))
    jsonschema.validate(bare, SCHEMA)
    assert not {"run", "influences"} & set(bare)


def test_what_several_parts_lack_is_told_once() -> None:
    lacking = [{"text": "inconnu==1.0", "reason": "no-wheel"}]
    made = tuple({**READY, "part": folder, "left_out": lacking} for folder in ("", "web"))
    run = engine(PROTECTED, archive(ran_suite(case("test_a")), environments=made)).fact("run_record")
    assert [(p.text, p.part) for p in run.left_out] == [("inconnu==1.0", "., web")]


def test_the_picture_stays_out_of_the_json() -> None:
    assert PNG not in json.dumps(as_document(grid(report())))


def test_a_report_is_bounded_whatever_it_says() -> None:
    run = report().run
    assert run is not None
    step = replace(run.steps[0], summary=Text("x" * 9_000, "y" * 9_000), failures=run.steps[0].failures * 100)
    pictures = (Screenshot("a", "b", "PHN2Zz4="), Screenshot("a", "b", "iVBORw0KGgo" + "A" * 800_000), *run.screenshots * 20)
    loud = Report(
        "n", (), run=Run("docker\x1b", (step,) * 100, run.left_out * 9_000, (), (RunService("x" * 900, "started"),), pictures)
    )
    read = grid(loud).report.run
    assert read is not None
    assert (len(read.steps), len(read.steps[0].failures), len(read.screenshots)) == (60, 60, 6)
    assert len(read.steps[0].summary.fr) == 600
    assert "\x1b" not in read.sandbox


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_terminal_tells_what_was_run(language: str) -> None:
    out = io.StringIO()
    show(grid(report()), Console(file=out, width=160, highlight=False, emoji=False), language)
    text = out.getvalue()
    assert {"fr": "Ce qui a été exécuté", "en": "What was run"}[language] in text
    assert "$ python -m pytest tests" in text
    assert {"fr": "MySQL\u00a0: absent du bac à sable", "en": "MySQL: not in the sandbox"}[language] in text
    assert "absent" not in text or language == "fr"
    assert "inconnu==1.0" in text
    assert "\x1b[31m" not in text


def test_failures_that_are_alike_are_told_once_and_whole() -> None:
    why = "assert 'a long answer that goes on' == 'what was expected of it, word for word and to its very end'"
    alike = [case(f"test_{n}", "failed", message=why, trace=f"E  {why}\n") for n in range(5)]
    others = [case(f"other_{n}", "failed", message=f"assert {n} == 9", trace=f"E  assert {n} == 9\n") for n in range(4)]
    console = Console(file=io.StringIO(), width=400)
    show(grid(replace(report(), run=engine(PROTECTED, archive(ran_suite(*alike, *others))).fact("run_record"))), console, "en")
    told = console.file.getvalue() if isinstance(console.file, io.StringIO) else ""
    said = " ".join(told.split())
    assert "test_0 (+4) [the project's]" in said and f"{why}." in said
    assert "other_1 [" in said and "other_2 [" not in said
    assert "and 2 more" in said


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_plan_that_failed_is_told_as_our_fault(language: str) -> None:
    out = io.StringIO()
    unable = grid(Report("n", (), run=unplanned("docker")))
    show(unable, Console(file=out, width=200, highlight=False, emoji=False), language)
    said = {"fr": "C’est un défaut de Jurygrid, pas du projet.", "en": "This is a fault of Jurygrid, not of the project."}[
        language
    ]
    assert said in out.getvalue()
    assert escape(said) in render(unable, language, {c.id: c for c in CHECKS})


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_tells_what_was_run(language: str, page_of: Page, tmp_path: Path) -> None:
    file = tmp_path / "grid.html"
    file.write_text(render(grid(report()), language, {c.id: c for c in CHECKS}), "utf-8")
    asked: list[str] = []
    page_of.on("dialog", lambda dialog: asked.append(dialog.message))
    page_of.goto(file.as_uri())
    assert asked == []
    assert page_of.locator("#run").count() == 1
    assert page_of.locator(".steps > li").count() == 5
    picture = page_of.locator("figure img")
    assert picture.evaluate("i => i.naturalWidth") == 1
    assert picture.get_attribute("alt")
    assert page_of.evaluate("document.documentElement.scrollWidth") <= 320
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    page_of.evaluate("for (const d of document.querySelectorAll('section[aria-labelledby=run] details')) d.open = true")
    result = Axe().run(page_of, context="section[aria-labelledby=run]", options=options)
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in result.response["violations"]] == []


def test_the_page_of_a_reading_alone_has_no_such_section() -> None:
    page = render(grid(Report("n", ())), "en", {c.id: c for c in CHECKS})
    assert 'id="run"' not in page
    assert 'id="influences"' not in page


def test_findings_about_what_ran_are_hidden_where_nothing_did() -> None:
    silent = Report(
        "n",
        tuple(
            Finding(c.id, Outcome.NOT_APPLICABLE, Text("rien", "nothing"), (), "nothing-ran")
            for c in CHECKS
            if c.id.startswith("run-")
        ),
    )
    assert all(not p.findings for p in grid(silent).proposals)

"""What people do at the desk, in a real browser: with JavaScript and without, by mouse and by keyboard alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlmodel import col, select

from grader.assess import Assessor
from grader.store.people import accept_invitation, find_person, invite
from grader.store.tables import Document, State
from tests.desk.conftest import Desk, Open

pytestmark = pytest.mark.timeout(240)
PASSWORD = "a long enough secret"


def worker(desk: Desk) -> Assessor:
    service = desk.world.service
    return Assessor(
        service.database, service.files, service.secret, service.settings, service.queue, sandbox="none", samples=True
    )


def test_an_invitation_sets_a_password_and_leads_in(desk: Desk, as_person: Open) -> None:
    with desk.world.service.database.begin() as session:
        bea = find_person(session, "bea@example.org")
        assert bea
        token = invite(session, bea)
    page = as_person(None, f"/invitation/{token}", language="fr")
    page.get_by_label("Mot de passe", exact=False).first.fill("court")
    page.locator("#password").evaluate("e => e.removeAttribute('minlength')")
    page.locator("#again").evaluate("e => e.removeAttribute('minlength')")
    page.locator("#again").fill("court")
    page.get_by_role("button", name="Enregistrer le mot de passe").click()
    expect(page.get_by_role("alert")).to_contain_text("12")
    page.locator("#password").fill(PASSWORD)
    page.locator("#again").fill(PASSWORD)
    page.get_by_role("button", name="Enregistrer le mot de passe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Spring")
    again = as_person(None, f"/invitation/{token}")
    expect(again.locator("main")).to_contain_text("déjà servi")


def test_signing_in_leads_where_one_wanted_to_go_and_nowhere_else(desk: Desk, as_person: Open) -> None:
    with desk.world.service.database.begin() as session:
        zoe = find_person(session, "zoe@example.org")
        assert zoe
        accept_invitation(session, invite(session, zoe), PASSWORD)
    page = as_person(None, "/account")
    assert "/sign-in?next=" in page.url
    page.get_by_label("Adresse électronique").fill("zoe@example.org")
    page.get_by_label("Mot de passe").fill("wrong")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.get_by_label("Adresse électronique").input_value() == "zoe@example.org"
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page).to_have_url(f"{desk.address}/account")
    page.get_by_role("button", name="Se déconnecter").click()
    for elsewhere in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        page.goto(f"/sign-in?next={elsewhere}")
        assert page.locator("input[name=next]").input_value() == "/"


@pytest.mark.parametrize("script", [True, False])
def test_a_candidate_hands_in_follows_and_gets_a_receipt(desk: Desk, as_person: Open, script: bool) -> None:
    page = as_person("ada", f"/candidates/{desk.world.ids['enrolment_id']}", script=script)
    page.locator("#url-0").fill("http://example.org/not-https")
    page.get_by_role("button", name="Remettre").click()
    expect(page.get_by_role("alert")).to_contain_text("https")
    assert page.locator("#url-0").input_value() == "http://example.org/not-https"  # nothing typed is lost
    page.locator("#url-0").fill("sample:weak")
    page.get_by_role("button", name="Remettre").click()
    expect(page.locator("[aria-current=step]")).to_contain_text("Copie du dépôt en cours")
    hands = worker(desk)
    assert hands.take(State.RECEIVED)
    if not script:
        page.reload()
    expect(page.locator("#receipt ~ dl")).to_contain_text("sample:weak", timeout=10_000)
    assert hands.take(State.QUEUED)
    if not script:
        page.reload()
    expect(page.locator(".steps")).to_contain_text("Évaluée le", timeout=10_000)


@pytest.mark.parametrize("field", ["E2", "all"])
def test_a_document_is_filed_under_the_exam_of_its_field(desk: Desk, as_person: Open, tmp_path: Path, field: str) -> None:
    report = tmp_path / "rapport.md"
    report.write_text("# Rapport\n\nUne veille, chaque semaine.\n", "utf-8")
    page = as_person("ada", f"/candidates/{desk.world.ids['enrolment_id']}")
    page.locator("#url-0").fill("sample:weak")
    page.locator(f"#document-{field}").set_input_files(str(report))  # the fields before it stay empty
    page.get_by_role("button", name="Remettre").click()
    page.wait_for_url("**/submissions/**")
    with desk.world.service.database.read() as session:
        newest = session.exec(select(Document).order_by(col(Document.id).desc())).first()
    assert newest is not None
    assert (newest.exam, newest.name) == (field, "rapport.md")


@pytest.mark.parametrize("script", [True, False])
def test_a_juror_reads_evidence_at_its_line_and_decides(desk: Desk, as_person: Open, script: bool) -> None:
    where = f"/candidates/{desk.world.ids['enrolment_id']}/grid/C5"
    page = as_person("blaise", where, script=script)
    card = page.locator("#C5\\.1" if script else "#C5\\.2")
    link = card.locator(".evidence a").first
    text = link.inner_text()
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(text.split(",")[0])
    expect(page.locator("#here")).to_be_in_viewport()
    page.go_back()
    card.get_by_role("button").click()
    expect(card.get_by_role("alert")).to_contain_text("niveau")
    card.get_by_label("en partie").check()
    card.get_by_label("Commentaire").fill("<b>à voir</b> à l'oral")
    card.get_by_role("button").click()
    expect(card.locator("[data-saved]")).to_contain_text("en partie")
    expect(card.locator(".decisions")).to_contain_text("<b>à voir</b> à l'oral")  # as it was typed, and no markup
    page.reload()
    expect(card.get_by_label("en partie")).to_be_checked()


def test_a_decision_by_keyboard_alone(desk: Desk, as_person: Open) -> None:
    page = as_person("blaise", f"/candidates/{desk.world.ids['enrolment_id']}/grid/C2")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "level":
            break
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#C2\\.1 [data-saved]")).to_contain_text("satisfait")
    expect(page.locator("#C2\\.1 [data-saved]")).to_be_focused()


def test_a_president_closes_only_what_is_decided(desk: Desk, as_person: Open) -> None:
    where = f"/candidates/{desk.world.ids['enrolment_id']}/close"
    page = as_person("colette", where)
    expect(page.get_by_role("button", name="Clore et sceller")).to_have_count(0)
    from grader.store.jury import decide_on, rubric_for
    from grader.store.tables import Enrolment

    with desk.world.service.database.begin() as session:
        import uuid

        enrolment = session.get_one(Enrolment, uuid.UUID(desk.world.ids["enrolment_id"]))
        colette = find_person(session, "colette@example.org")
        assert colette
        for criterion in rubric_for(session, enrolment).criteria:
            decide_on(session, enrolment, colette.id, criterion=criterion.id, level="met", comment=None)
    page.goto(where)
    page.get_by_role("button", name="Clore et sceller").click()
    expect(page.get_by_role("alert")).to_contain_text("Cochez")
    page.get_by_label("BC01").check()
    page.get_by_label("Je clos cette grille").check()
    page.get_by_role("button", name="Clore et sceller").click()
    expect(page.locator("main")).to_contain_text("Sceau (SHA-256)")
    juror = as_person("blaise", f"/candidates/{desk.world.ids['enrolment_id']}/grid/C5")
    expect(juror.get_by_role("button", name="Enregistrer")).to_have_count(0)


def test_an_administrator_opens_a_session_and_enrols_by_a_roster(desk: Desk, as_person: Open) -> None:
    page = as_person("root", "/sessions/new")
    page.get_by_label("Nom").fill("Automne <i>")
    for name, value in (("opens_at", "2026-01-01T09:00"), ("deadline", "2025-01-01T09:00"), ("ends_at", "2036-02-01T09:00")):
        page.locator(f"#{name}").fill(value)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("alert")).to_contain_text("date")
    assert page.get_by_label("Nom").input_value() == "Automne <i>"
    page.locator("#deadline").fill("2036-01-01T09:00")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Automne <i>")
    bad = {"name": "r.csv", "mimeType": "text/csv", "buffer": b"email;nom\nnot-an-address;X\n"}
    page.locator("#file").set_input_files(bad)
    page.get_by_role("button", name="Inscrire").click()
    expect(page.get_by_role("alert")).to_contain_text("ligne 2")
    good = {"name": "r.csv", "mimeType": "text/csv", "buffer": "email;nom\nnoé@x.example;N\n".replace("é", "e").encode()}
    page.locator("#file").set_input_files(good)
    page.get_by_role("button", name="Inscrire").click()
    expect(page.locator("main")).to_contain_text("/invitation/")
    expect(page.locator("main")).to_contain_text("noe@x.example")

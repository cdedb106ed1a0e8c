"""The whole way through the API: a session, a roster, a submission, its receipt, the grid, decisions, minutes, exports."""

from __future__ import annotations

import datetime
import hashlib
import io
import json

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from api.service import Service
from grader.assess import Assessor
from grader.secret import is_signed
from grader.store.database import Database
from grader.store.people import accept_invitation, add_person, grant, invite
from grader.store.tables import Person, Role, State
from tests.api.conftest import PASSWORD, SignIn, Told
from tests.store.people import People


@pytest.fixture
def root(database: Database, known: People) -> Person:
    with database.begin() as session:
        person = add_person(session, email="root@example.org", name="Root")
        grant(session, person, Role.ADMINISTRATOR)
        accept_invitation(session, invite(session, person), PASSWORD)
    return person


def worker(service: Service) -> Assessor:
    return Assessor(
        service.database, service.files, service.secret, service.settings, service.queue, sandbox="none", samples=True
    )


def handed_in(client: TestClient, known: People, **more: object) -> dict:
    body = {"repositories": [{"url": "sample:strong"}], **more}
    answer = client.post(f"/api/candidates/{known.enrolment.id}/submissions", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()


def graded(service: Service) -> None:
    hands = worker(service)
    while hands.take(State.RECEIVED) or hands.take(State.QUEUED):
        pass


def test_from_submission_to_minutes(service: Service, as_: SignIn, known: People) -> None:
    ada, blaise, colette = as_(known.ada), as_(known.blaise), as_(known.colette)
    submission = handed_in(ada, known)
    first = submission["assessments"][0]
    assert (first["state"], first["rank"]) == ("received", 1)
    assert isinstance(service.queue, Told) and service.queue.calls
    assert ada.get(f"/api/submissions/{submission['id']}/receipt").status_code == 404
    graded(service)

    receipt = ada.get(f"/api/submissions/{submission['id']}/receipt").json()
    assert is_signed(receipt["document"], receipt["signature"], bytes.fromhex(receipt["public_key"]))
    assert not is_signed(receipt["document"] + " ", receipt["signature"], bytes.fromhex(receipt["public_key"]))
    told = json.loads(receipt["document"])
    assert told["repositories"][0]["commit"] == told["graded"]["commit"]
    assert ada.get("/api/notifications").json()[0]["kind"] == "receipt"

    assessment = ada.get(f"/api/assessments/{first['id']}").json()
    assert assessment["state"] == "ready"
    assert ada.get(f"/api/assessments/{first['id']}/grid").status_code == 403  # not released
    grid = blaise.get(f"/api/assessments/{first['id']}/grid").json()
    assert (grid["format"], len(grid["criteria"])) == ("jurygrid-grid/1", 142)
    assert grid["source"]["commit"] == told["graded"]["commit"]

    place = next(e for c in grid["criteria"] for f in c["findings"] for e in f["evidence"] if e["line"])
    lines = blaise.get(
        f"/api/assessments/{first['id']}/files", params={"path": place["path"], "start": place["line"], "count": 3}
    ).json()
    assert lines["start"] == place["line"] and lines["lines"]

    for criterion in grid["criteria"]:
        answer = blaise.post(
            f"/api/candidates/{known.enrolment.id}/decisions",
            json={
                "criterion": criterion["id"],
                "level": "met",
                "comment": "=HYPERLINK(1)" if criterion["id"] == "C1.1" else None,
            },
        )
        assert answer.status_code == 201, answer.text
        assert answer.json()["proposal"] == criterion["proposal"]
    blaise.post(f"/api/candidates/{known.enrolment.id}/decisions", json={"criterion": "C1.2", "level": "partly"})
    verdicts = {v["criterion"]: v for v in blaise.get(f"/api/candidates/{known.enrolment.id}/verdicts").json()}
    assert (verdicts["C1.2"]["level"], len(verdicts["C1.2"]["decisions"])) == ("partly", 1)

    assert blaise.post(f"/api/candidates/{known.enrolment.id}/minutes", json={"blocks": ["BC01"]}).status_code == 403
    colette.post(f"/api/candidates/{known.enrolment.id}/decisions", json={"criterion": "C1.2", "level": "met"})
    sealed = colette.post(f"/api/candidates/{known.enrolment.id}/minutes", json={"blocks": ["BC01"]})
    assert sealed.status_code == 201, sealed.text
    minutes = sealed.json()
    assert hashlib.sha256(minutes["document"].encode()).hexdigest() == minutes["seal"]
    assert "Ada" not in minutes["document"] and "@" not in minutes["document"]
    for late in (
        blaise.post(f"/api/candidates/{known.enrolment.id}/decisions", json={"criterion": "C1.2", "level": "met"}),
        colette.post(f"/api/candidates/{known.enrolment.id}/minutes", json={"blocks": []}),
        ada.post(f"/api/candidates/{known.enrolment.id}/submissions", json={"repositories": [{"url": "sample:strong"}]}),
    ):
        assert (late.status_code, late.json()["code"]) == (409, "grid-closed")

    text = blaise.get(f"/api/assessments/{first['id']}/export.csv?lang=en").text
    assert "'=HYPERLINK(1)" in text and '"=HYPERLINK' not in text
    book = load_workbook(io.BytesIO(blaise.get(f"/api/assessments/{first['id']}/export.xlsx").content))
    cells = [c for row in book.active.iter_rows() for c in row if c.value == "=HYPERLINK(1)"]
    assert cells and all(c.data_type == "s" for c in cells)
    page = blaise.get(f"/api/assessments/{first['id']}/export.html")
    assert "attachment" in page.headers["content-disposition"]
    assert colette.post(f"/api/sessions/{known.session.id}/release").status_code == 204
    assert ada.get(f"/api/assessments/{first['id']}/grid").status_code == 200
    assert "HYPERLINK" not in ada.get(f"/api/assessments/{first['id']}/export.csv").text  # the jury's comments are the jury's


def test_a_grid_with_undecided_or_differing_criteria_is_not_closed(service: Service, as_: SignIn, known: People) -> None:
    ada, blaise, colette = as_(known.ada), as_(known.blaise), as_(known.colette)
    handed_in(ada, known)
    graded(service)
    answer = colette.post(f"/api/candidates/{known.enrolment.id}/minutes", json={"blocks": []})
    assert (answer.status_code, answer.json()["code"]) == (422, "grid-undecided")
    assert (
        blaise.post(f"/api/candidates/{known.enrolment.id}/decisions", json={"criterion": "C99.1", "level": "met"}).status_code
        == 422
    )


def test_the_same_key_hands_in_once(service: Service, as_: SignIn, known: People) -> None:
    ada = as_(known.ada)
    ada.headers["Idempotency-Key"] = "k1"
    first, second = handed_in(ada, known), handed_in(ada, known)
    assert first["id"] == second["id"]
    other = ada.post(f"/api/candidates/{known.enrolment.id}/submissions", json={"repositories": [{"url": "sample:weak"}]})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-conflict")
    del ada.headers["Idempotency-Key"]
    assert handed_in(ada, known)["number"] == 2


def test_an_identical_commit_reuses_the_report_and_a_rerun_does_not(service: Service, as_: SignIn, known: People) -> None:
    ada, colette = as_(known.ada), as_(known.colette)
    first = handed_in(ada, known)["assessments"][0]["id"]
    graded(service)
    second = handed_in(ada, known)["assessments"][0]["id"]
    graded(service)
    again = colette.post(f"/api/assessments/{second}/again").json()["id"]
    assert colette.post(f"/api/assessments/{again}/again").status_code == 409  # under way
    graded(service)
    from grader.store.tables import Assessment

    with service.database.read() as session:
        import uuid

        reports = [session.get_one(Assessment, uuid.UUID(i)).report_id for i in (first, second, again)]
    assert reports[0] == reports[1] != reports[2]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://github.com/a/b", "source-not-https"),
        ("file:///etc/passwd", "source-not-https"),
        ("/etc", "source-not-https"),
        ("https://localhost/a/b", "source-host"),
        ("https://169.254.169.254/a/b", "source-host"),
        ("https://user:pw@github.com/a/b", "source-credentials"),
        ("https://github.com@evil.example/a/b", "source-credentials"),
        ("https://github.com/a/b?x=--upload-pack", "source-malformed"),
        ("ext::sh -c id", "source-not-https"),
        ("sample:../../etc", "source-not-found"),
        ("", "source-not-https"),
    ],
)
def test_an_address_that_is_no_repository_of_a_known_host_is_refused(
    service: Service, as_: SignIn, known: People, url: str, code: str
) -> None:
    ada = as_(known.ada)
    answer = ada.post(f"/api/candidates/{known.enrolment.id}/submissions", json={"repositories": [{"url": url}]})
    assert answer.status_code == 422
    assert answer.json()["code"] == code


def test_after_the_deadline_nothing_is_accepted(service: Service, as_: SignIn, known: People, database: Database) -> None:
    ada = as_(known.ada)
    with database.begin() as session:
        row = session.get_one(type(known.session), known.session.id)
        row.opens_at -= datetime.timedelta(days=9)
        row.deadline = row.opens_at + datetime.timedelta(days=1)
    answer = ada.post(f"/api/candidates/{known.enrolment.id}/submissions", json={"repositories": [{"url": "sample:strong"}]})
    assert (answer.status_code, answer.json()["code"]) == (422, "session-over")


def test_documents_are_told_by_their_content(service: Service, as_: SignIn, known: People) -> None:
    ada = as_(known.ada)
    where = f"/api/candidates/{known.enrolment.id}/documents"
    good = ada.post(where, data={"exam": "E1"}, files={"file": ("../../rapport‮.pdf", b"%PDF-1.7 x", "text/html")})
    assert good.status_code == 201, good.text
    assert (good.json()["name"], good.json()["media_type"]) == ("rapport.pdf", "application/pdf")
    for name, data, code in (
        ("a.pdf", b"MZ\x90\x00", "upload-type"),
        ("a.pdf", b"", "upload-empty"),
        ("a.docx", b"PK\x03\x04 evil", "upload-type"),
        ("a.html", b"<script>", "upload-type"),
        ("/", b"%PDF-", "upload-name"),
    ):
        bad = ada.post(where, data={"exam": "E1"}, files={"file": (name, data)})
        assert (bad.status_code, bad.json()["code"]) == (422, code), name
    assert ada.post(where, data={"exam": "E9"}, files={"file": ("a.pdf", b"%PDF-1.7")}).json()["code"] == "exam-unknown"


def test_a_roster_is_tried_told_line_by_line_and_applied_whole(as_: SignIn, known: People, root: Person) -> None:
    admin = as_(root)
    where = f"/api/sessions/{known.session.id}/roster"
    bad = "email;nom;blocs;évaluateur\nzoé@;Z;;\nx@example.org;X;BC09;\ny@example.org;Y;BC01;nobody@example.org\n"
    told = admin.post(where, params={"dry_run": True}, files={"file": ("r.csv", bad.encode())}).json()
    assert [d["line"] for d in told["defects"]] == [2, 3]
    good = 'email;nom;blocs;évaluateur\nx@example.org;"=cmd()";BC01 BC02;blaise@example.org\n'
    tried = admin.post(where, params={"dry_run": True}, files={"file": ("r.csv", good.encode())}).json()
    assert (tried["new"], tried["defects"]) == (1, [])
    names = lambda: [c["name"] for c in admin.get(f"/api/sessions/{known.session.id}/candidates").json()["items"]]  # noqa: E731
    assert names() == ["Ada"]
    admin.post(where, params={"dry_run": False}, files={"file": ("r.csv", good.encode())})
    assert names() == ["Ada", "=cmd()"]
    again = admin.post(where, params={"dry_run": False}, files={"file": ("r.csv", good.encode())}).json()
    assert (again["new"], again["known"]) == (0, 1)
    unknown = "email;evaluator\ny@example.org;nobody@example.org\n"
    refused = admin.post(where, params={"dry_run": False}, files={"file": ("r.csv", unknown.encode())}).json()
    assert refused["defects"][0]["line"] == 2
    assert names() == ["Ada", "=cmd()"]


def test_a_changed_rubric_is_tried_and_published_over_stored_reports(
    service: Service, as_: SignIn, known: People, root: Person
) -> None:
    ada, admin, blaise = as_(known.ada), as_(root), as_(known.blaise)
    first = handed_in(ada, known)["assessments"][0]["id"]
    graded(service)
    before = blaise.get(f"/api/assessments/{first}/grid").json()
    blaise.post(f"/api/candidates/{known.enrolment.id}/decisions", json={"criterion": "C1.4", "level": "met"})
    text = admin.get(f"/api/rubrics/{known.session.rubric_version}/text").text
    changed = text.replace(
        "rule: {all: [extraction.works], ran: [run-database.runs-the-extraction]}", "rule: {all: [delivery.has-dockerfile]}", 1
    )
    assert changed != text
    bad = admin.post(f"/api/sessions/{known.session.id}/rubric/preview", json={"text": "id: [x"})
    assert bad.status_code == 422
    text_of_a_rule = next(line for line in changed.splitlines() if "delivery.has-dockerfile" in line)
    assert text_of_a_rule
    seen = admin.post(f"/api/sessions/{known.session.id}/rubric/preview", json={"text": changed}).json()
    assert seen["assessments"] == 1
    published = admin.put(f"/api/sessions/{known.session.id}/rubric", json={"text": changed})
    assert published.json() == {"many": 1}
    after = blaise.get(f"/api/assessments/{first}/grid").json()
    assert after["rubric"]["version"] == seen["version"] != before["rubric"]["version"]
    decisions = blaise.get(f"/api/candidates/{known.enrolment.id}/decisions").json()["items"]
    assert [d["rubric_version"] for d in decisions] == [before["rubric"]["version"]]


def test_the_count_adds_up(service: Service, as_: SignIn, known: People, root: Person) -> None:
    ada, admin = as_(known.ada), as_(root)
    handed_in(ada, known)
    handed_in(ada, known, repositories=[{"url": "https://github.com/nobody/nothing"}])
    assert admin.get("/api/audit").json()["holds"] is True
    assert admin.get("/metrics").text.count('jurygrid_assessments{lane="interactive",state="received"} 2.0') == 1
    assert admin.get("/health/ready").json()["status"] == "ok"


def test_progress_is_followed_live(service: Service, as_: SignIn, known: People) -> None:
    ada = as_(known.ada)
    first = handed_in(ada, known)["assessments"][0]["id"]
    graded(service)
    with ada.stream("GET", f"/api/assessments/{first}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in stream.iter_lines() if line.startswith("data:")]
    assert json.loads(lines[-1][5:])["state"] == "ready"

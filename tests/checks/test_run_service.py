"""What our prober saw of a running application, beside what reading found."""

from __future__ import annotations

import pytest

from grader.grid import propose
from grader.rubric import load_rubric
from grader.values import Finding, Outcome, Report, Source
from tests.ran_samples import archive, engine, exchange, finding, openapi, served
from tests.web_samples import MODEL_API, PROTECTED

DATA, MODEL = "run-service.refuses-strangers-to-the-data", "run-service.refuses-strangers-to-the-model"
OPEN = {
    "api/main.py": (
        "from fastapi import FastAPI\nfrom api.base import ouvrir\n\napp = FastAPI()\n\n\n"
        "@app.get('/ruches')\ndef lister():\n    return ouvrir().execute('SELECT * FROM ruche').fetchall()\n\n\n"
        "@app.get('/miels')\ndef miels():\n    return ouvrir().execute('SELECT * FROM miel').fetchall()\n"
    ),
    "api/base.py": PROTECTED["api/base.py"],
}
PREDICT = {"api/main.py": MODEL_API}
DJANGO_TRACE = "Traceback (most recent call last):\n  File \"/work/tree/api/main.py\", line 3, in <module>\n    app = creer()\nNameError: name 'creer' is not defined\n"
ABSENT = "Traceback (most recent call last):\n  File \"/work/tree/api/main.py\", line 5, in <module>\n    modele = joblib.load('recolte.joblib')\nFileNotFoundError: [Errno 2] No such file or directory: 'recolte.joblib'\n"


def both(status: int | None, wrong: int | None = None, **more) -> list[dict]:
    found = []
    for route, path in (("/ruches", "/ruches"), ("/ruches/{numero}", "/ruches/1")):
        found.append(exchange("GET", route, status, path=path, **more))
        found.append(exchange("GET", route, wrong if wrong is not None else status, "wrong-credentials", path=path, **more))
    return found


def proposed(files: dict[str, str], criterion: str, *steps: dict) -> Outcome | None:
    rubric = load_rubric("rncp37827")
    running = engine(files, archive(*steps))
    wanted = next(c for c in rubric.criteria if c.id == criterion)
    from checks import registry
    from grader.rules import checks_of

    found = tuple(running.run(c) for c in registry.CHECKS if c.id in checks_of(wanted.rule))
    return next(p for p in propose(rubric, Report("n", found)) if p.criterion.id == criterion).outcome


def test_routes_that_refuse_are_seen_at_their_line() -> None:
    found = finding(PROTECTED, DATA, served(*both(401)))
    assert found.outcome == Outcome.MET
    assert {e.source for e in found.evidence} == {Source.RAN}
    assert found.evidence[0].path == "api/main.py"
    assert found.evidence[0].excerpt.startswith("GET /ruches → 401")
    assert proposed(PROTECTED, "C5.4", served(*both(401))) == Outcome.MET


def test_a_guard_that_lets_strangers_in_contradicts_reading() -> None:
    found = finding(PROTECTED, DATA, served(*both(200)))
    assert found.outcome == Outcome.NOT_MET
    assert found.question is not None
    assert "GET /ruches, with no credential, answers 200" in found.question.en
    assert proposed(PROTECTED, "C5.4", served(*both(200))) == Outcome.PARTLY


def test_a_guard_that_takes_any_credential_contradicts_too() -> None:
    found = finding(PROTECTED, DATA, served(*both(401, 200)))
    assert found.outcome == Outcome.NOT_MET
    assert found.question is not None
    assert "with a wrong credential" in found.question.en


def test_one_open_route_among_closed_ones_is_partly() -> None:
    mixed = [*both(401)[:2], exchange("GET", "/ruches/{numero}", 200, path="/ruches/1")]
    assert finding(PROTECTED, DATA, served(*mixed)).outcome == Outcome.PARTLY


def test_open_routes_that_reading_knew_open_confirm_it() -> None:
    step = served(exchange("GET", "/ruches", 200), exchange("GET", "/miels", 200))
    assert finding(OPEN, DATA, step).outcome == Outcome.NOT_MET
    assert proposed(OPEN, "C5.4", step) == proposed(OPEN, "C5.4") == Outcome.NOT_MET


@pytest.mark.parametrize("status", [404, 422, 500, None])
def test_answers_that_tell_nothing_of_access_leave_reading_untouched(status: int | None) -> None:
    assert finding(PROTECTED, DATA, served(*both(status))).outcome == Outcome.INCONCLUSIVE
    assert proposed(PROTECTED, "C5.4", served(*both(status))) == Outcome.MET


def test_a_missing_parameter_told_before_the_credential_is_no_opening() -> None:
    assert finding(PROTECTED, DATA, served(*both(422, 401))).outcome == Outcome.MET


def test_a_forms_missing_token_is_no_refusal() -> None:
    assert finding(PROTECTED, DATA, served(*both(403, body="CSRF verification failed"))).outcome == Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    "check", [DATA, MODEL, "run-service.starts", "run-service.returns-the-data", "run-service.takes-precautions"]
)
def test_an_application_that_did_not_come_up_for_what_we_lack_says_nothing(check: str) -> None:
    found = finding(PROTECTED, check, served(ready=False, reached=False, tail=ABSENT))
    assert (found.outcome, found.reason) == (Outcome.INCONCLUSIVE, "absent-file")
    assert "recolte.joblib" in found.why.fr


def test_an_application_that_stops_by_its_own_fault_is_partly() -> None:
    found = finding(PROTECTED, "run-service.starts", served(ready=False, reached=False, tail=DJANGO_TRACE))
    assert found.outcome == Outcome.PARTLY
    assert finding(PROTECTED, DATA, served(ready=False, reached=False, tail=DJANGO_TRACE)).outcome == Outcome.INCONCLUSIVE


def test_an_application_that_answers_starts() -> None:
    found = finding(PROTECTED, "run-service.starts", served(exchange("GET", "/", 404, "home")))
    assert found.outcome == Outcome.MET
    assert found.evidence[0].path == "api/main.py"


def test_the_model_answers_a_valid_request() -> None:
    check = "run-service.answers-with-the-model"
    assert finding(PREDICT, check, served(exchange("POST", "/predire", 200, "valid-body"))).outcome == Outcome.MET
    broken = finding(PREDICT, check, served(exchange("POST", "/predire", 500, "valid-body")))
    assert broken.outcome == Outcome.INCONCLUSIVE
    assert broken.question is not None
    assert finding(PREDICT, check, served(exchange("POST", "/predire", 401))).reason == "refused"
    assert proposed(PREDICT, "C9.2", served(exchange("POST", "/predire", 500, "valid-body"))) == Outcome.MET


def test_a_served_document_that_tells_every_route() -> None:
    check = "run-service.documents-the-data-api"
    whole = openapi("GET /ruches", "GET /ruches/{id}")
    assert finding(PROTECTED, check, served(**whole)).outcome == Outcome.MET
    short = finding(PROTECTED, check, served(**openapi("GET /ruches")))
    assert (short.outcome, short.reason) == (Outcome.INCONCLUSIVE, "incomplete-openapi")
    invalid = finding(PROTECTED, check, served(**{**whole, "openapi_valid": False}))
    assert invalid.question is not None
    assert finding(PROTECTED, check, served()).outcome == Outcome.NOT_APPLICABLE
    assert proposed(PROTECTED, "C5.1", served(**openapi("GET /ruches"))) == Outcome.MET


def test_headers_and_limits_are_seen() -> None:
    check, headers = "run-service.takes-precautions", {"x-frame-options": "DENY", "Content-Security-Policy": "x"}
    assert finding(PROTECTED, check, served(exchange("GET", "/", 200, headers=headers))).outcome == Outcome.MET
    limited = finding(PROTECTED, check, served(exchange("GET", "/", 200), limited_after=12))
    assert "429 after 12 calls" in limited.evidence[0].excerpt
    assert (limited.why.fr, limited.why.en) == (
        "Vu à l'exécution : refus 429 après 12 appels.",
        "Seen while running: 429 after 12 calls.",
    )
    assert finding(PROTECTED, check, served(exchange("GET", "/", 200))).outcome == Outcome.INCONCLUSIVE


def test_metrics_that_move_are_seen() -> None:
    check = "run-service.moves-its-metrics"

    def moved(name: str) -> Finding:
        return finding(PROTECTED, check, served(metrics={"path": "/metrics", "before": {name: 1.0}, "after": {name: 2.0}}))

    assert moved("predictions_total").outcome == Outcome.MET
    assert moved("process_cpu_seconds_total").outcome == Outcome.INCONCLUSIVE
    assert finding(PROTECTED, check, served()).outcome == Outcome.NOT_APPLICABLE


def test_a_server_error_on_a_valid_request_asks() -> None:
    check = "run-service.withstands-valid-data-requests"
    failure = {"method": "GET", "route": "/ruches", "status": 500, "what": "not_a_server_error", "sent": "/ruches?page=0"}
    found = finding(PROTECTED, check, served(fuzz={"ran": True, "cases": 40, "failures": [failure]}))
    assert found.outcome == Outcome.INCONCLUSIVE
    assert found.question is not None
    assert "GET /ruches?page=0" in found.question.en
    assert found.evidence[0].path == "api/main.py"
    assert finding(PROTECTED, check, served(fuzz={"ran": True, "cases": 40, "failures": []})).outcome == Outcome.MET


def test_reserved_spaces_turn_strangers_away() -> None:
    check = "run-service.refuses-strangers-to-its-spaces"
    assert finding(PROTECTED, check, served(*both(401))).outcome == Outcome.MET
    login = {"location": "/login?next=/ruches"}
    assert finding(PROTECTED, check, served(*both(302, headers=login))).outcome == Outcome.MET
    assert finding(PROTECTED, check, served(*both(200))).outcome == Outcome.INCONCLUSIVE


def test_no_answer_is_made_of_another_applications_404() -> None:
    other = {"framework": "fastapi", "folder": "", "target": "autre:app", "place": {"path": "autre.py", "line": 1}}
    steps = (served(*both(401)), served(*both(404), app=other))
    assert finding(PROTECTED, DATA, *steps).outcome == Outcome.MET


def test_open_routes_beside_guarded_ones_that_said_nothing_stay_partly() -> None:
    mixed = {
        **PROTECTED,
        "api/main.py": PROTECTED["api/main.py"]
        + "\n\n@app.get('/miels')\ndef miels():\n    return ouvrir().execute('SELECT * FROM miel').fetchall()\n",
    }
    step = served(exchange("GET", "/miels", 200), *both(422))
    assert finding(mixed, DATA, step).outcome == Outcome.PARTLY
    assert proposed(mixed, "C5.4", step) == proposed(mixed, "C5.4") == Outcome.PARTLY

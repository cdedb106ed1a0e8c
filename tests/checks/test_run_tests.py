"""What the candidate's tests declare: theirs lower, ours say nothing, doubts are said."""

from __future__ import annotations

import pytest

from checks.facts.test_outcomes import tally
from grader.values import Finding, Outcome, Source, Text
from tests.facts.failure_traces import TRACES
from tests.ran_samples import READY, archive, case, command, engine, exchange, finding, ran_suite, schema, served

FILES = {
    "api/main.py": "def somme(a, b):\n    return a + b\n",
    "tests/test_api.py": (
        "from api.main import somme\n\n\ndef test_un():\n    assert somme(1, 1) == 2\n\n\ndef test_deux():\n    assert somme(1, 2) == 3\n"
    ),
}


def failing(kind: str, name: str = "test_deux", outcome: str = "failed") -> str:
    message, trace, _, _ = TRACES[kind]
    return case(name, outcome, message=message, trace=trace)


def passed(step: dict, **more) -> Finding:
    return finding(FILES, "run-tests.succeed", step, **more)


def many(count: int) -> list[str]:
    return [case(f"test_{n}") for n in range(count)]


def test_tests_that_pass_are_met_and_declared() -> None:
    found = passed(ran_suite(case("test_un"), case("test_deux")))
    assert found.outcome == Outcome.MET
    assert {e.source for e in found.evidence} == {Source.DECLARED}
    assert [(e.path, e.line) for e in found.evidence] == [("tests/test_api.py", 4), ("tests/test_api.py", 8)]
    assert found.measures["passed"] == 2


def test_a_failure_of_theirs_is_partly_with_its_place_and_a_question() -> None:
    found = passed(ran_suite(case("test_un"), failing("an assertion")))
    assert found.outcome == Outcome.PARTLY
    assert found.evidence[0].line == 8
    assert found.question is not None
    assert "test_deux" in found.question.fr


def test_mostly_failures_of_theirs_is_not_met() -> None:
    found = passed(ran_suite(case("test_un"), *(failing("an assertion", f"test_{n}") for n in range(4))))
    assert found.outcome == Outcome.NOT_MET


def test_a_single_broken_import_is_never_a_broken_suite() -> None:
    assert passed(ran_suite(failing("an undeclared dependency", "tests.test_api", "error"))).outcome == Outcome.PARTLY


def test_what_the_sandbox_lacks_is_held_against_nobody() -> None:
    found = passed(ran_suite(case("test_un"), case("test_trois"), failing("psycopg2 without server")))
    assert found.outcome == Outcome.MET
    assert "1 meets what the sandbox lacks" in found.why.en


@pytest.mark.parametrize(
    "kind", ["psycopg2 without server", "absent pickle", "requests without network", "an environment variable"]
)
def test_where_only_the_sandbox_lacks_nothing_is_concluded(kind: str) -> None:
    found = passed(ran_suite(failing(kind)))
    assert (found.outcome, found.reason) == (Outcome.INCONCLUSIVE, "sandbox-lacks")


def test_what_cannot_be_explained_asks_and_does_not_lower() -> None:
    found = passed(ran_suite(*many(5), failing("an error inside a library")))
    assert found.outcome == Outcome.INCONCLUSIVE
    assert found.question is not None
    few = passed(ran_suite(*many(30), failing("an error inside a library")))
    assert few.outcome == Outcome.MET
    assert few.question is not None


def test_a_different_second_outcome_is_flaky() -> None:
    from tests.ran_samples import junit

    step = ran_suite(*many(2), failing("an assertion"), again=junit(case("test_deux")))
    outcomes = engine(FILES, archive(step)).fact("test_outcomes").all
    assert [o.sorted.code for o in outcomes if o.sorted] == ["flaky"]
    assert passed(step).outcome == Outcome.INCONCLUSIVE
    same = ran_suite(*many(2), failing("an assertion"), again=junit(failing("an assertion")))
    assert passed(same).outcome == Outcome.PARTLY


def test_an_outcome_that_a_hook_turned_is_no_pass() -> None:
    step = ran_suite(*many(2), case("test_deux"), turned=["tests/test_api.py::test_deux"])
    found = tally(engine(FILES, archive(step)).fact("test_outcomes").all)
    assert [o.sorted.code for o in found.unsure if o.sorted] == ["turned"]
    assert len(found.passed) == 2


def test_an_exit_that_skips_the_report_is_inconclusive_and_says_so() -> None:
    found = passed({**ran_suite(case("test_un")), "junit": None, "finished": False, "commands": [command(0)]})
    assert (found.outcome, found.reason) == (Outcome.INCONCLUSIVE, "no-report")
    assert "without" in found.why.en or "no report" in found.why.en


def test_skipped_tests_alone_say_nothing() -> None:
    assert passed(ran_suite(case("test_un", "skipped"))).reason == "all-skipped"


def test_nothing_that_ran_says_nothing() -> None:
    check = "run-tests.succeed"
    assert (
        engine(FILES, b"").run(next(c for c in __import__("checks.registry").registry.CHECKS if c.id == check)).reason
        == "nothing-ran"
    )
    assert finding(FILES, check).reason == "no-suite"


def test_components_are_judged_by_their_own_tests() -> None:
    found = finding(FILES, "run-tests.of-components-pass", ran_suite(case("test_un"), case("test_deux")))
    assert found.outcome == Outcome.MET
    other = finding(
        {"tests/test_api.py": "def test_un():\n    assert True\n"}, "run-tests.of-components-pass", ran_suite(case("test_un"))
    )
    assert other.outcome == Outcome.NOT_APPLICABLE


def mutated(made: int, caught: int) -> dict:
    return {
        "kind": "mutate",
        "mutants": made,
        "caught": caught,
        "survived": [{"path": "api/main.py", "line": 2, "change": "+ → -"}],
    }


def test_mutants_strengthen_or_ask_and_never_lower() -> None:
    check, suite = "run-tests.bear-out-the-claim", ran_suite(case("test_un"), case("test_deux"))
    strong, weak = finding(FILES, check, suite, mutated(10, 8)), finding(FILES, check, suite, mutated(10, 2))
    assert (strong.outcome, strong.measures["caught"]) == (Outcome.MET, 0.8)
    assert weak.outcome == Outcome.INCONCLUSIVE
    assert weak.question is not None
    assert weak.evidence[0].path == "api/main.py"
    broken = finding(FILES, check, ran_suite(case("test_un"), failing("an assertion")))
    assert (broken.outcome, broken.reason) == (Outcome.INCONCLUSIVE, "tests-fail")


def test_left_out_packages_are_the_sandboxs() -> None:
    left = {**READY, "left_out": [{"text": "polars==9.9", "reason": "no-wheel"}]}
    found = passed(ran_suite(failing("an undeclared dependency", "tests.test_api", "error")), environments=(left,))
    assert found.outcome == Outcome.INCONCLUSIVE


def test_the_account_of_the_run_tells_each_failure() -> None:
    step = ran_suite(case("test_un"), failing("an assertion"), failing("absent pickle", "test_trois"))
    record = engine(FILES, archive(step)).fact("run_record")
    assert record.steps[0].command == "python -m pytest tests"
    assert record.steps[0].counts == {"passed": 1, "failed_theirs": 1, "failed_ours": 1, "failed_undetermined": 0, "skipped": 0}
    assert {(f.name, f.whose) for f in record.steps[0].failures} == {("test_deux", "candidate"), ("test_trois", "sandbox")}


def test_a_target_of_their_own_is_compared_with_what_was_measured() -> None:
    files = {**FILES, "pytest.ini": "[pytest]\naddopts = --cov=api --cov-fail-under=80\n"}
    check = "run-tests.reach-their-own-target"
    high, low = (ran_suite(case("test_un"), coverage={"api/main.py": [n, 10, 0, 0]}) for n in (9, 3))
    assert finding(files, check, high).outcome == Outcome.MET
    below = finding(files, check, low)
    assert below.outcome == Outcome.INCONCLUSIVE
    assert below.question is not None
    assert "30%, for a target of 80%" in below.question.en
    assert finding(FILES, check, high).outcome == Outcome.NOT_APPLICABLE


def test_tests_of_other_languages_are_tests_of_components() -> None:
    files = {"web/somme.test.js": "test('somme', () => { expect(somme(1, 2)).toBe(3) })\n"}
    step = ran_suite(
        case("somme", file="web/somme.test.js"),
        host={"what": {"runner": "vitest", "folder": "web", "place": {"path": "web/package.json"}}},
    )
    found = finding(files, "run-tests.of-components-pass", step)
    assert found.outcome == Outcome.MET
    assert found.evidence[0].path == "web/somme.test.js"


def test_a_report_full_of_failures_is_sorted_in_bounded_time() -> None:
    import time

    trace = "E       assert 500 == 200\n\ntests/test_api.py:9: AssertionError\n" + "x connection y\n" * 150
    cases = [case(f"test_{n}", "failed", message=f"assert {n} == 200", trace=f"{n}\n{trace}") for n in range(4_000)]
    started = time.monotonic()
    found = tally(engine(FILES, archive(ran_suite(*cases))).fact("test_outcomes").all)
    assert len(found.unsure) >= 3_000
    assert time.monotonic() - started < 60


def summary(step: dict) -> Text:
    """Return what the account of the run says of one step."""
    told: Text = engine(FILES, archive(step)).fact("run_record").steps[0].summary
    return told


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"finished": False, "commands": [command(-9, how="timeout")]}, "timeout"),
        ({"finished": False, "commands": [], "trouble": ["runner-killed"]}, "runner-killed"),
        ({"finished": False, "commands": [], "trouble": ["out-of-time"]}, "out-of-time"),
    ],
)
def test_tests_that_ended_before_a_stop_are_shown_and_settle_nothing(change: dict, reason: str) -> None:
    step = ran_suite(case("test_un"), failing("an assertion"), case("test_z", "error", message="did not finish"), **change)
    record = engine(FILES, archive(step)).fact("run_record").steps[0]
    assert (record.reason, record.counts["passed"], record.counts["failed_theirs"]) == (reason, 1, 1)
    assert "2 tests étaient finis : 1 passe, 1 échoue" in record.summary.fr
    assert "2 tests had ended: 1 passes, 1 fails" in record.summary.en
    found = passed(step)
    assert (found.outcome, found.reason) == (Outcome.INCONCLUSIVE, reason)
    assert "1 test" in found.why.fr


@pytest.mark.parametrize("trouble", ["no-environment", "no-vitest"])
def test_what_could_not_be_installed_by_us_is_said_beside_what_is_missing(trouble: str) -> None:
    step = ran_suite(junit=None, finished=False, commands=[], trouble=[trouble])
    failed = {**READY, "error": "install-failed"}
    summary = engine(FILES, archive(step, environments=(failed,))).fact("run_record").steps[0].summary
    assert summary.fr.endswith("L'installation des paquets a échoué.")
    assert "Installing the packages failed." not in engine(FILES, archive(step)).fact("run_record").steps[0].summary.en


def test_a_forged_account_shows_no_figures() -> None:
    assert "passe" not in summary({**ran_suite(case("test_un")), "nonce": "forged"}).fr


def test_a_suite_that_passed_with_the_plans_variables_is_believed() -> None:
    both = [command(1), command(0), command(0)]
    assert passed(ran_suite(case("test_un"), case("test_deux"), commands=both, of=2)).outcome == Outcome.MET


def test_a_long_list_of_targets_is_shortened_but_in_the_command() -> None:
    targets = [f"tests/test_{n}.py" for n in range(5)]
    step = ran_suite(
        case("test_un"), host={"what": {"runner": "pytest", "folder": "", "targets": targets, "place": {"path": "x", "line": 1}}}
    )
    tried = engine(FILES, archive(step)).fact("run_record").steps[0]
    assert tried.what == "pytest tests/test_0.py … (5)"
    assert tried.command.endswith("tests/test_3.py tests/test_4.py")


def test_figures_of_zero_are_left_out() -> None:
    assert summary(ran_suite(case("test_un"))).fr == "1 passe, 0 échoue."
    assert summary(served(exchange("GET", "/", 200))).fr == "Répond : 1 appel."
    assert summary(schema(("ruche", 0))).en == "1 table."
    assert summary(schema(("django_migrations", 18), ("auth_group", 0))).fr == "2 tables, aucune du projet."
    asked = [
        {"path": "a.py", "line": 1, "ok": True, "rows": 0, "error": ""},
        {"path": "a.py", "line": 2, "ok": False, "rows": None, "error": "no such table: visites"},
    ]
    assert summary(schema(("ruche", 0), queries=asked)).en == (
        "1 table, 1 query tried, 1 without error, 1 query of a table that this schema does not have."
    )


def test_a_schema_that_was_prepared_is_told() -> None:
    assert "Son schéma a d'abord été créé." in summary({**served(exchange("GET", "/", 200)), "prepared_schema": "ok"}).fr


def test_folders_that_were_made_are_told() -> None:
    made = {"made_folders": ["logs", "api/data"]}
    assert (
        summary({**served(exchange("GET", "/", 200)), **made}).fr
        == "Répond : 1 appel. Dossiers absents du dépôt, créés d'abord : logs, api/data."
    )
    assert summary({**ran_suite(case("test_un")), **made}).en == "1 passes, 0 fail."
    assert "made first: logs" in summary({**ran_suite(case("test_un")), **made, "with_variables": True}).en


def test_why_a_schema_was_not_created_is_told() -> None:
    tail = "Traceback (most recent call last):\n  File \"/tmp/work/api/models.py\", line 3, in <module>\n    import passlib\nModuleNotFoundError: No module named 'passlib'\n"
    absent = {**schema(), "tables": None, "commands": [command(1, tail=tail)]}
    assert summary(absent).en == "passlib is imported but is neither in the repository nor declared among the dependencies."
    undescribed = {**schema(), "tables": None, "commands": [command(3, tail="no table is described by x\n")]}
    assert summary({**undescribed, "trouble": ["no-table-described"]}).en.startswith("This module describes no table")
    assert summary(undescribed).en == "The failures could not be explained."


def test_a_package_that_is_not_declared_is_named() -> None:
    tail = "Traceback (most recent call last):\n  File \"/tmp/work/api/main.py\", line 3, in <module>\n    import passlib\nModuleNotFoundError: No module named 'passlib'\n"
    stopped = served(ready=False, tail=tail, reached=False)
    record = engine(FILES, archive(stopped)).fact("run_record").steps[0]
    assert record.reason == "undeclared-dependency"
    assert record.summary == Text(
        "passlib est importé, mais n'est ni dans le dépôt ni déclaré parmi les dépendances.",
        "passlib is imported but is neither in the repository nor declared among the dependencies.",
    )


def test_a_suite_that_never_began_says_what_kept_it() -> None:
    site = "/opt/environment/lib/python3.11/site-packages"
    tail = (
        "ImportError while loading conftest '/tmp/work/tests/conftest.py'.\n"
        "tests/conftest.py:3: in <module>\n    from api.main import app\n"
        "api/main.py:2: in <module>\n    import flasgger\n"
        f"{site}/flasgger/base.py:20: in <module>\n    from flask import Markup\n"
        f"E   ImportError: cannot import name 'Markup' from 'flask' ({site}/flask/__init__.py)\n"
    )
    step = ran_suite(junit=None, finished=False, commands=[command(4, tail=tail)])
    record = engine(FILES, archive(step)).fact("run_record").steps[0]
    assert record.reason == "stopped-early"
    assert "stopped before the end. The error comes from a library" in record.summary.en
    assert "Markup" in record.summary.fr
    found = passed(step)
    assert found.outcome == Outcome.INCONCLUSIVE
    assert "Markup" in found.why.fr


def test_a_failure_beside_the_projects_own_application_is_never_theirs_for_sure() -> None:
    step = ran_suite(*many(2), failing("an assertion"), served={"target": "api.main:app", "port": 8000})
    found = tally(engine(FILES, archive(step)).fact("test_outcomes").all)
    assert ([o.sorted.code for o in found.unsure if o.sorted], found.theirs, len(found.passed)) == (["beside"], (), 2)
    assert passed(step).outcome == Outcome.INCONCLUSIVE

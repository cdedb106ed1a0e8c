"""Failures are sorted by their whole traceback: what the sandbox lacks is never held against the candidate."""

from __future__ import annotations

import time

import pytest

from checks.facts.failures import Surroundings, sort_failure, sort_output
from checks.facts.failures_catalogue import failure_rules, imported_as
from checks.facts.lexicons import load_topics
from checks.facts.tracebacks import read_traceback
from tests.facts.failure_traces import TRACES

AROUND = Surroundings(
    files=frozenset({"api/main.py", "data/raw/present.csv"}),
    names=frozenset({"main.py", "present.csv"}),
    modules=frozenset({"api", "main", "etl", "tests"}),
    declared=frozenset({"fastapi", "scikit-learn", "fasttext"}),
    left_out=frozenset({"scikit-learn", "fasttext"}),
)


@pytest.mark.parametrize("name", TRACES)
def test_a_failure_is_sorted(name: str) -> None:
    message, trace, whose, code = TRACES[name]
    found = sort_failure(message, trace, AROUND)
    assert (found.whose, found.code) == (whose, code), found.text.en


@pytest.mark.parametrize("name", TRACES)
def test_every_sentence_is_in_both_languages(name: str) -> None:
    message, trace, _, _ = TRACES[name]
    text = sort_failure(message, trace, AROUND).text
    assert text.fr != text.en
    assert "{" not in text.fr.split(" : ")[0]


def test_a_500_is_undetermined_where_something_is_lacking() -> None:
    message, trace, _, _ = TRACES["an assertion on 500 alone"]
    lacking = Surroundings(lacks=True)
    assert sort_failure(message, trace, lacking).whose == "undetermined"


def test_what_jest_wanted_is_not_what_came() -> None:
    said = 'Error: expect(received).rejects.toThrow(expected)\n\nExpected substring: "API error 500"\nReceived message:   "no"\n'
    trace = said + "    at Object.<anonymous> (tests/a.test.js:6:23)\n"
    assert sort_failure("", trace, Surroundings(lacks=True)).code == "assertion"
    came = trace.replace("Received message:   ", "Received: 500 ")
    assert sort_failure("", came, Surroundings(lacks=True)).code == "server-error"


@pytest.mark.parametrize(
    "said",
    [
        "<module 'api.main' from '/tmp/work/api/main.py'> does not have the attribute 'charge'",
        "<class 'api.main.Modele'> does not have the attribute 'charge'",
        "<module 'api.main' from '/tmp/work/api/main.py'> has no attribute 'charge'",
        "'module' object at api.main has no attribute 'charge'",
    ],
)
def test_a_name_of_theirs_that_a_test_replaces_in_vain_is_theirs(said: str) -> None:
    trace = f"/usr/lib/python3.11/unittest/mock.py:1437: in get_original\n    raise AttributeError(\nE   AttributeError: {said}\n"
    found = sort_failure(f"AttributeError: {said}", trace, Surroundings(modules=frozenset({"api", "main"})))
    assert (found.whose, found.code) == ("candidate", "replaced-name-not-found")


def test_a_driver_that_sqlalchemy_asks_for_is_nobodys_fault_where_another_is_declared() -> None:
    trace = (
        'Traceback (most recent call last):\n  File "/tmp/work/app/base.py", line 9, in <module>\n    engine = create_engine(URL)\n'
        '  File "/opt/environment/lib/python3.11/site-packages/sqlalchemy/dialects/postgresql/psycopg.py", line 497, in import_dbapi\n'
        "    import psycopg\nModuleNotFoundError: No module named 'psycopg'\n"
    )
    other = sort_failure("", trace, Surroundings(declared=frozenset({"sqlalchemy", "psycopg2-binary"})))
    assert (other.whose, other.code, other.detail) == ("undetermined", "other-driver", "psycopg")
    assert sort_failure("", trace, Surroundings(declared=frozenset({"sqlalchemy"}))).code == "undeclared-dependency"


ASKED = "tests/test_hive.py:4: in test_hive\n    assert PLACE.exists()\nE   "


@pytest.mark.parametrize(
    ("message", "whose", "code"),
    [
        ("assert datetime.date(2026, 1, 2) >= datetime.date(2026, 11, 27)", "undetermined", "dates-compared"),
        ("assert '2026-01-02' > '2026-11-27'", "undetermined", "dates-compared"),
        (
            "AssertionError: old\nassert Timestamp('2026-01-02 00:00:00') >= Timestamp('2026-11-27 02:00:00')",
            "undetermined",
            "dates-compared",
        ),
        ("assert datetime.date(2026, 1, 2) == datetime.date(2026, 1, 3)", "candidate", "assertion"),
        ("assert 3 > 4", "candidate", "assertion"),
        (
            "assert False\n +  where False = exists()\n +    where exists = PosixPath('/tmp/work/data/processed').exists",
            "undetermined",
            "absent-file",
        ),
        ("assert False\n +  where False = <function isfile at 0x7f>('models/hive.bin')", "undetermined", "absent-file"),
        (
            "assert False\n +  where False = exists()\n +    where exists = PosixPath('/tmp/work/data/raw').exists",
            "candidate",
            "assertion",
        ),
        (
            "assert False\n +  where False = exists()\n +    where exists = PosixPath('/tmp/pytest-of-x/out').exists",
            "candidate",
            "assertion",
        ),
    ],
)
def test_an_assertion_on_today_or_on_what_was_not_received_is_not_held_against_anybody(
    message: str, whose: str, code: str
) -> None:
    found = sort_failure(message, ASKED + message.replace("\n", "\nE   "), AROUND)
    assert (found.whose, found.code) == (whose, code), found.text.en


def test_the_last_traceback_of_a_program_is_sorted_with_its_causes() -> None:
    trace = TRACES["django over postgresql"][1]
    assert sort_output(f"INFO start\n{trace}bye\n", AROUND) is not None
    found = sort_output(f"INFO start\n{trace}bye\n", AROUND)
    assert found is not None
    assert found.whose == "sandbox"
    assert sort_output("no trace at all", AROUND) is None


def test_the_innermost_line_of_theirs_is_known() -> None:
    told = read_traceback(*TRACES["absent model hidden behind their own error"][:2])
    assert [r.name for r in told.chain] == ["RuntimeError", "FileNotFoundError"]
    own = told.chain[1].own
    assert own is not None
    assert (own.path, own.line) == ("api/modele.py", 12)


@pytest.mark.parametrize(
    "trace", ["E   " * 200_000, 'File "' * 100_000, "a.b" * 200_000 + ": x", "\n".join(["E   a"] * 100_000), "assert 5" * 100_000]
)
def test_a_hostile_trace_is_read_in_linear_time(trace: str) -> None:
    started = time.monotonic()
    sort_failure(trace[:2_000], trace[:12_000], AROUND)
    read_traceback("", trace[:400_000])
    assert time.monotonic() - started < 5


def test_the_rules_are_sound() -> None:
    load_topics()
    assert {r.whose for r in failure_rules()} == {"sandbox", "candidate", "undetermined"}
    assert all(r.text.fr.endswith(".") and r.text.en.endswith(".") for r in failure_rules())
    assert "opencv-python" in imported_as()["cv2"]


def test_the_lines_that_a_server_logs_after_a_traceback_are_no_exception() -> None:
    trace = TRACES["django over postgresql"][1].split("\nThe above")[0]
    found = sort_output(
        f"INFO:     Started server process [7]\nERROR:    {trace}\nERROR:    Application startup failed. Exiting.\n", AROUND
    )
    assert found is not None
    assert (found.whose, found.code) == ("sandbox", "no-service")


def test_a_module_that_a_package_left_out_may_provide_is_not_held_against_anybody() -> None:
    trace = (
        "tests/conftest.py:3: in <module>\n    from orchard import trees\n"
        "E   ModuleNotFoundError: No module named 'orchard'\n\ntests/conftest.py:3: ModuleNotFoundError\n"
    )
    assert sort_failure("", trace, Surroundings(left_out=frozenset({"orchard-toolkit"}))).whose == "sandbox"
    assert sort_failure("", trace, Surroundings(declared=frozenset({"orchard-toolkit"}))).whose != "candidate"
    assert sort_failure("", trace, Surroundings(declared=frozenset({"orchards"}))).whose == "candidate"

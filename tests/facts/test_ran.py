"""Documents of a run are a stranger's: whatever is in them, they are read, bounded, and doubted aloud."""

from __future__ import annotations

import json
import time

import pytest

from checks.facts.hostile_json import read_object
from checks.facts.junit import read_junit
from checks.facts.ran import ran
from tests.ran_samples import (
    APP,
    NONCE,
    READY,
    archive,
    case,
    command,
    exchange,
    junit,
    openapi,
    probe,
    ran_suite,
    read,
    schema,
    served,
    tar,
)

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPhfDwAChAGAWjR9awAAAABJRU5ErkJggg=="


def doubt(*steps: dict, **more) -> str | None:
    return read(*steps, **more).tests[0].doubt


def test_nothing_that_ran_is_reading_only() -> None:
    assert not ran(b"").whole


def test_what_ran_is_read_whole() -> None:
    found = read(
        ran_suite(
            case("test_a"), case("test_b", "failed", message="assert 1 == 2"), coverage={"api/main.py": [8, 10, 1, 2], "x": "y"}
        ),
        served(exchange("GET", "/items", 401), screenshot=PNG, **openapi("GET /items/{id}"), limited_after=30),
        schema(("ruche", 12), imported=[{"script": "import.py", "how": "exit", "code": 0, "rows_before": 0, "rows_after": 12}]),
        {"kind": "mutate", "mutants": 10, "caught": 7, "survived": [{"path": "api/main.py", "line": 3, "change": "< → <="}]},
    )
    assert found.sandbox == "docker"
    assert [r.outcome for r in found.tests[0].results] == ["passed", "failed"]
    assert dict(found.tests[0].coverage) == {"api/main.py": (8, 10)}
    (server,) = found.servers
    assert (server.exchanges[0].status, server.documented, server.limited_after) == (401, frozenset({("GET", "/items/{}")}), 30)
    assert server.screenshot == PNG
    assert found.schemas[0].tables is not None
    assert found.schemas[0].tables[0].rows == 12
    assert (found.mutations[0].caught, found.mutations[0].survived[0][1]) == (7, 3)


def test_a_metric_that_moved_is_told_apart() -> None:
    metrics = {"path": "/metrics", "before": {"a": 1.0, "b": 2.0}, "after": {"a": 1.0, "b": 3.0, "c": 1.0}}
    assert read(served(metrics=metrics)).servers[0].moved == ("b", "c")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"nonce": "other"}, "forged"),
        ({"nonce": None}, "forged"),
        ({"junit": None}, "no-report"),
        ({"junit": None, "commands": [command(1)]}, "stopped-early"),
        ({"junit": None, "commands": [command(5)]}, "no-test-collected"),
        ({"junit": None, "commands": [command(-9, how="timeout")]}, "timeout"),
        ({"junit": None, "commands": [command(-9, how="signal")]}, "killed"),
        ({"junit": None, "commands": []}, "no-command"),
        ({"junit": None, "commands": [], "trouble": ["no-environment"]}, "no-environment"),
        ({"finished": False}, "no-report"),
        ({"finished": False, "stuck": ["test_a"], "commands": [command(75)]}, "timeout"),
        ({"finished": False, "stuck": ["test_a"]}, "no-report"),
        ({"finished": False, "commands": [command(75)]}, "stopped-early"),
        ({"junit": "<testsuites/>"}, "empty"),
        ({"junit": "not xml"}, "malformed"),
        ({"junit": "<a>" * 100_000}, "malformed"),
        ({"junit": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}, "malformed"),
        ({"junit": "x" * 20_000_001}, "too-large"),
        ({"junit": 3}, "too-large"),
        ({"commands": [command(1)]}, "contradictory"),
        ({"commands": [command(3)]}, "stopped-early"),
    ],
    ids=str,
)
def test_a_report_that_cannot_be_believed_says_why(change: dict, code: str) -> None:
    if len(str(change)) > 10_000:
        change = dict(change)
    assert doubt({**ran_suite(case("test_a")), **change}) == code


def test_failures_with_a_code_of_success_contradict() -> None:
    assert doubt(ran_suite(case("test_a", "failed"), code=0)) == "contradictory"


def test_the_report_of_a_better_run_is_held_against_its_own_code() -> None:
    again = {**ran_suite(case("test_a")), "commands": [command(1), command(0), command(0)]}
    assert doubt({**again, "of": 2}) is None


def test_totals_that_are_not_those_of_the_tests_contradict() -> None:
    text = junit(case("test_a"), case("test_b")).replace('tests="2"', 'tests="200"')
    assert doubt({**ran_suite(case("test_a")), "junit": text}) == "contradictory"
    text = junit(case("test_a")).replace('failures="0"', 'failures="3"')
    assert doubt({**ran_suite(case("test_a")), "junit": text}) == "contradictory"


def test_a_step_that_we_stopped_is_doubted() -> None:
    found = read({**ran_suite(case("test_a")), "host": {"how": "not-run", "reason": "no-environment"}})
    assert found.tests[0].doubt == "no-environment"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"nothing",
        b"[" * 1_000_000,
        b'{"nonce": ' * 10_000,
        b'{"nonce": "n-42", "kind": "tests", "junit": ' + b"[" * 200_000,
        b'{"a": 1' + b"0" * 100_000 + b"}",
        json.dumps(
            {"nonce": NONCE, "kind": "tests", "commands": "x", "services": 3, "coverage": [1], "turned": {"a": 1}}
        ).encode(),
        json.dumps({"nonce": NONCE, "kind": "serve"}).encode(),
        b"\xff\xfe\x00",
    ],
    ids=range(10),
)
def test_a_hostile_document_costs_its_step_alone(data: bytes) -> None:
    started = time.monotonic()
    found = ran(archive(ran_suite(case("test_a")), ran_suite(case("test_b")), **{"2": data}))
    assert [t.doubt is None for t in found.tests] == [True, False]
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "data", [b"x", b"\0" * 10_000, tar({}), tar({"host.json": b"["}), tar({"host.json": b"[" * 10_000_000})], ids=range(5)
)
def test_a_hostile_archive_is_doubted(data: bytes) -> None:
    found = ran(data)
    assert found.whole
    assert found.doubt == "malformed"


def test_values_of_other_types_are_empty_ones() -> None:
    odd = {
        "reached": "yes",
        "exchanges": [1, {"method": 3, "status": "200", "headers": [1]}],
        "metrics": 4,
        "fuzz": [],
        "openapi": "x",
    }
    found = ran(archive({"kind": "serve", "ready": True, "host": {"probe": odd, "seconds": "nan", "code": True}}))
    (server,) = found.servers
    assert (server.reached, server.exchanges[0].status, server.documented) == (False, None, frozenset())
    assert found.steps[0].seconds == 0


def test_impossible_figures_are_dropped() -> None:
    found = read(
        ran_suite(case("test_a"), coverage={"a.py": [11, 10], "b.py": [True, 2], "c.py": [-1, 2]}),
        {"kind": "mutate", "mutants": 3, "caught": 9},
    )
    assert dict(found.tests[0].coverage) == {}
    assert found.mutations[0].caught == 0


def test_control_characters_do_not_come_through() -> None:
    hostile = "\x1b[31mrouge\u202e\ud800\x00"
    found = read(ran_suite(case("test_a")), served(exchange("GET", "/a", 200, body=hostile)))
    body = found.servers[0].exchanges[0].body
    assert not set(body) & set("\x1b\u202e\x00")
    body.encode()


@pytest.mark.parametrize("picture", ["", "x", "PHN2Zz4=", PNG + "<script>", PNG + "A" * 800_000, "iVBORw0KGgoé", 3])
def test_only_a_small_png_is_a_screenshot(picture: object) -> None:
    assert read(served(screenshot=picture)).servers[0].screenshot is None


def test_a_junit_bomb_takes_no_time() -> None:
    started = time.monotonic()
    many = read_junit(junit(*[case(f"test_{n}") for n in range(21_000)]))
    assert many.doubt == "too-large"
    deep = read_junit("<testsuites>" + "<testsuite>" * 50_000 + "</testsuite>" * 50_000 + "</testsuites>")
    assert deep.doubt == "empty"
    assert time.monotonic() - started < 20


def test_a_test_told_twice_is_one_test() -> None:
    twice = case("test_a") + case("test_a", "error", message="teardown")
    assert [r.outcome for r in read_junit(junit(twice)).results] == ["error"]


def test_nesting_is_measured_before_anything_recurses() -> None:
    assert read_object(b'{"a": "[[[[' + b"[" * 1_000 + b'"}') is not None
    assert read_object(b'{"a": ' + b"[" * 41 + b"]" * 41 + b"}") is None


def test_the_samples_of_a_probe_are_the_provers_own_document() -> None:
    from checks.prober.probe import empty

    assert set(empty()) - {"troubles", "seconds"} == set(probe())
    assert READY["error"] is None
    assert APP["framework"] == "fastapi"

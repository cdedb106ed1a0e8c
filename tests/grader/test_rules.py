"""The three-valued logic of rules."""

from __future__ import annotations

import pytest

from grader.rules import AtLeast, One, checks_of, level, parse_rule
from grader.values import Evidence, Finding, Outcome, Source, Text

M, P, N, I, X = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE


def findings(*outcomes: Outcome) -> dict[str, Finding]:
    return {f"c{i}": Finding(f"c{i}", outcome, Text("", "")) for i, outcome in enumerate(outcomes)}


@pytest.mark.parametrize(
    ("rule", "outcomes", "expected"),
    [
        ({"all": ["c0", "c1"]}, (M, M), M),
        ({"all": ["c0", "c1"]}, (M, P), P),
        ({"all": ["c0", "c1"]}, (I, N), N),
        ({"all": ["c0", "c1"]}, (I, M), I),
        ({"all": ["c0", "c1"]}, (X, M), M),
        ({"all": ["c0", "c1"]}, (X, X), X),
        ({"any": ["c0", "c1"]}, (N, M), M),
        ({"any": ["c0", "c1"]}, (I, M), M),
        ({"any": ["c0", "c1"]}, (I, P), P),
        ({"any": ["c0", "c1"]}, (I, N), I),
        ({"any": ["c0", "c1"]}, (N, N), N),
        ({"at_least": {"met": 3, "partly": 1}, "of": ["c0", "c1", "c2"]}, (M, M, M), M),
        ({"at_least": {"met": 3, "partly": 1}, "of": ["c0", "c1", "c2"]}, (M, N, N), P),
        ({"at_least": {"met": 3, "partly": 1}, "of": ["c0", "c1", "c2"]}, (P, N, N), N),
        ({"at_least": {"met": 3, "partly": 1}, "of": ["c0", "c1", "c2"]}, (P, P, N), P),
        ({"at_least": {"met": 3, "partly": 1}, "of": ["c0", "c1", "c2"]}, (I, N, N), I),
        ({"at_least": {"met": 3, "partly": 1}, "of": ["c0", "c1", "c2"]}, (M, I, N), P),
        ({"ask": ["c0"]}, (M,), I),
        ("c0", (P,), P),
        ("absent", (P,), I),
        ({"all": ["c0"], "see": ["c1"]}, (M, N), M),
        ({"any": [{"all": ["c0", "c1"]}, "c2"]}, (M, N, P), P),
        ({"shown": "c0"}, (N,), I),
        ({"shown": "c0"}, (P,), P),
        ({"shown": {"all": ["c0", "c1"]}, "see": ["c2"]}, (M, N, N), I),
    ],
)
def test_levels(rule: object, outcomes: tuple[Outcome, ...], expected: Outcome) -> None:
    assert level(parse_rule(rule), findings(*outcomes)) == expected


def test_what_is_there_speaks_against_a_line_that_absence_leaves_open() -> None:
    place = Evidence(Source.READ, "compose.yml", 3, "prometheus")
    rule = parse_rule({"shown": {"all": ["c0", "c1"]}})
    there = Finding("c1", N, Text("", ""), (place,))
    assert level(rule, {**findings(M), "c1": there}) == N
    assert level(rule, {"c0": Finding("c0", N, Text("", "")), "c1": Finding("c1", M, Text("", ""), (place,))}) == I


@pytest.mark.parametrize(("value", "expected"), [(90.0, M), (80.0, M), (60.0, P), (59.9, N)])
def test_a_measure_has_thresholds(value: float, expected: Outcome) -> None:
    rule = parse_rule({"measure": {"check": "c", "name": "coverage", "partly": 60, "met": 80}})
    assert level(rule, {"c": Finding("c", M, Text("", ""), measures={"coverage": value})}) == expected
    assert level(rule, {"c": Finding("c", I, Text("", ""))}) == I


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"all": []},
        {"every": ["a"]},
        3,
        {"at_least": {"met": 4, "partly": 1}, "of": ["a"]},
        {"at_least": {"met": 1}, "of": ["a"]},
        {"measure": {"check": "a"}},
        {"all": {"any": "a"}},
    ],
)
def test_a_malformed_rule_says_so(rule: object) -> None:
    with pytest.raises(ValueError, match=r"rule|at_least|measure"):
        parse_rule(rule)


def test_checks_are_listed_once_in_order() -> None:
    assert checks_of(AtLeast(1, 1, (One("b"), One("a"), One("b")))) == ("b", "a")

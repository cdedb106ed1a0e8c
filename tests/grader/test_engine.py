"""Facts are lazy and computed once, failure included; a check is read from its function."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checks.findings import met, not_met
from checks.limits import Overtime, deadline
from grader.engine import Check, Engine, FactFailed, check_from
from grader.values import Evidence, Finding, Outcome, Source

calls: list[str] = []


def base() -> int:
    calls.append("base")
    return 2


def double(base: int) -> int:
    calls.append("double")
    return base * 2


def broken(base: int) -> int:
    calls.append("broken")
    raise ValueError("no")


def slow() -> int:
    while True:
        pass


def is_four(double: int) -> Finding:
    """The number is four.

    fr: Le nombre vaut quatre.
    why: Because the test says so,
      on two lines.
    pourquoi: Parce que le test le dit.
    fix: Count again.
    corriger: Comptez encore.
    """
    build = met if double == 4 else not_met
    return build("oui", "yes", [Evidence(Source.READ, "a", 1)])


def asks_broken(broken: int) -> Finding:
    raise AssertionError


def asks_nothing_known(absent: int) -> Finding:
    raise AssertionError


def asks_slow(slow: int) -> Finding:
    raise AssertionError


def as_check(function: Callable[..., Finding]) -> Check:
    text = check_from(is_four).what
    return Check(function.__name__, function, tuple(function.__annotations__)[:-1], text, text, text)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    calls.clear()
    monkeypatch.setattr("grader.engine.FACT_SECONDS", 0.3)
    return Engine((base, double, broken, slow), {}, clock=deadline, overtime=Overtime)


def test_a_fact_is_computed_once_and_only_when_asked(engine: Engine) -> None:
    assert calls == []
    assert [engine.fact("double"), engine.fact("double")] == [4, 4]
    assert calls == ["base", "double"]


def test_a_failure_is_remembered_and_costs_only_who_asked(engine: Engine) -> None:
    first, second = engine.run(as_check(asks_broken)), engine.run(as_check(asks_broken))
    assert (first.outcome, first.reason) == (Outcome.INCONCLUSIVE, "error-ValueError")
    assert first == second
    assert calls == ["base", "broken"]
    assert "broken" in first.why.en
    assert engine.run(as_check(is_four)).outcome == Outcome.MET


def test_a_fact_that_never_ends_is_stopped(engine: Engine) -> None:
    found = engine.run(as_check(asks_slow))
    assert (found.outcome, found.reason) == (Outcome.INCONCLUSIVE, "took-too-long")


def test_a_fact_known_to_fail_is_not_tried_again() -> None:
    engine = Engine((base, double), {}, failed={"base": "crashed"})
    with pytest.raises(FactFailed, match="base: crashed"):
        engine.fact("double")


def test_an_unknown_fact_is_our_mistake_and_inconclusive(engine: Engine) -> None:
    assert engine.run(as_check(asks_nothing_known)).outcome == Outcome.INCONCLUSIVE


def test_a_check_is_read_from_its_docstring() -> None:
    check = check_from(is_four)
    assert (check.id, check.needs) == ("test-engine.is-four", ("double",))
    assert (check.what.en, check.what.fr) == ("The number is four.", "Le nombre vaut quatre.")
    assert check.why.en == "Because the test says so, on two lines."


@pytest.mark.parametrize("missing", ["fr", "why", "pourquoi", "fix", "corriger"])
def test_a_missing_text_is_refused(missing: str) -> None:
    def half() -> Finding:
        raise AssertionError

    half.__doc__ = "\n".join(line for line in (is_four.__doc__ or "").splitlines() if not line.strip().startswith(f"{missing}:"))
    with pytest.raises(ValueError, match=missing):
        check_from(half)


def test_an_outer_deadline_outlives_an_inner_one() -> None:
    with pytest.raises(Overtime), deadline(0.2):
        with pytest.raises(Overtime), deadline(0.05):
            slow()
        slow()

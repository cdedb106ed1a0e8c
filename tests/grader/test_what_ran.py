"""How what ran combines with what reading found: one test for each cell of docs/decisions/0010-what-ran.md."""

from __future__ import annotations

import pytest

from grader.grid import propose
from grader.rules import checks_of, level, parse_rule, ran_for, weighed
from grader.values import Evidence, Finding, Outcome, Report, Source, Text
from tests.grader.test_grid import rubric

MET, PARTLY, NOT_MET, OPEN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.INCONCLUSIVE
RULE = {"all": ["read.a"], "ran": ["run.a", "run.b"]}


def finding(check: str, outcome: Outcome, reason: str | None = None, *, question: bool = False) -> Finding:
    source = Source.RAN if check.startswith("run") else Source.READ
    ask = Text(f"Pourquoi {check} ?", f"Why {check}?") if question else None
    return Finding(
        check, outcome, Text(f"{check} dit.", f"{check} says."), (Evidence(source, f"{check}.py", 1),), reason, {}, ask
    )


def leveled(read: Finding, *ran: Finding, rule: object = RULE) -> Outcome:
    return level(parse_rule(rule), {f.check: f for f in (read, *ran)})


@pytest.mark.parametrize("read", [MET, PARTLY, NOT_MET, OPEN])
@pytest.mark.parametrize("ran", [OPEN, Outcome.NOT_APPLICABLE])
def test_what_says_nothing_leaves_reading_untouched(read: Outcome, ran: Outcome) -> None:
    alone = propose(rubric({"all": ["read.a"]}), Report("n", (finding("read.a", read),)))[0]
    beside = propose(rubric(RULE), Report("n", (finding("read.a", read), finding("run.a", ran, "no-network"))))[0]
    assert (beside.outcome, beside.confidence) == (alone.outcome, alone.confidence)
    assert beside.why == alone.why


@pytest.mark.parametrize("read", [MET, PARTLY, NOT_MET, OPEN])
def test_a_grid_where_nothing_ran_is_that_of_reading(read: Outcome) -> None:
    silent = [finding(f"run.{n}", Outcome.NOT_APPLICABLE, "nothing-ran", question=True) for n in "ab"]
    alone = propose(rubric({"all": ["read.a"]}), Report("n", (finding("read.a", read),)))[0]
    beside = propose(rubric(RULE), Report("n", (finding("read.a", read), *silent)))[0]
    assert [beside.outcome, beside.confidence, beside.why, beside.question, beside.findings] == [
        alone.outcome,
        alone.confidence,
        alone.why,
        alone.question,
        alone.findings,
    ]


@pytest.mark.parametrize(
    ("read", "ran", "expected"),
    [
        (MET, MET, MET),
        (PARTLY, MET, PARTLY),
        (NOT_MET, MET, NOT_MET),
        (OPEN, MET, OPEN),
        (MET, PARTLY, PARTLY),
        (PARTLY, PARTLY, PARTLY),
        (NOT_MET, PARTLY, NOT_MET),
        (OPEN, PARTLY, OPEN),
        (MET, NOT_MET, PARTLY),
        (PARTLY, NOT_MET, NOT_MET),
        (NOT_MET, NOT_MET, NOT_MET),
        (OPEN, NOT_MET, OPEN),
    ],
)
def test_running_strengthens_or_lowers_by_one_level(read: Outcome, ran: Outcome, expected: Outcome) -> None:
    assert leveled(finding("read.a", read), finding("run.a", ran)) == expected


@pytest.mark.parametrize("ran", [MET, PARTLY, NOT_MET])
@pytest.mark.parametrize("read", [OPEN, PARTLY])
def test_what_reading_left_to_running_is_settled_by_it(read: Outcome, ran: Outcome) -> None:
    assert leveled(finding("read.a", read, "not-run"), finding("run.a", ran)) == ran


def test_the_worst_of_what_ran_counts() -> None:
    assert leveled(finding("read.a", MET), finding("run.a", MET), finding("run.b", NOT_MET)) == PARTLY


def test_what_is_settled_stays_below_the_other_parts() -> None:
    rule = {"all": ["read.a", "read.b"], "ran": ["run.a"]}
    hollow = finding("read.b", PARTLY)
    assert leveled(finding("read.a", OPEN, "not-run"), hollow, finding("run.a", MET), rule=rule) == PARTLY
    assert leveled(finding("read.a", OPEN, "not-run"), finding("read.b", NOT_MET), finding("run.a", MET), rule=rule) == NOT_MET


def test_a_success_raises_the_confidence() -> None:
    read = finding("read.a", MET)
    alone, beside = (propose(rubric(RULE), Report("n", fs))[0] for fs in ((read,), (read, finding("run.a", MET))))
    assert beside.confidence > alone.confidence
    assert Source.RAN in {e.source for e in beside.evidence}


def test_a_contradiction_is_told_first_and_asked() -> None:
    ran = finding("run.a", NOT_MET, question=True)
    proposal = propose(rubric(RULE), Report("n", (finding("read.a", MET), ran)))[0]
    assert proposal.outcome == PARTLY
    assert proposal.why.en.startswith("run.a says.")
    assert proposal.question == ran.question
    assert proposal.confidence < 0.9


def test_what_ran_may_ask_beside_a_full_mark() -> None:
    ran = finding("run.a", MET, question=True)
    proposal = propose(rubric(RULE), Report("n", (finding("read.a", MET), ran)))[0]
    assert (proposal.outcome, proposal.question) == (MET, ran.question)


def test_a_settled_doubt_no_longer_weighs_on_the_confidence() -> None:
    report = Report("n", (finding("read.a", OPEN, "not-run"), finding("run.a", MET)))
    assert propose(rubric(RULE), report)[0].confidence == 0.95


def test_the_rule_is_read_with_its_checks() -> None:
    rule = parse_rule({"all": ["read.a"], "see": ["read.s"], "ran": ["run.a"]})
    assert checks_of(rule) == ("read.a", "run.a", "read.s")
    assert (weighed(rule), ran_for(rule)) == (("read.a",), ("run.a",))


@pytest.mark.parametrize("ran", [[], "run.a", [{"all": ["run.a"]}], None])
def test_a_malformed_rule_is_refused(ran: object) -> None:
    with pytest.raises(ValueError, match="ran is a list"):
        parse_rule({"all": ["read.a"], "ran": ran})


def test_a_run_that_could_not_tell_says_why() -> None:
    report = Report("n", (finding("read.a", OPEN, "not-run"), finding("run.a", OPEN, "no-report")))
    proposal = propose(rubric(RULE), report)[0]
    assert (proposal.outcome, proposal.why.en) == (None, "run.a says.")

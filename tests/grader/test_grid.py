"""Proposals: prose never outweighs proof, and what could not be told is never held against anybody."""

from __future__ import annotations

from grader.grid import propose
from grader.rubric import Block, Competency, Criterion, Exam, Rubric
from grader.rules import parse_rule
from grader.values import Evidence, Finding, Outcome, Report, Source, Text

HERE = Text("ici", "here")


def rubric(rule: object, decide: str = "auto") -> Rubric:
    criterion = Criterion("C1.1", decide, Text("Le script marche.", "The script works."), parse_rule(rule))
    competency = Competency("C1", HERE, (criterion,))
    return Rubric("r", HERE, (Block("B", HERE, ("C1",)),), (Exam("E1", ("C1",)),), (competency,))


def finding(outcome: Outcome, *sources: Source, check: str = "c", question: Text | None = None) -> Finding:
    places = tuple(Evidence(s, f"{s.value}.py", 1) for s in sources)
    return Finding(check, outcome, Text("parce que", "because"), places, question=question)


def only(rule: object, *findings: Finding, decide: str = "auto"):
    return propose(rubric(rule, decide), Report("n", findings))[0]


def test_a_mention_alone_is_at_most_partly_with_low_confidence() -> None:
    proposal = only("c", finding(Outcome.MET, Source.MENTIONED))
    assert proposal.outcome == Outcome.PARTLY
    assert proposal.confidence < 0.5


def test_confidence_follows_the_strongest_evidence() -> None:
    ran, read = (only("c", finding(Outcome.MET, s)).confidence for s in (Source.RAN, Source.READ))
    assert ran > read
    assert only("c", finding(Outcome.NOT_MET)).confidence < read


def test_could_not_tell_is_no_proposal_and_asks() -> None:
    proposal = only("c", finding(Outcome.INCONCLUSIVE))
    assert proposal.outcome is None
    assert proposal.confidence == 0
    assert proposal.question is not None
    assert proposal.question.fr == "Comment le montrez-vous au jury ?"


def test_assist_and_jury_never_propose() -> None:
    for decide in ("assist", "jury"):
        proposal = only({"ask": ["c"]}, finding(Outcome.MET, Source.READ), decide=decide)
        assert proposal.outcome is None
        assert proposal.evidence[0].path == "read.py"


def test_the_question_of_the_weakest_finding_comes_first() -> None:
    weak = finding(Outcome.PARTLY, Source.READ, check="b", question=Text("Où ?", "Where?"))
    proposal = only({"all": ["a", "b"]}, finding(Outcome.MET, Source.READ, check="a"), weak)
    assert proposal.question == Text("Où ?", "Where?")


def test_met_without_doubt_asks_nothing() -> None:
    assert only("c", finding(Outcome.MET, Source.READ)).question is None


def test_evidence_for_the_proposal_comes_first() -> None:
    proposal = only(
        {"any": ["a", "b"]}, finding(Outcome.NOT_MET, Source.RAN, check="a"), finding(Outcome.MET, Source.READ, check="b")
    )
    assert [e.path for e in proposal.evidence] == ["read.py", "ran.py"]


def test_a_rubric_edit_proposes_again_from_the_stored_report() -> None:
    report = Report("n", (finding(Outcome.MET, Source.READ, check="a"), finding(Outcome.NOT_MET, check="b")))
    outcomes = [propose(rubric(rule), report)[0].outcome for rule in ({"all": ["a", "b"]}, {"any": ["a", "b"]})]
    assert outcomes == [Outcome.NOT_MET, Outcome.MET]


def test_a_document_speaks_for_the_exam_that_it_was_handed_in_for() -> None:
    def told(outcome: Outcome, *paths: str) -> tuple[Outcome | None, list[str], str]:
        places = tuple(Evidence(Source.READ, path, 1) for path in paths)
        proposal = only("c", Finding("c", outcome, HERE, places))
        return proposal.outcome, [e.path for e in proposal.evidence], proposal.question.fr if proposal.question else ""

    mine, other, every = "jurygrid-documents/E1/r.pdf", "jurygrid-documents/E3/r.pdf", "jurygrid-documents/all/r.pdf"
    assert told(Outcome.MET, mine)[0] == Outcome.MET
    assert told(Outcome.MET, every)[0] == Outcome.MET
    assert told(Outcome.MET, "docs/r.pdf")[0] == Outcome.MET
    # What somebody wrote for another exam neither proves nor refutes here: the jury is shown where to look.
    for outcome in (Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET):
        assert told(outcome, other) == (None, [other], f"Le document remis pour E3 vaut-il aussi ici ({other}) ?")
    assert told(Outcome.MET, other, mine)[:2] == (Outcome.MET, [mine, other])


def test_one_finding_serves_the_criteria_of_two_exams_differently() -> None:
    criteria = [Criterion(f"C{n}.1", "auto", HERE, parse_rule("c")) for n in (1, 2)]
    competencies = tuple(Competency(f"C{n}", HERE, (c,)) for n, c in enumerate(criteria, 1))
    exams = (Exam("E1", ("C1",)), Exam("E2", ("C2",)))
    both = Rubric("r", HERE, (Block("B", HERE, ("C1", "C2")),), exams, competencies)
    found = Finding("c", Outcome.MET, HERE, (Evidence(Source.READ, "jurygrid-documents/E2/r.md", 1),))
    assert [p.outcome for p in propose(both, Report("n", (found,)))] == [None, Outcome.MET]

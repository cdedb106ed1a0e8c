"""Proposals for a jury: a pure function of a rubric and a report. A person decides; nothing here is a verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace

from grader.paths import handed_for
from grader.rubric import Criterion, Rubric
from grader.rules import NOT_RUN, Ask, checks_of, level, ran_for, weighed
from grader.values import STRENGTH, Evidence, Finding, Outcome, Report, Source, Text

_PROPOSABLE = (Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET)
# How far a proposal is to be believed, by its strongest evidence; absence of evidence is weaker than evidence.
_CONFIDENCE = {Source.RAN: 0.95, Source.DECLARED: 0.85, Source.READ: 0.75, Source.MENTIONED: 0.4}
_ABSENCE = 0.6
NOTHING_RAN = "nothing-ran"  # the reason of a check about what ran, when nothing did: it says nothing at all
ANOTHER_EXAM = "another-exam"  # the reason of what only a document for another exam shows
_NOTHING_ASKED = Text(
    "Rien dans le dépôt ne permet d'en juger : à examiner à l'oral ou dans le rapport.",
    "Nothing in the repository allows a judgement: to be examined in the report or at the oral.",
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for one criterion: `outcome` is None when it could not be told or is for people only."""

    criterion: Criterion
    outcome: Outcome | None
    confidence: float
    why: Text
    question: Text | None
    findings: tuple[Finding, ...]

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Evidence of the findings that speak for the proposal first, what we saw running before what was read, each place once."""

        def rank(finding: Finding) -> tuple[bool, bool, bool]:
            ran = any(e.source == Source.RAN for e in finding.evidence)
            return finding.outcome != self.outcome, finding.outcome == Outcome.INCONCLUSIVE, not ran

        order = sorted(self.findings, key=rank)
        places = [e for finding in order for e in sorted(finding.evidence, key=lambda e: -STRENGTH[e.source])]
        return tuple(dict.fromkeys(places))


def propose(rubric: Rubric, report: Report) -> tuple[Proposal, ...]:
    """Return a proposal for every criterion of the rubric, in its order. A document speaks for the exam that it was handed in for."""
    seen: dict[frozenset[str], dict[str, Finding]] = {}
    proposals = []
    for competency in rubric.competencies:
        exams = frozenset(e.id for e in rubric.exams if competency.id in e.competencies)
        if exams not in seen:
            seen[exams] = {f.check: _as_seen_by(exams, f) for f in report.findings}
        proposals += [_propose(criterion, seen[exams]) for criterion in competency.criteria]
    return tuple(proposals)


def _as_seen_by(exams: frozenset[str], finding: Finding) -> Finding:
    """Return a finding whose evidence is for these exams first; what stands in documents of other exams alone is a question."""
    others = tuple(e for e in finding.evidence if (exam := handed_for(e.path)) is not None and exam not in exams)
    if not others or not exams:
        return finding
    mine = tuple(e for e in finding.evidence if e not in others)
    if mine or finding.outcome not in _PROPOSABLE:
        return replace(finding, evidence=(*mine, *others))
    path, exam = others[0].path, handed_for(others[0].path)
    why = Text(
        f"Seul un document remis pour l'épreuve {exam} en parle ({path}). {finding.why.fr}",
        f"Only a document handed in for exam {exam} is about it ({path}). {finding.why.en}",
    )
    question = Text(
        f"Le document remis pour {exam} vaut-il aussi ici ({path}) ?",
        f"Does the document handed in for {exam} count here too ({path})?",
    )
    return replace(finding, outcome=Outcome.INCONCLUSIVE, reason=ANOTHER_EXAM, why=why, question=question)


def _propose(criterion: Criterion, findings: dict[str, Finding]) -> Proposal:
    mine = tuple(f for check in checks_of(criterion.rule) if (f := findings.get(check)) and f.reason != NOTHING_RAN)
    outcome = level(criterion.rule, findings) if criterion.decide == "auto" else Outcome.INCONCLUSIVE
    told = tuple(f for check in ran_for(criterion.rule) if (f := findings.get(check)) and f.outcome in _PROPOSABLE)
    read = tuple(findings[check] for check in weighed(criterion.rule) if check in findings)
    # What running settled is no longer a doubt of reading's.
    judging = (*told, *(f for f in read if not (told and f.reason == NOT_RUN)))
    if outcome == Outcome.MET and _only_mentioned(judging):
        outcome = Outcome.PARTLY
    proposed = outcome if outcome in _PROPOSABLE else None
    speaking = tuple(f for f in judging if f.outcome == outcome) or judging
    confidence = _confidence(proposed, speaking, judging) if proposed else 0.0
    in_vain = _tried_in_vain(criterion, mine) if proposed is None else ()
    speaking, judging = (in_vain, in_vain) if in_vain else (speaking, judging)
    question = _question(criterion, proposed, mine, ran_for(criterion.rule))
    return Proposal(criterion, proposed, confidence, _why(proposed, speaking, judging), question, mine)


def _tried_in_vain(criterion: Criterion, mine: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return what to say where reading left it to running, and running could not tell either: why, not that tests were only read."""
    tried = tuple(f for f in mine if f.check in ran_for(criterion.rule) and f.outcome == Outcome.INCONCLUSIVE)
    rest = tuple(f for f in mine if f.check in weighed(criterion.rule) and f.reason != NOT_RUN)
    return (*tried, *rest) if tried and any(f.reason == NOT_RUN for f in mine) else ()


def _only_mentioned(findings: tuple[Finding, ...]) -> bool:
    sources = {e.source for f in findings if f.outcome == Outcome.MET for e in f.evidence}
    return sources <= {Source.MENTIONED}


def _confidence(outcome: Outcome, speaking: tuple[Finding, ...], mine: tuple[Finding, ...]) -> float:
    places = [e for f in speaking for e in f.evidence]
    strongest = max((e.source for e in places), key=STRENGTH.__getitem__, default=None)
    value = _CONFIDENCE[strongest] if strongest else _ABSENCE
    opposed = {Outcome.MET, Outcome.NOT_MET} <= {f.outcome for f in mine}
    unsure = any(f.outcome == Outcome.INCONCLUSIVE for f in mine)
    value -= 0.15 * opposed + 0.1 * unsure + 0.05 * (outcome == Outcome.PARTLY)
    return round(max(value, 0.1), 2)


def _why(outcome: Outcome | None, speaking: tuple[Finding, ...], mine: tuple[Finding, ...]) -> Text:
    """Return up to three sentences, those that speak for the outcome first. What is met elsewhere excuses no absence."""
    others = () if outcome == Outcome.NOT_MET and speaking else tuple(f for f in mine if f not in speaking)
    chosen = [f.why for f in (*speaking, *others)][:3]
    if not chosen:
        return _NOTHING_ASKED
    return Text(" ".join(dict.fromkeys(t.fr for t in chosen)), " ".join(dict.fromkeys(t.en for t in chosen)))


def _question(criterion: Criterion, outcome: Outcome | None, mine: tuple[Finding, ...], ran: tuple[str, ...]) -> Text | None:
    """Return a question for the oral where evidence is weak, missing or contradictory; what ran may ask beside a full mark."""
    if outcome == Outcome.MET and not any(f.outcome in (Outcome.NOT_MET, Outcome.PARTLY) for f in mine):
        return next((f.question for f in mine if f.check in ran and f.question), None)
    order = {Outcome.NOT_MET: 0, Outcome.PARTLY: 1, Outcome.INCONCLUSIVE: 2, Outcome.MET: 3, Outcome.NOT_APPLICABLE: 4}
    asked = [f.question for f in sorted(mine, key=lambda f: order[f.outcome]) if f.question]
    if asked:
        return asked[0]
    if outcome == Outcome.MET:
        return None
    return criterion.question or _default_question(outcome, mine, isinstance(criterion.rule, Ask))


def _default_question(outcome: Outcome | None, findings: tuple[Finding, ...], for_people: bool) -> Text:
    """Return a question that names the best place found; it is read under the criterion, whose words it does not repeat."""
    place = next((e for finding in findings for e in finding.evidence), None)
    if place is None and outcome == Outcome.NOT_MET:
        return Text(
            "Rien n'a été trouvé dans le dépôt : où le jury peut-il le voir ?", "Nothing was found: where can the jury see it?"
        )
    if place is None:
        return Text("Comment le montrez-vous au jury ?", "How do you show it to the jury?")
    fr, en = (f"{place.path}, {word} {place.line}" if place.line else place.path for word in ("ligne", "line"))
    if for_people:
        return Text(f"À partir de {fr} : que montrez-vous au jury ?", f"Starting from {en}: what do you show the jury?")
    return Text(f"Au-delà de {fr} : que pouvez-vous montrer d'autre ?", f"Beyond {en}: what else can you show?")

"""How findings become a level: a small three-valued logic. The rubric holds the rules; nothing here knows a criterion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from grader.values import Finding, Outcome, Text

MET, PARTLY, NOT_MET, INCONCLUSIVE, NOT_APPLICABLE = (
    Outcome.MET,
    Outcome.PARTLY,
    Outcome.NOT_MET,
    Outcome.INCONCLUSIVE,
    Outcome.NOT_APPLICABLE,
)
_ORDER = {NOT_MET: 0, PARTLY: 1, MET: 2}
NOT_RUN = "not-run"  # the reason of what reading could only settle by running


@dataclass(frozen=True, slots=True)
class One:
    """The level of one check."""

    check: str


@dataclass(frozen=True, slots=True)
class AllOf:
    """The worst level of the parts."""

    of: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The best level of the parts."""

    of: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Met from `met` parts on, partly from `partly` parts on; a part that is partly met counts one half."""

    met: float
    partly: float
    of: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """Thresholds on a figure that a check measured."""

    check: str
    name: str
    partly: float
    met: float


@dataclass(frozen=True, slots=True)
class Seen:
    """The level of a rule, with other checks that are shown beside it and weigh nothing."""

    rule: Rule
    see: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """The level that reading gives, and what running the submission says about it (docs/decisions/0010-what-ran.md)."""

    rule: Rule
    ran: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """The level of a rule where something shows it: a deliverable that is no repository may show what the repository lacks."""

    rule: Rule


@dataclass(frozen=True, slots=True)
class Ask:
    """For people: lists what the checks found, proposes nothing."""

    of: tuple[Rule, ...]


Rule = One | AllOf | AnyOf | AtLeast | Measure | Seen | Tried | Shown | Ask


class RuleMalformed(ValueError):
    """A rule that cannot be read; `text` says why in both languages."""

    def __init__(self, fr: str, en: str) -> None:
        """Keep the sentence."""
        super().__init__(en)
        self.text = Text(fr, en)


def parse_rule(data: Any, depth: int = 0) -> Rule:
    """Read a rule from plain data. Raises RuleMalformed, which says what is wrong."""
    if depth > 6:
        raise RuleMalformed("règles imbriquées trop profondément", "rules are nested too deeply")
    if isinstance(data, str):
        return One(data)
    if not isinstance(data, dict):
        raise RuleMalformed("une règle est l'identifiant d'un contrôle, ou des clés", "a rule is a check id or a mapping")
    if "see" in data and len(data) > 1:
        return Seen(parse_rule({k: v for k, v in data.items() if k != "see"}, depth + 1), _parts(data["see"], depth))
    if "ran" in data and len(data) > 1:
        return Tried(parse_rule({k: v for k, v in data.items() if k != "ran"}, depth + 1), _names(data["ran"]))
    match sorted(data):
        case ["all"]:
            return AllOf(_parts(data["all"], depth))
        case ["any"]:
            return AnyOf(_parts(data["any"], depth))
        case ["shown"]:
            return Shown(parse_rule(data["shown"], depth + 1))
        case ["ask"]:
            return Ask(_parts(data["ask"], depth, empty=True))
        case ["at_least", "of"]:
            return _at_least(data["at_least"], _parts(data["of"], depth))
        case ["measure"]:
            return _measure(data["measure"])
    keys = ", ".join(map(str, data)) or "–"
    raise RuleMalformed(f"règle inconnue, de clés {keys}", f"unknown rule with keys {keys}")


def _parts(data: Any, depth: int, *, empty: bool = False) -> tuple[Rule, ...]:
    if not isinstance(data, list) or (not data and not empty):
        raise RuleMalformed("les parties d'une règle sont une liste de règles", "a rule's parts are a list of rules")
    return tuple(parse_rule(part, depth + 1) for part in data)


def _names(data: Any) -> tuple[str, ...]:
    if not isinstance(data, list) or not data or not all(isinstance(name, str) for name in data):
        raise ValueError("ran is a list of check ids")
    return tuple(data)


def _at_least(data: Any, parts: tuple[Rule, ...]) -> AtLeast:
    if not isinstance(data, dict) or set(data) != {"met", "partly"} or not all(isinstance(v, int | float) for v in data.values()):
        raise RuleMalformed("at_least demande met et partly, deux nombres", "at_least needs met and partly, two numbers")
    if not 0 < data["partly"] <= data["met"] <= len(parts):
        bound = f"0 < partly <= met <= {len(parts)}"
        raise RuleMalformed(f"at_least demande {bound}, le nombre de parties", f"at_least needs {bound}, the number of parts")
    return AtLeast(data["met"], data["partly"], parts)


def _measure(data: Any) -> Measure:
    if not isinstance(data, dict) or set(data) != {"check", "name", "partly", "met"}:
        raise RuleMalformed("measure demande check, name, partly et met", "measure needs check, name, partly and met")
    if not all(isinstance(data[k], int | float) for k in ("partly", "met")):
        raise RuleMalformed("measure demande deux nombres, partly et met", "measure needs two numbers, partly and met")
    return Measure(str(data["check"]), str(data["name"]), float(data["partly"]), float(data["met"]))


def checks_of(rule: Rule) -> tuple[str, ...]:
    """Return the ids of the checks that a rule names, in order, each once."""
    if isinstance(rule, One | Measure):
        return (rule.check,)
    if isinstance(rule, Seen):
        return tuple(dict.fromkeys((*checks_of(rule.rule), *(c for part in rule.see for c in checks_of(part)))))
    if isinstance(rule, Tried):
        return tuple(dict.fromkeys((*checks_of(rule.rule), *rule.ran)))
    if isinstance(rule, Shown):
        return checks_of(rule.rule)
    return tuple(dict.fromkeys(check for part in rule.of for check in checks_of(part)))


def weighed(rule: Rule) -> tuple[str, ...]:
    """Return the ids of the checks that make the level by reading: those only shown, and those of what ran, are left out."""
    while isinstance(rule, Seen | Tried | Shown):
        rule = rule.rule
    return checks_of(rule)


def ran_for(rule: Rule) -> tuple[str, ...]:
    """Return the ids of the checks by which what ran weighs in a rule."""
    while isinstance(rule, Seen | Shown):
        rule = rule.rule
    return rule.ran if isinstance(rule, Tried) else ()


def level(rule: Rule, findings: Mapping[str, Finding]) -> Outcome:
    """Return what a rule concludes: met, partly, not_met, inconclusive, or not_applicable when nothing applies."""
    if isinstance(rule, One):
        return findings[rule.check].outcome if rule.check in findings else INCONCLUSIVE
    if isinstance(rule, Measure):
        return _measured(rule, findings.get(rule.check))
    if isinstance(rule, Seen):
        return level(rule.rule, findings)
    if isinstance(rule, Tried):
        return _tried(rule, findings)
    if isinstance(rule, Shown):
        return _shown(rule, findings)
    if isinstance(rule, Ask):
        return INCONCLUSIVE
    levels = [found for part in rule.of if (found := level(part, findings)) != NOT_APPLICABLE]
    if not levels:
        return NOT_APPLICABLE
    if isinstance(rule, AllOf):
        return _worst(levels)
    if isinstance(rule, AnyOf):
        return _best(levels)
    return _counted(rule, levels)


def _shown(rule: Shown, findings: Mapping[str, Finding]) -> Outcome:
    """Leave it open where nothing is there: only what is there can contradict."""
    told = level(rule.rule, findings)
    against = (f for check in checks_of(rule.rule) if (f := findings.get(check)) is not None and f.outcome == NOT_MET)
    return INCONCLUSIVE if told == NOT_MET and not any(f.evidence for f in against) else told


def _tried(rule: Tried, findings: Mapping[str, Finding]) -> Outcome:
    """Combine: what ran settles what reading left to running; else it strengthens, or lowers by one level, never raises."""
    told = [findings[check].outcome for check in rule.ran if check in findings and findings[check].outcome in _ORDER]
    if not told:
        return level(rule.rule, findings)
    seen = min(told, key=_ORDER.__getitem__)
    left = {check for check in checks_of(rule.rule) if check in findings and findings[check].reason == NOT_RUN}
    settled = level(rule.rule, {c: replace(f, outcome=seen) if c in left else f for c, f in findings.items()})
    if left or seen == MET or settled not in (MET, PARTLY):
        return settled
    return PARTLY if settled == MET else NOT_MET if seen == NOT_MET else PARTLY


def _measured(rule: Measure, finding: Finding | None) -> Outcome:
    if finding is None or rule.name not in finding.measures:
        return INCONCLUSIVE if finding is None or finding.outcome != NOT_MET else NOT_MET
    value = finding.measures[rule.name]
    return MET if value >= rule.met else PARTLY if value >= rule.partly else NOT_MET


def _worst(levels: list[Outcome]) -> Outcome:
    known = [found for found in levels if found in _ORDER]
    if NOT_MET in known:
        return NOT_MET
    return INCONCLUSIVE if len(known) < len(levels) else min(known, key=_ORDER.__getitem__)


def _best(levels: list[Outcome]) -> Outcome:
    known = [found for found in levels if found in _ORDER]
    best = max(known, key=_ORDER.__getitem__, default=INCONCLUSIVE)
    return INCONCLUSIVE if best == NOT_MET and len(known) < len(levels) else best


def _counted(rule: AtLeast, levels: list[Outcome]) -> Outcome:
    sure = sum(1.0 if found == MET else 0.5 if found == PARTLY else 0.0 for found in levels)
    hoped = sure + sum(1.0 for found in levels if found == INCONCLUSIVE)
    now, then = _against(rule, sure), _against(rule, hoped)
    return now if now == then or now != NOT_MET else INCONCLUSIVE


def _against(rule: AtLeast, count: float) -> Outcome:
    return MET if count >= rule.met else PARTLY if count >= rule.partly else NOT_MET

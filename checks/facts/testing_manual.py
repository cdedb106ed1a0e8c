"""What the documents say of the tests: environment, commands, coverage, cases, scope and strategy."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from checks.facts.documents import Section, Table
from checks.facts.topics import Topics
from checks.facts.zones import Explanations, Zone, body, first
from checks.findings import evidence
from checks.parts import Part
from grader.values import Evidence, Text

_TEST_NAME = re.compile(r"\btest_\w{3,}|\b(TC|CT|T|CU|CAS)[-_ ]?\d{1,3}\b")
_VERIFIES = re.compile(
    r"\b(v[ée]rifi\w{1,8} (que|qu['’])|s['’]assur\w{1,4} (que|qu['’])|(verif(y|ies)|ensures?|checks?|asserts?) that)\b", re.I
)
FEWEST_CASES = 3


@dataclass(frozen=True)
class ManualOfTests:
    """The parts of the documentation of tests, each with the best place where it was found."""

    environment: Part
    run: Part
    coverage: Part
    coverage_named: Part
    cases: Part
    scope: Part
    strategy: Part
    about_model: bool


def _environment(area: Zone) -> Evidence | None:
    """Return where the test environment is told: what to install, in a section that is about tests."""
    headed = [s for s in area.named("test-environment") if s.code or len(body(s)) >= 2]
    said = area.said("test-environment")
    return first(
        next((evidence(s.path, s.line, s.heading) for s in headed), None),
        area.command("install", in_code=True),
        said if len(said) >= 2 else None,
    )


class _Cases:
    def __init__(self, topics: Topics) -> None:
        self.topics = topics

    def of(self, section: Section) -> Iterator[Evidence]:
        """Yield where cases are listed: a table of cases, items that name tests, or lines that say what each checks."""
        for table in section.tables:
            if self._is_of_cases(section, table):
                yield evidence(section.path, table.line, " | ".join(table.header))
        items = [(n, t) for n, t in body(section) if _TEST_NAME.search(t) and len(t.split()) >= 6]
        if len(items) >= FEWEST_CASES:
            yield evidence(section.path, *items[0])
        verified = [(n, t) for n, t in body(section) if _VERIFIES.search(t)]
        if len(verified) >= FEWEST_CASES:
            yield evidence(section.path, *verified[0])
        if self.topics.in_text("test-case", section.heading) and len(body(section)) >= FEWEST_CASES:
            yield evidence(section.path, section.line, section.heading)

    def _is_of_cases(self, section: Section, table: Table) -> bool:
        columns = sum(self.topics.in_text("test-case-column", cell) for cell in table.header)
        return columns >= 2 and len(table.rows) >= FEWEST_CASES


def _model_files(area: Zone) -> frozenset[str]:
    lines = Counter(e.path for e in area.said("test-model"))
    headed = {s.path for s in area.sections if area.topics.in_text("test-model", s.heading)}
    return frozenset(headed | {path for path, count in lines.items() if count > 1})


def testing_manual(explanations: Explanations, topics: Topics) -> ManualOfTests:
    """Read what the documents say of the tests."""
    area = explanations.zone("testing", count=4)
    headed = explanations.zone("testing", only=("heading", "trail"))
    everything = explanations.everything
    files = _model_files(headed)
    model = headed.narrowed(lambda s: s.path in files)
    cases = _Cases(topics)
    run = first(area.command("test", in_code=True), everything.command("test", in_code=True), area.command("test"))
    covered = first(area.command("coverage"), everything.command("coverage", in_code=True))
    return ManualOfTests(
        Part(Text("environnement de test", "test environment"), _environment(headed)),
        Part(Text("exécution", "running"), run),
        Part(Text("calcul de la couverture", "computing coverage"), covered),
        Part(Text("couverture nommée sans commande", "coverage named without a command"), first(area.said("test-coverage"))),
        Part(Text("cas de test", "test cases"), next((e for s in model.sections for e in cases.of(s)), None)),
        Part(Text("périmètre", "scope"), first(model.headed("test-scope"), model.said("test-scope"))),
        Part(Text("stratégie", "strategy"), first(model.headed("test-strategy"), model.said("test-strategy"))),
        bool(model),
    )


FACTS = (testing_manual,)

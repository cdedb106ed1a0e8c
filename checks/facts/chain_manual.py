"""What the documents say of the integration and delivery chains, compared with the chains that are configured."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from checks.facts.documents import Section
from checks.facts.instructions import code_line
from checks.facts.shell_catalogue import DATA_TEST, EVALUATE, OTHER, TRAIN
from checks.facts.topics import Topics
from checks.facts.workflows import Workflows
from checks.facts.zones import Explanations, Zone, body, first, has_substance
from checks.findings import evidence
from checks.parts import Part
from checks.workspace import Workspace
from grader.values import Evidence, Text

_CONFIGURED = re.compile(
    r"(^|/)(\.github/workflows/[^/]+\.ya?ml|\.gitlab-ci[^/]*\.ya?ml|Jenkinsfile[^/]*|azure-pipelines[^/]*\.ya?ml|\.circleci/config\.yml"
    r"|\.travis\.yml|bitbucket-pipelines\.yml|\.drone\.yml|\.woodpecker[^/]*\.ya?ml|\.forgejo/workflows/[^/]+|\.gitea/workflows/[^/]+)$"
)
_ON = re.compile(r"^\s*(on|workflow|rules|triggers?):|^\s*(push|pull_request|schedule|workflow_dispatch|merge_group):")
_NAMED = re.compile(r"^\s*-?\s*(?:name|run|script|job|stage):\s*(\S.{3,})$|^\s{2}([\w-]{3,}):\s*$|^\s*-\s+(\w.{6,})$")
_COMMA = re.compile(r"[,;:+→➜⟶▶]|->|=>|►| puis | then | et ")
_LABEL = re.compile(r"^\W{0,4}[\w][\w '’/-]{2,40} ?:\s*\S")
_STEP_HEADING = re.compile(r"\b([eé]tape|job|step|stage|phase)\b\s*(n°)?\s*\d|^\W*\d+[.)]\s|\bjobs?\b|\bstages?\b", re.I)
_SETTING = re.compile(r"\b[A-Z][A-Z0-9]+_[A-Z0-9_]+\b|\b[\w-]{1,80}\.(ya?ml|toml|ini|json|cfg|env)\b|→|->")
FEWEST_STEPS = 3
FEWEST_SCRIPTS = 2
TELLING = 8  # words from which a line about a script says what it does


@dataclass(frozen=True)
class ChainManual:
    """The parts of a chain's documentation, each with the best place where it was found."""

    tool: Part
    steps: Part
    triggers: Part
    model_work: Part
    installation: Part
    configuration: Part
    check: Part
    local_tests: Part
    delivery_steps: Part
    delivery_installation: Part
    delivery_configuration: Part
    delivery_check: Part
    real: bool  # a chain is configured in the repository
    model_scripts: Part  # a section that names the scripts by which the configured chain prepares, trains or judges the model

    @property
    def described(self) -> bool:
        """Tell whether steps or triggers are written: naming the tool is not a description."""
        return self.steps.found is not None or self.triggers.found is not None


class _Chains:
    """Reads the zone of the chains beside the files that configure them."""

    def __init__(self, area: Zone, configured: frozenset[str]) -> None:
        self.area, self.configured, self.topics = area, configured, area.topics

    def copied(self, pattern: re.Pattern[str]) -> Evidence | None:
        """Return a line of a block that repeats the configured chain: a block of another chain proves nothing."""
        for section in self.area.sections:
            for block in section.code:
                lines = block.text.splitlines()
                if len({n for line in lines if (n := _named(line))} & self.configured) >= 2:
                    offset = next((i for i, line in enumerate(lines) if pattern.search(line)), None)
                    if offset is not None:
                        return evidence(section.path, code_line(section, block, offset), lines[offset])
        return None

    def steps(self, area: Zone, term: str) -> Evidence | None:
        """Return where the steps are listed: a table, arrows, a list or numbered headings."""
        for section in area.sections:
            for table in section.tables:
                if sum(self.topics.in_text(term, " ".join(row)) for row in table.rows) >= FEWEST_STEPS:
                    return evidence(section.path, table.line, " | ".join(table.header))
        for section in area.sections:
            if found := self._listed(section, term):
                return found
        per_file = Counter(s.path for s in area.sections if _STEP_HEADING.search(s.heading) and has_substance(s))
        for section in area.sections:
            if per_file[section.path] >= FEWEST_STEPS and _STEP_HEADING.search(section.heading):
                return evidence(section.path, section.line, section.heading)
        return None

    def _listed(self, section: Section, term: str) -> Evidence | None:
        listed = [(n, t) for n, t in body(section) if self.topics.in_text(term, t)]
        if inline := next(((n, t) for n, t in listed if self._enumerates(t, term)), None):
            return evidence(section.path, *inline)
        named = self.topics.in_text("chain-step-word", f"{section.heading}\n{section.text}")
        if named or sum(bool(_LABEL.match(t)) for _, t in body(section)) >= FEWEST_STEPS:
            return evidence(section.path, *listed[0]) if len(listed) >= FEWEST_STEPS else None
        apart = [(n, t) for n, t in listed if not any(self.topics.in_text(x, t) for x in ("chain-trigger", "chain-tool"))]
        triggered = any(self.topics.in_text("chain-trigger", t) for _, t in body(section))
        return evidence(section.path, *apart[0]) if triggered and len(apart) >= FEWEST_STEPS else None

    def _enumerates(self, text: str, term: str) -> bool:
        """Tell whether a sentence lists steps: "lint (ruff), tests, construction de l'image, publication"."""
        pieces = _COMMA.split(re.sub(r"\([^()]*\)", "", text[:800]))
        return len(pieces) > FEWEST_STEPS and sum(self.topics.in_text(term, piece) for piece in pieces) >= FEWEST_STEPS


def _named(line: str) -> str:
    """Return the name of a job or of a step, or the command it runs."""
    match = _NAMED.match(line[:300])
    return next((g for g in match.groups() if g), "").strip("\"' ") if match else ""


def _several(found: tuple[Evidence, ...], fewest: int = 2) -> Evidence | None:
    return found[0] if len(found) >= fewest else None


SetUp = tuple[Evidence | None, Evidence | None, Evidence | None]


def _best_set_up(area: Zone) -> SetUp:
    """Return the set-up of the document that tells most of it: crumbs of several reports are not a guide."""
    found = [_set_up(area.in_file(path)) for path in area.paths]
    return max(found, key=lambda parts: sum(p is not None for p in parts), default=(None, None, None))


def _set_up(area: Zone) -> SetUp:
    """Return where the zone tells how to install, configure and check the chain."""
    installation = area.command("install", "clone", "start", in_code=True)
    settings = area.named("chain-configuration")
    configuration = first(
        next((evidence(s.path, s.line, s.heading) for s in settings if s.code or _SETTING.search(s.text)), None),
        _several(area.said("chain-secret")),
    )
    checked = first(area.headed("chain-test"), area.command("test", "coverage", in_code=True))
    return installation, configuration, checked


def _delivers(topics: Topics, section: Section) -> bool:
    return (
        topics.in_text("chain-delivery", section.heading)
        or any(topics.in_text("chain-delivery", t) for _, t in body(section))
        or any(topics.in_text("chain-delivery", line) for block in section.code for line in block.text.splitlines()[:80])
    )


def _scripts_told(explanations: Explanations, workflows: Workflows) -> Evidence | None:
    """Return the section that tells what the scripts of the model's chain do: naming two of them is telling its steps."""
    model = {d.workflow.path for d in workflows.sound(TRAIN, EVALUATE)}
    started = {d.script for d in workflows.sound(TRAIN, EVALUATE, DATA_TEST, OTHER) if d.script and d.workflow.path in model}
    names = sorted({script.rsplit("/", 1)[-1] for script in started})
    for section in explanations.sections if len(names) >= FEWEST_SCRIPTS else ():
        lines = [(n, t, sum(name in t for name in names)) for n, t in body(section) if len(t.split()) >= TELLING]
        told = [(n, t) for n, t, count in lines if count == 1]
        if len(told) >= FEWEST_SCRIPTS:
            return evidence(section.path, *told[0])
    return None


def chain_manual(workspace: Workspace, explanations: Explanations, topics: Topics, workflows: Workflows) -> ChainManual:
    """Read what the documents say of the chains."""
    area = explanations.apart_from("incident-title", explanations.zone("chain"))
    delivery = area.narrowed(lambda s: _delivers(topics, s))
    installation, configuration, check = _best_set_up(area)
    told, set_, tried = _best_set_up(delivery)
    files = [f for f in workspace.own if _CONFIGURED.search(f.path)]
    chains = _Chains(area, frozenset(n for f in files for line in f.lines if (n := _named(line))))
    model = area.said("chain-model-work")
    steps = chains.steps(delivery, "chain-delivery") or _several(delivery.said("chain-delivery"))
    triggers = first(area.headed("chain-trigger"), area.said("chain-trigger"), chains.copied(_ON))
    return ChainManual(
        Part(Text("outil", "tool"), first(area.said("chain-tool"), area.headed("chain-tool"))),
        Part(Text("étapes", "steps"), first(chains.steps(area, "chain-step"), chains.copied(_NAMED))),
        Part(Text("déclencheurs", "triggers"), triggers),
        Part(Text("étapes propres au modèle ou aux données", "steps for the model or the data"), _several(model)),
        Part(Text("installation ou reproduction", "installation or reproduction"), installation),
        Part(Text("configuration", "configuration"), configuration),
        Part(Text("test ou dépannage de la chaîne", "test or troubleshooting of the chain"), check),
        Part(
            Text("les commandes de test en local", "the test commands for a local run"),
            explanations.everything.command("test", in_code=True),
        ),
        Part(Text("étapes de livraison", "delivery steps"), steps),
        Part(Text("installation ou reproduction", "installation or reproduction"), told),
        Part(Text("configuration", "configuration"), set_),
        Part(Text("test de la livraison", "test of the delivery"), tried),
        bool(files),
        Part(Text("étapes du modèle", "steps of the model"), _scripts_told(explanations, workflows)),
    )


FACTS = (chain_manual,)

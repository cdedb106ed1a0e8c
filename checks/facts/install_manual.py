"""What the documents say to whoever takes the project over: installation, architecture, dependencies, tests."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checks.facts.documents import Section
from checks.facts.zones import Explanations, Zone, body, first
from checks.findings import evidence
from checks.parts import Part
from grader.values import Evidence, Text

_TREE = re.compile(r"[├└│]|^[ \t]*\w[\w.-]*/[ \t]*$", re.M)
_DRAWN = re.compile(r"(→|->|──|-->|▼|►|\+--)")
_REQUIREMENTS = re.compile(
    r"\brequirements[\w.-]*\.txt|\bpyproject\.toml|\bpackage\.json|\benvironment\.ya?ml|\bPipfile|\bpoetry\b|\buv sync\b"
)
_VERSION = re.compile(r"\b(python|node|docker|java|postgres\w*|npm|pip|git|compose)\b.{0,20}\d|\bv?\d+\.\d+", re.I)
_BOXES = re.compile(r"[┌┐╔╗▼▲►◄]|-->|\+--+\+")
# Documents on a part of the project: their chapter on the architecture is that of the part.
_PART = re.compile(
    r"(^|/)(monitoring|supervision|observability|grafana|prometheus|\.github)/|/(monitoring|supervision|observability|ci[-_]?cd)\b[^/]*$",
    re.I,
)
_STRUCTURE = re.compile(r"^\W*structure\W*$", re.I)
DIAGRAM_LANGUAGES = frozenset({"mermaid", "plantuml", "dot", "graphviz"})
FEWEST = 2


@dataclass(frozen=True)
class InstallManual:
    """The parts of a technical documentation, each with the best place where it was found."""

    installation: Part
    architecture: Part
    dependencies: Part
    tests: Part


def is_drawn(section: Section, *, trees: bool = True) -> bool:
    """Tell whether a section shows an architecture: a diagram, a table of components, several lines, or a tree of files."""
    for block in section.code:
        tree = bool(_TREE.search(block.text)) and not _BOXES.search(block.text)
        if tree and not trees:
            continue
        if tree or block.language in DIAGRAM_LANGUAGES or _BOXES.search(block.text) or _DRAWN.search(block.text):
            return True
    return bool(section.tables or section.images) or len(body(section)) > FEWEST


def of_the_whole(area: Zone) -> Zone:
    """Leave out the sections on the monitoring or on the chain: an architecture told there is not the project's."""
    return area.narrowed(lambda s: not _PART.search(s.path) and not area.topics.in_text("architecture-of-a-part", s.heading))


def architecture(area: Zone, topic: str = "install-architecture", *, trees: bool = True) -> Evidence | None:
    """Return where the architecture is told: under a heading that says so, or right below one."""
    area = of_the_whole(area)
    named = [s for s in area.named(topic) if is_drawn(s, trees=trees)]
    named += [s for s in area.sections if trees and _STRUCTURE.match(s.heading) and s.code and is_drawn(s)]
    headings = {h for s in area.sections for h in s.trail[-1:] if area.topics.in_text(topic, h)}
    nested = [s for s in area.sections if s.trail and s.trail[-1] in headings and is_drawn(s, trees=trees)]
    return next((evidence(s.path, s.line, s.heading) for s in [*named, *nested]), None)


def _dependencies(area: Zone) -> Evidence | None:
    listed = [
        s for s in area.named("install-dependencies") if s.tables or len(body(s)) >= FEWEST or s.code or _VERSION.search(s.text)
    ]
    installed = [c for c in area.commands("install", in_code=True) if "docker" not in c.text]
    named = ((s, n, t) for s in area.sections for n, t in body(s) if _REQUIREMENTS.search(t))
    return first(
        next((evidence(s.path, s.line, s.heading) for s in listed), None),
        next((evidence(c.path, c.line, c.text) for c in installed), None),
        next((evidence(s.path, n, t) for s, n, t in named), None),
    )


def _installation(area: Zone) -> Evidence | None:
    headed = [s for s in area.named("install") if s.code or Zone((s,), area.topics).command("install", "start")]
    return first(
        next((evidence(s.path, s.line, s.heading) for s in headed), None),
        area.command("install", "start", in_code=True),
        area.command("install"),
    )


def rank(section: Section) -> tuple[bool, int, str, int]:
    """Put README files first, the ones near the root before the others: that is where a juror looks."""
    name = section.path.rsplit("/", 1)[-1].lower()
    return not name.startswith(("readme", "lisezmoi")), section.path.count("/"), section.path, section.line


def install_manual(explanations: Explanations) -> InstallManual:
    """Read what the documents say to whoever takes the project over."""
    area = Zone(tuple(sorted(explanations.sections, key=rank)), explanations.topics)
    return InstallManual(
        Part(Text("installation", "installation"), _installation(area)),
        Part(Text("architecture", "architecture"), architecture(area)),
        Part(Text("dépendances", "dependencies"), _dependencies(area)),
        Part(Text("exécution des tests", "running the tests"), first(area.command("test", in_code=True), area.command("test"))),
    )


FACTS = (install_manual,)

"""Do technical specifications frame the application: architecture, dependencies, environment, flows, proof of concept?"""

from __future__ import annotations

import re
from collections.abc import Callable

from checks.facts.diagrams import Diagram, Diagrams
from checks.facts.documents import Section
from checks.facts.install_manual import InstallManual, is_drawn, of_the_whole, rank
from checks.facts.zones import Explanations, Zone, body, has_substance
from checks.findings import evidence, met, not_met, partly, unshown
from checks.parts import Part, missing, present, sentence
from checks.specification import shown
from grader.values import Evidence, Finding, Text

SEVERAL = 2
_TREE = re.compile(r"├──|└──|\|--|`--|^[ \t]*[\w.-]+/\s*$", re.M)
_LABELLED = re.compile(r"--\s*\"[^\"\n]{3,80}\"\s*-->|-->\s*\|[^|\n]{3,80}\||--\s[^->\n]{3,60}\s-->")
_STORE = re.compile(r"\[\(|\bdatabase\b|postgres|mysql|sqlite|mongo|redis|base de donn|\bDB\b|\bBDD\b|stockage|storage|csv", re.I)


def covers_architecture_dependencies_environment(
    install_manual: InstallManual, explanations: Explanations, diagrams: Diagrams
) -> Finding:
    """Technical specifications cover architecture, dependencies and the environment that runs the application.

    fr: Les spécifications techniques couvrent l'architecture, les dépendances et l'environnement d'exécution.
    why: They are the frame within which the team develops.
    pourquoi: Elles sont le cadre dans lequel l'équipe développe.
    fix: Write the architecture, the dependencies with versions, and the environments (systems, services, variables).
    corriger: Écrire l'architecture, les dépendances avec versions, et les environnements (systèmes, services, variables).
    """
    whole = of_the_whole(explanations.everything)
    apart = {(s.path, s.heading) for s in explanations.sections} - {(s.path, s.heading) for s in whole.sections}
    drawn = [shown(d) for d in diagrams.of("architecture") if d.notation != "image" and (d.path, d.heading) not in apart]
    told = [*_architectures(whole), *drawn]
    parts = (
        Part(Text("architecture", "architecture"), told[0] if told else None),
        install_manual.dependencies,
        Part(Text("environnement d'exécution", "runtime environment"), explanations.everything.headed("technical-environment")),
    )
    fr, en = sentence(parts)
    if not missing(parts):
        return met(f"Cadre technique : {fr}.", f"Technical frame: {en}.", present(parts))
    if len(present(parts)) == SEVERAL:
        return partly(f"Cadre technique, en partie : {fr}.", f"Technical frame, in part: {en}.", present(parts))
    return not_met(f"Cadre technique insuffisant : {fr}.", f"The technical frame falls short: {en}.", present(parts))


def _architectures(area: Zone) -> list[Evidence]:
    """Return the chapters on the architecture, those that only show a tree of files left out."""
    chapters = [s for s in sorted(area.sections, key=rank) if s.heading and area.topics.in_text("system-architecture", s.heading)]
    nested = [s for s in area.sections if any(area.topics.in_text("system-architecture", h) for h in s.trail[-1:])]
    return [evidence(s.path, s.line, s.heading) for s in (*chapters, *nested) if is_drawn(s) and not _only_a_tree(s)]


def _only_a_tree(section: Section) -> bool:
    trees = [b for b in section.code if _TREE.search(b.text)]
    plain = not section.tables and not section.images and len(body(section)) <= SEVERAL
    return plain and bool(trees) and len(trees) == len(section.code)


def draws_the_data_flows(diagrams: Diagrams, explanations: Explanations) -> Finding:
    """The data flows are drawn in a diagram.

    fr: Les flux de données sont dessinés dans un diagramme.
    why: The flows show where data go, and which leave.
    pourquoi: Les flux montrent où vont les données, et lesquelles sortent.
    fix: Draw the flows from sources to users, with what each arrow carries, and keep the source of the diagram.
    corriger: Dessiner les flux des sources aux utilisateurs, avec ce que porte chaque flèche, et garder la source du diagramme.
    """
    flows = diagrams.of("data-flow")
    drawn = [d for d in flows if d.notation != "ascii" and {"entity-relation", "gantt"}.isdisjoint(d.kinds)]
    drawn = [d for d in drawn if d.notation != "image" or _named_as_flow(d, explanations)]
    services = [d for d in diagrams.all if d.notation in ("mermaid", "plantuml", "drawio") and _carries(d)]
    if drawn or services:
        return met("Un diagramme montre les flux de données.", "A diagram shows the data flows.", map(shown, [*drawn, *services]))
    weak = [*flows, *diagrams.of("architecture", "pipeline")]
    texts = [evidence(s.path, s.line, s.heading) for s in explanations.everything.named("data-flow") if has_substance(s)]
    if weak or texts:
        return partly(
            "Les flux sont écrits, ou lisibles dans un dessin d'architecture.",
            "Flows are written, or can be read in a drawing of the architecture.",
            [*map(shown, weak), *texts],
        )
    return not_met("Aucun diagramme des flux de données.", "No diagram of the data flows.")


def _named_as_flow(diagram: Diagram, explanations: Explanations) -> bool:
    """Tell whether an image is named, captioned or headed as a diagram of data flows; a feed is not a flow."""
    name = re.sub(r"[_\-./]+", " ", f"{diagram.path.rsplit('/', 1)[-1]} {diagram.text}")
    return any(explanations.topics.in_text("data-flow", text) for text in (name, diagram.heading))


def _carries(diagram: Diagram) -> bool:
    """Tell whether an architecture says what its arrows carry, between sources, stores and services."""
    kinds = set(diagram.kinds)
    fits = bool(kinds & {"flowchart", "architecture", "pipeline"}) and not kinds & {"user-journey", "gantt"}
    return fits and len(_LABELLED.findall(diagram.text)) > SEVERAL and bool(_STORE.search(diagram.text))


def _pointer(zone: Zone, topic: str, names: tuple[str, str], ask: Text) -> Finding:
    """Return where documents speak of a criterion that a juror judges, or the question to ask."""
    headed = zone.headed(topic)
    said = [e for e in zone.said(topic) if len(e.excerpt.split()) > 4]
    if headed:
        return met(
            f"{names[0]} : un chapitre du dépôt.", f"{names[1]}: a chapter of the repository.", [headed, *said], question=ask
        )
    if said:
        return partly(f"{names[0]} : quelques lignes.", f"{names[1]}: a few lines.", said, question=ask)
    return unshown(f"{names[0]} : rien dans le dépôt.", f"{names[1]}: nothing in the repository.", question=ask)


def favours_eco_services(explanations: Explanations) -> Finding:
    """Environmentally responsible services are favoured.

    fr: Les services éco-responsables sont favorisés.
    why: Hosting and models weigh more than the code.
    pourquoi: L'hébergement et les modèles pèsent plus que le code.
    fix: Write what the environment changed in the choice of services.
    corriger: Écrire ce que l'environnement a changé dans le choix des services.
    """
    ask = Text(
        "Quel choix technique avez-vous fait pour l'environnement ?", "Which technical choice did you make for the environment?"
    )
    return _pointer(explanations.everything, "eco-service", ("Éco-responsabilité", "Environmental responsibility"), ask)


def concept_is_reachable(explanations: Explanations) -> Finding:
    """The proof of concept is reachable in pre-production.

    fr: La preuve de concept est accessible en préproduction.
    why: A jury tries what it is told about.
    pourquoi: Un jury essaie ce qu'on lui raconte.
    fix: Give the address of the pre-production, or the command that starts it.
    corriger: Donner l'adresse de la préproduction, ou la commande qui la lance.
    """
    ask = Text("Où la preuve de concept est-elle accessible ?", "Where can the proof of concept be reached?")
    return _pointer(explanations.everything, "proof-of-concept", ("Preuve de concept", "Proof of concept"), ask)


def concept_concludes(explanations: Explanations) -> Finding:
    """The conclusion of the proof of concept allows a decision.

    fr: La conclusion de la preuve de concept permet de décider.
    why: A trial without a conclusion is only a demonstration.
    pourquoi: Un essai sans conclusion n'est qu'une démonstration.
    fix: End the trial with what was learnt and whether to go on.
    corriger: Finir l'essai par ce qu'il apprend et la décision de poursuivre ou non.
    """
    ask = Text("La preuve de concept a-t-elle permis de décider de la suite ?", "Did the proof of concept allow a decision?")
    area = explanations.zone("proof-of-concept", only=("heading", "trail"))
    return _pointer(area, "concept-conclusion", ("Conclusion de la preuve de concept", "Conclusion of the proof of concept"), ask)


CHECKS: tuple[Callable[..., Finding], ...] = (
    covers_architecture_dependencies_environment,
    favours_eco_services,
    draws_the_data_flows,
    concept_is_reachable,
    concept_concludes,
)

"""Do specifications model the data, the journeys and the flows, with stories, a standard and a technical frame?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from checks.facts.diagrams import Diagram, Diagrams
from checks.facts.documents import Section
from checks.facts.schema_values import Schema
from checks.facts.zones import Explanations, Zone, body
from checks.findings import evidence, met, not_met, partly, unshown
from checks.workspace import File, Workspace
from grader.values import Evidence, Finding, Text

SEVERAL = 2
LEVELS = ("conceptual", "logical", "physical")
PAGED = (".pdf", ".docx", ".odt")
_PRESENTS = re.compile(r"\b(repr[ée]sent\w*|illustr\w*|montr\w*|pr[ée]sent\w*|ci-dess\w+|shows?|below|above|depicts?)\b", re.I)
_STORY = re.compile(
    r"\ben tant qu['’e]\s?\w.{1,80}?\b(je (veux|souhaite|peux|dois|voudrais|désire|puisse)|j['’](aimerais|ai besoin|attends))"
    r"|\bas an? .{2,80}?\bi (want|need|can|would|should)",
    re.I,
)
_ROLE = re.compile(r"\ben tant qu['’e]|^\W*as an? \w+", re.I)
_CARDINALITY = re.compile(r"\(?\b[01]\s*[,.]\s*[1nN]\b\)?|\b[1nN]\s*[-:,]\s*[nN1]\b|→|->|\|\|--|#\w+")
_CARDINALITIES = re.compile(r"\(?\b[01]\s*[,.]\s*[1nN]\b\)?.{1,80}?\(?\b[01]\s*[,.]\s*[1nN]\b")
_CREATES = re.compile(r"^\s*create\s+table\b", re.I | re.M)
_KEY = re.compile(r"\b(FK|foreign key|clé étrangère)\b", re.I)
_RELATION = re.compile(r"^\W*\w+\W{0,3}[(:][^,()\n]{1,60},[^,\n]{1,60},")
_HOSTS = re.compile(r"figma\.com|balsamiq|miro\.com|whimsical|marvelapp|moqups|framer\.com|penpot", re.I)


def shown(diagram: Diagram) -> Evidence:
    """Return the place of a diagram."""
    return evidence(diagram.path, diagram.line, diagram.heading or diagram.text)


def _levels(diagrams: Diagrams, area: Zone) -> dict[str, list[Evidence]]:
    """Return what shows each level of Merise: diagrams, then chapters of text with relations or tables."""
    found: dict[str, list[Evidence]] = {}
    for level in LEVELS:
        there = area.narrowed(lambda s, topic=f"merise-level-{level}": _at_level(area, s, topic))  # type: ignore[misc]
        written = [evidence(s.path, s.line, s.heading) for s in there.sections if _models(s)]
        drawn = [d for d in diagrams.of(f"merise-{level}") if level != "conceptual" or not _shows_keys(d)]
        found[level] = [*(shown(d) for d in drawn), *(written or _over_several_chapters(area, there, level))]
    return found


def _over_several_chapters(area: Zone, there: Zone, level: str) -> list[Evidence]:
    """Return the chapters of a conceptual level whose associations, with their cardinalities, stand in a chapter of their own."""
    if level != "conceptual":
        return []
    found = []
    for path in there.paths:
        tied = [s for s in area.in_file(path).sections if any(area.topics.in_text("data-associations", h) for h in _headings(s))]
        lines = [t for s in (*there.in_file(path).sections, *tied) for t in _written(s)]
        if sum(bool(_CARDINALITIES.search(t)) for t in lines) >= SEVERAL:
            own = [s for s in there.in_file(path).sections if not _names_several(area, s.heading)]
            found += [evidence(s.path, s.line, s.heading) for s in (*own[:1], *tied[:1])]
    return found


def _names_several(area: Zone, heading: str) -> bool:
    return sum(area.topics.in_text(f"merise-level-{level}", heading) for level in LEVELS) > 1


def _shows_keys(diagram: Diagram) -> bool:
    """Tell whether a diagram said to be of several levels shows keys: it draws tables, whatever the title says."""
    below = {"merise-logical", "merise-physical"} & set(diagram.kinds)
    return bool(below) and bool(_KEY.search(diagram.text))


def _headings(section: Section) -> tuple[str, ...]:
    return (section.heading, *section.trail[-1:])


def _at_level(area: Zone, section: Section, topic: str) -> bool:
    """Tell whether a chapter is of one level; a title above it that names several levels says nothing of the chapter."""
    above = section.trail[-1:]
    if above and _names_several(area, above[0]):
        above = ()
    return any(h and area.topics.in_text(topic, h) for h in (section.heading, *above))


def _written(section: Section) -> list[str]:
    return [t for _, t in body(section)] + [t for b in section.code for t in b.text.splitlines()[:200]]


def _models(section: Section) -> bool:
    """Tell whether a chapter writes a model: a table, a picture, relations with their attributes, cardinalities, or tables in SQL."""
    written = sum(bool(_CARDINALITY.search(t) or _RELATION.search(t[:300])) for t in _written(section))
    created = any(_CREATES.search(b.text[:5000]) for b in section.code)
    return bool(section.tables or section.images) or written >= SEVERAL or created


def models_follow_merise(diagrams: Diagrams, explanations: Explanations, schema: Schema) -> Finding:
    """The data models follow Merise: a conceptual level, and a logical or physical one.

    fr: Les modèles de données suivent Merise : un niveau conceptuel, et un niveau logique ou physique.
    why: The conceptual level says what the data mean before the tables say how they are kept.
    pourquoi: Le niveau conceptuel dit ce que signifient les données avant que les tables disent comment les garder.
    fix: Add an MCD with cardinalities and an MLD or MPD, as diagrams with their source.
    corriger: Ajouter un MCD avec cardinalités et un MLD ou MPD, en diagrammes avec leur source.
    """
    levels = _levels(diagrams, explanations.everything)
    below = [*levels["logical"], *levels["physical"]]
    places = {(e.path, e.line) for e in (*levels["conceptual"], *below)}
    if levels["conceptual"] and below and len(places) >= SEVERAL:
        return met(
            "Niveau conceptuel et niveau logique ou physique sont modélisés.",
            "A conceptual and a logical or physical level are modelled.",
            [*levels["conceptual"][:SEVERAL], *below],
        )
    some = [*levels["conceptual"], *below, *(shown(d) for d in diagrams.of("entity-relation"))]
    some += _drawn_entities(explanations.everything, schema)
    some += _told_in_pages(explanations.everything)
    if some:
        return partly(
            "Un modèle de données est montré, sans les niveaux de Merise.",
            "A data model is shown, without the levels of Merise.",
            some,
            question=Text(
                "Quel est votre modèle conceptuel, avec ses cardinalités ?",
                "What is your conceptual model, with its cardinalities?",
            ),
        )
    return not_met("Aucun modèle de données dans les documents.", "No data model in the documents.")


def _told_in_pages(area: Zone) -> list[Evidence]:
    """Return the lines of paged documents that present a data model: the picture beside them cannot be read."""
    paged = area.narrowed(lambda s: s.path.lower().endswith(PAGED))
    return [e for e in paged.said("data-model-shown") if _PRESENTS.search(e.excerpt)]


def _drawn_entities(area: Zone, schema: Schema) -> list[Evidence]:
    """Return the lines under a heading on the data model that tie entities together with arrows or cardinalities."""
    found = []
    for section in area.named("data-model"):
        lines = [(n, t) for n, t in section.lines if _CARDINALITY.search(t)]
        blocks = [(b.line, b.text) for b in section.code if b.language != "sql" and _CARDINALITY.search(b.text[:5000])]
        for number, text in (*lines, *blocks):
            words = {w.lower() for w in re.findall(r"\w+", text[:5000])}
            if len(words & schema.names) >= SEVERAL:
                found.append(evidence(section.path, number, text))
    return found


def models_follow_a_notation(diagrams: Diagrams, explanations: Explanations, schema: Schema) -> Finding:
    """The data model follows a notation such as Merise or entities and relations.

    fr: Le modèle de données suit un formalisme tel que Merise ou entités-relations.
    why: A notation is read the same way by everybody.
    pourquoi: Un formalisme se lit de la même façon par tous.
    fix: Draw the model as an entity-relation diagram, with cardinalities, and keep its source.
    corriger: Dessiner le modèle en entités-relations, avec cardinalités, et garder sa source.
    """
    drawn = diagrams.of("entity-relation", "merise-conceptual", "merise-logical", "merise-physical")
    if drawn:
        return met("Un modèle de données est dessiné.", "A data model is drawn.", map(shown, drawn))
    written = [e for found in _levels(diagrams, explanations.everything).values() for e in found]
    written += _drawn_entities(explanations.everything, schema) + [shown(d) for d in diagrams.of("class")]
    if written:
        return partly("Le modèle de données est écrit sans diagramme.", "The data model is written without a diagram.", written)
    told = _told_in_pages(explanations.everything)
    if told:
        return partly(
            "Le texte présente un modèle de données en image : sa notation est à regarder.",
            "The text presents a data model as a picture: its notation is to be looked at.",
            told,
            question=Text("Quel formalisme ce modèle de données suit-il ?", "Which notation does this data model follow?"),
        )
    return not_met("Aucun modèle de données dans les documents.", "No data model in the documents.")


def _journey_diagrams(diagrams: Diagrams, explanations: Explanations) -> list[Diagram]:
    """Return the flowcharts that stand in a chapter or a document about journeys."""
    about = {(s.path, s.heading) for s in explanations.zone("journey", only=("heading", "trail")).sections}
    return [d for d in diagrams.all if (d.path, d.heading) in about]


def draws_the_journeys(diagrams: Diagrams, explanations: Explanations) -> Finding:
    """User journeys are drawn as functional diagrams or wireframes.

    fr: Les parcours utilisateurs sont dessinés en schémas fonctionnels ou en maquettes.
    why: A drawn journey shows the screens and choices that a list of features hides.
    pourquoi: Un parcours dessiné montre les écrans et choix qu'une liste de fonctions cache.
    fix: Draw each journey as a flowchart or a set of wireframes, one per role.
    corriger: Dessiner chaque parcours en schéma fonctionnel ou en maquettes, un par rôle.
    """
    around = _journey_diagrams(diagrams, explanations)
    flows = [d for d in around if {"flowchart", "user-journey", "wireframe", "drawing"} & set(d.kinds)]
    flows += diagrams.of("user-journey", "wireframe")
    if flows:
        return met("Des parcours ou des maquettes sont dessinés.", "Journeys or wireframes are drawn.", map(shown, flows))
    weak = [shown(d) for d in (*around, *diagrams.of("sequence", "use-case")) if d.notation != "ascii"]
    links = [evidence(s.path, k.line, k.text) for s in explanations.sections for k in s.links if _HOSTS.search(k.target)]
    texts = [evidence(s.path, s.line, s.heading) for s in explanations.everything.named("journey") if len(body(s)) > SEVERAL]
    if weak or links or texts:
        return partly(
            "Des parcours sont écrits, ou montrés en séquences ou par un lien.",
            "Journeys are written, or shown as sequences or through a link.",
            [*weak, *links, *texts],
            question=Text("Quels écrans l'utilisateur traverse-t-il ?", "Which screens does the user go through?"),
        )
    return not_met("Aucun parcours utilisateur dans les documents.", "No user journey in the documents.")


def _stories(explanations: Explanations) -> list[tuple[Section, Evidence]]:
    found = []
    for section in explanations.sections:
        for number, text in section.lines:
            joined = " ".join(t for n, t in section.lines if number <= n <= number + 2)[:600] if _ROLE.search(text[:200]) else ""
            if joined and _STORY.search(joined):
                found.append((section, evidence(section.path, number, text)))
    return found


def _backlog_rows(workspace: Workspace) -> Iterator[tuple[File, int, str]]:
    """Return the lines of exported backlogs that tell a story."""
    for file in workspace.with_suffix(".csv", ".tsv", ".feature"):
        if file.size > 500_000:
            continue
        head = file.line(1).lower()
        if file.suffix == ".feature" or re.search(r"user.?story|as a\b|en tant que|critères? d.acc|acceptance", head):
            yield file, 1, head


def writes_stories(explanations: Explanations, workspace: Workspace) -> Finding:
    """Functional specifications are stories with their context and acceptance criteria.

    fr: Les spécifications fonctionnelles sont des récits avec contexte et critères de validation.
    why: Criteria decide whether a function is done.
    pourquoi: Les critères décident si une fonction est terminée.
    fix: Write each story with its context, its scenario and the criteria that validate it.
    corriger: Écrire chaque récit avec son contexte, son scénario et les critères qui le valident.
    """
    stories = _stories(explanations)
    rows = list(_backlog_rows(workspace))
    files = {s.path for s, _ in stories}
    criteria = [e for e in explanations.everything.said("acceptance-criteria") if e.path in files]
    headed = [evidence(s.path, s.line, s.heading) for s in explanations.everything.named("acceptance-criteria")]
    criteria += [e for e in headed if e.path in files]
    tabled = [
        evidence(f.path, n, t)
        for f, n, t in rows
        if f.suffix == ".feature" or re.search(r"acc[eé]pt|validation|criter|critère", t)
    ]
    if (stories and criteria) or tabled:
        return met(
            "Des récits utilisateurs avec critères de validation.",
            "User stories with acceptance criteria.",
            [*(e for _, e in stories[:2]), *criteria[:2], *tabled],
        )
    ask = Text(
        "À quels critères reconnaissez-vous qu'une fonction est terminée ?",
        "By which criteria do you know that a function is done?",
    )
    named = [e for _, e in stories] + [evidence(f.path, n, t) for f, n, t in rows] + _functions(explanations)
    if named:
        return partly(
            "Des récits ou besoins sont écrits, sans critères de validation.",
            "Stories or needs are written, without acceptance criteria.",
            named,
            question=ask,
        )
    return not_met("Aucun récit utilisateur dans les documents.", "No user story in the documents.", question=ask)


def _functions(explanations: Explanations) -> list[Evidence]:
    """Return the chapters titled as functional specifications that say something."""
    named = explanations.everything.named("functional-specification")
    return [evidence(s.path, s.line, s.heading) for s in named if s.tables or len(body(s)) > SEVERAL]


def _standards(explanations: Explanations) -> tuple[list[Evidence], list[Evidence]]:
    """Return the lines that name a standard: applied to the application, then elsewhere."""
    area = explanations.apart_from("document-accessibility", explanations.everything)
    topics = explanations.topics
    titled = {s.path for s in explanations.zone("document-accessibility", only=("heading", "trail")).sections if s.level <= 1}
    about = {id(s) for s in explanations.zone("specification", only=("heading", "trail")).sections}
    stories = {s.path for s, _ in _stories(explanations)}
    strong: list[Evidence] = []
    weak: list[Evidence] = []
    for section in area.sections:
        hits = [h for h in topics.hits("accessibility-standard", (section,)) if section.path not in titled]
        if not hits:
            continue
        place = [evidence(h.path, h.line, h.text) for h in hits]
        detailed = len([1 for _, t in section.lines if topics.in_text("accessibility", t)]) >= SEVERAL
        (strong if id(section) in about or section.path in stories or (place and detailed) else weak).extend(place)
    return strong, weak


def rests_on_an_accessibility_standard(explanations: Explanations, workspace: Workspace) -> Finding:
    """The accessibility goals rest on a standard such as WCAG or RGAA.

    fr: Les objectifs d'accessibilité s'appuient sur un standard tel que WCAG ou RGAA.
    why: A standard turns a good intention into criteria that can be checked.
    pourquoi: Un standard change une bonne intention en critères vérifiables.
    fix: Name the standard and its level, and the criteria that the application's screens must pass.
    corriger: Nommer le standard et son niveau, et les critères que les écrans de l'application doivent passer.
    """
    strong, weak = _standards(explanations)
    if strong:
        return met(
            "Un standard d'accessibilité est appliqué à l'application.",
            "An accessibility standard is applied to the application.",
            strong,
        )
    if weak:
        return partly("Un standard d'accessibilité est nommé en passant.", "An accessibility standard is named in passing.", weak)
    return not_met(
        "Aucun standard d'accessibilité n'est nommé pour l'application.",
        "No accessibility standard is named for the application.",
    )


def puts_accessibility_in_the_criteria(explanations: Explanations) -> Finding:
    """The acceptance criteria hold accessibility goals.

    fr: Les critères d'acceptation contiennent des objectifs d'accessibilité.
    why: What is not in the criteria is not tested.
    pourquoi: Ce qui n'est pas dans les critères n'est pas testé.
    fix: Add to each story the accessibility criteria of its screens.
    corriger: Ajouter à chaque récit les critères d'accessibilité de ses écrans.
    """
    files = {s.path for s, _ in _stories(explanations)}
    told = [e for e in explanations.everything.said("accessibility") if e.path in files]
    ask = Text(
        "Quels critères d'accessibilité chaque récit doit-il passer ?", "Which accessibility criteria must each story pass?"
    )
    if told:
        return met("Les récits parlent d'accessibilité.", "Stories speak of accessibility.", told, question=ask)
    return unshown(
        "Aucun récit avec accessibilité dans le dépôt.",
        "No story with accessibility in the repository.",
        question=ask,
    )


CHECKS: tuple[Callable[..., Finding], ...] = (
    models_follow_merise,
    models_follow_a_notation,
    draws_the_journeys,
    writes_stories,
    puts_accessibility_in_the_criteria,
    rests_on_an_accessibility_standard,
)

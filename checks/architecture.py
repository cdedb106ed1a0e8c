"""Is the architecture of the data drawn, modelled and documented?"""

from __future__ import annotations

import re
from collections.abc import Callable

from checks.covering import NOT_THE_PROJECT, about, chapter, place
from checks.database import table_place
from checks.facts.diagrams import Diagrams
from checks.facts.schema_values import Schema, Table
from checks.facts.zones import Explanations
from checks.findings import met, partly, unshown
from checks.parts import Part, missing, present, sentence
from checks.specification import shown
from grader.values import Finding, Text

REASON = 8  # words from which a line gives a reason rather than a title
_MODELS = ("entity-relation", "merise-conceptual", "merise-logical", "merise-physical")
_STAR = re.compile(r"\b(fact|fct|fait|dim|dimension)s?_\w", re.I)
_COMPONENTS = Text("composants", "components")
_CHOICES = Text("choix expliqués", "reasons for the choices")
_DEPLOYMENT = Text("déploiement", "deployment")


def models_the_data(diagrams: Diagrams, schema: Schema) -> Finding:
    """The data are modelled: a logical model that is drawn, and its tables.

    fr: Les données sont modélisées : un modèle logique dessiné, et ses tables.
    why: A drawn model says what is kept; tables show that it holds.
    pourquoi: Un modèle dessiné dit ce qui est gardé ; les tables montrent qu'il tient.
    fix: Keep the source of the diagram (entities and relations, star) beside the DDL that creates its tables.
    corriger: Garder la source du diagramme (entités-relations, étoile) à côté du DDL qui crée ses tables.
    """
    drawn = [*diagrams.of(*_MODELS), *(d for d in diagrams.all if d.notation != "image" and len(_STAR.findall(d.text)) > 1)]
    tables = _largest(schema)
    ask = Text("Comment votre modèle logique devient-il des tables ?", "How does your logical model become tables?")
    if drawn and tables:
        return met(
            "Un modèle est dessiné, et ses tables sont dans le code.",
            "A model is drawn, and its tables are in the code.",
            [*map(shown, drawn[:3]), *map(table_place, tables[:3])],
        )
    if drawn:
        return partly(
            "Un modèle est dessiné, sans tables dans le code.",
            "A model is drawn, without tables in the code.",
            map(shown, drawn),
            question=ask,
        )
    if tables:
        star = " en étoile" if any(_STAR.match(t.name) for t in tables) else ""
        return partly(
            f"Des tables{star} sont dans le code, sans modèle dessiné.",
            f"Tables{' of a star' if star else ''} are in the code, without a drawn model.",
            map(table_place, tables),
            question=ask,
        )
    return unshown(
        "Ni modèle dessiné ni tables dans le dépôt.",
        "No drawn model and no tables in the repository.",
        question=ask,
    )


def _largest(schema: Schema) -> list[Table]:
    """Return the tables, those of a star first, then those that refer to others."""
    known = [t for t in schema.tables if t.columns]
    return sorted(known, key=lambda t: (not _STAR.match(t.name), -len(t.references), t.path, t.line))


def is_documented(diagrams: Diagrams, explanations: Explanations) -> Finding:
    """The architecture is documented: a drawing, its components, the reasons of its choices, its deployment.

    fr: L'architecture est documentée : un dessin, ses composants, les raisons des choix, son déploiement.
    why: Whoever takes the platform over reads this first.
    pourquoi: Qui reprend la plateforme lit cela en premier.
    fix: Draw the architecture, say what each component is for and why it was chosen, and how to deploy it.
    corriger: Dessiner l'architecture, dire à quoi sert chaque composant et pourquoi il a été choisi, et comment la déployer.
    """
    whole = explanations.everything.narrowed(lambda s: not NOT_THE_PROJECT.search(s.path))
    area = about(whole, "system-architecture", "technical-environment")
    drawn = [shown(d) for d in diagrams.of("architecture", "data-flow", "pipeline")]
    parts = (
        Part(Text("dessin", "drawing"), next(iter(drawn), None)),
        Part(_COMPONENTS, chapter(area, "architecture-component")),
        Part(_CHOICES, place(area, "architecture-choice", REASON)),
        Part(_DEPLOYMENT, chapter(whole, "architecture-deployment")),  # installation often has a chapter elsewhere
    )
    fr, en = sentence(parts)
    ask = Text(
        "Où l'architecture est-elle expliquée à qui la reprendra ?",
        "Where is the architecture explained to whoever takes it over?",
    )
    if not missing(parts):
        return met(f"Architecture documentée : {fr}.", f"Architecture documented: {en}.", present(parts))
    if present(parts):
        return partly(
            f"Architecture documentée, en partie : {fr}.",
            f"Architecture documented, in part: {en}.",
            present(parts),
            question=ask,
        )
    return unshown(
        "Aucun document sur l'architecture dans le dépôt.",
        "No document on the architecture in the repository.",
        question=ask,
    )


CHECKS: tuple[Callable[..., Finding], ...] = (models_the_data, is_documented)

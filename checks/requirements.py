"""Are the requirements of an architecture, or of a solution of AI, written? Pointers for a jury that judges them."""

from __future__ import annotations

from collections.abc import Callable

from checks.covering import Subject, about, covered, whole
from checks.facts.documents import Documents
from checks.facts.topics import Topics
from checks.facts.zones import Zone
from grader.values import Finding, Text

_NEEDS = Subject(
    Text("Besoins de l'architecture", "Needs of the architecture"),
    (
        ("need-technical", Text("contraintes techniques", "technical constraints")),
        ("need-operational", Text("contraintes opérationnelles", "operational constraints")),
        ("need-standard", Text("normes", "standards")),
    ),
    Text("Quelle contrainte a le plus pesé sur votre architecture ?", "Which constraint weighed most on your architecture?"),
)
_FRAME = (
    ("requirement-context", Text("contexte et buts", "context and goals")),
    ("requirement-function", Text("fonctions", "functions")),
    ("requirement-quality", Text("exigences techniques", "technical requirements")),
    ("requirement-acceptance", Text("critères de réussite", "success criteria")),
)
_ARCHITECTURE = Subject(
    Text("Cahier des charges de l'architecture", "Requirements of the architecture"),
    (*_FRAME, ("requirement-planning", Text("calendrier ou coûts", "schedule or costs"))),
    Text(
        "Quelle exigence du cahier des charges l'architecture ne tient-elle pas encore ?",
        "Which requirement does the architecture not meet yet?",
    ),
)
_SOLUTION = Subject(
    Text("Cahier des charges de la solution", "Requirements of the solution"),
    (*_FRAME, ("requirement-accessibility", Text("accessibilité", "accessibility"))),
    Text(
        "Quelle exigence d'accessibilité la solution doit-elle tenir ?", "Which accessibility requirement must the solution meet?"
    ),
)


def _covered(subject: Subject, everything: Zone) -> Finding:
    return covered(subject, about(everything, "requirements-document"))


def identify_the_needs(documents: Documents, topics: Topics) -> Finding:
    """The needs of the architecture are identified: technical and operational constraints, standards.

    fr: Les besoins de l'architecture sont identifiés : contraintes techniques et opérationnelles, normes.
    why: An architecture answers constraints; without them it is a list of products.
    pourquoi: Une architecture répond à des contraintes ; sans elles, c'est une liste de produits.
    fix: Write volumes, response times, availability, budget, and the standards to follow.
    corriger: Écrire volumes, temps de réponse, disponibilité, budget et normes à suivre.
    """
    return _covered(_NEEDS, whole(documents, topics))


def frame_the_architecture(documents: Documents, topics: Topics) -> Finding:
    """A document states the requirements of the architecture: context, functions, qualities, acceptance, schedule or costs.

    fr: Un cahier des charges encadre l'architecture : contexte, fonctions, exigences, critères de réussite, calendrier ou coûts.
    why: The jury compares the architecture with what was asked.
    pourquoi: Le jury compare l'architecture à ce qui était demandé.
    fix: Write the requirements document before the plan, and number what the plan must answer.
    corriger: Écrire le cahier des charges avant le plan, et numéroter ce à quoi le plan doit répondre.
    """
    return _covered(_ARCHITECTURE, whole(documents, topics))


def frame_the_solution(documents: Documents, topics: Topics) -> Finding:
    """A document states the requirements of the solution, accessibility included.

    fr: Un cahier des charges encadre la solution, accessibilité comprise.
    why: A solution is judged against its requirements, by users with disabilities too.
    pourquoi: Une solution se juge à ses exigences, y compris par des utilisateurs en situation de handicap.
    fix: Write need, functions, qualities, success criteria and accessibility goals.
    corriger: Écrire besoin, fonctions, exigences, critères de réussite et objectifs d'accessibilité.
    """
    return _covered(_SOLUTION, whole(documents, topics))


CHECKS: tuple[Callable[..., Finding], ...] = (identify_the_needs, frame_the_architecture, frame_the_solution)

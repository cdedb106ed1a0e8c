"""Does the code create a model, judge it, and keep it?"""

from __future__ import annotations

from collections.abc import Callable

from checks.facts.models import Models, Use
from checks.findings import evidence, met, not_met, partly
from checks.parts import Part, missing, present, sentence
from grader.values import Evidence, Finding, Text


def creates_a_model(models: Models) -> Finding:
    """The code trains a model, measures it, and keeps it.

    fr: Le code entraîne un modèle, le mesure et le garde.
    why: A model without figures cannot be compared with its requirements, and one that is not kept cannot be served.
    pourquoi: Un modèle sans mesures ne se compare pas à ses exigences, et un modèle qui n'est pas gardé ne se sert pas.
    fix: Train in a script, compute metrics on data that training did not see, and save or register the model.
    corriger: Entraîner dans un script, mesurer sur des données que l'entraînement n'a pas vues, et enregistrer le modèle.
    """
    own = tuple(u for u in models.uses if not u.service)
    parts = (
        Part(Text("entraînement", "training"), _first(own, "train")),
        Part(Text("mesures", "metrics"), _first(own, "evaluate")),
        Part(Text("modèle gardé", "model kept"), _first(own, "save") or next(map(evidence, models.artefacts), None)),
    )
    fr, en = sentence(parts)
    ask = Text("Comment le modèle a-t-il été choisi et mesuré ?", "How was the model chosen and measured?")
    if not missing(parts):
        return met(f"Création d'un modèle : {fr}.", f"Creation of a model: {en}.", present(parts))
    if parts[0].found:
        return partly(
            f"Création d'un modèle, en partie : {fr}.", f"Creation of a model, in part: {en}.", present(parts), question=ask
        )
    used = [evidence(u.path, u.line, u.excerpt) for u in models.of_kind("load", "call")]
    if used or present(parts):
        return partly(
            "Un modèle est utilisé, sans que le dépôt ne l'entraîne.",
            "A model is used; the repository does not train it.",
            [*present(parts), *used],
            question=ask,
        )
    return not_met("Aucun code n'entraîne ni n'utilise de modèle.", "No code trains or uses a model.", question=ask)


def _first(uses: tuple[Use, ...], kind: str) -> Evidence | None:
    """Return the first use of a kind, in a script rather than in a notebook."""
    found = sorted((u for u in uses if u.kind == kind), key=lambda u: u.path.endswith(".ipynb"))
    return next((evidence(u.path, u.line, u.excerpt) for u in found), None)


CHECKS: tuple[Callable[..., Finding], ...] = (creates_a_model,)

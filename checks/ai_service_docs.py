"""Does the documentation of the AI service let somebody install it again?"""

from __future__ import annotations

import re
from collections.abc import Callable

from checks.benchmark import comparison
from checks.facts.instructions import code_line
from checks.facts.zones import Explanations, Zone, body, has_substance
from checks.findings import evidence, met, not_met, partly
from checks.parts import Part, present, sentence
from grader.values import Evidence, Finding, Text

SEVERAL = 2
STEPS = 3
MOST_LINES = 200


def _service(explanations: Explanations) -> Zone:
    """Return the documentation of the AI service: chapters under a heading, or documents under a title, that name it."""
    area = explanations.apart_from("watch", explanations.zone("ai-service", only=("heading", "trail")))
    compared = {id(s) for s in comparison(explanations).sections}
    return area.narrowed(lambda s: id(s) not in compared and has_substance(s))


def covers_the_service(explanations: Explanations) -> Finding:
    """The documentation of the AI service covers access, installation and tests, dependencies, data.

    fr: La documentation du service d'IA couvre accès, installation et tests, dépendances, données.
    why: The team must be able to install the service again and to know which data leave.
    pourquoi: L'équipe doit pouvoir réinstaller le service et savoir quelles données sortent.
    fix: In one document, write how to get access, install, test, what it depends on, and which data it receives.
    corriger: Dans un document, écrire comment obtenir l'accès, installer, tester, de quoi il dépend et quelles données il reçoit.
    """
    area = _service(explanations)
    best = max((_service_parts(area.in_file(p)) for p in area.paths), key=lambda parts: len(present(parts)), default=())
    keys = explanations.everything.said("ai-service-key") or _keys_in_code(explanations)
    if not present(best) and keys:
        return partly(
            "Seule la clé d'accès au service d'IA est documentée.",
            "Only the access key of the AI service is documented.",
            keys,
        )
    fr, en = sentence(best)
    if best and best[0].found and len(present(best)) >= len(best) - 1:
        return met(f"Documentation du service d'IA : {fr}.", f"Documentation of the AI service: {en}.", present(best))
    if present(best):
        return partly(
            f"Documentation du service d'IA, en partie : {fr}.", f"Documentation of the AI service, in part: {en}.", present(best)
        )
    return not_met("Aucune documentation du service d'IA.", "No documentation of the AI service.")


def _keys_in_code(explanations: Explanations) -> list[Evidence]:
    """Return the lines of code blocks that name the key of an AI service: the settings that a guide tells to write."""
    return [
        evidence(s.path, code_line(s, block, offset), text)
        for s in explanations.sections
        for block in s.code
        for offset, text in enumerate(block.text.splitlines()[:MOST_LINES])
        if "=" in text and explanations.topics.in_text("ai-service-key", text[:300])
    ]


def _service_parts(area: Zone) -> tuple[Part, ...]:
    steps = (evidence(s.path, s.line, s.heading) for s in area.named("install") if len(body(s)) >= STEPS)
    install = area.command("install", "start") or next(steps, None)  # an outside service: an account and a key, step by step
    test = area.command("test", "request") or area.headed("ai-service-test")
    data = area.said("ai-service-data")
    listed = area.narrowed(lambda s: not area.topics.in_text("testing", s.heading)).headed("install-dependencies") or next(
        (
            evidence(c.path, c.line, c.text)
            for c in area.commands("install")
            if re.search(r"pip|poetry|uv|npm|conda|ollama", c.text)
        ),
        None,
    )
    return (
        Part(Text("accès", "access"), next(iter(area.said("ai-service-key")), None) or area.headed("ai-service-access")),
        Part(Text("installation et tests", "installation and tests"), install if install and test else None),
        Part(Text("dépendances", "dependencies"), listed),
        Part(Text("données", "data"), area.headed("ai-service-data") or (data[0] if len(data) >= SEVERAL else None)),
    )


CHECKS: tuple[Callable[..., Finding], ...] = (covers_the_service,)

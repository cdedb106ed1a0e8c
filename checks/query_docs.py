"""Do documents explain the queries: what they select, filter and join, and how they were optimised?"""

from __future__ import annotations

import re
from collections.abc import Callable

from checks.facts.documents import Section
from checks.facts.extraction import ExtractionScripts
from checks.facts.schema_values import Schema
from checks.facts.sql import SqlStatements
from checks.facts.zones import Explanations, Zone, body
from checks.findings import evidence, met, not_met, partly
from checks.sql import comments_explain_queries, optimisations_are_real
from checks.workspace import Workspace
from grader.values import Evidence, Finding, Text

SHORTEST = 7  # words without which a line explains nothing
ENOUGH = 3
MOST_LINES = 300
CHOICES = ("query-selection", "query-filter", "query-join")
_SELECT = re.compile(r"^[ \t]*(select|with)\b[^;]{1,3000}\bfrom\b", re.I | re.M)
_CHANGES = re.compile(r"^[ \t]*(delete|drop|vacuum|update|alter|truncate)\b", re.I | re.M)
_INDEX = re.compile(
    r"\bindex ont été (créés|ajoutés)\b|\bindexes (were|are) (created|added)\b|\bind(ex|exes|ices|exation) (sur|on|of|des?|pour) "
    r"(l['’]|les? |la |the )?(colonne|champ|column|field|cl[ée]|`?\w+_\w+)",
    re.I,
)


def _explained(area: Zone, topics: tuple[str, ...]) -> list[tuple[str, Section, int, str]]:
    """Return the lines long enough to explain that use a term of a topic: topic, section, line number, text."""
    found = []
    for section in area.sections:
        for topic in topics:
            for hit in area.topics.hits(topic, (section,)):
                if hit.text != section.heading and len(hit.text.split()) >= SHORTEST:
                    found.append((topic, section, hit.line, hit.text))
    return found[:MOST_LINES]


def _shown_query(explanations: Explanations) -> Evidence | None:
    blocks = (
        (s, b)
        for s in explanations.sections
        for b in s.code
        if b.language in ("sql", "postgresql", "mysql") or (not b.language and b.text.lstrip()[:6].upper() == "SELECT")
    )
    return next((evidence(s.path, b.line, b.text) for s, b in blocks if _reads(b.text[:4000])), None)


def _reads(text: str) -> bool:
    return bool(_SELECT.search(text)) and not _CHANGES.search(text)


def explains_the_queries(
    explanations: Explanations, sql_statements: SqlStatements, workspace: Workspace, extraction_scripts: ExtractionScripts
) -> Finding:
    """A document explains what the queries select, filter and join, and why.

    fr: Un document explique ce que les requêtes sélectionnent, filtrent et joignent, et pourquoi.
    why: The jury wants the choices behind the query, not only its text.
    pourquoi: Le jury attend les choix derrière la requête, pas seulement son texte.
    fix: For each query, write which columns, filters and joins were chosen and what the collection needs them for.
    corriger: Pour chaque requête, écrire quelles colonnes, quels filtres et jointures ont été choisis et à quoi ils servent.
    """
    area = explanations.zone("queries", count=2)
    lines = _explained(area, CHOICES)
    kinds = {topic for topic, *_ in lines}
    reasoned = [found for found in lines if explanations.topics.in_text("choice-reason", found[3])]
    places = [evidence(s.path, n, t) for _, s, n, t in [*reasoned, *lines]]
    if len(kinds) >= 2 and len({(s.path, n) for _, s, n, _ in reasoned}) >= 2 and len(set(places)) >= ENOUGH:
        return met(
            "La documentation explique les choix des requêtes.", "The documentation explains the choices of the queries.", places
        )
    shown = _shown_query(explanations)
    if places or shown:
        return partly(
            "Des requêtes sont montrées ou décrites, leurs choix peu expliqués.",
            "Queries are shown or described, their choices hardly explained.",
            [*places, *([shown] if shown else [])],
            question=Text(
                "Pourquoi ces filtres et ces jointures dans vos requêtes ?", "Why these filters and joins in your queries?"
            ),
        )
    scripts = {s.path for s in extraction_scripts.judged}
    comments = comments_explain_queries(sql_statements, workspace).evidence
    beside = [e for e in comments if e.path in scripts or e.path.endswith((".sql", ".ipynb"))]
    if beside:
        return partly(
            "Des commentaires expliquent les requêtes dans le code.", "Comments explain the queries in the code.", beside
        )
    return not_met("Aucun document n'explique les requêtes.", "No document explains the queries.")


def explains_the_optimisations(explanations: Explanations, sql_statements: SqlStatements, schema: Schema) -> Finding:
    """Documents explain how the queries were optimised, and the code does it.

    fr: La documentation explique les optimisations des requêtes, et le code les contient.
    why: An optimisation counts when it is real and when its reason is known.
    pourquoi: Une optimisation vaut si elle est réelle et si sa raison est connue.
    fix: Create the indexes that the queries need and write what they speed up, with the EXPLAIN that shows it.
    corriger: Créer les index utiles et écrire ce qu'ils accélèrent, avec l'EXPLAIN qui le montre.
    """
    real = optimisations_are_real(sql_statements, schema)
    told = _optimisations(explanations)
    reasoned = [e for e, text in told if explanations.topics.in_text("choice-reason", text)]
    written = [e for e, _ in told]
    if reasoned and real.evidence and len(written) >= 2:
        return met("Des optimisations réelles, expliquées.", "Real optimisations, explained.", [*reasoned, *real.evidence])
    if written:
        return partly(
            "Des optimisations sont écrites, sans explication ou sans trace dans le code.",
            "Optimisations are written, without an explanation or a trace in the code.",
            [*written, *real.evidence],
        )
    if real.outcome.value == "met":
        return partly(
            "Des optimisations sont dans le code, sans explication.",
            "Optimisations are in the code, not explained.",
            real.evidence,
        )
    return not_met("Aucune optimisation des requêtes n'est documentée.", "No optimisation of the queries is documented.")


def _optimisations(explanations: Explanations) -> list[tuple[Evidence, str]]:
    everything = explanations.apart_from("testing", explanations.everything)
    found = [(e, e.excerpt) for e in everything.said("query-optimisation")]
    lines = ((s, n, t) for s in everything.sections for n, t in body(s) if "nd" in t and _INDEX.search(t[:400]))
    found += [(evidence(s.path, n, t), t) for s, n, t in lines]
    found += [(e, e.excerpt) for e in explanations.zone("queries", only=("heading",)).said("optimisation-word")]
    about = {id(s) for s in explanations.zone("queries", only=("heading", "trail")).sections}
    headed = [*everything.named("query-optimisation")]
    headed += [s for s in everything.named("optimisation-word") if id(s) in about]
    found += [(evidence(s.path, n, t), t) for s in headed for n, t in body(s) if len(t.split()) >= SHORTEST]
    return list(dict.fromkeys(found))[:MOST_LINES]


CHECKS: tuple[Callable[..., Finding], ...] = (explains_the_queries, explains_the_optimisations)

"""Does the comparison of AI services tell what was studied and set aside, and is the chosen service documented?"""

from __future__ import annotations

import re
from collections.abc import Callable

from checks.facts.documents import Section, Table
from checks.facts.topics import Hit
from checks.facts.zones import Explanations, Zone, body, has_substance
from checks.findings import evidence, met, not_met, partly
from checks.parts import Part
from checks.pointers import told
from grader.values import Evidence, Finding, Text

SEVERAL = 2
LONGEST_LIST = 40
MOST_LINES = 200
LONGEST_LINE = 600
_CELL = re.compile(r"[^\W_]{2,}")
# A sentence on providers in general tells nothing of any one of them.
_ABSENT = re.compile(
    r"\b(aucune?|no|none of the) ([\w'’-]+ ){0,2}?(fournisseur|service|solution|éditeur|acteur|prestataire|modèle|donnée|information|"
    r"provider|vendor|model|data|figure)s?\b",
    re.I,
)


def comparison(explanations: Explanations) -> Zone:
    """Return the sections of documents, or of chapters, that compare AI services: two services named at least."""
    area = explanations.zone("benchmark", only=("heading", "trail"))
    by_path: dict[str, list[Section]] = {}
    for section in area.sections:
        by_path.setdefault(section.path, []).append(section)
    kept = {path for path, found in by_path.items() if len(_services(Zone(tuple(found), area.topics))) >= SEVERAL}
    return area.narrowed(lambda s: s.path in kept)


def _services(area: Zone) -> dict[str, Hit]:
    """Return the AI services that an area names, with a place for each; its first lines are enough to tell."""
    found: dict[str, Hit] = {}
    shown = [t.shown for t in area.topics.terms("ai-service-name")]
    for hit in area.topics.hits("ai-service-name", area.sections)[:MOST_LINES]:
        text = hit.text[:LONGEST_LINE].lower()
        for name in shown:
            if name not in found and name.lower() in text:
                found[name] = hit
    return found


def _studied(area: Zone) -> list[Evidence]:
    """Return where services are compared: tables and headings that name them, then lists."""
    named = [(s, t) for s in area.sections for t in s.tables if _named_in_table(area, t.header, t.rows) >= SEVERAL]
    tables = [evidence(s.path, t.line, " | ".join(t.header)) for s, t in named]
    headings = [evidence(s.path, s.line, s.heading) for s in area.sections if area.topics.in_text("ai-service-name", s.heading)]
    lines = [evidence(h.path, h.line, h.text) for h in _services(area).values()]
    return [*tables, *headings, *lines]


def _named_in_table(area: Zone, header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> int:
    firsts = [r[0] for r in rows[:LONGEST_LIST] if r]
    return max(sum(area.topics.in_text("ai-service-name", c) for c in cells) for cells in (header, tuple(firsts)))


def _set_aside(area: Zone) -> list[Evidence]:
    """Return the chapters on the services that were set aside: something must stand under the heading, or in its table."""
    found = []
    for section in area.sections:
        own = bool(section.heading) and area.topics.in_text("service-set-aside", section.heading)
        above = any(area.topics.in_text("service-set-aside", h) for h in section.trail[1:])
        if (own or above) and (body(section) or section.tables or _has_children(area, section)):
            found.append(evidence(section.path, section.line, section.heading))
        for table in section.tables:
            if _is_table_aside(area, table):
                found.append(evidence(section.path, table.line, " | ".join(table.header)))
    return found or _labelled_lists(area)


def _all_studied(area: Zone) -> bool:
    """Tell whether every service that the chapters on services set aside name stands in a table of the comparison too."""
    apart = [s for s in area.sections if _is_aside(area, s)]
    rest = [s for s in area.sections if not _is_aside(area, s)]
    tables = [t for s in rest for t in s.tables if not any(area.topics.in_text("service-set-aside", h) for h in t.header)]
    cells = [c for t in tables for c in (*t.header, *(r[0] for r in t.rows[:LONGEST_LIST] if r))]
    compared = {name for cell in cells if (name := _first_service(area, cell))}
    firsts = [r[0] for s in apart for t in s.tables for r in t.rows if r]
    told = [t for s in apart for _, t in body(s) if not s.tables]
    named = {name for text in [*told, *firsts][:MOST_LINES] if (name := _first_service(area, text))}
    return bool(named and compared) and named <= compared


def _is_aside(area: Zone, section: Section) -> bool:
    return any(h and area.topics.in_text("service-set-aside", h) for h in (section.heading, *section.trail[1:]))


def _is_table_aside(area: Zone, table: Table) -> bool:
    cells = (c for row in (table.header, *table.rows[:LONGEST_LIST]) for c in row)
    return any(area.topics.in_text("service-set-aside", c) for c in cells)


def _has_children(area: Zone, section: Section) -> bool:
    return any(section.heading in s.trail and s.path == section.path for s in area.sections)


def _labelled_lists(area: Zone) -> list[Evidence]:
    """Return lines that begin with the label of a list of services set aside and name one on it or just below."""
    found = []
    for section in area.sections:
        for hit in area.topics.hits("service-set-aside", (section,)):
            near = [t for n, t in section.lines if hit.line <= n <= hit.line + 3]
            if any(area.topics.in_text("ai-service-name", t) for t in near) and hit.text != section.heading:
                found.append(evidence(hit.path, hit.line, hit.text))
    return found


def lists_services_studied_and_set_aside(explanations: Explanations) -> Finding:
    """The comparison lists the services studied and those set aside.

    fr: Le comparatif liste les services étudiés et ceux qui ont été écartés sans étude.
    why: Knowing what was not studied tells how far the choice can be trusted.
    pourquoi: Savoir ce qui n'a pas été étudié dit jusqu'où se fier au choix.
    fix: Add to the comparison a list of the services that were not studied, with the reason for each.
    corriger: Ajouter au comparatif la liste des services non étudiés, avec la raison pour chacun.
    """
    area = comparison(explanations)
    studied = _studied(area)
    aside = _set_aside(area)
    ask = Text("Quels services n'avez-vous pas étudiés, et pourquoi ?", "Which services did you not study, and why?")
    if studied and aside and _all_studied(area):
        return partly(
            "Les services écartés sont ceux du comparatif ; ceux qui n'ont pas été étudiés ne sont pas listés.",
            "The services set aside are those compared; the ones left out of the study are not listed.",
            [studied[0], *aside, *studied[1:]],
            question=ask,
        )
    if studied and aside:
        return met(
            "Services étudiés et services écartés sont listés.",
            "Services studied and set aside are listed.",
            [studied[0], *aside, *studied[1:]],
        )
    if studied:
        return partly(
            "Des services sont comparés ; ceux qui n'ont pas été étudiés ne sont pas listés.",
            "Services are compared; those that were not studied are not listed.",
            studied,
            question=ask,
        )
    return not_met("Aucun comparatif de services d'IA.", "No comparison of AI services.", question=ask)


def tells_the_environmental_approach(explanations: Explanations) -> Finding:
    """The environmental approach of each service is detailed.

    fr: La démarche éco-responsable de chaque service est détaillée.
    why: The carbon cost of a model is part of the choice.
    pourquoi: Le coût carbone d'un modèle fait partie du choix.
    fix: Add a column or a paragraph on the environment for each service, with its source.
    corriger: Ajouter une colonne ou un paragraphe sur l'environnement pour chaque service, avec sa source.
    """
    area = comparison(explanations)
    entries = _environment_entries(area)
    if len(entries) >= SEVERAL:
        return met(
            "La démarche environnementale est donnée service par service.",
            "The environmental approach is given service by service.",
            entries,
        )
    general = [*entries, *area.said("service-environment")]
    if general:
        return partly(
            "L'environnement est évoqué, sans entrée par service.",
            "The environment is mentioned, without an entry per service.",
            general,
            question=Text(
                "Quel service a la plus faible empreinte, selon quelle source ?",
                "Which service has the smallest footprint, by which source?",
            ),
        )
    return not_met("Le comparatif ne dit rien de l'environnement.", "The comparison says nothing of the environment.")


def _environment_entries(area: Zone) -> list[Evidence]:
    """Return an entry per service: cells of a column or a row, chapters under each service, or lines that name one."""
    topics = area.topics
    cells: list[Evidence] = []
    for section in area.sections:
        for table in section.tables:
            columns = [i for i, h in enumerate(table.header) if topics.in_text("service-environment", h)]
            rows = [r for r in table.rows[:LONGEST_LIST] if r and topics.in_text("service-environment", r[0])]
            filled = [r[i] for i in columns for r in table.rows[:LONGEST_LIST] if i < len(r) and _CELL.search(r[i])]
            filled += [c for r in rows for c in r[1:] if _CELL.search(c)]
            if len(filled) >= SEVERAL:
                cells += [
                    evidence(section.path, table.line, " | ".join(table.header)),
                    evidence(section.path, table.line, filled[0]),
                ]
    chapters = [
        evidence(s.path, s.line, s.heading)
        for s in area.sections
        if s.heading
        and topics.in_text("service-environment", s.heading)
        and has_substance(s)
        and any(topics.in_text("ai-service-name", h) for h in s.trail[1:])
    ]
    own = _lines_by_service(area)
    return cells or (chapters if len(chapters) >= SEVERAL else []) or own


def _lines_by_service(area: Zone) -> list[Evidence]:
    """Return a line on the environment for each service: under its heading, or naming it; refusals and gaps tell nothing."""
    topics = area.topics
    found: dict[str, Evidence] = {}
    for section in area.sections:
        under = next((n for h in (section.heading, *reversed(section.trail[1:])) if (n := _first_service(area, h))), "")
        for hit in topics.hits("service-environment", (section,))[:LONGEST_LIST]:
            service = under or _first_service(area, hit.text)
            told_of = len(hit.text.split()) >= 4 and hit.text != section.heading and not _ABSENT.search(hit.text[:LONGEST_LINE])
            if service and told_of:
                found.setdefault(service, evidence(hit.path, hit.line, hit.text))
    return list(found.values())


def _first_service(area: Zone, text: str) -> str:
    """Return the service that a text names, the longest of those it fits ("GPT" and "GPT-4" are one service)."""
    if not area.topics.in_text("ai-service-name", text):
        return ""
    lowered = text[:LONGEST_LINE].lower()
    named = [(lowered.find(t.shown.lower()), -len(t.shown), t.shown) for t in area.topics.terms("ai-service-name")]
    known = sorted(entry for entry in named if entry[0] >= 0)
    return known[0][2] if known else ""


def _first(area: Zone, topic: str) -> Evidence | None:
    return area.headed(topic) or next(iter(area.said(topic)), None)


def restates_the_need(explanations: Explanations) -> Finding:
    """The need is restated with goals and constraints before the comparison.

    fr: Le besoin est reformulé avec buts et contraintes avant le comparatif.
    why: A service is suited to a need, not in general.
    pourquoi: Un service convient à un besoin, pas en général.
    fix: Open the comparison with the need, the goals and the constraints.
    corriger: Ouvrir le comparatif par le besoin, les buts et les contraintes.
    """
    area = comparison(explanations)
    parts = (
        Part(Text("besoin", "need"), area.headed("service-need")),
        Part(Text("contraintes", "constraints"), _first(area, "service-constraint")),
    )
    ask = Text("Quel besoin le service d'IA devait-il couvrir ?", "Which need was the AI service to cover?")
    return told(parts, Text("Besoin", "Need"), ask)


def gives_reasons_for_setting_aside(explanations: Explanations) -> Finding:
    """The reasons for setting services aside are given.

    fr: Les raisons d'écarter des services sont données.
    why: A refusal without a reason cannot be discussed.
    pourquoi: Un refus sans raison ne se discute pas.
    fix: Write a reason beside each service that was set aside.
    corriger: Écrire une raison à côté de chaque service écarté.
    """
    area = comparison(explanations)
    aside = {(e.path, e.line) for e in _set_aside(area)}
    chapters = area.narrowed(lambda s: (s.path, s.line) in aside)
    parts = (
        Part(Text("services écartés", "services set aside"), next(iter(_set_aside(area)), None)),
        Part(Text("raisons", "reasons"), next(iter(chapters.said("service-reason")), None)),
    )
    ask = Text("Pourquoi avez-vous écarté les autres services ?", "Why did you set the other services aside?")
    return told(parts, Text("Services écartés", "Services set aside"), ask)


def details_the_fit(explanations: Explanations) -> Finding:
    """The fit of each service is detailed for each set of functions.

    fr: L'adéquation de chaque service est détaillée pour chaque ensemble fonctionnel.
    why: A note alone does not tell what a service can do.
    pourquoi: Une note seule ne dit pas ce que sait faire un service.
    fix: Add a table of functions by service.
    corriger: Ajouter un tableau des fonctions par service.
    """
    area = comparison(explanations)
    ask = Text("Quelle fonction chaque service couvre-t-il mal ?", "Which function does each service cover badly?")
    return told((Part(Text("adéquation", "fit"), _first(area, "service-fit")),), Text("Adéquation", "Fit"), ask)


def details_the_constraints(explanations: Explanations) -> Finding:
    """The technical constraints and prerequisites of each solution are detailed.

    fr: Les contraintes techniques et prérequis de chaque solution sont détaillés.
    why: A quota found too late stops a project.
    pourquoi: Un quota découvert trop tard arrête un projet.
    fix: Add limits, quotas, languages and hosting conditions for each service.
    corriger: Ajouter limites, quotas, langages et conditions d'hébergement de chaque service.
    """
    area = comparison(explanations)
    ask = Text(
        "Quelles contraintes techniques chaque service impose-t-il ?", "Which technical constraints does each service impose?"
    )
    return told(
        (Part(Text("contraintes", "constraints"), _first(area, "service-constraint")),), Text("Contraintes", "Constraints"), ask
    )


def concludes(explanations: Explanations) -> Finding:
    """The conclusion separates suitable services, with pros and cons, from unsuitable ones.

    fr: La conclusion sépare les services adaptés, avec avantages et inconvénients, de ceux qui ne le sont pas.
    why: The comparison serves a decision.
    pourquoi: Le comparatif sert une décision.
    fix: End with the chosen service, its pros and cons, and why the others do not suit.
    corriger: Finir par le service retenu, ses avantages et inconvénients, et pourquoi les autres ne conviennent pas.
    """
    area = comparison(explanations)
    parts = (
        Part(Text("conclusion", "conclusion"), area.headed("service-conclusion")),
        Part(Text("avantages et inconvénients", "pros and cons"), _first(area, "service-pros")),
    )
    ask = Text(
        "Quel service retenez-vous, et avec quels inconvénients ?", "Which service do you choose, and with which drawbacks?"
    )
    return told(parts, Text("Conclusion", "Conclusion"), ask)


CHECKS: tuple[Callable[..., Finding], ...] = (
    lists_services_studied_and_set_aside,
    tells_the_environmental_approach,
    restates_the_need,
    gives_reasons_for_setting_aside,
    details_the_fit,
    details_the_constraints,
    concludes,
)

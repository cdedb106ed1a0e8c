"""Is a watch organised, with a weekly slot, tools and summaries?"""

from __future__ import annotations

import re
from collections.abc import Callable

from checks.facts.zones import Explanations, Zone, has_substance
from checks.findings import evidence, met, not_met, partly
from checks.parts import Part
from checks.pointers import told
from grader.values import Evidence, Finding, Text

NEAR = 3  # lines between a weekly word and its duration
_HOURS = re.compile(
    r"(?<![\d:h])([1-9]|1\d)(?:[.,]\d)?\s*(?:h\b|h\d\d\b|heures?\b|hours?\b|hrs?\b)|\b(une|deux|trois|quatre|one|two|three)\s+(heures?|hours?)\b",
    re.I,
)
_MINUTES = re.compile(r"\b(\d{2,3})\s*(?:min\b|minutes?\b|mn\b)", re.I)
_SLOT = re.compile(r"\b([01]?\d|2[0-3])\s*[h:]\s*([0-5]\d)?\s*(?:-|–|—|à|to|/)\s*([01]?\d|2[0-3])\s*[h:]\s*([0-5]\d)?", re.I)
_DAY = re.compile(
    r"\b(lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|monday|tuesday|wednesday|thursday|friday|saturday|sunday)s?\b", re.I
)
HOUR = 60
FEWEST_WORDS_OF_A_LIST = 6
_NUMBERS = {"une": 1, "one": 1, "deux": 2, "two": 2, "trois": 3, "three": 3, "quatre": 4, "four": 4}


def minutes(text: str) -> int:
    """Return the longest duration that a line of text gives, in minutes; a slot such as 14h-15h counts for its length."""
    line = text[:600]
    found = [0]
    slots = list(_SLOT.finditer(line))
    found += [(int(m.group(3)) * HOUR + int(m.group(4) or 0)) - (int(m.group(1)) * HOUR + int(m.group(2) or 0)) for m in slots]
    rest = _SLOT.sub(" ", line)
    found += [int(m.group(1) or _NUMBERS[m.group(2).lower()]) * HOUR for m in _HOURS.finditer(rest)]
    found += [int(m.group(1)) for m in _MINUTES.finditer(rest)]
    return max(found)


def _watch(explanations: Explanations) -> Zone:
    return explanations.zone("watch", only=("heading", "trail"))


def _weekly_slot(area: Zone) -> Evidence | None:
    """Return the line that gives an hour or more a week: both on one line, or a few lines apart in one section."""
    near: Evidence | None = None
    for section in area.sections:
        weekly = [
            (n, t)
            for n, t in section.lines
            if (area.topics.in_text("watch-weekly", t) or (_DAY.search(t) and _SLOT.search(t))) and not _is_word_list(t)
        ]
        for number, text in weekly:
            if minutes(text) >= HOUR:
                return evidence(section.path, number, text)
            close = (t for n, t in section.lines if abs(n - number) <= NEAR and minutes(t) >= HOUR)
            if near is None and next(close, None) is not None:
                near = evidence(section.path, number, text)
    return near


def _short_slot(area: Zone, everything: Zone) -> list[Evidence]:
    """Return the rhythms written in the chapters on the watch, then anywhere on a line that speaks of the watch."""
    headed = [e for e in area.said("watch-rhythm") if not _is_entry(e.excerpt)]
    told_of = (e for e in everything.said("watch") if area.topics.in_text("watch-rhythm", e.excerpt))
    return headed or [e for e in told_of if len(e.excerpt.split()) > NEAR and not _is_entry(e.excerpt)]


def _is_word_list(text: str) -> bool:
    """Tell whether a line only lists words, as keyword stuffing does: many pieces of one to three words."""
    pieces = [p.split() for p in re.split(r"[,;·]", text) if p.strip()]
    return len(pieces) >= FEWEST_WORDS_OF_A_LIST and sum(len(p) <= 3 for p in pieces) >= 0.8 * len(pieces)


def _is_entry(text: str) -> bool:
    """Tell whether a line is an item of news rather than the organisation of the watch."""
    return bool(re.search(r"https?://|\b20\d\d-\d\d-\d\d\b", text))


def is_planned_every_week(explanations: Explanations) -> Finding:
    """A slot of an hour or more is planned every week for the watch.

    fr: Un créneau d'une heure ou plus est planifié chaque semaine pour la veille.
    why: A watch without a slot stops at the first busy week.
    pourquoi: Une veille sans créneau s'arrête à la première semaine chargée.
    fix: Write the day, the hour and the duration of the weekly slot (one hour at least).
    corriger: Écrire le jour, l'heure et la durée du créneau hebdomadaire (une heure au moins).
    """
    area = _watch(explanations)
    slot = _weekly_slot(area)
    if slot:
        return met(
            "Un créneau hebdomadaire d'une heure ou plus est écrit.", "A weekly slot of an hour or more is written.", [slot]
        )
    other = _short_slot(area, explanations.everything)
    if other:
        return partly(
            "Un rythme de veille est écrit, sans créneau hebdomadaire d'une heure.",
            "A rhythm of watch is written, without a weekly slot of an hour.",
            other,
            question=Text("Combien de temps par semaine, et quand ?", "How much time a week, and when?"),
        )
    ask = Text("Quand faites-vous votre veille, et combien de temps ?", "When do you carry out your watch, and for how long?")
    if area:
        return not_met(
            "La veille est décrite, sans aucun rythme.",
            "The watch is described, without any rhythm.",
            [evidence(s.path, s.line, s.heading) for s in area.sections[:2]],
            question=ask,
        )
    return not_met("Aucun document ne planifie une veille.", "No document plans a watch.", question=ask)


def argues_its_tools(explanations: Explanations) -> Finding:
    """The aggregation tools are named and argued with the sources and the budget.

    fr: Les outils d'agrégation sont nommés et motivés par les sources et le budget.
    why: The tool must reach the sources that matter, at a cost the project accepts.
    pourquoi: L'outil doit atteindre les sources utiles, à un coût que le projet accepte.
    fix: For each tool, write which sources it follows, what it costs and why it was chosen.
    corriger: Pour chaque outil, écrire quelles sources il suit, ce qu'il coûte et pourquoi il a été choisi.
    """
    area = _watch(explanations)
    tools = [e for e in area.said("watch-tool") if not _is_entry(e.excerpt)]
    ask = Text(
        "Pourquoi ces outils de veille, pour quelles sources et quel budget ?",
        "Why these watch tools, for which sources and which budget?",
    )
    if not tools:
        return not_met("Aucun outil de veille n'est nommé.", "No watch tool is named.", question=ask)
    aggregators = area.said("watch-aggregator")
    files = {e.path for e in aggregators}
    budget = [e for e in area.said("watch-budget") if e.path in files and _near(e, tools)]
    sources = [e for e in area.said("watch-source") if e.path in files]
    if aggregators and budget and sources:
        return met(
            "Les outils sont motivés par sources et budget.", "Tools are argued with sources and budget.", [*aggregators, *budget]
        )
    return partly(
        "Des outils sont nommés, sans sources ou budget.", "Tools are named, without sources or budget.", tools, question=ask
    )


def _near(place: Evidence, others: list[Evidence]) -> bool:
    return any(o.path == place.path and abs((o.line or 0) - (place.line or 0)) <= 2 * NEAR for o in others)


def _first(area: Zone, topic: str) -> Evidence | None:
    return area.headed(topic) or next(iter(area.said(topic)), None)


def has_a_topic_of_the_project(explanations: Explanations) -> Finding:
    """The watch names its topic and ties it to the project.

    fr: La veille nomme son thème et le relie au projet.
    why: A watch on a tool in use changes decisions.
    pourquoi: Une veille sur un outil utilisé change des décisions.
    fix: Write the topic of the watch and which part of the project uses it.
    corriger: Écrire le thème de la veille et la partie du projet qui s'en sert.
    """
    area = _watch(explanations)
    parts = (Part(Text("thème", "topic"), _first(area, "watch-theme")),)
    ask = Text(
        "Quel outil ou quelle règle du projet votre veille suit-elle ?",
        "Which tool or rule of the project does your watch follow?",
    )
    return told(parts, Text("Thème de la veille", "Topic of the watch"), ask)


def keeps_summaries(explanations: Explanations) -> Finding:
    """Summaries of the watch are kept and answer its topic.

    fr: Des synthèses de veille sont conservées et répondent au thème.
    why: A watch that leaves no summary serves nobody else.
    pourquoi: Une veille sans synthèse ne sert à personne d'autre.
    fix: Keep dated summaries in the repository.
    corriger: Garder des synthèses datées dans le dépôt.
    """
    area = _watch(explanations)
    headed = next((evidence(s.path, s.line, s.heading) for s in area.named("watch-summary") if has_substance(s)), None)
    ask = Text("Montrez une synthèse de veille : qu'a-t-elle changé ?", "Show a summary of your watch: what did it change?")
    return told((Part(Text("synthèses", "summaries"), headed),), Text("Synthèses de veille", "Summaries of the watch"), ask)


def qualifies_its_sources(explanations: Explanations) -> Finding:
    """The sources are listed with what makes them reliable.

    fr: Les sources sont listées avec ce qui les rend fiables.
    why: A rumour repeated is not information.
    pourquoi: Une rumeur répétée n'est pas une information.
    fix: List each source with its author, its date, and how the information was cross-checked.
    corriger: Lister chaque source avec son auteur, sa date, et le recoupement fait.
    """
    area = _watch(explanations)
    parts = (
        Part(Text("sources", "sources"), _first(area, "watch-source")),
        Part(Text("critères de fiabilité", "reliability criteria"), _first(area, "watch-reliability")),
    )
    ask = Text("Comment avez-vous vérifié la fiabilité de vos sources ?", "How did you check that your sources are reliable?")
    return told(parts, Text("Sources de la veille", "Sources of the watch"), ask)


CHECKS: tuple[Callable[..., Finding], ...] = (
    is_planned_every_week,
    argues_its_tools,
    has_a_topic_of_the_project,
    keeps_summaries,
    qualifies_its_sources,
)

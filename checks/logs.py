"""Logging in the code."""

from __future__ import annotations

from checks.facts.logging_use import LoggingUse, LogPoint
from checks.facts.places import at
from checks.facts.reach import Reach
from checks.findings import evidence, met, not_met, partly
from grader.values import Evidence, Finding

FEW_CALLS = 4
SMALL = 4  # modules of an application in which one module may well hold all the logging
ORDER = {"model": 0, "error": 1, "request": 2, "other": 3}


def _places(use: LoggingUse, points: tuple[LogPoint, ...]) -> list[Evidence]:
    configured = sorted(use.configured, key=lambda c: not c.served)[:2]
    kinds = {p.kind: p for p in reversed(points)}
    best = sorted(kinds.values(), key=lambda p: ORDER[p.kind])
    return [*at(configured), *at(best)]


def application_logs(logging_use: LoggingUse, reach: Reach) -> Finding:
    """The application configures logging and uses it where things happen.

    fr: L'application configure la journalisation et s'en sert là où les choses se passent.
    why: Without a journal, nobody can say afterwards what a user, an error or a prediction did.
    pourquoi: Sans journal, personne ne peut dire après coup ce qu'ont fait un utilisateur, une erreur ou une prédiction.
    fix: Set up logging once (format, level, handler) and call a logger on requests, errors and predictions instead of print.
    corriger: Configurez la journalisation une fois (format, niveau, sortie) et appelez un logger aux requêtes, erreurs et
      prédictions au lieu de print.
    """
    points = logging_use.served_points()
    modules = {p.path for p in points}
    places = _places(logging_use, points or logging_use.points)
    configured = [c for c in logging_use.configured if c.served]
    steady = len(modules) >= 2 or (len(points) >= FEW_CALLS and len(reach.entries) <= SMALL)
    if configured and steady:
        fr = f"La journalisation est configurée et appelée {len(points)} fois dans {len(modules)} module(s) de l'application."
        en = f"Logging is configured and called {len(points)} times in {len(modules)} module(s) of the application."
        return met(fr, en, places)
    if points and not configured:
        fr = f"{len(points)} appel(s) à un logger dans l'application, sans configuration à elle (format, niveau, sortie)."
        en = f"{len(points)} logger call(s) in the application, without a configuration of its own (format, level, handler)."
        return partly(fr, en, places)
    if len(logging_use.points) >= FEW_CALLS or logging_use.configured:
        fr = "La journalisation se limite à quelques appels, ou à des scripts hors de l'application."
        en = "Logging is limited to a few calls, or to scripts outside the application."
        return partly(fr, en, places)
    seen = [*places[:1], *[evidence(p.path, p.line, p.excerpt) for p in logging_use.prints[:2]]]
    fr = "Aucune journalisation de l'application : ni configuration, ni appels suivis à un logger."
    return not_met(fr, "No logging of the application: no configuration, no steady calls to a logger.", seen)


CHECKS = (application_logs,)

"""Does the documentation explain what is monitored, with which thresholds, and how to set the tools up?"""

from __future__ import annotations

from collections.abc import Callable

from checks.facts.monitoring import Monitoring
from checks.facts.monitoring_manual import MonitoringManual
from checks.findings import evidence, met, not_met, partly
from checks.parts import Part, present, sentence
from grader.values import Evidence, Finding, Text

ENOUGH = 2


def lists_metrics_with_thresholds(monitoring_manual: MonitoringManual, monitoring: Monitoring) -> Finding:
    """A document lists the monitored metrics with an alert threshold for the risky ones.

    fr: Un document liste les métriques suivies, avec un seuil d'alerte pour celles à risque.
    why: A threshold that is written can be discussed, tested and changed; one buried in a rule cannot.
    pourquoi: Un seuil écrit se discute, se teste et se change ; un seuil enfoui dans une règle, non.
    fix: Write a table with each metric, its threshold, its duration, and what going past it means.
    corriger: Écrire un tableau avec chaque métrique, son seuil, sa durée, et ce que signifie un dépassement.
    """
    limits = monitoring_manual.limits
    places = [evidence(limit.path, limit.line, limit.text) for limit in limits]
    if len(limits) >= ENOUGH:
        return met(
            f"{len(limits)} métriques sont données avec leur seuil.",
            f"{len(limits)} metrics are given with their threshold.",
            places,
        )
    rules = [evidence(r.path, r.line, r.name) for r in monitoring.stack.rules if r.threshold]
    rules += [evidence(a.path, a.line, a.excerpt) for a in monitoring.code_alerts if a.threshold]
    ask = Text(
        "À partir de quelle valeur chaque métrique doit-elle alerter, et pourquoi ?",
        "From which value should each metric alert, and why?",
    )
    if limits:
        return partly(
            "Un seul seuil est écrit dans les documents.", "Only one threshold is written in the documents.", places, question=ask
        )
    if rules:
        return partly(
            "Des seuils existent dans les règles ou le code, aucun document ne les liste.",
            "Thresholds stand in rules or code, no document lists them.",
            rules,
            question=ask,
        )
    if len(monitoring_manual.metrics) >= ENOUGH:
        return partly(
            "Des métriques sont documentées, sans seuil d'alerte.",
            "Metrics are documented, without alert thresholds.",
            monitoring_manual.metrics[:4],
            question=ask,
        )
    return not_met(
        "Aucun document ne liste de métriques avec des seuils (cherché : tableaux, listes, règles).",
        "No document lists metrics with thresholds (looked for: tables, lists, rules).",
        question=ask,
    )


def _graded(parts: tuple[Part, ...], subject: Text, real: bool, fewest: int) -> Finding:
    fr, en = sentence(parts)
    if not present(parts):
        return not_met(f"{subject.fr} : aucun document ne l'explique.", f"{subject.en}: no document explains it.")
    if len(present(parts)) >= fewest and real:
        return met(f"{subject.fr} : {fr}.", f"{subject.en}: {en}.", present(parts))
    absent = (
        Text("", "")
        if real
        else Text(" ; l'outil décrit n'apparaît pas dans le dépôt", "; the tool described does not appear in the repository")
    )
    return partly(f"{subject.fr}, en partie : {fr}{absent.fr}.", f"{subject.en}, in part: {en}{absent.en}.", present(parts))


def _is_real(monitoring: Monitoring) -> bool:
    stack, own = monitoring.stack, monitoring.instruments
    return bool(stack.tools or stack.scrapes or stack.dashboards or own.exposures or own.tools or own.metrics or monitoring.pages)


def explains_the_monitoring_of_the_model(monitoring_manual: MonitoringManual, monitoring: Monitoring) -> Finding:
    """The documentation tells how to install, configure and use the monitoring of the model.

    fr: La documentation dit comment installer, configurer et utiliser le suivi du modèle.
    why: Monitoring that only its author can start will not be looked at.
    pourquoi: Un suivi que seul son auteur sait lancer ne sera pas regardé.
    fix: Write how to start the tools, which files configure them, where the dashboards are and how to read them.
    corriger: Écrire comment lancer les outils, quels fichiers les configurent, où sont les tableaux de bord et comment les lire.
    """
    parts = (monitoring_manual.model_installation, monitoring_manual.model_configuration, monitoring_manual.model_use)
    subject = Text("Suivi du modèle", "Monitoring of the model")
    if present(parts):
        return _graded(parts, subject, _is_real(monitoring), len(parts))
    general = (monitoring_manual.installation, monitoring_manual.configuration, monitoring_manual.use)
    if len(present(general)) >= ENOUGH:
        fr, en = sentence(general)
        return partly(
            f"Le suivi de l'application est expliqué ({fr}), pas celui du modèle.",
            f"The monitoring of the application is explained ({en}), not the model's.",
            present(general),
        )
    tracker = monitoring_manual.tracker
    if tracker.found and (monitoring.tools_for("model") or monitoring.tools_for("training")):
        return partly(
            "Le démarrage du serveur de suivi est donné ; sa configuration et son usage ne sont pas expliqués.",
            "The start of the tracking server is given; its configuration and use are not explained.",
            present((tracker,)),
        )
    return _graded(parts, subject, True, len(parts))


def explains_the_set_up_of_the_tools(monitoring_manual: MonitoringManual, monitoring: Monitoring) -> Finding:
    """The documentation tells how to install and configure the monitoring tools.

    fr: La documentation dit comment installer et configurer les outils de suivi.
    why: The tools must be up again quickly on another machine.
    pourquoi: Les outils doivent pouvoir être remontés vite sur une autre machine.
    fix: Write the command that starts the tools, their addresses, and the files and variables that configure them.
    corriger: Écrire la commande qui lance les outils, leurs adresses, et les fichiers et variables qui les configurent.
    """
    parts = (monitoring_manual.installation, monitoring_manual.configuration)
    return _graded(parts, Text("Outils de suivi", "Monitoring tools"), _is_real(monitoring), len(parts))


def _pointer(found: tuple[Evidence, ...], yes: Text, no: Text, ask: Text) -> Finding:
    if found:
        return met(yes.fr, yes.en, found[:4], question=ask)
    return not_met(no.fr, no.en, question=ask)


def explains_the_metrics(monitoring_manual: MonitoringManual) -> Finding:
    """Documents name the monitored metrics and say what they mean.

    fr: Des documents nomment les métriques suivies et disent ce qu'elles signifient.
    why: Only the jury can tell whether the explanations are right: here is where to read them.
    pourquoi: Seul le jury peut dire si les explications sont justes : voici où les lire.
    fix: For each metric write what it measures, how it is computed and how to read it.
    corriger: Pour chaque métrique, écrire ce qu'elle mesure, comment elle se calcule et comment la lire.
    """
    return _pointer(
        monitoring_manual.metrics if len(monitoring_manual.metrics) >= ENOUGH else (),
        Text("Métriques expliquées à relire.", "Metrics explained, to be read."),
        Text("Aucun document n'explique de métriques suivies.", "No document explains monitored metrics."),
        Text(
            "Que mesure chacune de vos métriques, et laquelle vous alerterait en premier ?",
            "What does each metric measure, and which would alert you first?",
        ),
    )


def considers_accessibility_of_the_view(monitoring_manual: MonitoringManual) -> Finding:
    """Documents speak of accessibility where they choose how monitoring is shown.

    fr: Des documents parlent d'accessibilité là où ils choisissent comment le suivi est montré.
    why: A dashboard is for every stakeholder, not only for those who know the tool.
    pourquoi: Un tableau de bord s'adresse à toutes les parties prenantes, pas seulement à qui connaît l'outil.
    fix: Write who reads the dashboard and what makes it accessible to them (contrast, keyboard, exports, plain words).
    corriger: Écrire qui lit le tableau de bord et ce qui le leur rend accessible (contraste, clavier, exports, mots simples).
    """
    return _pointer(
        monitoring_manual.accessibility,
        Text("Accessibilité évoquée près du suivi.", "Accessibility spoken of near the monitoring."),
        Text(
            "Aucun document ne parle d'accessibilité à propos du suivi.",
            "No document speaks of accessibility about the monitoring.",
        ),
        Text(
            "Comment une personne non technique ou malvoyante lit-elle votre suivi ?",
            "How does a non-technical or visually impaired person read it?",
        ),
    )


def justifies_the_tools(monitoring_manual: MonitoringManual) -> Finding:
    """Documents give reasons next to the names of the monitoring tools.

    fr: Des documents donnent des raisons à côté des noms des outils de suivi.
    why: Tools must fit the size and the risks of the project.
    pourquoi: Les outils doivent convenir à la taille et aux risques du projet.
    fix: Write which tools were compared, and why the ones kept fit this project.
    corriger: Écrire quels outils ont été comparés, et pourquoi ceux retenus conviennent à ce projet.
    """
    return _pointer(
        monitoring_manual.reasons,
        Text("Raisons à lire près des outils de suivi.", "Reasons to read near the monitoring tools."),
        Text("Aucune raison n'est écrite pour les outils de suivi.", "No reason is written for the monitoring tools."),
        Text("Pourquoi ces outils de suivi plutôt que d'autres ?", "Why these monitoring tools rather than others?"),
    )


CHECKS: tuple[Callable[..., Finding], ...] = (
    lists_metrics_with_thresholds,
    explains_the_monitoring_of_the_model,
    explains_the_set_up_of_the_tools,
    explains_the_metrics,
    considers_accessibility_of_the_view,
    justifies_the_tools,
)

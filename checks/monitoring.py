"""Monitoring of models and applications."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.facts.instruments import Exposure
from checks.facts.logging_use import LoggingUse
from checks.facts.monitoring import Monitoring
from checks.facts.places import at, named
from checks.facts.python_code import PythonCode
from checks.facts.test_suite import TestSuite
from checks.findings import evidence, inconclusive, met, not_met, partly
from checks.workspace import Workspace
from grader.values import Evidence, Finding, Text

OTHER_LANGUAGES = (".cs", ".java", ".kt", ".php", ".go", ".ts", ".rb")
LARGEST = 400_000
_COMPARES = re.compile(r"\s[<>]=?\s[\w.]{0,80}(?:threshold|seuil)|(?:threshold|seuil)\w{0,80}(?:\.\w{1,80})?\s[<>]=?\s", re.I)
OUTSIDE_ACCOUNTS = frozenset({"langfuse", "langsmith", "helicone"})


def _broken(monitoring: Monitoring, *codes: str) -> Iterator[Evidence]:
    return (evidence(b.path, b.line, b.why.en) for b in monitoring.broken if b.code in codes)


def _model_logs(logging_use: LoggingUse) -> list[Evidence]:
    return at([p for p in logging_use.points if p.kind == "model"][:2])


def _question(monitoring: Monitoring) -> Text | None:
    first = next(iter(monitoring.broken), None)
    if first is None:
        return None
    return Text(
        f"{first.path} : {first.why.fr} Comment l'expliquez-vous ?", f"{first.path}: {first.why.en} How do you explain it?"
    )


def _tracers(monitoring: Monitoring) -> list[Evidence]:
    return at(t for t in monitoring.tools_for("model") if t.served or t.package != "mlflow")


def follows_the_model(monitoring: Monitoring, logging_use: LoggingUse) -> Finding:
    """A monitoring tool follows the model, or the calls to it, while it is in use.

    fr: Un outil de monitorage suit le modèle, ou les appels au modèle, pendant son utilisation.
    why: A model that nobody follows gets worse without anybody knowing.
    pourquoi: Un modèle que personne ne suit se dégrade sans que personne ne le sache.
    fix: Record predictions, confidence, latency or drift from the service itself (Prometheus client, Langfuse, Evidently,
      MLflow traces…).
    corriger: Mesurez prédictions, confiance, latence ou dérive depuis le service lui-même (client Prometheus, Langfuse,
      Evidently, traces MLflow…).
    """
    exposed = monitoring.exposed or monitoring.own_model_values
    measured = [*at(monitoring.model_metrics[:3]), *at(exposed[:1])] if exposed and monitoring.model_metrics else []
    found = [*measured, *_tracers(monitoring), *at(monitoring.own_model_values)]
    if found:
        fr = "Des mesures du modèle, ou des appels au modèle, sont prises pendant l'utilisation."
        return met(fr, "Measures of the model, or of the calls to it, are taken while it is in use.", found)
    weak = [
        *at(monitoring.model_metrics[:2]),
        *at(monitoring.tools_for("training")),
        *at(monitoring.pages),
        *_model_logs(logging_use),
    ]
    weak += at(monitoring.tools_for("application")) if monitoring.stack.tools or monitoring.exposed else []
    if weak:
        fr = "Suivi d'expériences, journaux ou mesures de l'application seulement : rien ne suit le modèle en service."
        return partly(
            fr, "Only experiment tracking, logs or measures of the application exist: nothing follows the model in use.", weak
        )
    fr = "Aucun outil ne mesure le modèle en service : ni métrique, ni trace, ni suivi de dérive dans le code."
    return not_met(fr, "No tool measures the model in use: no metric, trace or drift follow-up in the code.")


def shows_the_model_live(monitoring: Monitoring) -> Finding:
    """The model's metrics are shown live, in a dashboard or a page kept in the repository.

    fr: Les métriques du modèle sont montrées en direct, par un tableau de bord ou une page présents dans le dépôt.
    why: Figures that nobody sees help nobody decide.
    pourquoi: Des chiffres que personne ne voit n'aident personne à décider.
    fix: Commit a Grafana dashboard that draws the model's metrics, or write a page that reads them while the service runs.
    corriger: Versionnez un tableau de bord Grafana qui trace les métriques du modèle, ou écrivez une page qui les lit
      pendant que le service tourne.
    """
    boards = [evidence(b.path, line, name or b.title) for b, name, line in monitoring.drawn_model]
    live = at(monitoring.live_pages)
    bound = _bound(monitoring)
    if bound and monitoring.own_model_values:
        live += at([*bound, *monitoring.own_model_values])
    if boards or live:
        fr = "Les métriques du modèle sont restituées en direct."
        return met(fr, "The model's metrics are shown live.", [*boards, *live])
    views = monitoring.compose("view", "traces", "tracking")
    weak = [*at(monitoring.pages), *at(bound), *at(monitoring.own_model_values)]
    weak += [evidence(b.path, 1, b.title) for b in monitoring.stack.dashboards]
    weak += [evidence(t.service.path, t.service.line, t.image) for t in views]
    if weak:
        fr = "Une restitution existe, mais vide, figée, ou sans les métriques du modèle."
        return partly(fr, "Something is shown, but empty, frozen, or without the model's metrics.", weak)
    fr = "Ni tableau de bord versionné ni page ne montre de métriques du modèle."
    return not_met(fr, "No committed dashboard or page shows metrics of the model.")


def was_tried_first(monitoring: Monitoring, python_code: PythonCode, test_suite: TestSuite) -> Finding:
    """The monitoring chain can be tried apart: tests exercise the metrics, or a local stack starts it.

    fr: La chaîne de monitorage peut s'essayer à part : des tests exercent les métriques, ou une pile locale la démarre.
    why: A chain first tried in production fails when it is needed.
    pourquoi: Une chaîne essayée d'abord en production échoue quand on a besoin d'elle.
    fix: Test the metrics endpoint and counters, and start the collector and dashboard with a compose file.
    corriger: Testez la route des métriques et les compteurs, et démarrez collecteur et tableau de bord par un fichier compose.
    """
    names = sorted(n for n in monitoring.instruments.names if len(n) > 6)
    tests = []
    testing = {t.path for t in test_suite.all}  # a script may be named like a test and hold none
    for module in python_code.modules:
        if module.path in testing and not module.notebook:
            hit = next(
                (
                    n
                    for t, n in module.strings
                    if len(t) < 200 and ("/metrics" in t or "monitoring" in t or any(x in t for x in names))
                ),
                None,
            )
            if hit is not None:
                tests.append(evidence(module.path, module.line(hit), module.excerpt(hit)))
    stack = [evidence(t.service.path, t.service.line, t.image) for t in monitoring.compose("collector", "view", "traces")]
    if tests and (stack or monitoring.instruments.exposures):
        return met("Des tests exercent les métriques.", "Tests exercise the metrics.", [*tests, *stack])
    if stack:
        fr = "Une pile locale démarre les outils de monitorage, sans test des métriques."
        return partly(fr, "A local stack starts the monitoring tools, without a test of the metrics.", stack)
    if tests:
        return partly(
            "Des tests parlent de métriques, sans chaîne à côté.", "Tests speak of metrics, with no chain beside them.", tests
        )
    return not_met("Ni pile locale ni test de la chaîne de monitorage.", "No local stack and no test of the monitoring chain.")


def _bound(monitoring: Monitoring) -> list[Exposure]:
    return [e for e in monitoring.instruments.exposures if e.kind == "page"]


def _links(monitoring: Monitoring) -> list[Evidence]:
    collected = [evidence(s.path, s.line, s.job) for s in monitoring.reached[:1]]
    drawn = [evidence(board.path, line, name) for board, name, line in monitoring.drawn_model[:1]]
    return [*at(monitoring.model_metrics[:1]), *collected, *drawn]


def _incomplete(monitoring: Monitoring, logging_use: LoggingUse) -> Finding:
    weak = [*_links(monitoring), *at(monitoring.tools_for("model")), *at(monitoring.own_model_values), *at(monitoring.pages)]
    weak += [*at(_bound(monitoring)), *at(monitoring.tools_for("training")), *_model_logs(logging_use)]
    if not weak:
        fr = "Aucune chaîne de monitorage du modèle dans le dépôt."
        return not_met(fr, "No chain of model monitoring in the repository.")
    faults = list(_broken(monitoring, "target-absent", "port-differs", "metric-undefined", "metric-not-filled"))
    links = (
        (Text("mesure", "measuring"), monitoring.model_metrics),
        (Text("collecte", "collection"), monitoring.reached),
        (Text("restitution", "view"), monitoring.drawn_model or monitoring.live_pages),
    )
    if not any(there for _, there in links):
        fr = "Aucun maillon ne suit le modèle en service : seulement des journaux, un suivi d'expériences ou une page à part."
        en = "No link follows the model in use: only logs, experiment tracking or a page apart."
        return partly(fr, en, [*weak[:3], *faults, *weak[3:]], question=_question(monitoring))
    absent = [name for name, there in links if not there] or [Text("la cohérence entre maillons", "coherence between links")]
    fr = f"La chaîne est incomplète pour le modèle ; il manque : {', '.join(t.fr for t in absent)}."
    en = f"The chain is incomplete for the model; missing: {', '.join(t.en for t in absent)}."
    return partly(fr, en, [*weak[:3], *faults, *weak[3:]], question=_question(monitoring))


def chain_holds(monitoring: Monitoring, logging_use: LoggingUse) -> Finding:
    """The model's metrics are computed, collected and shown: every link of the chain holds.

    fr: Les métriques du modèle sont calculées, collectées et restituées : chaque maillon tient.
    why: One missing link, and the dashboard stays empty.
    pourquoi: Un maillon manquant, et le tableau de bord reste vide.
    fix: Expose the metrics, have the collector scrape that very address, and draw these very names.
    corriger: Exposez les métriques, faites-les collecter à cette adresse précise, et tracez ces noms précis.
    """
    computed, exposed, collected = monitoring.model_metrics, monitoring.exposed, monitoring.reached
    if computed and exposed and collected and monitoring.drawn_model:
        fr = "Métriques calculées, collectées et tracées sous les mêmes noms."
        return met(fr, "Metrics computed, collected and drawn under the same names.", _links(monitoring))
    fed = [t for t in monitoring.tools_for("model") if t.served] or monitoring.own_model_values or computed
    if monitoring.live_pages and fed:
        fr = "Une page du projet montre les mesures que le service prend."
        return met(fr, "A page of the project shows the measures that the service takes.", [*at(fed), *at(monitoring.live_pages)])
    if _bound(monitoring) and monitoring.own_model_values:
        fr = "Le service compte ses prédictions et les restitue."
        places = at([*monitoring.own_model_values, *_bound(monitoring)])
        return met(fr, "The service counts its predictions and shows them.", places)
    tracers = monitoring.tools_for("model")
    outside = tracers and all(t.package in OUTSIDE_ACCOUNTS for t in tracers) and not monitoring.compose("traces")
    if outside and not computed:
        fr = "Les traces partent vers un compte extérieur, hors de vue depuis le dépôt."
        return inconclusive(fr, "Traces go to an outside account, out of sight from the repository.", "elsewhere", at(tracers))
    return _incomplete(monitoring, logging_use)


def tools_run_locally(monitoring: Monitoring, logging_use: LoggingUse) -> Finding:
    """The monitoring tools of the application are declared and configured to run locally.

    fr: Les outils de monitorage de l'application sont déclarés et configurés pour tourner en local.
    why: A tool that only a sentence names watches nothing.
    pourquoi: Un outil que seule une phrase nomme ne surveille rien.
    fix: Start collector and dashboard with a compose file whose configuration is committed, and expose the application's
      metrics.
    corriger: Démarrez collecteur et tableau de bord par un fichier compose dont la configuration est versionnée, et exposez
      les métriques de l'application.
    """
    collectors = [t for t in monitoring.compose("collector") if t.mounted or not t.missing]
    views = monitoring.compose("view", "traces", "alerts")
    started = [evidence(t.service.path, t.service.line, t.image) for t in (*collectors, *views)]
    bound = _bound(monitoring)
    if collectors and views and monitoring.reached and monitoring.exposed:
        where = [*started, *[evidence(s.path, s.line, s.job) for s in monitoring.reached[:1]], *at(monitoring.exposed[:1])]
        return met(
            "Collecte et restitution sont déclarées, configurées et reliées à l'application.",
            "Collection and view are declared, configured and tied to the application.",
            where,
        )
    if bound:
        return met(
            "Un tableau de bord est attaché à l'application et sert en local.",
            "A dashboard is bound to the application and serves locally.",
            at(bound),
        )
    logs, search = (
        monitoring.compose("logs"),
        [t for t in views if "kibana" in t.image or "grafana" in t.image or "opensearch" in t.image],
    )
    if len(logs) >= 2 and search and all(not t.missing for t in logs):
        return met(
            "Une pile de journaux est déclarée et configurée.",
            "A stack for logs is declared and configured.",
            [evidence(t.service.path, t.service.line, t.image) for t in (*logs, *search)],
        )
    every = [evidence(t.service.path, t.service.line, t.image) for t in monitoring.stack.tools if t.role != "tracking"]
    weak = [
        *every,
        *[evidence(s.path, s.line, s.job) for s in monitoring.reached],
        *at(monitoring.exposed),
        *at(monitoring.pages),
    ]
    weak += [
        *at(monitoring.tools_for("errors")),
        *at(monitoring.tools_for("application")),
        *at(e for e in monitoring.instruments.exposures if e.kind == "json"),
    ]
    weak += at([*(c for c in logging_use.configured if c.served), *logging_use.configured]) if logging_use.points else []
    if weak:
        faults = list(_broken(monitoring, "mount-absent", "target-absent", "port-differs"))
        fr = "L'outillage est partiel : page maison, configuration manquante ou simples journaux."
        return partly(
            fr,
            "The tooling is partial: a home-made page, missing configuration, or logs only.",
            [*weak[:2], *faults, *weak[2:]],
            question=_question(monitoring),
        )
    return not_met("Aucun outil de monitorage déclaré, configuré ou codé.", "No monitoring tool declared, configured or coded.")


def _alerts_unread(workspace: Workspace) -> list[Evidence]:
    """Return where files of alerts in a language whose code is not followed compare a value with a threshold."""
    found = []
    for file in workspace.with_suffix(*OTHER_LANGUAGES):
        if file.size <= LARGEST and re.search(r"alert", file.text, re.I):
            lines = (n for n, text in enumerate(file.lines, 1) if _COMPARES.search(text[:500]))
            found += [evidence(file.path, n, file.line(n)) for n in list(lines)[:1]]
    return found


def alerts_reach_somebody(monitoring: Monitoring, workspace: Workspace) -> Finding:
    """Alerts are set on thresholds, and a configured receiver is told.

    fr: Des alertes sont posées sur des seuils, et un destinataire configuré est prévenu.
    why: An alert that nobody receives is a log line.
    pourquoi: Une alerte que personne ne reçoit n'est qu'une ligne de journal.
    fix: Commit the alert rules with their thresholds, load them, and configure a real contact point or a message sent by the
      code.
    corriger: Versionnez les règles d'alerte et leurs seuils, chargez-les, et configurez un vrai destinataire ou un message
      envoyé par le code.
    """
    rules = named(monitoring.watching_rules)
    told = named(monitoring.told)
    if rules and told:
        return met(
            "Des règles à seuils sont chargées et un destinataire est configuré.",
            "Rules with thresholds are loaded and a receiver is configured.",
            [rules[0], told[0], *rules[1:3]],
        )
    coded = [a for a in monitoring.code_alerts if a.threshold and a.told]
    if coded:
        return met(
            "Le code compare à un seuil et prévient quelqu'un.",
            "The code compares with a threshold and tells somebody.",
            at(coded),
        )
    faults = list(_broken(monitoring, "rules-not-loaded", "receiver-absent"))
    weak = [
        *rules,
        *named(monitoring.stack.rules),
        *named(monitoring.stack.receivers),
        *at(monitoring.code_alerts),
    ]
    if weak:
        fr = "Il manque une moitié : des seuils sans destinataire configuré, ou un message sans seuil."
        return partly(
            fr,
            "One half is missing: thresholds without a configured receiver, or a message without a threshold.",
            [*weak[:2], *faults, *weak[2:]],
            question=_question(monitoring),
        )
    unread = _alerts_unread(workspace)
    if unread:
        return inconclusive(
            f"{unread[0].path} compare à un seuil, dans un langage dont le code n'est pas suivi : à lire.",
            f"{unread[0].path} compares with a threshold, in a language whose code is not followed: to be read.",
            "other-language",
            unread,
            question=Text(
                f"Qui est prévenu quand le seuil de {unread[0].path} est dépassé ?",
                f"Who is told when the threshold of {unread[0].path} is passed?",
            ),
        )
    fr = "Ni règle d'alerte ni alerte dans le code."
    return not_met(fr, "No alert rule, and no alert in the code.")


CHECKS = (follows_the_model, shows_the_model_live, was_tried_first, chain_holds, tools_run_locally, alerts_reach_somebody)

"""Do flows of data run, by themselves, watched and controlled? Plans and videos may show what a repository does not."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable

from checks.facts.code_alerts import CodeAlert
from checks.facts.flows import (
    CONTROLS,
    CORRECTS,
    LINEAGE,
    MEASURES,
    PROCESSES,
    PRODUCES,
    PUBLISHES,
    RECEIVES,
    RETRIES,
    SUITS,
    Flows,
)
from checks.facts.model_pipelines import ModelPipelines
from checks.facts.models import Models
from checks.facts.monitoring_stack import MonitoringStack
from checks.facts.python_code import PythonCode
from checks.facts.savings import Savings
from checks.facts.shell_catalogue import TEST
from checks.facts.sources import DataSources
from checks.facts.sources_catalogue import BIG_DATA, DATABASE, WEB_SERVICE
from checks.facts.syntax import walk
from checks.facts.transformations import Transformations
from checks.facts.workflows import LocalChain, Workflow, Workflows
from checks.findings import evidence, met, partly, unshown
from checks.parts import Part, missing, present, sentence
from grader.values import Evidence, Finding, Text

ORCHESTRATORS = frozenset(("Airflow", "Prefect", "Dagster", "Luigi", "Kedro", "ZenML", "Kubeflow", "Kubernetes"))
# What an orchestrated file imports to exist at all.
_PLUMBING = re.compile(
    r"^(airflow(\.(DAG|decorators|models|operators|sdk|utils|exceptions|providers\.standard)\b.*)?|prefect|dagster|datetime|pendulum|logging|os|sys|json|time"
    r"|typing|pathlib|textwrap|__future__|dotenv)(\.\w+)*$"
)
_ABOUT_ROWS = re.compile(
    r"isnull|isna|duplicated|\.empty|\.any\(|\.all\(|columns|len\(|\.shape|between|[<>] 0|<= 0|errors|erreurs|invalid|missing|manquant"
    r"|duplicate|doublon"
)
_OF_FLOWS = re.compile(r"airflow|dag_|kafka|lag|pipeline|etl|freshness|quality|qualite|rows|ingest|batch|dbt|spark|stream", re.I)


def handle_streams(flows: Flows, savings: Savings, models: Models) -> Finding:
    """Data are handled as they come: a stream is produced, received and processed.

    fr: Les données sont traitées au fil de l'eau : un flux est produit, reçu et traité.
    why: What is decided in the minute cannot wait for the night.
    pourquoi: Ce qui se décide dans la minute n'attend pas la nuit.
    fix: Receive the stream, process it, keep the result, and size topics, partitions and retention to the volume.
    corriger: Recevoir le flux, le traiter, garder le résultat, et dimensionner sujets, partitions et rétention au volume.
    """
    ask = Text("Que devient un message reçu deux fois, ou en retard ?", "What becomes of a message that comes twice, or late?")
    produced, received = flows.of(PRODUCES), [*flows.of(RECEIVES), *flows.connectors]
    kept = {s.path for s in savings.all} | {u.path for u in models.of_kind("call")} | {e.path for e in flows.of(PRODUCES)}
    processed = [*flows.of(PROCESSES), *(e for e in flows.of(RECEIVES) if e.path in kept)]
    sides = [*processed[:2], *received[:1], *produced[:1], *flows.brokers[:1]]
    shown = [*sides, *flows.of(SUITS)[:1]] if sides else []
    if processed and (received or produced or flows.brokers):
        return met("Un flux est reçu et traité au fil de l'eau.", "A stream is received and processed as it comes.", shown)
    if shown:
        return partly(
            "Un côté seulement du flux est dans le dépôt : un courtier, un envoi ou une réception sans suite.",
            "Only one side of the stream is in the repository: a broker, a sender, or a receiver that does nothing further.",
            [*shown, *received, *flows.brokers],
            question=ask,
        )
    return unshown("Aucun flux en temps réel dans le dépôt.", "No real-time stream in the repository.", question=ask)


def move_data(
    flows: Flows, transformations: Transformations, workflows: Workflows, data_sources: DataSources, savings: Savings
) -> Finding:
    """Data are taken from a source, transformed, and loaded into another store.

    fr: Les données sont prises à une source, transformées, et chargées dans une autre base.
    why: What is analysed must not weigh on what serves.
    pourquoi: Ce qui est analysé ne doit pas peser sur ce qui sert.
    fix: Write the three steps apart, so that each can be run again: extract, transform, load.
    corriger: Écrire les trois étapes séparément, pour que chacune se relance : extraire, transformer, charger.
    """
    ask = Text("D'où partent les données, et où arrivent-elles ?", "Where do the data come from, and where do they go?")
    chained = {c.path for c in workflows.local if c.tool in ORCHESTRATORS}
    whole = [
        w for w in transformations.works if w.loads and w.inputs and w.role != "notebook" and (w.operations or w.path in chained)
    ]
    whole.sort(key=lambda w: w.path not in chained)
    built = [e for project in flows.dbt for e in project.models]
    if whole:
        work = whole[0]
        best = sorted(work.operations, key=lambda o: o.kind in ("text", "names"))[:2]
        where = [*(evidence(o.path, o.line, o.excerpt) for o in best), *work.outputs, *built[:2]]
        return met(
            f"{work.path} extrait, transforme et charge des données.", f"{work.path} extracts, transforms and loads data.", where
        )
    copied = [pair for path in sorted(chained) if (pair := _copied(path, data_sources, savings))]
    if copied:
        return met(
            f"{copied[0][0].path} prend des données à une source et les charge dans une base.",
            f"{copied[0][0].path} takes data from a source and loads them into a store.",
            [place for pair in copied for place in pair],
        )
    if len(built) > 1:
        return met(
            "Des modèles dbt transforment les données dans l'entrepôt.", "dbt models transform the data in the warehouse.", built
        )
    weak = [o for w in transformations.works if w.loads or (w.operations and w.outputs) for o in w.outputs]
    if weak or built or flows.tools:
        return partly(
            "Des données sont déplacées ou transformées, sans que les trois étapes se suivent dans le dépôt.",
            "Data are moved or transformed; the three steps do not follow each other in the repository.",
            [*weak[:3], *built, *flows.tools],
            question=ask,
        )
    return unshown("Aucun pipeline entre bases dans le dépôt.", "No pipeline between stores in the repository.", question=ask)


def _copied(path: str, data_sources: DataSources, savings: Savings) -> tuple[Evidence, Evidence] | None:
    """Return where an orchestrated file reads a source, and where it fills a store."""
    read = next((r for r in data_sources.all if r.path == path and r.kind in (WEB_SERVICE, DATABASE, BIG_DATA)), None)
    kept = next((s for s in savings.by_path.get(path, ()) if s.kind in ("table", "store")), None)
    if read is None or kept is None:
        return None
    return evidence(path, read.line, read.excerpt), evidence(path, kept.line, kept.excerpt)


def are_automated(flows: Flows, workflows: Workflows, data_sources: DataSources, savings: Savings) -> Finding:
    """Flows start by themselves: on a schedule, or on an event.

    fr: Les flux démarrent seuls : à heure fixe, ou sur un évènement.
    why: A flow that somebody must remember is late on the first day off.
    pourquoi: Un flux auquel quelqu'un doit penser est en retard au premier jour de congé.
    fix: Give the flow a schedule or a trigger in an orchestrator, and what to do when it is missed.
    corriger: Donner au flux un horaire ou un déclencheur dans un orchestrateur, et la conduite à tenir s'il est manqué.
    """
    ask = Text("Qu'est-ce qui lance ce flux, et quand ?", "What starts this flow, and when?")
    chains = [c for c in workflows.local if c.tool in ORCHESTRATORS]
    timed = [c for c in chains if c.schedule and _does_something(c, data_sources, savings)]
    started = [*map(_chain, timed), *flows.schedules]
    nightly = [
        evidence(w.path, t.line, t.detail or t.kind)
        for w in workflows.all
        for t in w.triggers
        if t.kind == "schedule" and _runs_code(w)
    ]
    if started or nightly:
        return met("Des flux démarrent seuls, à heure fixe.", "Flows start by themselves, on a schedule.", [*started, *nightly])
    if chains or flows.tools:
        return partly(
            "Un orchestrateur décrit le flux, sans dire quand il part.",
            "An orchestrator describes the flow, without saying when it starts.",
            [*map(_chain, chains), *flows.tools],
            question=ask,
        )
    return unshown(
        "Rien dans le dépôt ne lance un flux de données.", "Nothing in the repository starts a flow of data.", question=ask
    )


def _runs_code(workflow: Workflow) -> bool:
    """Tell whether a workflow runs a program of the repository that is no test."""
    return any(c.script and c.kind != TEST for job in workflow.jobs for step in job.steps for c in step.commands)


def _does_something(chain: LocalChain, data_sources: DataSources, savings: Savings) -> bool:
    """Tell whether a chain reaches data, a program or another system: one that prints that it lives does not."""
    reached = bool(chain.commands or chain.remote) or any(" " in c or not _PLUMBING.match(c) for c in chain.calls)
    return reached or chain.path in savings.by_path or any(r.path == chain.path for r in data_sources.all)


def _chain(chain: LocalChain) -> Evidence:
    return evidence(chain.path, chain.schedule or chain.line, chain.tool)


def are_monitored(
    flows: Flows, code_alerts: tuple[CodeAlert, ...], workflows: Workflows, monitoring_stack: MonitoringStack
) -> Finding:
    """Flows are watched: failures told, freshness and quality measured, lineage kept.

    fr: Les flux sont surveillés : échecs signalés, fraîcheur et qualité mesurées, traçabilité gardée.
    why: A flow that fails in silence feeds old data to everybody.
    pourquoi: Un flux qui échoue en silence sert de vieilles données à tous.
    fix: Tell somebody when a task fails, measure freshness and refused rows, and keep the lineage.
    corriger: Prévenir quelqu'un quand une tâche échoue, mesurer fraîcheur et lignes refusées, garder la traçabilité.
    """
    ask = Text(
        "Comment savez-vous qu'un flux a échoué ou apporté des données fausses ?",
        "How do you know that a flow failed, or brought wrong data?",
    )
    of_flows = {c.path for c in workflows.local if c.path.endswith(".py")}
    told = [evidence(a.path, a.line, a.excerpt) for a in code_alerts if a.told and a.path in of_flows]
    rules = [
        evidence(r.path, r.line, r.name) for r in monitoring_stack.rules if _OF_FLOWS.search(f"{r.name} {' '.join(r.metrics)}")
    ]
    scraped = [evidence(s.path, s.line, s.job) for s in monitoring_stack.scrapes if _OF_FLOWS.search(f"{s.job} {s.host}")]
    fresh = [e for project in flows.dbt for e in project.fresh]
    parts = (
        Part(Text("alertes", "alerts"), next(iter([*told, *rules]), None)),
        Part(Text("qualité publiée", "published quality"), next(iter(flows.of(PUBLISHES)), None)),
        Part(Text("mesures", "measures"), next(iter([*scraped, *flows.of(MEASURES)]), None)),
        Part(Text("fraîcheur", "freshness"), next(iter(fresh), None)),
        Part(Text("traçabilité", "lineage"), next(iter(flows.of(LINEAGE)), None)),
    )
    fr, en = sentence(parts)
    if told or rules or len(present(parts)) > 1:
        return met(
            f"Surveillance des flux : {fr}.",
            f"Watch over the flows: {en}.",
            present(parts),
            question=ask if missing(parts) else None,
        )
    if present(parts):
        return partly(
            f"Surveillance des flux, en partie : {fr}.", f"Watch over the flows, in part: {en}.", present(parts), question=ask
        )
    return unshown("Rien dans le dépôt ne surveille les flux.", "Nothing in the repository watches the flows.", question=ask)


def control_quality(
    flows: Flows,
    model_pipelines: ModelPipelines,
    python_code: PythonCode,
    transformations: Transformations,
    workflows: Workflows,
) -> Finding:
    """The quality of data is controlled, and errors are corrected or set aside.

    fr: La qualité des données est contrôlée, et les erreurs sont corrigées ou mises de côté.
    why: A wrong row that passes is believed by every report after it.
    pourquoi: Une ligne fausse qui passe est crue par tous les rapports qui suivent.
    fix: Say what is expected of each dataset in a library made for it, and keep what is refused with its reason.
    corriger: Dire ce qui est attendu de chaque jeu dans une bibliothèque faite pour cela, et garder ce qui est refusé avec sa raison.
    """
    ask = Text("Que devient une ligne refusée, et qui la corrige ?", "What becomes of a refused row, and who corrects it?")
    cleaned = [
        evidence(o.path, o.line, o.excerpt)
        for w in transformations.works
        if w.role not in ("notebook", "api", "interface")
        for o in w.operations
        if o.kind in ("duplicates", "missing")
    ]
    expected = [*model_pipelines.of_data, *flows.of(CONTROLS), *(e for project in flows.dbt for e in project.tests)]
    orchestrated = {c.path for c in workflows.local if c.path.endswith(".py")}
    by_hand = _refusals(python_code, orchestrated | {w.path for w in transformations.works})
    controls = expected or by_hand
    corrections = [*flows.of(CORRECTS), *cleaned, *flows.of(RETRIES)]
    if controls and corrections:
        return met(
            "La qualité des données est contrôlée, et les erreurs sont corrigées ou mises de côté.",
            "The quality of data is controlled, and errors are corrected or set aside.",
            [*controls[:3], *corrections[:3]],
        )
    if controls:
        return partly(
            "Des contrôles de qualité, sans correction.", "Controls of quality, without correction.", controls, question=ask
        )
    if corrections:
        return partly(
            "Des données sont corrigées, sans contrôle qui puisse refuser.",
            "Data are corrected, without a control that can refuse.",
            corrections,
            question=ask,
        )
    return unshown(
        "Aucun contrôle de qualité des données dans le dépôt.",
        "No control of the quality of data in the repository.",
        question=ask,
    )


def _refusals(code: PythonCode, paths: Iterable[str]) -> list[Evidence]:
    """Return where code that transforms data refuses some: it raises on a test of what it read."""
    found = []
    for module in (code.by_path[p] for p in sorted(set(paths)) if p in code.by_path):
        for node in walk(module.tree):
            if isinstance(node, ast.If) and any(isinstance(s, ast.Raise) for s in node.body):
                test = ast.unparse(node.test)[:300]
                if _ABOUT_ROWS.search(test):
                    found.append(evidence(module.path, module.line(node), module.excerpt(node)))
    return found


CHECKS: tuple[Callable[..., Finding], ...] = (handle_streams, move_data, are_automated, are_monitored, control_quality)

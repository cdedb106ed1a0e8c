"""Do servers, clusters and their monitoring stand in the code? Plans and videos may show what a repository does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from checks.facts import infrastructure_catalogue as known
from checks.facts.containers import Containers, Service
from checks.facts.infrastructure import Infrastructure, Resource
from checks.facts.models import Models
from checks.facts.monitoring_stack import MonitoringStack
from checks.facts.python_code import PythonCode
from checks.facts.workflows import Workflows
from checks.findings import evidence, met, partly, unshown
from checks.parts import Part, missing, present, sentence
from grader.values import Evidence, Finding, Text

SEVERAL = 2
_REMOTE = re.compile(r"ssh-action|scp-action|ssh-deploy|\bssh\s+\S*@|\brsync\b.*:")
_MACHINES = re.compile(
    r"\b(node_|container_|kube_|machine_|windows_|DCGM_|pg_up|up\b)|CPUUtilization|cpu|memory|mémoire|disk|disque", re.I
)
_JOBS = re.compile(r"node|cadvisor|container|kube|machine|dcgm|exporter|windows|system", re.I)
_WORKER = re.compile(
    r"deploy\.worker|spark-worker|worker\s+spark://|dask[- ]worker|ray start --address|celery\b.*\bworker\b", re.I
)


def _places(resources: Iterable[Resource]) -> list[Evidence]:
    return [r.place for r in resources]


def provisions_servers(infrastructure: Infrastructure, models: Models, workflows: Workflows) -> Finding:
    """Servers for training are declared in code: virtual machines, or a cloud's computing for models.

    fr: Des serveurs d'entraînement sont déclarés dans le code : machines virtuelles, ou calcul d'un cloud pour les modèles.
    why: A server made by hand cannot be made again the same.
    pourquoi: Un serveur créé à la main ne se recrée pas à l'identique.
    fix: Declare the training machine (Terraform, Pulumi, Ansible, Vagrant) with its size, its disk and its access.
    corriger: Déclarer la machine d'entraînement (Terraform, Pulumi, Ansible, Vagrant) avec sa taille, son disque et ses accès.
    """
    ask = Text(
        "Sur quelle machine le modèle est-il entraîné, et comment la recréer ?",
        "On which machine is the model trained, and how is it made again?",
    )
    servers = infrastructure.of(known.SERVER, known.TRAINING, known.CLUSTER)
    training = [r for r in servers if r.trains]
    if training:
        return met(
            "Des serveurs d'entraînement sont déclarés dans le code.",
            "Servers for training are declared in the code.",
            _places([*training, *(r for r in servers if r not in training)]),
        )
    if servers and any(not u.service for u in models.of_kind("train")):
        return met(
            "Des serveurs sont déclarés dans le code, et le dépôt entraîne un modèle.",
            "Servers are declared in the code, and the repository trains a model.",
            _places(servers),
            question=ask,
        )
    weak = [*_places([*servers, *infrastructure.of(known.CONTAINER)]), *_remote(workflows)]
    if weak:
        return partly(
            "Des machines ou des services sont déployés, sans que l'un soit tenu à l'entraînement.",
            "Machines or services are deployed; none is tied to training.",
            weak,
            question=ask,
        )
    return unshown(
        "Aucun serveur n'est déclaré dans le dépôt.",
        "No server is declared in the repository.",
        question=ask,
    )


def _remote(workflows: Workflows) -> list[Evidence]:
    """Return the steps of chains that reach a machine of which the repository says no more."""
    return [
        evidence(step.path, step.line, step.excerpt)
        for workflow in workflows.all
        for job in workflow.jobs
        for step in job.steps
        if _REMOTE.search(f"{step.uses} {' '.join(c.text for c in step.commands)}"[:2000])
    ]


def clusters_computing(infrastructure: Infrastructure, containers: Containers, python_code: PythonCode) -> Finding:
    """Computing is spread over a cluster: Kubernetes with replicas or scaling, Spark, Dask, Ray, Slurm, groups of machines.

    fr: Le calcul est réparti sur une grappe : Kubernetes avec répliques ou mise à l'échelle, Spark, Dask, Ray, Slurm, groupes.
    why: One machine sets the size of what can be computed.
    pourquoi: Une seule machine borne ce qui peut être calculé.
    fix: Declare the cluster and how it grows: node pool, autoscaling, workers.
    corriger: Déclarer la grappe et la façon dont elle grandit : groupe de nœuds, mise à l'échelle, machines de travail.
    """
    ask = Text(
        "Quel calcul dépasse une machine, et comment est-il réparti ?",
        "Which computation exceeds one machine, and how is it spread?",
    )
    clusters = infrastructure.of(known.CLUSTER)
    several = [
        r for r in infrastructure.resources if r.tool == "Kubernetes" and r.serves(known.CONTAINER) and r.replicas >= SEVERAL
    ]
    if clusters or several:
        found = sorted([*clusters, *several], key=lambda r: -r.replicas)
        return met("Une grappe est déclarée dans le code.", "A cluster is declared in the code.", _places(found))
    workers = _workers(containers)
    joined = _sessions(python_code, local=False)
    if workers or joined:
        return partly(
            "Plusieurs machines de travail sont décrites, dans des conteneurs d'une seule machine ou sans que la grappe soit déclarée.",
            "Several workers are described, in containers of one machine, or without the cluster being declared.",
            [*workers, *joined],
            question=ask,
        )
    weak = [
        *_places(r for r in infrastructure.resources if r.tool == "Kubernetes" and r.serves(known.CONTAINER)),
        *_sessions(python_code, local=True),
    ]
    if weak:
        return partly(
            "Un outil de calcul réparti est là, sur une seule machine ou en un seul exemplaire.",
            "A tool for spread computing is there, on one machine or as one copy.",
            weak,
            question=ask,
        )
    return unshown(
        "Aucune grappe n'est déclarée dans le dépôt.",
        "No cluster is declared in the repository.",
        question=ask,
    )


def _workers(containers: Containers) -> list[Evidence]:
    found = [
        s
        for s in containers.services
        if _WORKER.search(f"{s.name} {s.command} {' '.join(f'{v.name}={v.value}' for v in s.environment)}") or _is_spark_worker(s)
    ]
    return [evidence(s.path, s.line, f"{s.name}: {s.image or s.command}") for s in found]


def _is_spark_worker(service: Service) -> bool:
    mode = {v.name: v.value for v in service.environment}.get("SPARK_MODE", "")
    return mode.lower() == "worker" or "spark-worker" in service.image


def _sessions(code: PythonCode, *, local: bool) -> list[Evidence]:
    """Return where Python opens a session of a tool for spread computing, on this machine alone or on a cluster."""
    found = []
    for module in code.application:
        for call in module.calls:
            if re.search(
                r"^(dask\.distributed|distributed)\.Client$|^ray\.init$|^pyspark\.sql\.SparkSession\S*\.(master|getOrCreate|remote)$|^pyspark\.SparkContext$",
                call.name,
            ):
                said = " ".join(module.source[getattr(call.node, "lineno", 1) - 1 : getattr(call.node, "end_lineno", 1)])
                alone = (
                    not re.search(r"spark://|yarn|k8s://|mesos|tcp://|ray://|address\s*=|Client\(\s*[\"'f]", said)
                    or "local" in said
                )
                if alone == local:
                    found.append(evidence(module.path, call.line, module.excerpt(call.node)))
    return found


def is_monitored(infrastructure: Infrastructure, monitoring_stack: MonitoringStack) -> Finding:
    """The infrastructure is monitored: measures of machines are collected, shown, and alerts are set on them.

    fr: L'infrastructure est surveillée : les mesures des machines sont collectées, montrées, et des alertes y sont posées.
    why: A machine that fills up stops everything that runs on it.
    pourquoi: Une machine qui se remplit arrête tout ce qui y tourne.
    fix: Collect measures of the machines (node_exporter, cAdvisor, CloudWatch…), draw them, and alert somebody on a threshold.
    corriger: Collecter les mesures des machines (node_exporter, cAdvisor, CloudWatch…), les tracer, et alerter sur un seuil.
    """
    stack = monitoring_stack
    watched = [*_collected(stack), *_places(infrastructure.of(known.MONITORING))]
    boards = [evidence(d.path, 1, d.path.rsplit("/", 1)[-1]) for d in stack.dashboards]
    boards += _places(
        r for r in infrastructure.of(known.MONITORING) if "dashboard" in r.type.lower() or "grafana" in r.type.lower()
    )
    boards += [evidence(t.service.path, t.service.line, t.image) for t in stack.role("view")]
    rules = [evidence(r.path, r.line, r.name) for r in stack.rules if _MACHINES.search(f"{r.name} {' '.join(r.metrics)}")]
    rules += _places(infrastructure.of(known.ALERT))
    parts = (
        Part(Text("mesures des machines", "measures of machines"), next(iter(watched), None)),
        Part(Text("restitution", "display"), next(iter(boards), None)),
        Part(Text("alertes", "alerts"), next(iter(rules), None)),
    )
    ask = Text(
        "Comment savez-vous qu'une machine de la plateforme va mal ?", "How do you know that a machine of the platform is unwell?"
    )
    fr, en = sentence(parts)
    if parts[0].found and len(present(parts)) >= SEVERAL:
        return met(
            f"Surveillance de l'infrastructure : {fr}.",
            f"Monitoring of the infrastructure: {en}.",
            present(parts),
            question=ask if missing(parts) else None,
        )
    applications = [evidence(s.path, s.line, s.job) for s in stack.scrapes]
    tools = stack.role("collector", "alerts", "view", "logs", "uptime", "system")
    if present(parts) or applications or tools:
        where = [*present(parts), *applications, *(evidence(t.service.path, t.service.line, t.image) for t in tools)]
        return partly(f"Surveillance en partie : {fr}.", f"Monitoring in part: {en}.", where, question=ask)
    return unshown(
        "Aucune surveillance n'est configurée dans le dépôt.",
        "No monitoring is configured in the repository.",
        question=ask,
    )


def _collected(stack: MonitoringStack) -> list[Evidence]:
    """Return what collects the measures of machines: exporters that run, and the jobs that ask them."""
    tools = [evidence(t.service.path, t.service.line, t.image) for t in stack.role("system")]
    return [*(evidence(s.path, s.line, s.job) for s in stack.scrapes if _JOBS.search(f"{s.job} {s.host}")), *tools]


CHECKS: tuple[Callable[..., Finding], ...] = (provisions_servers, clusters_computing, is_monitored)

"""The AI service that the project installed or calls: access, settings, and its own monitoring."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from checks.facts.containers import Containers
from checks.facts.models import Models
from checks.facts.monitoring import Monitoring
from checks.facts.protections_catalogue import ENVIRONMENT
from checks.facts.python_code import PythonCode
from checks.facts.secrets_catalogue import SECRET_NAME
from checks.findings import evidence, met, not_met, partly
from grader.values import Evidence, Finding

SERVICE_IMAGE = (
    "ollama",
    "vllm",
    "localai",
    "text-generation-inference",
    "tgi",
    "litellm",
    "qdrant",
    "chroma",
    "weaviate",
    "milvus",
    "rasa",
    "libretranslate",
    "mlflow",
    "bentoml",
    "tritonserver",
    "tensorflow/serving",
    "torchserve",
)
SETTINGS = frozenset(
    [
        "temperature",
        "max_tokens",
        "max_new_tokens",
        "top_p",
        "top_k",
        "model",
        "model_name",
        "timeout",
        "max_retries",
        "system_prompt",
        "response_format",
        "num_ctx",
        "seed",
        "stop",
        "max_output_tokens",
        "safety_settings",
        "chunk_size",
        "chunk_overlap",
        "streaming",
        "language",
        "voice",
    ]
)
USAGE = re.compile(
    r"^(usage|usage_metadata|total_tokens|prompt_tokens|completion_tokens|input_tokens|output_tokens|token_usage|total_duration|eval_count|get_openai_callback)$"
)


def _clients(models: Models) -> list[Evidence]:
    uses = [u for u in models.uses if u.service]
    return [evidence(u.path, u.line, u.excerpt) for u in uses]


def _started(containers: Containers) -> list[Evidence]:
    return [evidence(s.path, s.line, f"{s.name}: {containers.image_of(s)}") for s in containers.running(*SERVICE_IMAGE)]


def is_reachable(models: Models, containers: Containers, python_code: PythonCode) -> Finding:
    """The project reaches an AI service, with a credential read from outside where one is needed.

    fr: Le projet atteint un service d'IA, avec un identifiant lu hors du code quand il en faut un.
    why: A service is installed when somebody can call it.
    pourquoi: Un service est installé quand on peut l'appeler.
    fix: Keep the client, the address and the name of the variable that holds the key in the repository.
    corriger: Gardez dans le dépôt le client, l'adresse et le nom de la variable qui porte la clé.
    """
    clients, started = _clients(models), _started(containers)
    paths = {u.path for u in models.uses if u.service}
    keys = []
    for module in python_code.application:
        if module.path in paths or any(
            module.dotted.endswith(i.rpartition(".")[0])
            for p in sorted(paths)
            if p in python_code.by_path
            for i in python_code.by_path[p].imports.values()
            if "." in i
        ):
            named = [
                c
                for c in module.calls
                if ENVIRONMENT.search(c.name) and c.node.args and SECRET_NAME.search(module.text_of(c.node.args[0]) or "")
            ]
            keys += [evidence(module.path, c.line, module.excerpt(c.node)) for c in named[:1]]
    if clients and (keys or started):
        return met(
            "Un service d'IA est appelé, avec son accès configuré.",
            "An AI service is called, with its access configured.",
            [clients[0], *keys, *started, *clients[1:]],
        )
    if clients or started:
        return partly(
            "Un service d'IA est appelé ou démarré, l'accès reste à montrer.",
            "An AI service is called or started; access remains to be shown.",
            [*clients, *started],
        )
    return not_met(
        "Aucun appel à un service d'IA, aucun service d'IA démarré.", "No call to an AI service, no AI service started."
    )


def _settings(python_code: PythonCode, paths: set[str]) -> Iterator[Evidence]:
    for module in python_code.application:
        if module.path in paths:
            for call in module.calls:
                if len(SETTINGS & {k.arg for k in call.node.keywords}) >= 2:
                    yield evidence(module.path, call.line, module.excerpt(call.node))


def is_configured(models: Models, containers: Containers, python_code: PythonCode) -> Finding:
    """The AI service is given settings of the project's own: model, limits, prompt or options.

    fr: Le service d'IA reçoit des réglages propres au projet : modèle, limites, consigne ou options.
    why: Default settings rarely fit the need and its constraints.
    pourquoi: Les réglages par défaut conviennent rarement au besoin et à ses contraintes.
    fix: Set model, limits and options in one place, and say why.
    corriger: Réglez modèle, limites et options à un seul endroit, et dites pourquoi.
    """
    found = list(_settings(python_code, {u.path for u in models.uses if u.service}))
    started = [evidence(s.path, v.line, v.name) for s in containers.running(*SERVICE_IMAGE) for v in s.environment[:2]]
    if found:
        return met("Des réglages sont donnés au service d'IA.", "Settings are given to the AI service.", [*found, *started])
    if started or _clients(models):
        return partly(
            "Le service d'IA est utilisé avec peu de réglages visibles.",
            "The AI service is used with few visible settings.",
            [*started, *_clients(models)],
        )
    return not_met("Aucun réglage de service d'IA trouvé.", "No settings of an AI service found.")


def _usage(python_code: PythonCode, paths: set[str]) -> Iterator[Evidence]:
    for module in python_code.application:
        if module.path in paths and not module.notebook:
            node = next(
                (
                    n
                    for n in module.nodes
                    if (isinstance(n, ast.Attribute) and USAGE.match(n.attr)) or (isinstance(n, ast.Name) and USAGE.match(n.id))
                ),
                None,
            )
            if node is not None:
                yield evidence(module.path, module.line(node), module.excerpt(node))


def monitoring_is_in_use(monitoring: Monitoring, models: Models, python_code: PythonCode) -> Finding:
    """The monitoring that the AI service offers is in use: traces, usage, cost or latency are followed.

    fr: Le suivi offert par le service d'IA est en fonction : traces, consommation, coût ou latence sont suivis.
    why: Cost and quality of a service drift without warning.
    pourquoi: Le coût et la qualité d'un service dérivent sans prévenir.
    fix: Record tokens, cost, latency and errors of each call, or switch the service's own tracing on.
    corriger: Enregistrez jetons, coût, latence et erreurs de chaque appel, ou activez les traces du service.
    """
    traced = [evidence(t.path, t.line, t.excerpt) for t in monitoring.tools_for("model") if t.served or t.package != "mlflow"]
    measured = [evidence(m.path, m.line, m.excerpt) for m in monitoring.model_metrics]
    callers = {u.path for u in models.uses if u.service}
    usage = list(_usage(python_code, callers))
    shown = monitoring.exposed or monitoring.pages or monitoring.own_model_values
    if traced or (measured and shown):
        return met(
            "Les appels au service sont tracés ou mesurés.",
            "Calls to the service are traced or measured.",
            [*traced, *measured, *usage],
        )
    own = [evidence(e.path, e.line, e.excerpt) for e in monitoring.own_model_values]
    if usage or measured or own:
        return partly(
            "La consommation est lue, sans suivi visible.", "Usage is read, without visible follow-up.", [*usage, *measured, *own]
        )
    tried = [evidence(t.path, t.line, t.excerpt) for t in monitoring.tools_for("training") if t.path in callers]
    if tried:
        return partly(
            "Des essais du service sont mesurés et gardés ; rien ne suit son utilisation.",
            "Trials of the service are measured and kept; nothing follows its use.",
            tried,
        )
    return not_met(
        "Ni trace, ni consommation, ni latence du service n'est suivie.", "No trace, usage or latency of the service is followed."
    )


CHECKS = (is_reachable, is_configured, monitoring_is_in_use)

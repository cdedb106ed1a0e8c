"""The development environment, eco-design, and sources kept in the repository."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.facts.containers import Containers
from checks.facts.dependencies import Dependencies
from checks.facts.monitoring import Monitoring
from checks.facts.python_code import PythonCode
from checks.facts.reach import Reach
from checks.facts.routing import Routes
from checks.facts.zones import Explanations
from checks.findings import evidence, met, not_met, partly
from checks.workspace import Workspace
from grader.values import Evidence, Finding, History, Text

REGULAR = 5  # commits that touch the sources: fewer look like one delivery
PINNED_ENOUGH = 0.5
_NAMES_PACKAGES = re.compile(r"\b(?:pip3?|conda|mamba|poetry|uv|npm|yarn)\s+(?:pip\s+)?(?:install|add)\s+[\"']?[a-z]", re.I)
THRIFT_CALL = re.compile(
    r"(^|\.)(lru_cache|cache|cache_data|cache_resource|memoize|cached|cache_page|memory_cache|GZipMiddleware|Compress|select_related|prefetch_related"
    r"|paginate|Paginator|EmissionsTracker|track_emissions|quantize|iter_content|StreamingResponse|BackgroundTasks)$"
)
THRIFT_TEXT = re.compile(r"loading=[\"']lazy|\.webp\b|ecoindex|codecarbon|gzip\s+on|green_?it|srcset=", re.I)
THRIFT_DECORATOR = re.compile(r"(^|\.)(lru_cache|cache|cache_data|cache_resource|cached|cache_page|memoize|track_emissions)$")


def _tracked(history: History, paths: list[str], what: tuple[str, str], first: list[Evidence]) -> Finding:
    fr, en = what
    if not paths:
        return not_met(f"Aucune source {fr} n'est suivie dans le dépôt.", f"No source of {en} is tracked in the repository.")
    wanted = set(paths)
    touching = [c for c in history.commits if wanted & set(c.files)]
    if len(touching) >= REGULAR or (len(history.commits) >= REGULAR and not any(c.files for c in history.commits)):
        count = len(touching) or len(history.commits)
        return met(
            f"Les sources {fr} sont suivies : {len(paths)} fichier(s), {count} commit(s).",
            f"Sources of {en} are tracked: {len(paths)} file(s), {count} commit(s).",
            first,
        )
    if len(history.commits) >= REGULAR or touching:
        return met(
            f"Les sources {fr} sont suivies, par {max(len(touching), 1)} commit(s) seulement.",
            f"Sources of {en} are tracked, by {max(len(touching), 1)} commit(s) only.",
            first,
        )
    return met(
        f"Les sources {fr} sont suivies dans le dépôt rendu.", f"Sources of {en} are tracked in the repository handed in.", first
    )


def _first(code: PythonCode, paths: list[str]) -> list[Evidence]:
    return [evidence(p, 1, code.by_path[p].source[0] if p in code.by_path and code.by_path[p].source else "") for p in paths[:3]]


def model_api_is_tracked(routes: Routes, python_code: PythonCode, history: History) -> Finding:
    """The sources of the model's interface are tracked in the repository.

    fr: Les sources de l'interface du modèle sont suivies dans le dépôt.
    why: Untracked sources cannot be reviewed, restored or delivered.
    pourquoi: Des sources non suivies ne peuvent être ni relues, ni restaurées, ni livrées.
    fix: Commit the API's code, a little at a time, and push it to the remote repository.
    corriger: Versionnez le code de l'API, par petites étapes, et poussez-le sur le dépôt distant.
    """
    paths = sorted({r.module for r in routes.all if r.kind == "model" or r.model})
    return _tracked(history, paths, ("de l'API du modèle", "the model's API"), _first(python_code, paths))


def application_is_tracked(reach: Reach, python_code: PythonCode, workspace: Workspace, history: History) -> Finding:
    """The sources of the application are tracked in the repository.

    fr: Les sources de l'application sont suivies dans le dépôt.
    why: Untracked sources cannot be reviewed, restored or delivered.
    pourquoi: Des sources non suivies ne peuvent être ni relues, ni restaurées, ni livrées.
    fix: Commit the application's code, a little at a time, and push it to the remote repository.
    corriger: Versionnez le code de l'application, par petites étapes, et poussez-le sur le dépôt distant.
    """
    front = [
        f.path
        for f in workspace.with_suffix(".jsx", ".tsx", ".vue", ".svelte", ".cs", ".razor", ".dart", ".kt", ".swift", ".php")
    ]
    paths = sorted(reach.entries) or front
    return _tracked(history, paths, ("de l'application", "the application"), _first(python_code, paths))


def monitoring_is_tracked(monitoring: Monitoring, python_code: PythonCode, history: History) -> Finding:
    """The sources of the model's monitoring are tracked in the repository.

    fr: Les sources du monitorage du modèle sont suivies dans le dépôt.
    why: A dashboard kept on one machine disappears with it.
    pourquoi: Un tableau de bord resté sur une machine disparaît avec elle.
    fix: Commit metrics, collector configuration, dashboards and rules.
    corriger: Versionnez métriques, configuration du collecteur, tableaux de bord et règles.
    """
    stack = monitoring.stack
    found = (
        {m.path for m in monitoring.instruments.metrics}
        | {t.path for t in monitoring.instruments.tools}
        | {p.path for p in monitoring.pages}
    )
    found |= {
        *stack.collectors,
        *(b.path for b in stack.dashboards),
        *(r.path for r in stack.rules),
        *(e.path for e in monitoring.instruments.exposures),
    }
    return _tracked(history, sorted(found), ("du monitorage", "monitoring"), _first(python_code, sorted(found)))


def environment_follows_specification(
    dependencies: Dependencies, containers: Containers, workspace: Workspace, explanations: Explanations
) -> Finding:
    """The development environment is declared so that anybody can install the same one.

    fr: L'environnement de développement est déclaré de sorte que chacun installe le même.
    why: An environment that lives in one head cannot be reproduced by the team.
    pourquoi: Un environnement qui n'est que dans une tête ne peut être reproduit par l'équipe.
    fix: Pin dependencies (or commit a lock file) and describe services in a compose file, a Dockerfile or a devcontainer.
    corriger: Fixez les versions (ou versionnez un fichier de verrouillage) et décrivez les services par compose, Dockerfile
      ou devcontainer.
    """
    declared = [evidence(f, 1, workspace.get(f).line(1) if workspace.get(f) else "") for f in dependencies.files[:2]]  # type: ignore[union-attr]
    built = [evidence(s.path, s.line, s.name) for s in containers.services[:1]] or [
        evidence(d.path, 1, d.base) for d in containers.dockerfiles[:1]
    ]
    built += [evidence(f.path, 1) for f in workspace.named("devcontainer.json", ".python-version", "runtime.txt")]
    share = round(100 * dependencies.pinned_share)
    if declared and (dependencies.pinned_share >= PINNED_ENOUGH or dependencies.locks) and built:
        fr = f"Dépendances déclarées ({share} % fixées) et environnement décrit."
        return met(fr, f"Dependencies declared ({share}% fixed) and environment described.", [*declared, *built])
    if declared or built:
        fr = f"L'environnement est déclaré en partie ({share} % des versions fixées)."
        return partly(fr, f"The environment is declared in part ({share}% of versions fixed).", [*declared, *built])
    written = [c for c in explanations.everything.commands("install") if _NAMES_PACKAGES.search(c.text)]
    if written:
        return partly(
            "Les paquets ne sont donnés que dans une commande d'un document, sans fichier qui les déclare.",
            "The packages are only given in a command of a document, without a file that declares them.",
            [evidence(c.path, c.line, c.text) for c in written],
            question=Text("Quelles versions de ces paquets utilisez-vous ?", "Which versions of these packages do you use?"),
        )
    return not_met("Ni dépendances déclarées ni environnement décrit.", "No declared dependencies and no described environment.")


def _thrift(python_code: PythonCode, workspace: Workspace) -> Iterator[Evidence]:
    for module in python_code.application:
        calls = [c for c in module.calls if THRIFT_CALL.search(c.name)]
        if calls:
            yield evidence(module.path, calls[0].line, module.excerpt(calls[0].node))
            continue
        marks = [d for f in module.functions.values() for d in f.decorator_list if THRIFT_DECORATOR.search(module.resolve(d))]
        if marks:
            yield evidence(module.path, module.line(marks[0]), module.excerpt(marks[0]))
    for file in workspace.with_suffix(".html", ".jsx", ".tsx", ".vue", ".conf", ".css"):
        if file.size < 200_000:
            line = next((n for n, t in enumerate(file.lines, 1) if len(t) < 1000 and THRIFT_TEXT.search(t)), None)
            if line is not None:
                yield evidence(file.path, line, file.line(line))


def spares_resources(python_code: PythonCode, workspace: Workspace) -> Finding:
    """The code spares resources: caches, pages, compression, lazy loading or measured emissions.

    fr: Le code ménage les ressources : caches, pagination, compression, chargement différé ou émissions mesurées.
    why: Eco-design is judged on what the code does, not on a sentence.
    pourquoi: L'éco-conception se juge sur ce que fait le code, pas sur une phrase.
    fix: Cache what is costly, paginate, compress, load images late, and measure the result.
    corriger: Mettez en cache ce qui coûte, paginez, compressez, différez les images, et mesurez le résultat.
    """
    found = list(_thrift(python_code, workspace))
    if len(found) >= 2:
        return met(f"{len(found)} endroits ménagent les ressources.", f"{len(found)} places spare resources.", found)
    if found:
        return partly("Un seul endroit ménage les ressources.", "One place only spares resources.", found)
    return not_met(
        "Aucun cache, pagination, compression ni mesure trouvé.", "No cache, pagination, compression or measure found."
    )


CHECKS = (
    model_api_is_tracked,
    application_is_tracked,
    monitoring_is_tracked,
    environment_follows_specification,
    spares_resources,
)

"""Continuous delivery: packaging in the chain, and a delivery that follows it."""

from __future__ import annotations

from checks.ci import automatic, did_at, heads, nothing
from checks.facts.announcements import Announcements
from checks.facts.shell_catalogue import BUILD, DEPLOY, PUBLISH, TEST
from checks.facts.shell_commands import commands
from checks.facts.workflows import Did, Workflows
from checks.findings import evidence, met, not_met, partly
from checks.workspace import Workspace
from grader.values import Evidence, Finding, Text

PLATFORMS = (
    "render.yaml",
    "fly.toml",
    "vercel.json",
    "netlify.toml",
    "app.yaml",
    "railway.json",
    "railway.toml",
    "Procfile",
    "heroku.yml",
)
_DELIVERY_WORDS = ("deploy", "déploi", "deploi", "livr", "release", "publish", "production")


def has_recognised_configuration(workflows: Workflows, announcements: Announcements) -> Finding:
    """Delivery configuration files are recognised by the CI service.

    fr: Les fichiers de configuration de la livraison sont reconnus par le service.
    why: A file that the service refuses delivers nothing.
    pourquoi: Un fichier que le service refuse ne livre rien.
    fix: Validate the configuration against the service's schema, and watch one run.
    corriger: Validez la configuration avec le schéma du service, et suivez une exécution.
    """
    if not workflows.all:
        return nothing(workflows, announcements)
    delivering = {d.workflow.path: d.workflow for d in workflows.done(BUILD, PUBLISH, DEPLOY)}
    broken = [w for w in delivering.values() if w.valid is False]
    if broken:
        return partly(
            f"{broken[0].path} ne suit pas le schéma du service : {broken[0].complaint}",
            f"{broken[0].path} does not follow the service's schema: {broken[0].complaint}",
            [evidence(w.path, 1, w.complaint) for w in broken],
        )
    if delivering:
        return met(
            "La configuration de livraison est reconnue.",
            "The delivery configuration is recognised.",
            heads(tuple(delivering.values())),
        )
    return partly(
        "La configuration est reconnue, mais elle ne livre rien.",
        "The configuration is recognised, but delivers nothing.",
        heads(workflows.all),
    )


def packages_in_the_chain(workflows: Workflows, workspace: Workspace, announcements: Announcements) -> Finding:
    """Packaging is part of the chain.

    fr: L'empaquetage fait partie de la chaîne.
    why: What is delivered must be what was tested.
    pourquoi: Ce qui est livré doit être ce qui a été testé.
    fix: Build the image or the bundle in a job that follows the tests.
    corriger: Construisez l'image ou le paquet dans une tâche qui suit les tests.
    """
    built = workflows.done(BUILD)
    sound = [d for d in built if d.sound]
    if sound:
        return met("La chaîne construit l'image ou le paquet.", "The chain builds the image or the bundle.", did_at(sound))
    if built:
        return partly("L'empaquetage est neutralisé dans la chaîne.", "Packaging is neutralised in the chain.", did_at(built))
    outside = _outside(workspace)
    delivered = [d for d in workflows.sound(PUBLISH, DEPLOY) if not d.text.startswith(("git ", "gh "))]
    if outside or delivered:
        return partly(
            "L'empaquetage se fait hors de la chaîne, ou un dossier brut est livré.",
            "Packaging happens outside the chain, or a raw folder is delivered.",
            [*outside, *did_at(delivered)],
        )
    if not workflows.all:
        return nothing(workflows, announcements)
    return not_met(
        "Aucune étape de la chaîne ne construit quoi que ce soit.", "No step of the chain builds anything.", heads(workflows.all)
    )


def _outside(workspace: Workspace) -> list[Evidence]:
    """Return the scripts and Makefile targets that build, which no chain starts."""
    found = []
    for file in workspace.own:
        if (file.suffix in (".sh", ".bat", ".ps1") or file.name == "Makefile") and file.size < 100_000:
            text = "\n".join(line.strip().lstrip("@-") for line in file.lines)
            found += [
                evidence(c.path, c.line, c.text)
                for c in commands(text, path=file.path, line=1, workspace=workspace, depth=9)
                if c.kind in (BUILD, PUBLISH)
            ][:1]
    return found


def delivers_after_packaging(workflows: Workflows, workspace: Workspace, announcements: Announcements) -> Finding:
    """A delivery step is in place and follows validated packaging.

    fr: Une étape de livraison est en place et suit l'empaquetage validé.
    why: Delivering what was not tested or built by the chain delivers surprises.
    pourquoi: Livrer ce que la chaîne n'a ni testé ni construit livre des surprises.
    fix: Push the image or deploy in a job that needs the build and the tests.
    corriger: Publiez l'image ou déployez dans une tâche qui dépend de la construction et des tests.
    """
    done = workflows.done(PUBLISH, DEPLOY)
    sound = [d for d in done if (d.sound and automatic(d.workflow)) or (d.sound and d.workflow.triggers)]
    following = [d for d in sound if _follows(d)]
    if following:
        return met(
            "La livraison suit la construction ou les tests.", "Delivery follows the build or the tests.", did_at(following)
        )
    if sound:
        first = sound[0]
        return partly(
            "Une livraison existe, sans dépendre de la construction ni des tests.",
            "A delivery exists, without depending on the build or the tests.",
            did_at(sound),
            question=Text(
                f"{first.path} : qu'est-ce qui empêche de livrer une version dont les tests échouent ?",
                f"{first.path}: what prevents delivering a version whose tests fail?",
            ),
        )
    if done:
        return partly("L'étape de livraison est neutralisée.", "The delivery step is neutralised.", did_at(done))
    return _no_delivery(workflows, workspace, announcements)


def _follows(did: Did) -> bool:
    """Tell whether something is built or tested before, in the same job or in a job that is needed."""
    jobs = {j.name: j for j in did.workflow.jobs}
    wanted, seen = [did.job.name], set()
    while wanted:
        name = wanted.pop()
        if name in seen or name not in jobs:
            continue
        seen.add(name)
        wanted += jobs[name].needs
    before = [
        d
        for d in did.workflow.done(BUILD, TEST)
        if d.job.name in seen and (d.job.name != did.job.name or d.line <= did.line) and d.sound
    ]
    ordered = did.workflow.tool in ("GitLab CI", "Jenkins") and any(True for _ in did.workflow.done(BUILD, TEST))
    return bool(before) or ordered or any(t.kind == "after" for t in did.workflow.triggers)


def _no_delivery(workflows: Workflows, workspace: Workspace, announcements: Announcements) -> Finding:
    talk = [
        s
        for w in workflows.triggered
        for j in w.jobs
        if not {BUILD, PUBLISH, DEPLOY} & {k for s in j.steps for k in s.kinds}  # a job that builds does more than print
        for s in j.steps
        if s.only_talks and any(k in f"{s.name} {j.name} {j.title} {s.excerpt}".lower() for k in _DELIVERY_WORDS)
    ]
    if talk:
        place = talk[0]
        return not_met(
            f"{place.path} ne livre rien : l'étape ne fait qu'afficher.",
            f"{place.path} delivers nothing: the step only prints.",
            [evidence(s.path, s.line, s.excerpt) for s in talk],
            question=Text(
                f"{place.path} livre avec `echo` : où la livraison a-t-elle vraiment lieu ?",
                f"{place.path} delivers with `echo`: where does the delivery really happen?",
            ),
        )
    kept = [s for w in workflows.triggered for j in w.jobs for s in j.steps if "upload-artifact" in s.uses]
    if kept and any(True for w in workflows.triggered for _ in w.done(BUILD)):
        return partly(
            "La chaîne garde des artefacts, sans les livrer.",
            "The chain keeps artefacts, without delivering them.",
            [evidence(s.path, s.line, s.uses) for s in kept],
        )
    platform = [f for f in workspace.own if f.name in PLATFORMS]
    if platform:
        return partly(
            f"{platform[0].path} laisse une plateforme livrer, hors de la chaîne.",
            f"{platform[0].path} lets a platform deliver, outside the chain.",
            [evidence(f.path, 1, f.line(1)) for f in platform],
            question=Text(
                f"La plateforme de {platform[0].path} attend-elle les tests avant de livrer ?",
                f"Does the platform of {platform[0].path} wait for the tests before delivering?",
            ),
        )
    if not workflows.all:
        return nothing(workflows, announcements)
    return not_met("Aucune étape de livraison dans la chaîne.", "No delivery step in the chain.", heads(workflows.all))


def is_tracked(workflows: Workflows, announcements: Announcements) -> Finding:
    """The delivery chain's sources are tracked in the application's repository.

    fr: Les sources de la chaîne de livraison sont suivies dans le dépôt de l'application.
    why: A delivery that nobody can read cannot be trusted or repaired.
    pourquoi: Une livraison que personne ne peut lire ne peut être ni crue ni réparée.
    fix: Commit the configuration files and the scripts they start.
    corriger: Versionnez les fichiers de configuration et les scripts qu'ils lancent.
    """
    delivering = {d.workflow.path: d.workflow for d in workflows.done(BUILD, PUBLISH, DEPLOY)}
    if delivering:
        return met(
            "La chaîne de livraison est suivie dans le dépôt.",
            "The delivery chain is tracked in the repository.",
            heads(tuple(delivering.values())),
        )
    if workflows.all:
        return partly(
            "Une chaîne est suivie, mais elle ne livre rien.",
            "A chain is tracked, but it delivers nothing.",
            heads(workflows.all),
        )
    return nothing(workflows, announcements)


CHECKS = (has_recognised_configuration, packages_in_the_chain, delivers_after_packaging, is_tracked)

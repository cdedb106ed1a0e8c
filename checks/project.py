"""Is the project presented, and are its steering tools there to be read?"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from checks.facts.documents import Documents, Section, Table
from checks.facts.zones import Explanations, Zone
from checks.findings import evidence, mention, met, not_met, partly
from checks.parts import Part
from checks.pointers import told
from checks.workspace import File, Workspace
from grader.values import Evidence, Finding, Text

COLUMNS = 2
SPRINTS = 3  # from which a document that tells them one by one lets the pace be read
TELLING = 4  # words of a sprint's title that say what it was about
_SPRINT = re.compile(r"^\W{0,4}sprints?\s*(?:n\s*°\s*)?[#S]?\s*(\d{1,2})\b", re.I)
ROWS = 3
LARGEST = 1_000_000
_BOARD = re.compile(
    r"trello\.com/(b|invite)/|github\.com/(users|orgs)/[\w.-]+/projects/\d|github\.com/[\w.-]+/[\w.-]+/projects(/|$)|\.atlassian\.net/|"
    r"app\.asana\.com/|linear\.app/|clickup\.com/|tree\.taiga\.io|monday\.com/boards|/-/boards|notion\.(so|site)/\S|miro\.com/app/board|"
    r"dev\.azure\.com/\S+/_(boards|sprints|backlogs)|airtable\.com/\S|padlet\.com/\S",
    re.I,
)
_NAME = re.compile(r"backlog|kanban|sprint|burndown|trello|jira|suivi.?(de.?)?projet|project.?board", re.I)
_TASK = re.compile(r"^\W*\[[ x/!]\]", re.I)


def _linked(documents: Documents, explanations: Explanations) -> list[Evidence]:
    """Return links to a board, in any counted section: a link is what the criterion asks for."""
    topics = explanations.topics
    found = []
    for section in documents.sections:
        for link in section.links:
            around = f"{link.text} {section.heading}"
            if _BOARD.search(link.target) and (
                not re.search(r"notion|miro|airtable|padlet", link.target) or topics.in_text("steering-tool", around)
            ):
                found.append(evidence(section.path, link.line, link.target))
        for number, text in section.lines:
            if "://" in text and _BOARD.search(text[:600]) and not section.links:
                found.append(evidence(section.path, number, text))
    return found


def _exported(workspace: Workspace) -> list[Evidence]:
    """Return backlogs or boards exported as tables or boards, with rows in them."""
    found = []
    for file in workspace.with_suffix(".csv", ".tsv", ".xlsx", ".ods", ".json"):
        if not _NAME.search(file.name) or file.size > LARGEST:
            continue
        if file.suffix in (".xlsx", ".ods"):
            found.append(evidence(file.path, None, file.name))
        elif len(file.text.splitlines()) > ROWS and _is_board(file):
            found.append(evidence(file.path, 1, file.line(1)))
    return found


def _is_board(file: File) -> bool:
    head = file.text[:4000].lower()
    return (
        sum(
            bool(re.search(w, head))
            for w in (r"stat(us|ut)", r"priorit", r"sprint", r"estimat|points", r"story|tâche|task|titre|title", r"cards|lists")
        )
        >= COLUMNS
    )


def _tables(explanations: Explanations, documents: Documents) -> list[Evidence]:
    """Return the tables of backlogs and sprints: two columns say status, priority, sprint or points, one under such a heading."""
    topics = explanations.topics
    return [
        evidence(s.path, t.line, " | ".join(t.header))
        for s in _steering_sections(documents)
        for t in s.tables
        if len(t.rows) >= ROWS
        and _steers(s, t, explanations)
        and sum(topics.in_text("steering-column", cell) for cell in t.header) >= (1 if _NAME.search(s.heading) else COLUMNS)
    ]


def _steering_sections(documents: Documents) -> list[Section]:
    """Return the sections that count, and those of backlogs: one that ticks competencies is no copy of the grid."""
    backlogs = [s for d in documents.all if not d.counts and _NAME.search(d.path.rsplit("/", 1)[-1]) for s in d.sections]
    return [*documents.sections, *backlogs]


def _sprints(documents: Documents) -> list[Evidence]:
    """Return the sprints that a document tells one by one, each with what was done in it."""
    for document in documents.counted:
        found: dict[str, Evidence] = {}
        for section in document.sections:
            titled = ((section.line, section.heading),) if section.lines else ()
            for number, text in (*titled, *section.lines):
                told = _SPRINT.match(text)
                if told and (len(text.split()) >= TELLING or len(section.lines) > ROWS):
                    found.setdefault(told[1], evidence(section.path, number, text))
        if len(found) >= SPRINTS:
            return list(found.values())
    return []


def _steers(section: Section, table: Table, explanations: Explanations) -> bool:
    name = re.sub(r"[_\-.]+", " ", section.path.rsplit("/", 1)[-1])
    return any(
        explanations.topics.in_text("steering-document", text) for text in (section.heading, name, *section.trail, *table.header)
    )


def has_steering_tools(documents: Documents, explanations: Explanations, workspace: Workspace) -> Finding:
    """Steering tools can be read: a backlog, a board or sprints, in the repository or linked.

    fr: Les outils de pilotage se lisent : backlog, tableau ou sprints, dans le dépôt ou par un lien.
    why: A board shows the real pace of a project, a description of it does not.
    pourquoi: Un tableau montre le rythme réel d'un projet, sa description non.
    fix: Link the public board, or export the backlog with status, priority and sprint.
    corriger: Donner le lien du tableau public, ou exporter le backlog avec statut, priorité et sprint.
    """
    readable = [*_exported(workspace), *_tables(explanations, documents), *_linked(documents, explanations)]
    readable += _sprints(documents)
    if readable:
        return met("Un tableau ou un backlog est lisible ou lié.", "A board or a backlog can be read or is linked.", readable)
    ask = Text("Où peut-on consulter votre tableau et votre backlog ?", "Where can your board and your backlog be read?")
    described = [*_task_lists(documents), *_pictures(workspace), *_described(explanations)]
    if described:
        return partly(
            "Le pilotage est décrit ou suivi dans un document, sans tableau ni backlog à consulter.",
            "Steering is described or followed in a document, without a board or a backlog to read.",
            described,
            question=ask,
        )
    return not_met(
        "Ni tableau, ni backlog, ni sprints dans le dépôt.", "No board, backlog or sprints in the repository.", question=ask
    )


def _task_lists(documents: Documents) -> list[Evidence]:
    """Return documents named as a follow-up that hold lists of tasks."""
    found = []
    for document in documents.all:
        if _NAME.search(re.sub(r"[_\-]+", " ", document.path.rsplit("/", 1)[-1])):
            tasks = [(n, t) for s in document.sections for n, t in s.lines if _TASK.match(t)]
            if len(tasks) >= ROWS:
                found.append(evidence(document.path, tasks[0][0], tasks[0][1]))
    return found


def _pictures(workspace: Workspace) -> list[Evidence]:
    return [
        evidence(f.path, None, f.name) for f in workspace.with_suffix(".png", ".jpg", ".jpeg", ".webp") if _NAME.search(f.name)
    ]


def _described(explanations: Explanations) -> list[Evidence]:
    area = explanations.everything
    headed = [evidence(s.path, s.line, s.heading) for s in area.named("agile-method")]
    said = [
        e
        for e in explanations.zone("agile-method", only=("heading", "trail")).said("steering-tool")
        if len(e.excerpt.split()) > ROWS
    ]
    tools = [
        e
        for e in explanations.zone("steering-tool", only=("heading", "trail")).said("steering-tool")
        if len(e.excerpt.split()) > ROWS
    ]
    return [*said, *tools, *(headed if said else [])]


def _part(area: Zone, topic: str, fr: str, en: str) -> Part:
    return Part(Text(fr, en), area.headed(topic))


def _only_mentioned(said: Sequence[Evidence], subject: Text, ask: Text) -> Finding:
    """Say that a subject is named in passing, without a chapter of its own: prose that mentions proves nothing."""
    return partly(
        f"{subject.fr} : mentionné, sans chapitre propre.",
        f"{subject.en}: mentioned, without a chapter of its own.",
        [mention(e.path, e.line, e.excerpt) for e in said],
        question=ask,
    )


def is_presented_in_full(explanations: Explanations) -> Finding:
    """The project is presented: context, stakeholders, goals, constraints, budget, schedule.

    fr: Le projet est présenté : contexte, parties prenantes, buts, contraintes, budget, calendrier.
    why: The jury judges choices against the context.
    pourquoi: Le jury juge les choix au regard du contexte.
    fix: Open the documentation with a chapter on each of these.
    corriger: Ouvrir la documentation par un chapitre sur chacun.
    """
    area = explanations.everything
    parts = (
        _part(area, "project-context", "contexte", "context"),
        _part(area, "project-stakeholder", "parties prenantes", "stakeholders"),
        _part(area, "project-goal", "buts", "goals"),
        _part(area, "project-constraint", "contraintes", "constraints"),
        _part(area, "project-budget", "budget", "budget"),
        _part(area, "project-plan", "calendrier", "schedule"),
    )
    ask = Text(
        "Qui sont les parties prenantes, et quels étaient budget et calendrier ?",
        "Who are the stakeholders, and what were budget and schedule?",
    )
    return told(parts, Text("Présentation du projet", "Presentation of the project"), ask)


def names_its_tools_and_services(explanations: Explanations) -> Finding:
    """Technical specifications name the tools, the external services and how to reach them.

    fr: Les spécifications techniques nomment les outils, les services externes et leurs accès.
    why: A source that cannot be reached is no source.
    pourquoi: Une source inaccessible n'est pas une source.
    fix: List tools with versions, and each service with its address and conditions of access.
    corriger: Lister les outils avec versions, et chaque service avec son adresse et ses conditions d'accès.
    """
    ask = Text(
        "Quels services externes utilisez-vous, à quelles conditions ?",
        "Which external services do you use, on which conditions?",
    )
    area = explanations.everything
    parts = (
        _part(area, "technical-specification", "outils et services", "tools and services"),
        _part(area, "ai-service-access", "accès", "access"),
    )
    return told(parts, Text("Spécifications techniques", "Technical specifications"), ask)


def covers_the_chain_of_data(explanations: Explanations) -> Finding:
    """The specifications cover the whole chain, from extraction to the final dataset.

    fr: Les spécifications couvrent toute la chaîne, de l'extraction au jeu de données final.
    why: A missing link shows only when everything is written in order.
    pourquoi: Un maillon manquant ne se voit que si tout est écrit dans l'ordre.
    fix: Describe the chain step by step, with the result of each.
    corriger: Décrire la chaîne étape par étape, avec le résultat de chacune.
    """
    ask = Text(
        "Quelles étapes vont de chaque source au jeu de données final ?",
        "Which steps lead from each source to the final dataset?",
    )
    return told(
        (_part(explanations.everything, "chain-of-data", "chaîne", "chain"),), Text("Chaîne de données", "Chain of data"), ask
    )


def justifies_the_database(explanations: Explanations) -> Finding:
    """The choice of the database is justified by the model and the constraints.

    fr: Le choix de la base est motivé par le modèle et les contraintes.
    why: A default choice is not a decision.
    pourquoi: Un choix par défaut n'est pas une décision.
    fix: Write why this database suits the model, the volume and the constraints.
    corriger: Écrire pourquoi cette base convient au modèle, au volume et aux contraintes.
    """
    topics = explanations.topics
    area = explanations.everything
    lines = [
        e
        for e in area.said("database-system")
        if topics.in_text("choice-reason", e.excerpt) and len(e.excerpt.split()) > 2 * ROWS
    ]
    chapter = area.headed("database-choice")
    ask = Text("Pourquoi cette base plutôt qu'une autre ?", "Why this database rather than another?")
    if chapter is None and lines:
        return _only_mentioned(lines, Text("Choix de la base", "Choice of the database"), ask)
    return told((Part(Text("motifs", "reasons"), chapter),), Text("Choix de la base", "Choice of the database"), ask)


def keeps_to_the_agile_method(explanations: Explanations) -> Finding:
    """Cycles, roles, rituals and tools of the agile method are described.

    fr: Cycles, rôles, rituels et outils de la méthode agile sont décrits.
    why: The method is judged over the whole project.
    pourquoi: La méthode se juge sur tout le projet.
    fix: Describe the cycles, the roles and the rituals, and keep their traces.
    corriger: Décrire les cycles, les rôles et les rituels, et en garder les traces.
    """
    area = explanations.everything
    parts = (_part(area, "agile-method", "méthode", "method"), _part(area, "agile-ritual", "rituels", "rituals"))
    ask = Text("Quels rituels avez-vous tenus, et avec qui ?", "Which rituals did you hold, and with whom?")
    return told(parts, Text("Méthode agile", "Agile method"), ask)


def shares_its_rituals(explanations: Explanations) -> Finding:
    """The goals and terms of the rituals are shared.

    fr: Les objectifs et modalités des rituels sont partagés.
    why: A ritual whose goal nobody knows is a waste.
    pourquoi: Un rituel dont personne ne connaît le but est une perte.
    fix: Write for each ritual its goal, its length and who takes part.
    corriger: Écrire pour chaque rituel son but, sa durée et ses participants.
    """
    area = explanations.everything
    chapter, said = area.headed("agile-ritual"), area.said("agile-ritual")
    ask = Text("Comment les buts des rituels ont-ils été partagés ?", "How were the goals of the rituals shared?")
    if chapter is None and said:  # one word in a sentence shares nothing
        return _only_mentioned(said, Text("Rituels", "Rituals"), ask)
    return told((Part(Text("rituels", "rituals"), chapter),), Text("Rituels", "Rituals"), ask)


def steering_is_accessible(documents: Documents, explanations: Explanations) -> Finding:
    """Steering material stays accessible to all parties.

    fr: Les éléments de pilotage restent accessibles à toutes les parties.
    why: A private board steers nobody but its owner.
    pourquoi: Un tableau privé ne pilote que son propriétaire.
    fix: Share the link of the board and say who can read it.
    corriger: Partager le lien du tableau et dire qui peut le lire.
    """
    place = next(iter(_linked(documents, explanations)), None) or explanations.everything.headed("steering-access")
    ask = Text("Qui pouvait consulter les éléments de pilotage ?", "Who could read the steering material?")
    return told((Part(Text("accès", "access"), place),), Text("Accès au pilotage", "Access to the steering material"), ask)


CHECKS: tuple[Callable[..., Finding], ...] = (
    has_steering_tools,
    is_presented_in_full,
    names_its_tools_and_services,
    covers_the_chain_of_data,
    justifies_the_database,
    keeps_to_the_agile_method,
    shares_its_rituals,
    steering_is_accessible,
)

"""Is an incident told, from its causes to a repair that the repository keeps?"""

from __future__ import annotations

from collections.abc import Callable

from checks.facts.incidents import Incident, Incidents
from checks.facts.repairs import Repairs
from checks.findings import evidence, inconclusive, met, not_met, partly
from grader.values import Evidence, Finding, Text

NONE_TOLD = Text(
    "Aucun incident n'est raconté : ni document, ni section qui donne un symptôme, une cause et une correction.",
    "No incident is told: no document or section gives a symptom, a cause and a fix.",
)
ASK = Text(
    "Racontez un incident que vous avez résolu : comment l'avez-vous vu, compris, corrigé ?",
    "Tell an incident you solved: how did you see, understand and fix it?",
)
NAMES = {
    "symptom": Text("symptôme", "symptom"),
    "reproduction": Text("reproduction", "reproduction"),
    "cause": Text("cause", "cause"),
    "repair": Text("correction", "fix"),
    "prevention": Text("vérification ou prévention", "verification or prevention"),
}


def _place(incident: Incident, part: str = "") -> Evidence:
    return evidence(incident.path, incident.parts.get(part, incident.line), incident.heading)


def _told(incident: Incident) -> Text:
    parts = [NAMES[p] for p in NAMES if p in incident.parts]
    return Text(", ".join(p.fr for p in parts), ", ".join(p.en for p in parts))


def tells_the_resolution(incidents: Incidents) -> Finding:
    """A document tells an incident step by step: symptom, cause, and how it was solved.

    fr: Un document raconte un incident étape par étape : symptôme, cause, et comment il a été résolu.
    why: A written resolution keeps the next person from searching again.
    pourquoi: Une résolution écrite évite à la personne suivante de chercher à nouveau.
    fix: Write a report of a real incident: context, symptom, diagnosis, steps of the resolution, what prevents it from now on.
    corriger: Écrire la fiche d'un incident réel : contexte, symptôme, diagnostic, étapes de la résolution, prévention.
    """
    if incidents.reports:
        best = incidents.reports[0]
        parts = _told(best)
        places = [_place(i, "repair") for i in incidents.reports[:3]]
        return met(
            f"Résolution racontée « {best.heading} » : {parts.fr}.", f'Resolution told, "{best.heading}": {parts.en}.', places
        )
    rest = incidents.told or incidents.advice
    if not rest:
        return not_met(NONE_TOLD.fr, NONE_TOLD.en, question=ASK)
    if incidents.told:
        return partly(
            f"« {rest[0].heading} » donne des corrections sans dérouler la résolution.",
            f'"{rest[0].heading}" gives fixes without the steps of a resolution.',
            [_place(i) for i in rest[:2]],
            question=ASK,
        )
    return partly(
        f"« {rest[0].heading} » conseille en général, sans incident réel raconté.",
        f'"{rest[0].heading}" gives general advice, no real incident is told.',
        [_place(rest[0])],
        question=ASK,
    )


def documents_the_procedure_in_the_tracker(incidents: Incidents, repairs: Repairs) -> Finding:
    """The debugging procedure is tied to a ticket or a pull request.

    fr: La procédure de débogage est rattachée à un ticket ou à une pull request.
    why: The tracker keeps the problem, the discussion and the fix together.
    pourquoi: L'outil de suivi garde ensemble le problème, la discussion et la correction.
    fix: Open a ticket for the incident, write the debugging steps in it, and link the fix to it.
    corriger: Ouvrir un ticket pour l'incident, y écrire les étapes du débogage, et y relier la correction.
    """
    for incident in incidents.reports:
        if incident.tickets:
            line, text = incident.tickets[0]
            where = [evidence(incident.path, line, text), _place(incident, "cause")]
            return met(
                f"La procédure de « {incident.heading} » renvoie au suivi ({text}).",
                f'"{incident.heading}" points to the tracker ({text}).',
                where,
            )
        repair = repairs.of(incident)
        if repair and repair.issue:
            return met(
                f"« {incident.heading} » est corrigé par un commit lié au ticket #{repair.issue}.",
                f'"{incident.heading}" is fixed by a commit tied to ticket #{repair.issue}.',
                [_place(incident, "cause")],
            )
    told = [i for i in incidents.told if not i.listed]
    if told:
        best = told[0]
        return partly(
            f"La procédure est dans un fichier (« {best.heading} »), sans ticket ni pull request.",
            f'The procedure is in a file ("{best.heading}"), with no ticket or pull request.',
            [_place(i, "cause") for i in told[:2]],
            question=Text(
                "Où cet incident est-il suivi (ticket, pull request) ?", "Where is this incident tracked (ticket, pull request)?"
            ),
        )
    return not_met(NONE_TOLD.fr, NONE_TOLD.en, question=ASK)


def keeps_the_repair_in_the_history(incidents: Incidents, repairs: Repairs) -> Finding:
    """The repair of an incident that is told is an identifiable commit, branch or merge.

    fr: La correction d'un incident raconté est un commit, une branche ou une fusion identifiable.
    why: A fix that the history shows can be reviewed, found again and undone.
    pourquoi: Une correction visible dans l'historique peut être relue, retrouvée et annulée.
    fix: Commit the fix on its own, on a branch merged by a pull request, and cite the commit in the incident's report.
    corriger: Committer la correction seule, sur une branche fusionnée par pull request, et citer le commit dans la fiche.
    """
    if not incidents.told:
        return not_met(NONE_TOLD.fr, NONE_TOLD.en, question=ASK)
    told = incidents.told[0]
    if not repairs.history:
        return inconclusive(
            f"« {told.heading} » est raconté, mais l'historique Git n'accompagne pas le rendu.",
            f'"{told.heading}" is told, but the Git history did not come with the submission.',
            "no-history",
            [_place(told)],
        )
    found = [r for r in repairs.found if not r.incident.listed]
    if repairs.found and not found:
        return partly(
            f"« {told.heading} » : une liste de corrections renvoie à des commits, sans incident raconté.",
            f'"{told.heading}": a list of fixes leads to commits, without an incident told.',
            [_place(told, "repair")],
            question=ASK,
        )
    if not found:
        return partly(
            f"« {told.heading} » est raconté, mais aucun commit ni fusion ne s'y reconnaît.",
            f'"{told.heading}" is told, but no commit or merge can be recognised as its fix.',
            [_place(told, "repair")],
            question=Text(f"Quel commit corrige « {told.heading} » ?", f'Which commit fixes "{told.heading}"?'),
        )
    best = found[0]
    subject = best.commit.subject[:90]
    return met(
        f"La correction de « {best.incident.heading} » est le commit {best.commit.sha[:7]} « {subject} ».",
        f'The fix of "{best.incident.heading}" is commit {best.commit.sha[:7]} "{subject}".',
        [_place(best.incident, "repair"), *(evidence(f, None, subject) for f in best.commit.files[:2])],
    )


def finds_the_causes(incidents: Incidents) -> Finding:
    """An incident that is told names its cause.

    fr: Un incident raconté nomme sa cause.
    why: Only the jury can tell whether the cause is the right one: here is where to read it.
    pourquoi: Seul le jury peut dire si la cause est la bonne : voici où la lire.
    fix: Write how the cause was found, and what proves that it is the one.
    corriger: Écrire comment la cause a été trouvée, et ce qui prouve que c'est elle.
    """
    found = [i for i in incidents.told if "cause" in i.parts]
    if not found:
        return not_met("Aucun incident raconté ne nomme sa cause.", "No incident told names its cause.", question=ASK)
    first = found[0]
    where = [_place(i, "cause") for i in found[:3]]
    ask = Text(
        f"Comment avez-vous établi la cause de « {first.heading} » ?", f'How did you establish the cause of "{first.heading}"?'
    )
    return met(f"Cause à lire dans « {first.heading} ».", f'Cause to read in "{first.heading}".', where, question=ask)


def reproduces_the_problem(incidents: Incidents, repairs: Repairs) -> Finding:
    """The incident is reproduced in development: steps are written, or a test comes with the fix.

    fr: L'incident est reproduit en développement : étapes écrites, ou test ajouté avec la correction.
    why: A problem that cannot be reproduced cannot be known to be solved.
    pourquoi: D'un problème non reproduit, on ne sait pas s'il est résolu.
    fix: Write the steps that show the problem, or a test that fails before the fix and passes after it.
    corriger: Écrire les étapes qui montrent le problème, ou un test qui échoue avant la correction et passe après.
    """
    steps = [i for i in incidents.told if "reproduction" in i.parts]
    tested = [r for r in repairs.found if r.tests]
    where = [
        *(_place(i, "reproduction") for i in steps[:2]),
        *(evidence(t, None, r.commit.subject) for r in tested[:1] for t in r.tests[:2]),
    ]
    if steps:
        return met(f"Reproduction écrite dans « {steps[0].heading} ».", f'Reproduction written in "{steps[0].heading}".', where)
    if tested:
        return partly(
            "Un test accompagne la correction, sans étapes de reproduction.",
            "A test comes with the fix, without reproduction steps.",
            where,
        )
    return not_met(
        "Ni étapes de reproduction, ni test ajouté avec la correction.",
        "No reproduction steps, no test added with a fix.",
        question=ASK,
    )


CHECKS: tuple[Callable[..., Finding], ...] = (
    tells_the_resolution,
    documents_the_procedure_in_the_tracker,
    keeps_the_repair_in_the_history,
    finds_the_causes,
    reproduces_the_problem,
)

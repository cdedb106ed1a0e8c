"""Fixed words of the rendered grid, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from grader.plurals import agree
from grader.values import Outcome, Run, Skipped, Source, Text

MOST_ELSEWHERE = 3  # branches named before the proposals; the list of what was left out names all
OUTCOMES: dict[Outcome | None, Text] = {
    Outcome.MET: Text("satisfait", "met"),
    Outcome.PARTLY: Text("en partie", "partly met"),
    Outcome.NOT_MET: Text("non satisfait", "not met"),
    Outcome.NOT_APPLICABLE: Text("sans objet", "not applicable"),
    Outcome.INCONCLUSIVE: Text("indéterminé", "could not tell"),
    None: Text("sans proposition", "no proposal"),
}
COUNTED: dict[Outcome, Text] = {
    Outcome.MET: Text("satisfait(s)", "met"),
    Outcome.PARTLY: Text("satisfait(s) en partie", "partly met"),
    Outcome.NOT_MET: Text("non satisfait(s)", "not met"),
}
FOR_PEOPLE = Text("au jury", "for the jury")
MARKS: dict[Outcome | None, str] = {
    Outcome.MET: "✔",
    Outcome.PARTLY: "◐",
    Outcome.NOT_MET: "✘",
    Outcome.NOT_APPLICABLE: "–",
    Outcome.INCONCLUSIVE: "?",
    None: "?",
}
SOURCES: dict[Source, Text] = {
    Source.RAN: Text("observé à l'exécution", "observed while running"),
    Source.DECLARED: Text("déclaré par le projet", "declared by the project"),
    Source.READ: Text("lu", "read"),
    Source.MENTIONED: Text("mentionné", "mentioned"),
}
DECIDE: dict[str, Text] = {
    "auto": Text("proposition automatique", "automatic proposal"),
    "assist": Text("preuves signalées, le jury décide", "evidence pointed to, the jury decides"),
    "jury": Text("réservé au jury", "for the jury alone"),
}
WORDS: dict[str, Text] = {
    "title": Text("Grille préremplie", "Prefilled grid"),
    "warning": Text(
        "Ces propositions préparent la décision du jury ; elles ne la remplacent pas.",
        "These proposals prepare the jury's decision; they do not replace it.",
    ),
    "source": Text("Dépôt", "Repository"),
    "commit": Text("Commit", "Commit"),
    "date": Text("Date du commit", "Commit date"),
    "sandbox": Text("Bac à sable", "Sandbox"),
    "elsewhere": Text("Travail non lu", "Work not read"),
    "sandbox-none": Text("aucun (processus limité)", "none (limited process)"),
    "rubric": Text("Référentiel", "Rubric"),
    "version": Text("version", "version"),
    "criterion": Text("Critère", "Criterion"),
    "proposal": Text("Proposition", "Proposal"),
    "confidence": Text("confiance", "confidence"),
    "evidence": Text("Preuves", "Evidence"),
    "more-evidence": Text("Toutes les preuves et les contrôles", "All evidence and checks"),
    "question": Text("Question pour l'oral", "Question for the oral"),
    "summary": Text("Résumé", "Summary"),
    "proposed": Text("proposé(s)", "proposed"),
    "pointed": Text("signalé(s), avec des preuves à lire", "pointed to, with evidence to read"),
    "people": Text("laissé(s) au jury", "left to people"),
    "criteria": Text("critère(s)", "criteri(on|a)"),
    "asked": Text("question(s) pour l'oral", "question(s) for the oral"),
    "with-question": Text("avec une question", "with a question"),
    "skipped": Text("Laissé de côté", "Left out"),
    "skipped-none": Text("Tout le dépôt a été lu.", "The whole repository was read."),
    "suppressions": Text("Demandes d'ignorer (signalées, non suivies)", "Requests to look away (reported, not obeyed)"),
    "run": Text("Ce qui a été exécuté", "What was run"),
    "running-goes-on": Text(
        "Voilà ce que montre la lecture seule ; l'exécution du projet continue…",
        "This is what reading alone shows; the project is still running…",
    ),
    "changed-by-run": Text("Ce que l'exécution a changé", "What running changed"),
    "run-note": Text(
        "Ce qui manque au bac à sable (réseau, secret, modèle absent) ne compte jamais contre le projet.",
        "What the sandbox lacks (network, secrets, absent models) never counts against the project.",
    ),
    "by-hand": Text("Pour le refaire", "To do it again"),
    "failures": Text("Échecs, et à qui ils reviennent", "Failures, and whose they are"),
    "left-out": Text("Dépendances laissées de côté", "Dependencies left out"),
    "relaxed": Text("Versions introuvables, remplacées", "Versions that no longer resolve, replaced"),
    "services": Text("Services demandés", "Services asked for"),
    "screenshot": Text("Capture de la page d'accueil de {what}", "Screenshot of the home page of {what}"),
    "influences": Text(
        "Ce qui agit sur l'évaluation (signalé, sans effet sur les propositions)",
        "What acts on the grading (listed, without effect on the proposals)",
    ),
    "line": Text("ligne", "line"),
    "page": Text("page", "page"),
    "go-to": Text("Aller à la compétence", "Go to competency"),
    "go-to-block": Text("Aller au bloc", "Go to block"),
    "skip-link": Text("Aller à la grille", "Skip to the grid"),
    "competencies": Text("Compétences", "Competencies"),
    "blocks": Text("Blocs", "Blocks"),
    "show": Text("Montrer", "Show"),
    "all": Text("tout", "all"),
    "why-matters": Text("Pourquoi", "Why it matters"),
    "how-fix": Text("Pour y arriver", "How to make it so"),
    "more": Text("et {count} autre(s)", "and {count} more"),
    "seconds": Text("secondes", "seconds"),
}
MONTHS = tuple(
    map(
        Text,
        ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"),
        [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
    )
)
STEPS: dict[str, Text] = {
    "plan": Text("préparation", "preparation"),
    "tests": Text("tests", "tests"),
    "serve": Text("application", "application"),
    "migrate": Text("base de données", "database"),
    "mutate": Text("fautes introduites", "faults put in"),
}
ENDINGS: dict[str, Text] = {
    "exit": Text("terminé", "ended"),
    "signal": Text("interrompu par un signal", "ended by a signal"),
    "timeout": Text("temps écoulé", "out of time"),
    "output-too-large": Text("sortie trop grande", "output too large"),
    "killed": Text("arrêté", "stopped"),
    "not-run": Text("non lancé", "not started"),
}
SERVICES: dict[str, Text] = {
    "postgresql": Text("PostgreSQL", "PostgreSQL"),
    "mysql": Text("MySQL", "MySQL"),
    "redis": Text("Redis", "Redis"),
    "mongodb": Text("MongoDB", "MongoDB"),
}
SERVICE_STATES: dict[str, Text] = {
    "started": Text("lancé", "started"),
    "absent": Text("absent du bac à sable", "not in the sandbox"),
    "failed": Text("n'a pas démarré", "did not start"),
}
WHOSE: dict[str, Text] = {
    "candidate": Text("au projet", "the project's"),
    "sandbox": Text("au bac à sable", "the sandbox's"),
    "undetermined": Text("indéterminé", "undetermined"),
}
LEFT_OUT: dict[str, Text] = {
    "no-wheel": Text("aucune version prête à installer (wheel)", "no ready-built version (wheel)"),
    "not-found": Text("inconnue de l'index", "unknown to the index"),
    "conflict": Text("incompatible avec les autres", "in conflict with the others"),
    "too-large": Text("trop volumineuse", "too large"),
    "timeout": Text("temps écoulé", "out of time"),
    "url": Text("adresse, non suivie", "an address, not followed"),
    "option": Text("option de pip, non suivie", "an option of pip, not followed"),
    "local-path": Text("chemin local, non suivi", "a local path, not followed"),
    "outside": Text("fichier hors du dépôt, non lu", "a file outside the repository, not read"),
    "absent": Text("fichier absent du dépôt", "a file that the repository has not"),
    "malformed": Text("illisible", "cannot be read"),
    "repeated": Text("demandée deux fois, autrement", "asked for twice, otherwise"),
    "conda": Text("paquet de conda, non installé", "a package of conda, not installed"),
    "windows-only": Text("propre à Windows", "for Windows only"),
    "broken": Text("archive abîmée", "a broken archive"),
}
REASONS: dict[str, Text] = {
    "symlink": Text("lien symbolique", "symbolic link"),
    "submodule": Text("sous-module Git", "Git submodule"),
    "lfs-pointer": Text("pointeur Git LFS, contenu absent", "Git LFS pointer, content absent"),
    "too-large": Text("fichier trop grand", "file too large"),
    "unsafe-name": Text("nom de fichier dangereux", "unsafe file name"),
    "absent-from-the-host": Text("contenu absent du dépôt reçu", "content absent from the repository received"),
    "other-branch": Text(
        "autre branche, non lue : {count} fichier(s) absent(s) de celle qui est évaluée",
        "another branch, not read: {count} file(s) that the graded one lacks",
    ),
    "vendored": Text("bibliothèques ou environnement, {count} fichier(s)", "libraries or environment, {count} file(s)"),
    "beyond-the-limits": Text("au-delà des limites, {count} fichier(s)", "beyond the limits, {count} file(s)"),
    "unreadable": Text("illisible", "unreadable"),
    "too-deep": Text("imbrication trop profonde", "nested too deeply"),
    "took-too-long": Text("lecture trop longue", "took too long to read"),
    "crashed-the-examiner": Text("a fait échouer l'examinateur", "crashed the examiner"),
}


def outcome_of(outcome: Outcome | None, decide: str, language: str) -> str:
    """Return the word for a proposal: without one, a criterion is the jury's, or could not be told."""
    if outcome is None:
        return (OUTCOMES[Outcome.INCONCLUSIVE] if decide == "auto" else FOR_PEOPLE).in_(language)
    return OUTCOMES[outcome].in_(language)


def typeset(text: Text, language: str) -> str:
    """Return a sentence with the spaces that French keeps together."""
    if language != "fr":
        return text.en
    glued = re.sub(r" (?=[?!:;»%])", "\u00a0", text.fr).replace("« ", "«\u00a0")
    return re.sub(r"(?<=[^\W\d_])'(?=[^\W\d_])", "’", glued)


DECISIONS: dict[str, Text] = {
    "met": OUTCOMES[Outcome.MET],
    "partly": OUTCOMES[Outcome.PARTLY],
    "not_met": OUTCOMES[Outcome.NOT_MET],
    "not_seen": Text("non vu", "not seen"),
}


def decision(level: str, language: str) -> str:
    """Return a juror's level in words."""
    return DECISIONS[level].in_(language)


def word(key: str, language: str) -> str:
    """Return a fixed word."""
    return typeset(WORDS[key], language)


def counted(number: int, text: Text, language: str) -> str:
    """Return words in agreement with the number before them: `1 critère`, `2 critères`."""
    return agree(f"{number} {typeset(text, language)}", language)


def number(value: float, language: str) -> str:
    """Return a figure with one decimal, as the language writes it."""
    return f"{value:.1f}".replace(".", "," if language == "fr" else ".")


def percent(share: float, language: str) -> str:
    """Return a share as a percentage, as the language writes it."""
    return f"{share * 100:.0f}" + ("\u00a0%" if language == "fr" else "%")


def moment(date: str, language: str) -> str:
    """Return a date of Git (ISO 8601, UTC) as a person writes it; what is no date is returned as it is."""
    try:
        when = datetime.fromisoformat(date)
    except ValueError:
        return date
    day = "1er" if language == "fr" and when.day == 1 else str(when.day)
    return f"{day} {MONTHS[when.month - 1].in_(language)} {when.year}, {when:%H:%M} UTC"


def told(words: dict[str, Text], code: str, language: str) -> str:
    """Return the word of a code in one of the tables above; a code that is not known is shown as it is."""
    return words[code].in_(language) if code in words else code


def services(run: Run, language: str) -> str:
    """Return the services that were asked for, with what came of each: `MySQL : absent du bac à sable`."""
    colon = "\u00a0: " if language == "fr" else ": "
    return ", ".join(f"{told(SERVICES, s.kind, language)}{colon}{told(SERVICE_STATES, s.state, language)}" for s in run.services)


def elsewhere(skipped: Iterable[Skipped]) -> list[Skipped]:
    """Return what was left out because another branch holds it, the most first: a reader must know before any proposal."""
    found = [s for s in skipped if s.reason.startswith("other-branch:")]
    return sorted(found, key=lambda s: (-int(s.reason.partition(":")[2]), s.path))[:MOST_ELSEWHERE]


def reason(code: str, language: str) -> str:
    """Return why something was left out; `code` may end in `:count`."""
    name, _, count = code.partition(":")
    text = REASONS.get(name)
    return agree(typeset(text, language).format(count=count), language) if text else code

"""Fixed words of the rendered grid, in both languages."""

from __future__ import annotations

import re

from grader.values import Outcome, Source, Text

OUTCOMES: dict[Outcome | None, Text] = {
    Outcome.MET: Text("satisfait", "met"),
    Outcome.PARTLY: Text("en partie", "partly met"),
    Outcome.NOT_MET: Text("non satisfait", "not met"),
    Outcome.NOT_APPLICABLE: Text("sans objet", "not applicable"),
    Outcome.INCONCLUSIVE: Text("indéterminé", "could not tell"),
    None: Text("sans proposition", "no proposal"),
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
    "proposed": Text("proposés", "proposed"),
    "pointed": Text("signalés, avec des preuves à lire", "pointed to, with evidence to read"),
    "people": Text("laissés au jury", "left to people"),
    "criteria": Text("critères", "criteria"),
    "skipped": Text("Laissé de côté", "Left out"),
    "skipped-none": Text("Tout le dépôt a été lu.", "The whole repository was read."),
    "suppressions": Text("Demandes d'ignorer (signalées, non suivies)", "Requests to look away (reported, not obeyed)"),
    "run": Text("Ce qui a été exécuté", "What was run"),
    "run-note": Text(
        "Ce qui manque au bac à sable (réseau, secret, modèle absent) ne compte jamais contre le projet.",
        "What the sandbox lacks (network, secrets, absent models) never counts against the project.",
    ),
    "by-hand": Text("Pour le refaire", "To do it again"),
    "failures": Text("Échecs, et à qui ils reviennent", "Failures, and whose they are"),
    "left-out": Text("Dépendances laissées de côté", "Dependencies left out"),
    "relaxed": Text("Versions introuvables, remplacées", "Versions that no longer resolve, replaced"),
    "services": Text("Services lancés", "Services started"),
    "screenshot": Text("Capture de la page d'accueil de {what}", "Screenshot of the home page of {what}"),
    "influences": Text(
        "Ce qui agit sur l'évaluation (signalé, sans effet sur les propositions)",
        "What acts on the grading (listed, without effect on the proposals)",
    ),
    "line": Text("ligne", "line"),
    "page": Text("page", "page"),
    "go-to": Text("Aller à la compétence", "Go to competency"),
    "skip-link": Text("Aller à la grille", "Skip to the grid"),
    "show": Text("Montrer", "Show"),
    "all": Text("tout", "all"),
    "why-matters": Text("Pourquoi", "Why it matters"),
    "how-fix": Text("Pour y arriver", "How to make it so"),
    "more": Text("et {count} autres", "and {count} more"),
    "seconds": Text("secondes", "seconds"),
}
STEPS: dict[str, Text] = {
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
}
REASONS: dict[str, Text] = {
    "symlink": Text("lien symbolique", "symbolic link"),
    "submodule": Text("sous-module Git", "Git submodule"),
    "lfs-pointer": Text("pointeur Git LFS, contenu absent", "Git LFS pointer, content absent"),
    "too-large": Text("fichier trop grand", "file too large"),
    "unsafe-name": Text("nom de fichier dangereux", "unsafe file name"),
    "absent-from-the-host": Text("contenu absent du dépôt reçu", "content absent from the repository received"),
    "vendored": Text("bibliothèques ou environnement, {count} fichiers", "libraries or environment, {count} files"),
    "beyond-the-limits": Text("au-delà des limites, {count} fichiers", "beyond the limits, {count} files"),
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
    return re.sub(r" (?=[?!:;»%])", "\u00a0", text.fr).replace("« ", "«\u00a0")


def word(key: str, language: str) -> str:
    """Return a fixed word."""
    return WORDS[key].in_(language)


def told(words: dict[str, Text], code: str, language: str) -> str:
    """Return the word of a code in one of the tables above; a code that is not known is shown as it is."""
    return words[code].in_(language) if code in words else code


def reason(code: str, language: str) -> str:
    """Return why something was left out; `code` may end in `:count`."""
    name, _, count = code.partition(":")
    text = REASONS.get(name)
    return text.in_(language).format(count=count) if text else code

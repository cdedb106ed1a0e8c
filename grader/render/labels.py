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


def reason(code: str, language: str) -> str:
    """Return why something was left out; `code` may end in `:count`."""
    name, _, count = code.partition(":")
    text = REASONS.get(name)
    return text.in_(language).format(count=count) if text else code

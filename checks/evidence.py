"""What the documents announce and the repository lacks."""

from __future__ import annotations

from checks.facts.announcements import Announcements
from checks.findings import evidence, met, not_applicable, partly
from grader.values import Finding, Text


def announced_files_are_there(announcements: Announcements) -> Finding:
    """The files that the documents announce are in the repository.

    fr: Les fichiers que les documents annoncent sont dans le dépôt.
    why: A link to an absent document leaves the jury without the evidence that it promises.
    pourquoi: Un lien vers un document absent laisse le jury sans la preuve qu'il promet.
    fix: Commit the announced files, or remove the links.
    corriger: Versionnez les fichiers annoncés, ou retirez les liens.
    """
    absent = announcements.of("absent")
    if not announcements.all:
        return not_applicable("Les documents n'annoncent aucun fichier.", "The documents announce no file.", "nothing-announced")
    places = [evidence(a.path, a.line, f"{a.text} → {a.target}") for a in absent]
    if not absent:
        first = announcements.all[0]
        return met("Rien d'annoncé ne manque.", "Nothing announced is missing.", [evidence(first.path, first.line, first.target)])
    first = absent[0]
    return partly(
        f"{len(absent)} fichier(s) annoncé(s) manque(nt) au dépôt.",
        f"{len(absent)} announced file(s) absent from the repository.",
        places,
        question=Text(
            f"{first.path} renvoie à {first.target}, absent du dépôt : où est-il ?",
            f"{first.path} points to {first.target}, absent from the repository: where is it?",
        ),
    )


CHECKS = (announced_files_are_there,)

"""Aggregation of data: sources put together, cleaned and homogenised by a script."""

from __future__ import annotations

from checks.extraction import changes_of
from checks.facts.transformations import Operation, Transformations, Work
from checks.findings import evidence, inconclusive, met, not_met, partly
from grader.values import Evidence, Finding, History, Text

NAMES = {
    "duplicates": Text("doublons", "duplicates"),
    "missing": Text("valeurs manquantes", "missing values"),
    "types": Text("types et dates", "types and dates"),
    "text": Text("textes", "texts"),
    "values": Text("valeurs aberrantes", "outliers"),
    "names": Text("noms et structure", "names and structure"),
}


def _place(operation: Operation) -> Evidence:
    return evidence(operation.path, operation.line, operation.excerpt)


def _shown(work: Work) -> list[Evidence]:
    return [*map(_place, work.merges[:2]), *map(_place, list(work.cleaning.values())[:3]), *work.outputs[:1]]


def _told(work: Work, language: str) -> str:
    return ", ".join(NAMES[k].in_(language) for k in NAMES if k in work.cleaning)


def puts_sources_together(transformations: Transformations) -> Finding:
    """A script cleans, homogenises and puts together two sources or more.

    fr: Un script nettoie, homogénéise et réunit au moins deux sources.
    why: A model learns from one clean set, not from files side by side.
    pourquoi: Un modèle apprend d'un jeu unique et propre, pas de fichiers côte à côte.
    fix: Write a script that reads each source, cleans it, gives all the same formats, merges them and saves one dataset.
    corriger: Écrire un script qui lit chaque source, la nettoie, unifie les formats, fusionne le tout et enregistre un seul jeu.
    """
    scripts = [w for w in transformations.works if w.role == "script"]
    whole = next((w for w in scripts if w.aggregates), None)
    if whole is not None:
        return met(
            f"{whole.path} réunit {len(whole.inputs)} lectures et traite : {_told(whole, 'fr')}.",
            f"{whole.path} puts {len(whole.inputs)} reads together and treats: {_told(whole, 'en')}.",
            _shown(whole),
            measures={"inputs": float(len(whole.inputs)), "cleaning": float(len(whole.cleaning))},
        )
    apart = _cleaned_apart(scripts)
    if apart:
        return met(
            f"{len(apart)} scripts nettoient chacun leur source avant de la charger dans la même base.",
            f"{len(apart)} scripts each clean their source before loading it into the same database.",
            [e for w in apart for e in _shown(w)[:3]],
            question=Text(
                f"Comment les données de {apart[0].path} et {apart[1].path} sont-elles rapprochées ?",
                f"How are the data of {apart[0].path} and {apart[1].path} matched?",
            ),
        )
    in_turn = _cleaned_in_turn(scripts)
    if in_turn is not None:
        return met(
            f"{in_turn.path} nettoie {len(in_turn.inputs)} sources l'une après l'autre, qu'un import charge dans une base.",
            f"{in_turn.path} cleans {len(in_turn.inputs)} sources in turn, which an import loads into one database.",
            _shown(in_turn),
            question=Text(
                f"Comment les sources nettoyées par {in_turn.path} sont-elles rapprochées ?",
                f"How are the sources that {in_turn.path} cleans matched?",
            ),
        )
    some = [w for w in transformations.works if (w.cleaning or w.merges) and w.inputs]
    if not some:
        absent = not_met("Aucun script ne nettoie ni ne réunit des données.", "No script cleans data or puts them together.")
        return _inside_the_application(transformations) or absent
    best = some[0]
    lacking_fr, lacking_en = _lacking(best)
    return partly(
        f"{best.path} : {lacking_fr}.",
        f"{best.path}: {lacking_en}.",
        _shown(best),
        question=Text(
            f"{best.path} : {lacking_fr}. Où le jeu final est-il constitué ?",
            f"{best.path}: {lacking_en}. Where is the final dataset put together?",
        ),
    )


def _cleaned_apart(scripts: list[Work]) -> list[Work]:
    """Return the scripts that clean an input of their own before they load it: two or more, or none."""
    loading = [w for w in scripts if len(w.cleaning) >= 2 and w.inputs and w.loads]
    distinct: dict[frozenset[str], Work] = {}
    for work in loading:
        if not any(set(work.inputs) & known for known in distinct):
            distinct[frozenset(work.inputs)] = work
    return list(distinct.values()) if len(distinct) >= 2 else []


def _cleaned_in_turn(scripts: list[Work]) -> Work | None:
    """Return the script that cleans several sources into as many sets, when another loads into a database."""
    several = [w for w in scripts if len(w.inputs) >= 2 and len(w.cleaning) >= 2 and len(w.outputs) >= 2 and not w.loads]
    return next((w for w in several if any(o.loads and o is not w for o in scripts)), None)


def _lacking(work: Work) -> tuple[str, str]:
    if work.role == "notebook":
        return "le traitement est dans un carnet, pas dans un script", "the processing is in a notebook, not in a script"
    if len(work.inputs) < 2:
        return "une seule source est traitée", "a single source is processed"
    if not work.merges:
        return "les sources ne sont pas réunies", "the sources are not put together"
    if len(work.cleaning) < 2:
        return "les données sont réunies avec peu de nettoyage", "the data are put together with little cleaning"
    return "le jeu réuni n'est pas enregistré par un script de collecte", "the merged set is not saved by a data script"


def is_tracked(transformations: Transformations, history: History | None) -> Finding:
    """The aggregation script is tracked in Git.

    fr: Le script d'agrégation est suivi dans Git.
    why: The choices of cleaning must be found again with the data that they made.
    pourquoi: Les choix de nettoyage doivent se retrouver avec les données qu'ils ont produites.
    fix: Commit the aggregation script.
    corriger: Valider le script d'agrégation dans Git.
    """
    works = [w for w in transformations.works if w.inputs and (w.cleaning or w.merges)]
    scripts = [w for w in works if w.role in ("script", "training")]
    if scripts:
        best = scripts[0]
        changes = changes_of(history, best.path)
        where = [evidence(best.path, None), *_shown(best)[:2]]
        return met(
            f"{best.path} est suivi ({changes} version(s)).",
            f"{best.path} is tracked ({changes} version(s)).",
            where,
            measures={"changes": float(changes)},
        )
    if works:
        return partly("Le traitement suivi est un carnet.", "The tracked processing is a notebook.", _shown(works[0]))
    absent = not_met(
        "Aucun script d'agrégation n'est suivi dans le dépôt.", "No aggregation script is tracked in the repository."
    )
    return _inside_the_application(transformations) or absent


def _inside_the_application(transformations: Transformations) -> Finding | None:
    """Return the doubt that code which serves cleans data too, where no script does; None when it does not."""
    for path, operations in sorted(transformations.by_file.items()):
        kinds = {o.kind: o for o in reversed(operations)}
        if "missing" in kinds and len(kinds) >= 2:
            return inconclusive(
                f"{path} nettoie des données dans l'application ; aucun script ne le fait.",
                f"{path} cleans data within the application; no script does.",
                "inside-the-application",
                [_place(o) for o in list(kinds.values())[:3]],
                question=Text(
                    f"Hors de {path}, où les données sont-elles nettoyées et réunies ?",
                    f"Beyond {path}, where are the data cleaned and put together?",
                ),
            )
    return None


CHECKS = (puts_sources_together, is_tracked)

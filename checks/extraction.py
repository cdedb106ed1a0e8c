"""Data extraction: scripts that work, are complete and tracked, and the kinds of source that they combine."""

from __future__ import annotations

from checks.facts.extraction import ExtractionScript, ExtractionScripts
from checks.facts.sources import DataSources
from checks.findings import evidence, met, not_met, partly
from grader.values import Evidence, Finding, History, Text

KIND_NAMES = {
    "web-service": Text("service web", "web service"),
    "file": Text("fichier", "file"),
    "web-page": Text("page web", "web page"),
    "database": Text("base de données", "database"),
    "big-data": Text("système big data", "big data system"),
}
PART_NAMES = {
    "launch": Text("point de lancement", "launch point"),
    "setup": Text("dépendances et connexions", "dependencies and connections"),
    "rules": Text("règles de traitement", "processing rules"),
    "errors": Text("gestion des erreurs", "error handling"),
    "saving": Text("sauvegarde des résultats", "saving of the results"),
}


def named(names: dict[str, Text], keys: tuple[str, ...], language: str) -> str:
    """Return the names of `keys` in a language, separated by commas."""
    return ", ".join(names[k].in_(language) for k in keys)


def works(extraction_scripts: ExtractionScripts) -> Finding:
    """The extraction scripts aim at real sources, are complete and keep what they bring back.

    fr: Les scripts d'extraction visent de vraies sources, sont complets et conservent ce qu'ils rapportent.
    why: A script that only its author's machine can run, or that loses its results, does not automate anything.
    pourquoi: Un script qui ne marche que chez son auteur, ou qui perd ses résultats, n'automatise rien.
    fix: Take paths and addresses from settings, guard what a layout may change, and save the results.
    corriger: Lire chemins et adresses dans la configuration, protéger ce qui dépend de la mise en page, enregistrer le résultat.
    """
    scripts = extraction_scripts.judged
    if not scripts:
        return _outside_scripts(extraction_scripts)
    sound = [s for s in scripts if s.sound and not s.plain_import]
    where = [*(s.place for s in sound), *(s.place for s in scripts if s not in sound)]
    if len([s for s in scripts if s.sound]) * 2 > len(scripts) and sound:
        return met(
            f"{len(sound)} script(s) d'extraction complet(s), résultats conservés.",
            f"{len(sound)} complete extraction script(s), results kept.",
            where,
            question=_question(scripts),
        )
    if not any("saving" in s.parts or len(s.parts) >= 3 or s.defects for s in scripts):
        return not_met(
            "Le code appelle un service extérieur, mais ne traite ni ne conserve ce qu'il répond.",
            "Code calls an outside service, but neither processes nor keeps what it answers.",
            where,
        )
    flawed = [evidence(d.path, d.line, d.excerpt) for s in scripts for d in s.defects[:1]]
    return partly(
        f"Extraction présente mais à reprendre : {_reasons(scripts, 'fr')}.",
        f"Extraction present, but in need of repair: {_reasons(scripts, 'en')}.",
        [*flawed, *where],
        question=_question(scripts),
    )


def _outside_scripts(extraction_scripts: ExtractionScripts) -> Finding:
    pages = extraction_scripts.in_interfaces
    if pages:
        return partly(
            "L'extraction est écrite dans une page ou une route de l'application, pas dans un script.",
            "The extraction lives in a page or a route of the application, not in a script.",
            [s.place for s in pages],
            question=Text(
                f"Comment l'extraction de {pages[0].path} est-elle relancée sans l'application ?",
                f"How is the extraction of {pages[0].path} run without the application?",
            ),
        )
    return not_met(
        "Aucun script d'extraction : ni service web, ni page, ni base, ni fichier lu puis enregistré par un script.",
        "No extraction script: no web service, page, database or file that a script reads and then saves.",
    )


def _reasons(scripts: tuple[ExtractionScript, ...], language: str) -> str:
    said = {d.what.in_(language): None for s in scripts for d in s.defects}
    if any(s.setting == "notebook" for s in scripts):
        said[Text("carnet à lancer à la main", "a notebook run by hand").in_(language)] = None
    if any("saving" not in s.parts and not s.defects for s in scripts):
        said[Text("résultats non enregistrés", "results not saved").in_(language)] = None
    if not said:
        said[Text("simple chargement d'un fichier fourni", "only loads a given file").in_(language)] = None
    return " ; ".join(list(said)[:3])


def _question(scripts: tuple[ExtractionScript, ...]) -> Text | None:
    for script in scripts:
        for defect in script.defects:
            return Text(
                f"{defect.path}:{defect.line} : {defect.what.fr}. Que se passe-t-il ailleurs ou si la source change ?",
                f"{defect.path}:{defect.line}: {defect.what.en}. What happens on another machine, or when the source changes?",
            )
    unsaved = next((s for s in scripts if "saving" not in s.parts), None)
    if unsaved is not None:
        return Text(
            f"Où les résultats de {unsaved.path} sont-ils enregistrés ?", f"Where are the results of {unsaved.path} saved?"
        )
    return None


def is_complete(extraction_scripts: ExtractionScripts) -> Finding:
    """The extraction scripts hold a launch point, connections, processing rules, error handling and saving.

    fr: Les scripts d'extraction comportent lancement, connexions, règles de traitement, gestion des erreurs et sauvegarde.
    why: The five parts are what lets somebody else run the collection, and trust its results.
    pourquoi: Ces cinq parties permettent à d'autres de lancer la collecte et de se fier à ses résultats.
    fix: Add what is missing: a main guard or a command, a configured connection, handled errors, a saved result.
    corriger: Ajouter ce qui manque : garde principale ou commande, connexion configurée, erreurs traitées, résultat enregistré.
    """
    scripts = extraction_scripts.judged or extraction_scripts.in_interfaces
    if not scripts:
        return not_met("Aucun script d'extraction dont juger les parties.", "No extraction script whose parts could be judged.")
    complete = [s for s in scripts if s.complete and s.setting == "script"]
    best = max(scripts, key=lambda s: (s in complete, len(s.parts), -len(s.defects)))
    where = list(best.parts.values())
    measures = {"parts": float(len(best.parts)), "complete": float(len(complete)), "scripts": float(len(scripts))}
    if complete and len(complete) * 2 >= len(scripts):
        return met(
            f"Les cinq parties sont dans {len(complete)} script(s) sur {len(scripts)} ({best.path}).",
            f"The five parts are in {len(complete)} script(s) of {len(scripts)} ({best.path}).",
            where,
            measures=measures,
        )
    lacking = next((s for s in scripts if not s.complete), best)
    fr = f"Il manque à {lacking.path} : {named(PART_NAMES, lacking.missing, 'fr') or 'un script hors de l’interface'}."
    en = f"{lacking.path} lacks: {named(PART_NAMES, lacking.missing, 'en') or 'a script outside the interface'}."
    question = Text(f"{fr} Comment est-ce assuré ?", f"{en} How is it ensured?")
    if len(best.parts) >= 3:
        return partly(fr, en, where, question=question, measures=measures)
    return not_met(fr, en, where, question=question, measures=measures)


def is_tracked(extraction_scripts: ExtractionScripts, history: History | None) -> Finding:
    """The extraction scripts are tracked in Git.

    fr: Les scripts d'extraction sont suivis dans Git.
    why: What is not tracked cannot be found again, compared or given to somebody else.
    pourquoi: Ce qui n'est pas suivi ne peut être retrouvé, comparé ni transmis.
    fix: Commit the scripts, and each of their changes.
    corriger: Valider les scripts dans Git, et chacune de leurs évolutions.
    """
    scripts = extraction_scripts.judged or extraction_scripts.in_interfaces
    if not scripts:
        return not_met(
            "Aucun script d'extraction n'est suivi dans le dépôt.", "No extraction script is tracked in the repository."
        )
    where = [s.place for s in scripts]
    changes = changes_of(history, scripts[0].path)
    told_fr, told_en = (
        (f", {changes} version(s) dans l'historique", f", {changes} version(s) in the history") if changes else ("", "")
    )
    return met(
        f"{len(scripts)} script(s) suivi(s){told_fr}.",
        f"{len(scripts)} tracked script(s){told_en}.",
        where,
        measures={"changes": float(changes)},
    )


def changes_of(history: History | None, path: str) -> int:
    """Return how many commits touched `path`, 0 when the history does not tell."""
    return sum(path in c.files for c in history.commits) if history else 0


def combines_sources(data_sources: DataSources) -> Finding:
    """The extraction combines a web service, a file, a web page, a database and a big data system.

    fr: L'extraction combine service web, fichier, page web, base de données et système big data.
    why: The certification asks for sources of all five kinds, each with its own way of being read.
    pourquoi: La certification demande les cinq natures de source, chacune ayant sa façon d'être lue.
    fix: Add a script for each kind that is missing, and keep it in the same pipeline.
    corriger: Ajouter un script pour chaque nature absente, dans la même chaîne de collecte.
    """
    kinds = data_sources.kinds
    missing = tuple(k for k in KIND_NAMES if k not in kinds)
    where: list[Evidence] = [evidence(r.path, r.line, r.excerpt) for r in kinds.values()]
    measures = {"kinds": float(len(kinds))}
    found_fr, found_en = named(KIND_NAMES, tuple(kinds), "fr"), named(KIND_NAMES, tuple(kinds), "en")
    if not missing:
        return met(
            "Les cinq natures de source sont lues par le code.", "Code reads all five kinds of source.", where, measures=measures
        )
    if len(kinds) >= 2:
        gap_fr, gap_en = named(KIND_NAMES, missing, "fr"), named(KIND_NAMES, missing, "en")
        return partly(
            f"Sources lues : {found_fr}. Absentes : {gap_fr}.",
            f"Sources read: {found_en}. Missing: {gap_en}.",
            where,
            measures=measures,
            question=Text(f"Pourquoi aucune source de type {gap_fr} ?", f"Why is there no source of the kind {gap_en}?"),
        )
    if kinds:
        return not_met(
            f"Une seule nature de source est lue : {found_fr}.",
            f"A single kind of source is read: {found_en}.",
            where,
            measures=measures,
        )
    passing = [evidence(r.path, r.line, r.excerpt) for r in data_sources.all if r.role in ("api", "interface")]
    if passing:
        return not_met(
            "L'application lit des données pendant qu'elle répond, aucun script n'en extrait d'une source extérieure.",
            "The application reads data while it answers; no script extracts any from an outside source.",
            passing,
            measures=measures,
        )
    return not_met(
        "Le code ne lit aucune source de données extérieure.", "The code reads no outside data source.", measures=measures
    )


CHECKS = (works, is_complete, is_tracked, combines_sources)

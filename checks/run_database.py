"""What became of an empty database when the submission's schema, imports and queries ran: our own listing saw it."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.dependencies import Dependencies
from checks.facts.extraction import ExtractionScripts
from checks.facts.failures import CANDIDATE, Sorted, Surroundings, sort_output, surroundings
from checks.facts.python_code import PythonCode
from checks.facts.ran_values import Import, MadeTable, Ran, RanQuery, SchemaRun
from checks.facts.schema_values import Schema
from checks.facts.transformations import Transformations
from checks.findings import evidence, inconclusive, met, not_applicable, partly
from checks.run_reasons import why
from checks.run_tests import nothing_ran
from checks.workspace import Workspace
from grader.values import Evidence, Finding, Source, Text

HALF = 0.5
_THEIR_COLUMN = ("no such column", "has no column", "undefined column")


def _place(schema_run: SchemaRun, excerpt: str) -> Evidence:
    return evidence(schema_run.step.path, schema_run.step.line, excerpt, Source.RAN)


def _table_places(tables: list[MadeTable], schema: Schema, engine: str) -> Iterator[Evidence]:
    by_name = {t.name.lower(): t for t in reversed(schema.tables)}
    for table in tables:
        read = by_name.get(table.name.rsplit(".", 1)[-1].lower())
        if read:
            columns = ", ".join(table.columns[:6])
            yield evidence(read.path, read.line, f"{engine}: {table.name} ({columns})", Source.RAN)


def is_created(ran: Ran, schema: Schema, workspace: Workspace, python_code: PythonCode, dependencies: Dependencies) -> Finding:
    """An empty database gets its tables from the repository, without error.

    fr: Une base vide reçoit ses tables du dépôt, sans erreur.
    why: Applying the schema to an empty database is the proof that it can be set up again.
    pourquoi: Appliquer le schéma à une base vide est la preuve qu'on peut la recréer.
    fix: Keep the DDL or the migrations in an order that applies to an empty database.
    corriger: Gardez le DDL ou les migrations dans un ordre qui s'applique à une base vide.
    """
    if not ran.whole:
        return nothing_ran()
    if not ran.schemas:
        return not_applicable("Aucun schéma n'a été appliqué.", "No schema was applied.", "no-schema")
    made = [(s, tables) for s in ran.schemas if (tables := list(s.own))]
    if made:
        best, tables = max(made, key=lambda pair: len(pair[1]))
        names = ", ".join(t.name for t in tables[:5])
        places = [*_table_places(tables, schema, best.engine), _place(best, f"{best.engine}: {len(tables)} tables: {names}")]
        fr = f"{len(tables)} table(s) créée(s) dans une base {best.engine} vide : {names}."
        en = f"{len(tables)} table(s) created in an empty {best.engine} database: {names}."
        return met(fr, en, places, measures={"tables": float(len(tables))})
    return _not_created(ran, surroundings(workspace, python_code, dependencies, ran))


def _not_created(ran: Ran, around: Surroundings) -> Finding:
    found = [(s, sort_output(s.step.tail, around)) for s in ran.schemas]
    theirs = [(s, f) for s, f in found if f and f.whose == CANDIDATE]
    if theirs and len(theirs) == len(found):
        run, failure = theirs[0]
        return partly(
            f"Le schéma ne s'applique pas à une base vide. {failure.text.fr}",
            f"The schema does not apply to an empty database. {failure.text.en}",
            [_place(run, failure.detail or failure.code)],
            question=Text(
                "Pouvez-vous créer la base, vide, devant le jury ?", "Can you create the empty database before the jury?"
            ),
        )
    empty = next((s for s in ran.schemas if s.ran_to_its_end), None)
    if empty:
        return inconclusive(
            "Le schéma s'applique sans erreur, mais aucune table du projet n'en vient.",
            "The schema applies without error, but no table of the project comes of it.",
            "no-own-table",
            [_place(empty, f"{empty.engine}: {len(empty.tables or ())} tables, none of the project")],
            question=Text(
                "Comment les tables sont-elles créées sur une base vide ?", "How are the tables created on an empty database?"
            ),
        )
    run, other = found[0]
    return _could_not(run, other, Text("Le schéma n'a pas pu être appliqué.", "The schema could not be applied."))


def _could_not(run: SchemaRun, failure: Sorted | None, what: Text, question: Text | None = None) -> Finding:
    code = failure.code if failure else run.step.reason or run.step.doubt or next(iter(run.step.trouble), "unsorted")
    text = failure.text if failure else why(code)
    places = [_place(run, failure.detail or code)] if failure else []
    return inconclusive(f"{what.fr} {text.fr}", f"{what.en} {text.en}", code, places, question=question)


def is_filled(ran: Ran) -> Finding:
    """The import script fills the tables of an empty database.

    fr: Le script d'import remplit les tables d'une base vide.
    why: Rows counted before and after are the proof that an import works.
    pourquoi: Compter les lignes avant et après est la preuve qu'un import marche.
    fix: Let the import run on a clean clone, with a sample of the data in the repository.
    corriger: Que l'import tourne sur un clone neuf, avec un échantillon des données dans le dépôt.
    """
    if not ran.whole:
        return nothing_ran()
    tried = [(s, i) for s in ran.schemas for i in s.imports]
    if not tried:
        return not_applicable("Aucun import n'a été lancé.", "No import was run.", "no-import")
    filled = [(s, i) for s, i in tried if i.after > i.before]
    if filled:
        best = max((i for _, i in filled), key=lambda i: i.after - i.before)
        return met(
            f"{best.script} insère {best.after - best.before} ligne(s) dans une base vide.",
            f"{best.script} inserts {best.after - best.before} row(s) into an empty database.",
            [_import_place(i) for _, i in filled],
            measures={"rows": float(best.after - best.before)},
        )
    one = tried[0][1]
    return inconclusive(
        f"{one.script} n'a inséré aucune ligne ici.",
        f"{one.script} inserted no row here.",
        "no-rows",
        [_import_place(i) for _, i in tried],
        question=Text(f"Pouvez-vous lancer {one.script} devant le jury ?", f"Can you run {one.script} before the jury?"),
    )


def _import_place(one: Import) -> Evidence:
    return evidence(one.script, 1, f"{one.how} {one.code}: {one.before} → {one.after} rows", Source.RAN)


def answers_the_queries(ran: Ran) -> Finding:
    """The project's SELECT queries run against the schema that it creates.

    fr: Les requêtes SELECT du projet s'exécutent sur le schéma qu'il crée.
    why: A query that the project's own schema refuses extracts nothing.
    pourquoi: Une requête que le schéma du projet refuse n'extrait rien.
    fix: Keep queries and schema in step.
    corriger: Gardez les requêtes et le schéma en accord.
    """
    if not ran.whole:
        return nothing_ran()
    tried = [q for s in ran.schemas if s.own for q in s.queries if q.path]
    if not tried:
        return not_applicable("Aucune requête n'a été exécutée.", "No query was run.", "no-query")
    every = {(q.path, q.line): q for q in sorted(tried, key=lambda q: (q.ok, not q.table_absent))}
    best = {key: q for key, q in every.items() if not q.table_absent}
    if not best:
        return inconclusive(
            f"Requêtes sur des tables que le schéma créé n'a pas : {len(every)}.",
            f"Queries of tables that the created schema does not have: {len(every)}.",
            "table-absent",
            map(_query_place, [*every.values()][:4]),
        )
    fine, failed = [q for q in best.values() if q.ok], [q for q in best.values() if not q.ok]
    theirs = [q for q in failed if _is_their_column(q)]
    question = _about(theirs[0]) if theirs else None
    places = [_query_place(q) for q in [*fine[:4], *failed[:2]]]
    absent = len(every) - len(best)
    fr = f"{len(fine)} requête(s) sur {len(best)} s'exécute(nt) sur le schéma créé."
    en = f"{len(fine)} of {len(best)} queries run against the schema that was created."
    if absent:
        fr += f" Sur des tables qu'il n'a pas : {absent}."
        en += f" Of tables that it does not have: {absent}."
    if fine and len(fine) >= len(best) * HALF:
        return met(fr, en, places, question=question)
    if not fine and len(theirs) > len(best) * HALF:
        return partly(fr, en, [_query_place(q) for q in theirs], question=question)
    return inconclusive(fr, en, "queries-fail", places, question=question)


def _is_their_column(query: RanQuery) -> bool:
    """Tell whether a query names a column that the created table has not: dialects differ, columns do not."""
    said = query.error.lower()
    return any(text in said for text in _THEIR_COLUMN) or ("column" in said and "does not exist" in said)


def _query_place(query: RanQuery) -> Evidence:
    return evidence(query.path, query.line, f"SELECT → {query.rows} rows" if query.ok else f"SELECT → {query.error}", Source.RAN)


def _about(query: RanQuery) -> Text:
    return Text(
        f"La requête de {query.path}, ligne {query.line}, échoue ici ({query.error[:80]}) : pourquoi ?",
        f"The query of {query.path}, line {query.line}, fails here ({query.error[:80]}): why?",
    )


def runs_the_extraction(ran: Ran, extraction_scripts: ExtractionScripts) -> Finding:
    """An extraction script ends without error when it is run.

    fr: Un script d'extraction se termine sans erreur quand on le lance.
    why: A script that ran to its end is the best sign that it works.
    pourquoi: Un script allé à son terme est le meilleur signe qu'il marche.
    fix: Let the script run on a clean clone, with local sources where the network is not needed.
    corriger: Que le script tourne sur un clone neuf, avec des sources locales là où le réseau n'est pas nécessaire.
    """
    return _scripts(ran, frozenset(s.path for s in extraction_scripts.all))


def runs_the_aggregation(ran: Ran, transformations: Transformations) -> Finding:
    """A script that cleans and puts data together ends without error when it is run.

    fr: Un script qui nettoie et réunit les données se termine sans erreur quand on le lance.
    why: A script that ran to its end is the best sign that it works.
    pourquoi: Un script allé à son terme est le meilleur signe qu'il marche.
    fix: Let the script run on a clean clone, with a sample of the data in the repository.
    corriger: Que le script tourne sur un clone neuf, avec un échantillon des données dans le dépôt.
    """
    return _scripts(ran, frozenset(transformations.by_file))


def _scripts(ran: Ran, wanted: frozenset[str]) -> Finding:
    if not ran.whole:
        return nothing_ran()
    mine = [i for s in ran.schemas for i in s.imports if i.script in wanted]
    if not mine:
        return not_applicable("Aucun de ces scripts n'a été lancé.", "None of these scripts was run.", "no-such-script")
    fine = [i for i in mine if i.how == "exit" and i.code == 0]
    if fine:
        names = ", ".join(i.script for i in fine[:3])
        return met(f"Terminé sans erreur : {names}.", f"Ended without error: {names}.", [_import_place(i) for i in fine])
    return inconclusive(
        f"{mine[0].script} ne s'est pas terminé sans erreur ici.",
        f"{mine[0].script} did not end without error here.",
        "script-failed",
        [_import_place(i) for i in mine],
        question=Text(f"Pouvez-vous lancer {mine[0].script} devant le jury ?", f"Can you run {mine[0].script} before the jury?"),
    )


CHECKS = (is_created, is_filled, answers_the_queries, runs_the_extraction, runs_the_aggregation)

"""SQL queries: written, shaped by filters, joins and aggregates, commented, optimised."""

from __future__ import annotations

import re

from checks.facts.schema_values import Schema
from checks.facts.sql import SqlStatements
from checks.facts.sql_parsing import Statement
from checks.findings import evidence, met, not_met, partly
from checks.workspace import Workspace
from grader.values import Evidence, Finding, Text


def _place(statement: Statement) -> Evidence:
    return evidence(statement.path, statement.line, statement.excerpt)


def queries_extract_data(sql_statements: SqlStatements, schema: Schema) -> Finding:
    """Written SQL queries filter, join or aggregate tables of the project.

    fr: Des requêtes SQL écrites filtrent, joignent ou agrègent des tables du projet.
    why: The jury judges whether the candidate can write the query that brings the right rows back.
    pourquoi: Le jury juge si la personne sait écrire la requête qui ramène les bonnes lignes.
    fix: Write in SQL the extraction queries, with their filters and joins, beside the code that runs them.
    corriger: Écrire en SQL les requêtes d'extraction, avec filtres et jointures, près du code qui les exécute.
    """
    selects = sorted(
        sql_statements.selects, key=lambda s: (s.kind != "select", -s.joins, not s.filters, not s.aggregates, s.path, s.line)
    )
    shaped = [s for s in selects if s.shaped]
    if shaped:
        known = schema.names
        strange = next((t for s in shaped for t in s.tables if known and t.lower() not in known), None)
        everywhere = bool(strange) and not any(t.lower() in known for s in shaped for t in s.tables)
        question = (
            Text(
                f"La table « {strange} » n'est créée nulle part dans le dépôt : d'où vient-elle ?",
                f'The table "{strange}" is created nowhere in the repository: where does it come from?',
            )
            if everywhere
            else None
        )
        return met(
            f"{len(shaped)} requête(s) SQL avec filtre, jointure ou agrégat.",
            f"{len(shaped)} SQL quer(y|ies) with a filter, a join or an aggregate.",
            [_place(s) for s in shaped],
            question=question,
            measures={"queries": float(len(shaped))},
        )
    if selects:
        return partly(
            "Des SELECT écrits, mais sans filtre, jointure ni agrégat.",
            "Written SELECTs, but without a filter, a join or an aggregate.",
            [_place(s) for s in selects],
        )
    orm = sql_statements.orm
    if orm:
        best = sorted(orm, key=lambda q: (not q.shaped, q.path, q.line))
        return partly(
            "Les données ne sont interrogées que par un ORM ; aucune requête SQL n'est écrite.",
            "Data are queried through an ORM only; no SQL query is written.",
            [evidence(q.path, q.line, q.excerpt) for q in best],
        )
    broken = [s for s in sql_statements.of("select") if not s.parsed]
    if broken:
        return partly(
            "Une requête SQL est écrite, mais elle ne s'analyse pas.",
            "A SQL query is written, but it does not parse.",
            [_place(s) for s in broken],
        )
    return not_met("Aucune requête SQL ni requête d'ORM dans le code.", "No SQL query and no ORM query in the code.")


def comments_explain_queries(sql_statements: SqlStatements, workspace: Workspace) -> Finding:
    """Comments beside the queries say what they select, filter or join, and why.

    fr: Des commentaires près des requêtes disent ce qu'elles sélectionnent, filtrent ou joignent, et pourquoi.
    why: A query explained where it stands can be reviewed and changed by somebody else.
    pourquoi: Une requête expliquée sur place peut être relue et modifiée par d'autres.
    fix: Explain the choices in the documentation of the queries; comments alone only count in part.
    corriger: Expliquer les choix dans une documentation des requêtes ; les commentaires seuls ne comptent qu'en partie.
    """
    explained = [(s, line) for s in sql_statements.selects if s.shaped and (line := _comment_line(s, workspace))]
    if not explained:
        return not_met("Aucun commentaire n'explique les requêtes.", "No comment explains the queries.")
    where = [evidence(s.path, line, _line_of(workspace, s.path, line)) for s, line in explained]
    return partly(
        f"{len(explained)} requête(s) commentée(s) dans le code.",
        f"{len(explained)} quer(y|ies) commented in the code.",
        where,
        measures={"explained": float(len(explained))},
    )


WORDS = re.compile(r"[^\W\d_]{2,}")


def _comment_line(statement: Statement, workspace: Workspace) -> int:
    """Return the line of a comment of five words or more inside the query or in the three lines above it, else 0."""
    file = workspace.get(statement.path)
    if file is None:
        return 0
    span = range(max(statement.line - 3, 1), statement.line + min(statement.text.count("\n"), 60) + 1)
    for number in span:
        found = re.search(r"(?:--|#|/\*|//)(.*)", file.line(number))
        if found and len(WORDS.findall(found.group(1))) >= 5:
            return number
    return 0


def _line_of(workspace: Workspace, path: str, line: int) -> str:
    file = workspace.get(path)
    return file.line(line) if file else ""


def optimisations_are_real(sql_statements: SqlStatements, schema: Schema) -> Finding:
    """The code holds indexes, EXPLAIN, materialised views or partitions.

    fr: Le code contient des index, EXPLAIN, des vues matérialisées ou des partitions.
    why: An optimisation that is only announced cannot be verified.
    pourquoi: Une optimisation seulement annoncée ne se vérifie pas.
    fix: Create the indexes that the filters and joins need, and keep the EXPLAIN that shows their effect.
    corriger: Créer les index utiles aux filtres et jointures, et garder l'EXPLAIN qui en montre l'effet.
    """
    real = [
        *sql_statements.of("explain", "create-materialized-view", "refresh", "create-index"),
        *(s for s in sql_statements.of("create-table") if s.partitioned),
    ]
    if real:
        return met(
            f"{len(real)} optimisation(s) dans le code.",
            f"{len(real)} optimisation(s) in the code.",
            [_place(s) for s in real],
            measures={"optimisations": float(len(real))},
        )
    if schema.indexes:
        return partly("Des index déclarés par l'ORM.", "Indexes declared through the ORM.", schema.indexes)
    return not_met(
        "Ni index, ni EXPLAIN, ni vue matérialisée, ni partition dans le code.",
        "No index, EXPLAIN, materialised view or partition in the code.",
    )


CHECKS = (queries_extract_data, comments_explain_queries, optimisations_are_real)

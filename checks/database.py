"""The database: created from its physical model, installed, filled by an import."""

from __future__ import annotations

import re

from checks.facts.extraction import ExtractionScripts
from checks.facts.programs import Programs
from checks.facts.savings import Saving, Savings
from checks.facts.schema_values import Schema, Table
from checks.facts.sources import DataSources, owner_role
from checks.facts.sources_catalogue import ACCOUNTS
from checks.findings import NOT_RUN, evidence, met, not_met, partly
from checks.workspace import Workspace
from grader.values import Evidence, Finding, Text

MODELS = ("sqlalchemy", "sqlmodel", "core", "django")


def table_place(table: Table) -> Evidence:
    """Return where a table is declared, with its columns."""
    return evidence(table.path, table.line, f"{table.name} ({', '.join(c.name for c in table.columns[:8])})")


def is_created(schema: Schema) -> Finding:
    """The tables are created by DDL, by migrations or by the ORM, coherently.

    fr: Les tables sont créées par du DDL, des migrations ou l'ORM, de façon cohérente.
    why: A model that only exists on paper does not give a database that anybody can set up again.
    pourquoi: Un modèle qui n'existe que sur le papier ne donne pas une base que d'autres puissent recréer.
    fix: Keep in the repository the script or the migrations that create every table, with their keys.
    corriger: Garder dans le dépôt le script ou les migrations qui créent chaque table, avec ses clés.
    """
    written = schema.of("ddl", "migration", "django-migration")
    models = schema.of(*MODELS)
    created = [t for t in written if t.columns or t.kind != "ddl"]
    if created or (models and schema.creations):
        return _judged(schema, created, models)
    if written or schema.broken:
        where = [*schema.broken, *map(table_place, written)]
        return partly("Du DDL est présent mais incomplet ou illisible.", "There is DDL, but incomplete or unreadable.", where)
    if models:
        return partly(
            f"{len(models)} modèle(s) déclaré(s), mais rien ne crée les tables (ni migration, ni create_all).",
            f"{len(models)} declared model(s), but nothing creates the tables (no migration, no create_all).",
            map(table_place, models),
            question=Text(
                f"Comment la table « {models[0].name} » est-elle créée sur une base vide ?",
                f'How is the table "{models[0].name}" created in an empty database?',
            ),
        )
    if schema.collections:
        return partly(
            "Une base documentaire seule, sans schéma déclaré.",
            "A document store alone, without a declared schema.",
            map(table_place, schema.collections),
        )
    return not_met("Ni DDL, ni migration, ni modèle d'ORM.", "No DDL, no migration and no ORM model.")


def _judged(schema: Schema, created: list[Table], models: tuple[Table, ...]) -> Finding:
    where = [
        *map(table_place, sorted(created, key=lambda t: (-len(t.references), t.path, t.line))),
        *schema.creations[:2],
        *map(table_place, models),
    ]
    names = schema.names | {"users", "user", "auth_user"}
    dangling = [t for t in created if t.kind == "ddl" and any(r.lower() not in names for r in t.references)]
    if dangling:
        table = dangling[0]
        target = next(r for r in table.references if r.lower() not in names)
        return partly(
            f"La clé étrangère de « {table.name} » vise « {target} », que rien ne crée.",
            f'The foreign key of "{table.name}" points to "{target}", which nothing creates.',
            [table_place(table), *where],
            question=Text(f"Où la table « {target} » est-elle créée ?", f'Where is the table "{target}" created?'),
        )
    if len(schema.broken) > len(created):
        return partly(
            "La plupart des CREATE TABLE ne s'analysent pas.",
            "Most CREATE TABLE statements do not parse.",
            [*schema.broken, *where],
        )
    count = len({t.name.lower() for t in [*created, *models]})
    return met(
        f"{count} table(s) créée(s) par le dépôt.",
        f"{count} table(s) created by the repository.",
        where,
        measures={"tables": float(count)},
    )


def is_filled_by_import(
    savings: Savings, programs: Programs, data_sources: DataSources, extraction_scripts: ExtractionScripts
) -> Finding:
    """A script or a pipeline inserts the data into the database.

    fr: Un script ou une chaîne insère les données dans la base.
    why: Without an import, the database stays empty at the first installation.
    pourquoi: Sans import, la base reste vide à la première installation.
    fix: Write the script that loads the cleaned data into the tables, and say how to run it.
    corriger: Écrire le script qui charge les données nettoyées dans les tables, et dire comment le lancer.
    """
    graded = [(_weight(s, programs), s) for s in savings.all if s.kind in ("table", "store") and not _of_accounts(s)]
    imports = [s for w, s in graded if w == "import"]
    if imports:
        ordered = sorted(imports, key=lambda s: (s.path.endswith(".sql"), s.path, s.line))
        return met(
            f"{len(imports)} insertion(s) faite(s) par des scripts.",
            f"{len(imports)} insertion(s) made by scripts.",
            map(_saved, ordered),
        )
    weak = [s for w, s in graded if w == "weak"]
    if weak:
        return partly(
            "Des données sont insérées, mais par un carnet, du code que rien ne lance ou un jeu écrit à la main.",
            "Data are inserted, but by a notebook, by code that nothing starts or from rows written by hand.",
            map(_saved, weak),
            question=Text(
                f"Comment l'insertion de {weak[0].path} est-elle lancée, sur quelles données ?",
                f"How is the insertion of {weak[0].path} started, on which data?",
            ),
        )
    return not_met(
        "Aucun script n'insère les données du projet en base.", "No script inserts the project's data into a database."
    )


def _saved(saving: Saving) -> Evidence:
    return evidence(saving.path, saving.line, saving.excerpt)


def _of_accounts(saving: Saving) -> bool:
    return bool(ACCOUNTS.search(saving.target.strip("`\"'").split("(")[0]))


def _weight(saving: Saving, programs: Programs) -> str:
    """Return `import` for a script's insertion, `weak` for a notebook's, loose code's or a seed's, "" for the application's."""
    if saving.path.endswith((".sql", ".ddl")):
        loads = re.match(r"\s*(copy|load|merge)\b", saving.excerpt, re.I) or re.search(r"\bselect\b", saving.excerpt, re.I)
        return "import" if loads else "weak"
    role = owner_role(programs, saving.path, saving.function)
    if role == "script":
        return "import"
    return "weak" if role in ("notebook", "loose", "training") else ""


DATABASE_IMAGE = re.compile(
    r"^\s*image:\s*[\"']?\S*?(postgres|postgis|timescale|mysql|mariadb|mongo|mssql|oracle|clickhouse)", re.I
)


def can_be_installed(workspace: Workspace, schema: Schema) -> Finding:
    """The repository holds what installs the database and its API.

    fr: Le dépôt contient de quoi installer la base et son API.
    why: Following the procedure on another machine must give the system that is described.
    pourquoi: Suivre la procédure sur une autre machine doit donner le système décrit.
    fix: Give a compose file with the database and the API, the creation of the tables, and an example of settings.
    corriger: Fournir un fichier compose avec la base et l'API, la création des tables et un exemple de configuration.
    """
    services = [
        evidence(f.path, n, line)
        for f in workspace.named("docker-compose*.y*ml", "compose*.y*ml")
        for n, line in enumerate(f.lines, 1)
        if DATABASE_IMAGE.search(line)
    ]
    created = [*schema.creations, *(table_place(t) for t in schema.of("ddl", "migration", "django-migration"))]
    settings = [
        evidence(f.path, 1)
        for f in workspace.named(
            ".env*example*", "*.env.example", "env.example", ".env_ex*", ".env.template", ".env.sample", ".env.dist"
        )
    ]
    if services and created:
        where = [services[0], created[0], *settings]
        if settings:
            return partly(
                "Base en conteneur, tables créées et exemple de configuration présents : à essayer.",
                "Database container, table creation and example settings are there: to be tried.",
                where,
                reason=NOT_RUN,
            )
        return partly(
            "Base en conteneur et création des tables présentes, sans exemple de configuration.",
            "Database container and table creation are there, without example settings.",
            where,
        )
    if services or created:
        return partly(
            "Une partie seulement de l'installation de la base est dans le dépôt.",
            "Only a part of the database's installation is in the repository.",
            [*services, *created],
        )
    return not_met("Rien dans le dépôt n'installe une base de données.", "Nothing in the repository installs a database.")


CHECKS = (is_created, is_filled_by_import, can_be_installed)

"""One SQL statement understood: its kind, tables, joins, filters, aggregates, and the table that it creates."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checks.facts.names import names
from checks.facts.sql_text import SqlText, starting_verb

if TYPE_CHECKING:
    from sqlglot import exp

HOLE = "hole__"
SYSTEM_TABLE = re.compile(
    r"^(information_schema|pg_|sqlite_|sys\.|mysql\.|performance_schema|alembic_version|dual$|generate_series$|unnest$)", re.I
)
INSERT = re.compile(r"\s*(?:insert(?:\s+or\s+\w+)?(?:\s+ignore)?(?:\s+into)?|replace\s+into)\s+[`\"\[]?([\w.{}\"`\[\]]+)", re.I)
COPY = re.compile(r"\s*copy\s+[`\"]?([\w.{}\"`]+)[^;]*?\b(from|to)\b", re.I)
LOAD = re.compile(r"\s*load\s+data\b.{0,400}?\binto\s+table\s+[`\"]?([\w.{}\"`]+)", re.I | re.S)
INSERT_SELECT = re.compile(r"\)\s*(?:select|with)\b|^\s*insert\s+into\s+\S+\s+(?:select|with)\b", re.I)
CREATE_TABLE = re.compile(
    r"\bcreate\s+(?:or\s+replace\s+)?(?:(?:global|local|temp|temporary|unlogged|external)\s+)*table\b", re.I
)
DIALECTS = ("", "postgres", "mysql", "sqlite", "tsql", "duckdb", "spark", "oracle")
MOST_TRIES = 3
LONGEST_WRITTEN = 2000


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `type` as written, `references` the table that its foreign key names."""

    name: str
    type: str
    primary: bool = False
    references: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Created:
    """What a CREATE TABLE declares."""

    name: str
    columns: tuple[Column, ...]
    primary: bool
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement. `kind`: select, insert, update, delete, merge, copy, load, create-table, create-view,
    create-materialized-view, create-index, alter, explain, refresh, other. `tables` are physical ones read or written,
    CTE and system tables left out; `target` is what it writes to or creates."""

    path: str
    line: int
    kind: str
    text: str
    where: str
    function: str
    test: bool
    parsed: bool
    dialect: str = ""
    tables: tuple[str, ...] = ()
    target: str = ""
    joins: int = 0
    filters: bool = False
    aggregates: bool = False
    reads: bool = False
    partitioned: bool = False
    created: Created | None = None

    @property
    def excerpt(self) -> str:
        """The statement on one line, without its leading comments."""
        return " ".join(re.sub(r"--[^\n]*", " ", self.text).split())[:240]

    @property
    def shaped(self) -> bool:
        """Tell whether a query filters, joins or aggregates."""
        return self.filters or self.joins > 0 or self.aggregates


def plain(text: str) -> str:
    """Replace what drivers and f-strings leave open by what a SQL parser accepts."""
    text = re.sub(r"%\(\w+\)s|%s", "?", text)
    text = re.sub(r"'\{\w*\}'", "'x'", text)
    text = re.sub(r"\{[^{}\n]{0,60}\}", HOLE, text)
    return text.strip().rstrip(";").strip()


def name_of(raw: str) -> str:
    """Return a table's bare name: quotes and schema removed."""
    return re.sub(r"[`\"\[\]]", "", raw).rsplit(".", 1)[-1].strip()


def parse_statement(source: SqlText) -> Statement | None:
    """Understand one statement, or return None for what turns out to be prose."""
    verb = starting_verb(source.text)
    if verb in ("insert", "replace", "copy", "load"):
        return _written(source, verb)
    if verb in ("explain", "refresh", "truncate", "drop", "analyze"):
        kind = verb if verb in ("explain", "refresh") else "other"
        return _bare(source, kind)
    tree, dialect = _parse(plain(source.text))
    if tree is None:
        kind = {"select": "select", "with": "select"}.get(verb, "other")
        if verb == "create" and CREATE_TABLE.search(source.text[:2000]):
            kind = "create-table"
        return _bare(source, kind, parsed=False)
    return _understood(source, tree, dialect)


def _bare(source: SqlText, kind: str, *, parsed: bool = True, target: str = "") -> Statement:
    tables = (target,) if target else ()
    text = source.text[:LONGEST_WRITTEN] if target else source.text
    return Statement(
        source.path, source.line, kind, text, source.where, source.function, source.test, parsed, tables=tables, target=target
    )


def _written(source: SqlText, verb: str) -> Statement | None:
    body = re.sub(r"--[^\n]*", " ", source.text)
    pattern = {"insert": INSERT, "replace": INSERT, "copy": COPY, "load": LOAD}[verb]
    found = pattern.search(body[:4000])
    if not found:
        return None
    target = name_of(found.group(1).replace("{}", HOLE))
    kind = {"replace": "insert"}.get(verb, verb)
    if verb == "copy" and found.group(2).lower() == "to":
        return _bare(source, "other")
    if kind == "insert" and INSERT_SELECT.search(body[:4000]):
        tree, dialect = _parse(plain(source.text))
        if tree is not None:
            return _understood(source, tree, dialect)
    return _bare(source, kind, target=target)


def _order(text: str) -> tuple[str, ...]:
    head = text[:6000]
    if "`" in head or re.search(r"\bENGINE\s*=|\bAUTO_INCREMENT\b|^[ \t]*(?:UNIQUE )?KEY ", head, re.I | re.M):
        first = "mysql"
    elif re.search(r"\bAUTOINCREMENT\b", head, re.I):
        first = "sqlite"
    elif re.search(r"::|\b(SERIAL|BIGSERIAL|JSONB|ILIKE|TIMESTAMPTZ|DISTINCT ON|GENERATED)\b", head, re.I):
        first = "postgres"
    elif re.search(r"\[\w+\]|\bTOP\s+\d|\bNVARCHAR\b|\bIDENTITY\(", head, re.I):
        first = "tsql"
    else:
        first = ""
    return (first, *(d for d in DIALECTS if d != first))[:MOST_TRIES]


def _parse(text: str) -> tuple[exp.Expr | None, str]:
    import sqlglot
    from sqlglot import exp

    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    for dialect in _order(text):
        try:
            tree = sqlglot.parse_one(text, read=dialect or None, error_level=sqlglot.ErrorLevel.RAISE)
        except (sqlglot.errors.SqlglotError, RecursionError, ValueError):
            continue
        if tree is not None and not isinstance(tree, exp.Command):
            return tree, dialect
    return None, ""


def _understood(source: SqlText, tree: exp.Expr, dialect: str) -> Statement | None:
    from sqlglot import exp

    kind = _kind(tree)
    if not kind:
        return None
    nodes = tuple(tree.bfs())  # read once: each `find` would go through the tree again
    held = {type(n) for n in nodes}
    written = [n for n in nodes if isinstance(n, exp.Table)]
    ctes = {n.alias_or_name.lower() for n in nodes if isinstance(n, exp.CTE)}
    names = [(t.db + "." if t.db else "") + t.name for t in written if t.name and t.name.lower() not in ctes]
    functions = exp.ReadCSV in held or any(isinstance(t.this, exp.Func) for t in written)
    tables = tuple(dict.fromkeys(name_of(n) for n in names if not SYSTEM_TABLE.match(n)))
    target = _target(tree)
    joins = sum(isinstance(n, exp.Join) for n in nodes)
    read = [t for t in tables if t != target or kind == "select"]
    return Statement(
        source.path,
        source.line,
        kind,
        source.text,
        source.where,
        source.function,
        source.test,
        parsed=True,
        dialect=dialect,
        tables=tables,
        target=target,
        joins=joins,
        filters=exp.Where in held or exp.Having in held,
        aggregates=exp.Group in held or any(issubclass(kind, exp.AggFunc) for kind in held),
        reads=bool(exp.Select in held and (read or functions) and kind in _READING),
        partitioned=bool(
            exp.PartitionedByProperty in held
            or (re.search(r"\bpartition\s+(by|of)\b", source.text, re.I) and kind == "create-table")
        ),
        created=_created(tree, source.line) if kind == "create-table" else None,
    )


_READING = names("select create-view create-materialized-view create-table insert merge")


def _kind(tree: exp.Expr) -> str:
    from sqlglot import exp

    if isinstance(tree, exp.Create):
        kind = str(tree.args.get("kind") or "").upper()
        materialized = bool(tree.find(exp.MaterializedProperty))
        view = "create-materialized-view" if materialized else "create-view"
        return {"TABLE": "create-table", "VIEW": view, "INDEX": "create-index"}.get(kind, "other")
    kinds: tuple[tuple[type[exp.Expr], str], ...] = (
        (exp.Query, "select"),
        (exp.Insert, "insert"),
        (exp.Update, "update"),
        (exp.Delete, "delete"),
        (exp.Merge, "merge"),
        (exp.Alter, "alter"),
    )
    return next((name for of, name in kinds if isinstance(tree, of)), "")


def _target(tree: exp.Expr) -> str:
    from sqlglot import exp

    this = tree.this
    if isinstance(this, exp.Schema):
        this = this.this
    if isinstance(this, exp.Index):
        this = this.args.get("table")
    return name_of(this.name) if isinstance(this, exp.Table) else ""


def _created(tree: exp.Expr, line: int) -> Created | None:
    from sqlglot import exp

    schema = tree.this
    if not isinstance(schema, exp.Schema):
        return None
    keys = {c.name.lower() for k in schema.expressions for p in k.find_all(exp.PrimaryKey) for c in p.expressions}
    columns, references = [], []
    for node in schema.expressions:
        for reference in node.find_all(exp.Reference):
            table = reference.find(exp.Table)
            if table is not None:
                references.append(name_of(table.name))
    for definition in schema.expressions:
        if isinstance(definition, exp.ColumnDef):
            own = definition.find(exp.Reference)
            table = own.find(exp.Table) if own is not None else None
            primary = bool(definition.find(exp.PrimaryKeyColumnConstraint)) or definition.name.lower() in keys
            kind = definition.args.get("kind")
            written = kind.sql() if kind is not None else ""
            columns.append(Column(definition.name, written, primary, name_of(table.name) if table is not None else "", line))
    primary = bool(keys) or any(c.primary for c in columns) or bool(schema.find(exp.PrimaryKey))
    return Created(_target(tree), tuple(columns), primary, tuple(dict.fromkeys(references)))

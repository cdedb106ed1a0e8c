"""Tables declared in Python: SQLAlchemy and SQLModel classes, Core tables, Alembic and Django migrations, Django models."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from checks.facts.names import names
from checks.facts.python_code import Call, Module, keyword
from checks.facts.schema_values import Table
from checks.facts.sql_parsing import Column
from grader.values import Evidence, Source

MIGRATION = re.compile(r"(^|/)(migrations|versions)/")
COLUMN_MAKERS = names("Column mapped_column Field")
CREATORS = names("create_all create_tables")


def tables_in(module: Module) -> Iterator[Table]:
    """Yield the tables that a module declares."""
    if module.imported & {"sqlalchemy", "sqlmodel", "flask_sqlalchemy", "peewee"} or _mentions_tablename(module):
        yield from (t for node in module.classes.values() if (t := _mapped(module, node)))
        yield from _core(module)
    if "django" in module.imported:
        if MIGRATION.search(module.path):
            yield from _django_migration(module)
        else:
            yield from (t for node in module.classes.values() if (t := _django_model(module, node)))


def creations_in(module: Module) -> Iterator[Evidence]:
    """Yield the places that create the tables of models."""
    for call in module.calls:
        last = call.name.rsplit(".", 1)[-1]
        made = last in CREATORS and isinstance(call.node.func, ast.Attribute)
        migrated = MIGRATION.search(module.path) and (last == "CreateModel" or call.name.endswith("op.create_table"))
        if made or migrated or call.name.endswith("command.upgrade"):
            yield Evidence(Source.READ, module.path, call.line, module.excerpt(call.node)[:240])


def indexes_in(module: Module) -> Iterator[Evidence]:
    """Yield the indexes declared through an ORM or a migration."""
    if not module.imported & {"sqlalchemy", "sqlmodel", "django", "alembic", "pymongo", "motor"}:
        return
    for call in module.calls:
        last = call.name.rsplit(".", 1)[-1]
        flag = next((k.value for k in call.node.keywords if k.arg in ("index", "db_index")), None)
        declared = last in ("Index", "create_index", "AddIndex", "create_indexes")
        if declared or (isinstance(flag, ast.Constant) and flag.value is True and last not in ("to_sql", "to_csv")):
            yield Evidence(Source.READ, module.path, call.line, module.excerpt(call.node)[:240])


def _mentions_tablename(module: Module) -> bool:
    return "__tablename__" in module.assigned


def _mapped(module: Module, node: ast.ClassDef) -> Table | None:
    name = ""
    columns: list[Column] = []
    for statement in node.body:
        target, value = _field(statement)
        if target == "__tablename__" and isinstance(value, ast.Constant):
            name = str(value.value)
        elif target and isinstance(statement, ast.AnnAssign | ast.Assign):
            column = _column(module, target, value, statement)
            if column is not None:
                columns.append(column)
    is_table = any(k.arg == "table" and isinstance(k.value, ast.Constant) and k.value.value is True for k in node.keywords)
    flask = any(module.resolve(b).endswith(".Model") and "django" not in module.imported for b in node.bases) and bool(columns)
    if not name and not is_table and not flask:
        return None
    kind = "sqlmodel" if is_table else "sqlalchemy"
    return _table(name or node.name.lower(), kind, module, node, columns)


def _table(name: str, kind: str, module: Module, node: ast.AST, columns: list[Column]) -> Table:
    references = tuple(dict.fromkeys(c.references for c in columns if c.references))
    return Table(name, kind, module.path, module.line(node), tuple(columns), any(c.primary for c in columns), references)


def _field(statement: ast.stmt) -> tuple[str, ast.expr | None]:
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id, statement.value
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id, statement.value
    return "", None


def _column(module: Module, name: str, value: ast.expr | None, statement: ast.stmt) -> Column | None:
    written = ast.unparse(statement.annotation) if isinstance(statement, ast.AnnAssign) else ""
    if not isinstance(value, ast.Call):
        return (
            Column(name, written, False, "", module.line(statement))
            if written and value is None and "relationship" not in written.lower()
            else None
        )
    last = (module.resolve(value.func) or "").rsplit(".", 1)[-1]
    if last not in COLUMN_MAKERS and not last.endswith("Field"):
        return None
    first = ast.unparse(value.args[0]) if value.args else ""
    primary = any(k.arg == "primary_key" and isinstance(k.value, ast.Constant) and bool(k.value.value) for k in value.keywords)
    return Column(name, written or first, primary, _reference(module, value), module.line(statement))


def _reference(module: Module, value: ast.Call) -> str:
    given = keyword(value, "foreign_key")
    if isinstance(given, ast.Constant):
        return str(given.value).split(".")[0]
    for node in ast.walk(value):
        if (
            isinstance(node, ast.Call)
            and module.resolve(node.func).endswith("ForeignKey")
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            return str(node.args[0].value).rsplit(".", 1)[0].rsplit(".", 1)[-1]
    return ""


def _core(module: Module) -> Iterator[Table]:
    for call in module.calls:
        last = call.name.rsplit(".", 1)[-1]
        if (
            last in ("Table", "create_table")
            and call.node.args
            and isinstance(call.node.args[0], ast.Constant)
            and isinstance(call.node.args[0].value, str)
        ):
            columns = [c for a in call.node.args if (c := _core_column(module, a))]
            if columns:
                kind = "migration" if last == "create_table" else "core"
                made = _table(call.node.args[0].value, kind, module, call.node, columns)
                has_key = made.primary or any(
                    isinstance(a, ast.Call) and module.resolve(a.func).endswith("PrimaryKeyConstraint") for a in call.node.args
                )
                yield Table(made.name, kind, made.path, made.line, made.columns, has_key, made.references)


def _core_column(module: Module, node: ast.expr) -> Column | None:
    if not (
        isinstance(node, ast.Call)
        and module.resolve(node.func).endswith("Column")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ):
        return None
    kind = ast.unparse(node.args[1]) if len(node.args) > 1 else ""
    primary = any(k.arg == "primary_key" and isinstance(k.value, ast.Constant) and bool(k.value.value) for k in node.keywords)
    return Column(str(node.args[0].value), kind, primary, _reference(module, node), module.line(node))


def _django_model(module: Module, node: ast.ClassDef) -> Table | None:
    bases = [module.resolve(b) for b in node.bases]
    if not any(b.endswith(("models.Model", "AbstractUser", "AbstractBaseUser", "TimeStampedModel")) for b in bases):
        return None
    meta = next((s for s in node.body if isinstance(s, ast.ClassDef) and s.name == "Meta"), None)
    options = dict(_field(s) for s in meta.body) if meta is not None else {}
    if "abstract" in options:
        return None
    columns = [c for s in node.body if (c := _django_column(module, *_field(s)))]
    db_table = options.get("db_table")
    app = module.path.rsplit("/", 2)[-2] if module.path.count("/") else ""
    name = str(db_table.value) if isinstance(db_table, ast.Constant) else f"{app}_{node.name.lower()}".lstrip("_")
    made = _table(name, "django", module, node, columns)
    return Table(made.name, made.kind, made.path, made.line, made.columns, True, made.references)


def _django_column(module: Module, name: str, value: ast.expr | None) -> Column | None:
    if not name or not isinstance(value, ast.Call):
        return None
    last = module.resolve(value.func).rsplit(".", 1)[-1]
    if not last.endswith(("Field", "ForeignKey")):
        return None
    target = value.args[0] if value.args and last in ("ForeignKey", "OneToOneField", "ManyToManyField") else keyword(value, "to")
    reference = (
        str(target.value)
        if isinstance(target, ast.Constant)
        else (ast.unparse(target) if target is not None and "Field" not in last[:5] else "")
    )
    return Column(name, last, False, reference.rsplit(".", 1)[-1], module.line(value))


def _django_migration(module: Module) -> Iterator[Table]:
    for call in module.calls:
        if call.name.rsplit(".", 1)[-1] != "CreateModel":
            continue
        name, fields = keyword(call.node, "name"), keyword(call.node, "fields")
        if isinstance(name, ast.Constant) and isinstance(fields, ast.List):
            app = module.path.rsplit("/migrations/", 1)[0].rsplit("/", 1)[-1]
            pairs = [e.elts for e in fields.elts if isinstance(e, ast.Tuple) and len(e.elts) == 2]
            columns = [
                c
                for key, value in pairs
                if isinstance(key, ast.Constant) and (c := _django_column(module, str(key.value), value))
            ]
            made = _table(f"{app}_{str(name.value).lower()}", "django-migration", module, call.node, columns)
            yield Table(made.name, made.kind, made.path, made.line, made.columns, True, made.references)


def collections_in(module: Module) -> Iterator[tuple[str, Call]]:
    """Yield the names of the MongoDB collections that a module opens: `db["name"]`, `db.get_collection("name")`."""
    if not module.imported & {"pymongo", "motor"}:
        return
    for name, value in sorted(module.assigned.items()):
        if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Constant) and isinstance(value.slice.value, str):
            base = module.resolve(value.value)
            if "[]" in base or base.endswith(("get_database()", ".db", "get_default_database()")) or base == "db":
                yield (
                    value.slice.value,
                    Call(name, ast.Call(func=value, args=[], keywords=[], lineno=value.lineno), module.line(value), ""),
                )
    for call in module.calls:
        if (
            call.name.endswith((".create_collection", ".get_collection"))
            and call.node.args
            and isinstance(call.node.args[0], ast.Constant)
        ):
            yield str(call.node.args[0].value), call

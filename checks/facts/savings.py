"""Where code keeps data: files written, rows inserted, documents stored."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from checks.facts.addresses import Addresses
from checks.facts.names import names
from checks.facts.python_code import Call, Module, PythonCode, argument
from checks.facts.sql import SqlStatements
from checks.workspace import Workspace

FRAME_FILE = names(
    "to_csv to_json to_parquet to_excel to_feather to_pickle to_xml write_csv write_parquet write_json "
    "write_ndjson sink_parquet sink_csv to_file to_orc"
)
FRAME_TABLE = names(
    "to_sql to_gbq write_database load_table_from_dataframe insert_rows_json copy_from copy_expert "
    "copy_records_to_table execute_values execute_batch"
)
STORE = names("insert_one insert_many update_one update_many replace_one bulk_write find_one_and_update upsert")
OBJECT = names("upload_blob put_object upload_file upload_fileobj upload_from_string upload_from_filename")
ORM = names(
    "bulk_create update_or_create get_or_create bulk_save_objects bulk_insert_mappings add_all "
    "bulk_update_mappings insert_all create_many"
)
SESSION = re.compile(r"session|(^|[._])db($|[._(])", re.I)
CORE_INSERT = re.compile(r"(^sqlalchemy\S*\.insert$|\.insert\(\)\.values$|dialects\.\w+\.insert$|\.insert$)")
SPARK_WRITE = re.compile(
    r"\.write(Stream)?(\(\)|\.\w+)*\.(csv|json|parquet|orc|save|saveAsTable|jdbc|insertInto|start|text|format|mode)$"
)
DUMP = re.compile(
    r"^(json|orjson|ujson)\.(dump)$|^csv\.(writer|DictWriter)$|\.(writerow|writerows|writeheader)$"
    r"|^(numpy\.save|yaml\.dump|pyarrow\.parquet\.write_table|jsonlines\.open)"
)
TEXT_FILE = re.compile(r"\.(write_text|write_bytes)$")
FILE_ROOTS = ("urllib.request.urlretrieve", "wget.download", "gdown.download")


@dataclass(frozen=True, slots=True)
class Saving:
    """A place that keeps data: `kind` is `file`, `object` (of a bucket), `table` (rows of a database) or `store` (documents)."""

    kind: str
    path: str
    line: int
    excerpt: str
    function: str
    target: str = ""


@dataclass(frozen=True)
class Savings:
    """All places that keep data, in path order, tests left out."""

    all: tuple[Saving, ...]

    @cached_property
    def by_path(self) -> dict[str, tuple[Saving, ...]]:
        """Path → its savings."""
        index: dict[str, list[Saving]] = {}
        for saving in self.all:
            index.setdefault(saving.path, []).append(saving)
        return {p: tuple(s) for p, s in index.items()}

    def targets(self, path: str) -> frozenset[str]:
        """Return the tables that the module at `path` fills, in lower case."""
        return frozenset(s.target.lower() for s in self.by_path.get(path, ()) if s.kind != "file" and s.target)

    @cached_property
    def files(self) -> dict[str, Saving]:
        """Base name of each file written → where."""
        found: dict[str, Saving] = {}
        for saving in self.all:
            name = base_name(saving.target) if saving.kind == "file" else ""
            if name:
                found.setdefault(name, saving)
        return found

    def wrote_file(self, target: str) -> bool:
        """Tell whether the project writes a file of that name."""
        return base_name(target) in self.files


def base_name(target: str) -> str:
    """Return the last part of a path in lower case, "" when it is open or no file name."""
    name = target.replace("\\", "/").rsplit("/", 1)[-1].lower()
    return name if "." in name and "{}" not in name and not name.startswith(".") else ""


def _saved(module: Module, call: Call, addresses: Addresses) -> Saving | None:
    name = call.name
    last = name.rsplit(".", 1)[-1]
    first = call.node.args[0] if call.node.args else None

    def saving(kind: str, target: str = "") -> Saving:
        return Saving(kind, module.path, call.line, module.excerpt(call.node), call.function, target)

    if last in FRAME_FILE and (first is not None or call.node.keywords):
        return saving("file", addresses.text(module, first, call.function))
    if last in FRAME_TABLE or (last == "insert" and "table()" in name):
        return saving("table", addresses.text(module, argument(call.node, 0, "name"), call.function))
    if last in OBJECT:
        return saving("object")
    if last in STORE:
        receiver = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
        return saving("store", ast.unparse(receiver) if receiver is not None else "")
    if last in ORM or _by_session(call.node, last) or (".objects." in name and last == "create"):
        return saving("table", _model(name, call.node))
    if CORE_INSERT.search(name) and module.imported & {"sqlalchemy", "sqlmodel"} and last in ("insert", "values"):
        return saving("table", _model("", call.node)) if call.node.args or "insert()" in name else None
    if SPARK_WRITE.search(name) and last not in ("format", "mode", "text"):
        return saving(
            "file" if last not in ("saveAsTable", "jdbc", "insertInto") else "table", addresses.text(module, first, call.function)
        )
    if DUMP.search(name):
        return saving("file", addresses.opened_near(module, call))
    if TEXT_FILE.search(name) and isinstance(call.node.func, ast.Attribute):
        return saving("file", addresses.text(module, call.node.func.value, call.function))
    if name in FILE_ROOTS or (name in ("open", "io.open") and _writes(call.node)):
        return saving(
            "file", addresses.text(module, first if name not in FILE_ROOTS else argument(call.node, 1, "filename"), call.function)
        )
    return None


def _by_session(call: ast.Call, last: str) -> bool:
    """Tell `session.add(row)` and `session.merge(row)` from the methods of sets and data frames."""
    if last not in ("add", "merge") or not isinstance(call.func, ast.Attribute) or len(call.args) != 1 or call.keywords:
        return False
    return bool(SESSION.search(ast.unparse(call.func.value)))


def _writes(call: ast.Call) -> bool:
    mode = argument(call, 1, "mode")
    return isinstance(mode, ast.Constant) and isinstance(mode.value, str) and bool(set(mode.value) & set("wxa"))


def _model(name: str, call: ast.Call) -> str:
    if ".objects." in name:
        return name.split(".objects.", maxsplit=1)[0].rsplit(".", 1)[-1]
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Call):
        first = first.func
    return ast.unparse(first).rsplit(".", 1)[-1] if first is not None else ""


def _django_saves(module: Module) -> Iterator[Saving]:
    """Yield `x.save()` where `x` is made from a model of the project."""
    if "django" not in module.imported and "mongoengine" not in module.imported:
        return
    for call in module.calls:
        if call.name.endswith("().save") and ".models." in call.name:
            yield Saving(
                "table",
                module.path,
                call.line,
                module.excerpt(call.node),
                call.function,
                call.name.split("().save")[0].rsplit(".", 1)[-1],
            )


def savings(workspace: Workspace, python_code: PythonCode, sql_statements: SqlStatements) -> Savings:
    """Find every place of the application that writes data."""
    addresses = Addresses(workspace, python_code)
    found: dict[tuple[str, int, str], Saving] = {}
    for module in python_code.application:
        for call in module.calls:
            saved = _saved(module, call, addresses)
            if saved is not None:
                found.setdefault((saved.path, saved.line, saved.kind), saved)
        for saved in _django_saves(module):
            found.setdefault((saved.path, saved.line, saved.kind), saved)
    for s in sql_statements.of("insert", "copy", "load", "merge"):
        found.setdefault((s.path, s.line, "table"), Saving("table", s.path, s.line, s.excerpt, s.function, s.target))
    return Savings(tuple(found[key] for key in sorted(found)))


FACTS = (savings,)

"""What code does to data between reading and keeping them: cleaning, homogenising, putting together."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from checks.facts.names import names
from checks.facts.programs import Programs
from checks.facts.python_code import Call, Module, PythonCode
from checks.facts.savings import Saving, Savings
from checks.facts.sources import DataSources
from checks.facts.sql import SqlStatements
from grader.values import Evidence, Source

CLEANING: dict[str, frozenset[str]] = {
    "duplicates": names("drop_duplicates dropDuplicates duplicated deduplicate drop_duplicate unique_by distinct"),
    "missing": names(
        "dropna fillna drop_nulls fill_null fill_nan isna notna isnull notnull is_null is_not_null interpolate ffill bfill"
    ),
    "types": names(
        "to_datetime to_numeric astype cast strptime fromisoformat to_timedelta to_date to_timestamp Decimal "
        "infer_objects convert_dtypes"
    ),
    "text": names("unidecode normalize casefold unescape sub capwords fix_text remove_accents translate"),
    "values": names("clip between quantile map_values replace_strict winsorize regexp_replace where mask"),
    "names": names("rename with_columnRenamed withColumnRenamed rename_axis set_axis json_normalize explode melt get_dummies"),
}
FRAME_ONLY = names("isna notna isnull notnull where mask cast normalize sub translate replace distinct")
TEXT_METHODS = names("strip lower upper title replace lstrip rstrip capitalize")
MERGING = names("merge concat join union unionByName unionAll merge_asof merge_ordered combine_first vstack hstack join_asof map")
FRAMES = names("pandas polars pyspark geopandas dask modin duckdb")
SQL_CLEANING = {
    "duplicates": re.compile(r"\bdistinct\b|\bon\s+conflict\b|row_number\s*\(", re.I),
    "missing": re.compile(r"\bcoalesce\s*\(|\bis\s+not\s+null\b|\bnullif\s*\(", re.I),
    "types": re.compile(r"\bcast\s*\(|::\w|\bto_date\s*\(|\btry_cast\b", re.I),
    "text": re.compile(r"\b(trim|lower|upper|regexp_replace|unaccent|initcap)\s*\(", re.I),
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: `kind` is a key of CLEANING, or `merge`."""

    kind: str
    path: str
    line: int
    excerpt: str
    function: str


@dataclass(frozen=True)
class Work:
    """What one launchable program, notebook or loose module does to data; `inputs` are distinct things it reads."""

    path: str
    role: str
    operations: tuple[Operation, ...]
    inputs: tuple[str, ...]
    outputs: tuple[Evidence, ...]
    loads: bool = False  # whether an output is a table or a collection

    @cached_property
    def cleaning(self) -> dict[str, Operation]:
        """Kind of cleaning → its first operation."""
        found: dict[str, Operation] = {}
        for operation in self.operations:
            if operation.kind != "merge":
                found.setdefault(operation.kind, operation)
        return found

    @cached_property
    def merges(self) -> tuple[Operation, ...]:
        """Operations that put data together."""
        return tuple(o for o in self.operations if o.kind == "merge")

    @property
    def aggregates(self) -> bool:
        """Tell whether two inputs or more are cleaned and put together, and the result kept."""
        return len(self.inputs) >= 2 and len(self.cleaning) >= 2 and bool(self.merges) and bool(self.outputs)


@dataclass(frozen=True)
class Transformations:
    """Works by program, richest first; `by_file` gives the operations of each file."""

    works: tuple[Work, ...]
    by_file: dict[str, tuple[Operation, ...]]


def operations_in(module: Module) -> Iterator[Operation]:
    """Yield the operations of a module; text methods count on data frames, or where a function uses two of them."""
    frames = bool(module.imported & FRAMES)
    texts: dict[str, dict[str, Call]] = {}
    for call in module.calls:
        last = call.name.rsplit(".", 1)[-1] if call.name else ""
        if not last and isinstance(call.node.func, ast.Attribute):
            last = call.node.func.attr
        kind = _kind(call, last, frames)
        if kind:
            yield Operation(kind, module.path, call.line, module.excerpt(call.node), call.function)
        elif last in TEXT_METHODS and isinstance(call.node.func, ast.Attribute):
            if ".str." in ast.unparse(call.node.func)[-200:]:
                yield Operation("text", module.path, call.line, module.excerpt(call.node), call.function)
            else:
                texts.setdefault(call.function, {})[last] = call
    for function, methods in sorted(texts.items()):
        if len(methods) >= 2:
            first = min(methods.values(), key=lambda c: c.line)
            yield Operation("text", module.path, first.line, module.excerpt(first.node), function)


def _kind(call: Call, last: str, frames: bool) -> str:
    if last in MERGING:
        return "merge" if frames and _puts_together(call, last) else ""
    for kind, known in CLEANING.items():
        if last in known:
            if call.name in ("re.sub", "unicodedata.normalize") or call.name.startswith("unidecode"):
                return "text"
            if last in FRAME_ONLY and not frames:
                return ""
            return kind if not (last in ("normalize", "sub", "translate") and "str" not in call.name) else ""
    return ""


def _puts_together(call: Call, last: str) -> bool:
    """Tell a join of data from a join of strings, of paths or of arrays."""
    receiver = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
    if isinstance(receiver, ast.Constant | ast.JoinedStr) or call.name.startswith(
        ("os.", "path", "posixpath", "urllib", "numpy.", "torch.")
    ):
        return False
    if last == "join":
        return len(call.node.args) >= 2 or any(k.arg in ("on", "how", "left_on", "other") for k in call.node.keywords)
    if last == "map":  # a column looked up in what another source gave: `df["x"].map(lambda v: found.get(v))`
        first = call.node.args[0] if call.node.args else None
        return isinstance(receiver, ast.Subscript) and isinstance(first, ast.Lambda) and ".get(" in ast.unparse(first)
    if last == "merge":
        return bool(call.node.keywords) or len(call.node.args) >= 2
    return bool(call.node.args)


def _from_sql(statements: SqlStatements) -> Iterator[Operation]:
    for s in statements.application:
        if s.kind in ("insert", "create-table", "create-view", "create-materialized-view", "merge", "update") or s.reads:
            for kind, pattern in SQL_CLEANING.items():
                if pattern.search(s.text) and (s.reads or s.kind == "insert"):
                    yield Operation(kind, s.path, s.line, s.excerpt, s.function)
        if s.joins and s.kind in ("insert", "create-table", "create-materialized-view", "merge"):
            yield Operation("merge", s.path, s.line, s.excerpt, s.function)


def transformations(
    python_code: PythonCode, programs: Programs, data_sources: DataSources, savings: Savings, sql_statements: SqlStatements
) -> Transformations:
    """Gather operations by file, then by the program that runs them."""
    by_file: dict[str, list[Operation]] = {}
    for module in python_code.application:
        for operation in operations_in(module):
            by_file.setdefault(module.path, []).append(operation)
    for operation in _from_sql(sql_statements):
        by_file.setdefault(operation.path, []).append(operation)
    files = {p: tuple(sorted(found, key=lambda o: o.line)) for p, found in by_file.items()}
    gather = _Gatherer(programs, files, data_sources, savings)
    works = [gather.work(root) for root in gather.roots(python_code)]
    works += [_sql_file_work(p, found, sql_statements) for p, found in sorted(files.items()) if p.endswith((".sql", ".hql"))]
    kept = [w for w in works if w.operations]
    return Transformations(tuple(sorted(kept, key=lambda w: (not w.aggregates, -len(w.cleaning), w.path))), files)


def _sql_file_work(path: str, operations: tuple[Operation, ...], statements: SqlStatements) -> Work:
    own = statements.at(path)
    writers = [s for s in own if s.kind in ("insert", "create-table", "create-materialized-view", "merge") and s.reads]
    inputs = tuple(sorted({t for s in writers for t in s.tables if t != s.target}))
    return Work(path, "script", operations, inputs, tuple(Evidence(Source.READ, s.path, s.line, s.excerpt) for s in writers[:3]))


class _Gatherer:
    def __init__(
        self, programs: Programs, files: dict[str, tuple[Operation, ...]], sources: DataSources, savings: Savings
    ) -> None:
        self.programs, self.files, self.savings = programs, files, savings
        self.reads: dict[str, list[tuple[str, str]]] = {}
        for read in sources.all:
            if read.kind in ("file", "database", "web-service", "web-page", "big-data") and read.role not in (
                "test",
                "api",
                "interface",
            ):
                place = f"{read.path}:{read.line}" if read.kind in ("file", "database") else f"{read.path} ({read.kind})"
                self.reads.setdefault(read.path, []).append((read.function, read.target or place))

    def roots(self, code: PythonCode) -> list[str]:
        """Return the programs that may clean data, and the loose modules that nothing imports."""
        wanted = []
        for module in code.application:
            role = self.programs.role(module.path)
            loose = role == "library" and not [
                r for r in self.programs.served.get(module.path, ()) if self.programs.role(r) not in ("test",)
            ]
            if role in ("script", "notebook", "training") or (loose and module.path in self.files):
                wanted.append(module.path)
        return wanted[:300]

    def work(self, root: str) -> Work:
        role = self.programs.role(root)
        reached = self.programs.unit(root) if role in ("library", "notebook") else self.programs.reach(root)
        operations: list[Operation] = []
        inputs: dict[str, None] = {}
        kept: list[Saving] = []
        for path in sorted(reached, key=lambda p: (p != root, p)):
            if path != root and self.programs.role(path) in ("api", "interface"):
                continue
            functions = reached[path] | {""}
            operations += [o for o in self.files.get(path, ()) if o.function in functions]
            inputs |= {target: None for function, target in self.reads.get(path, ()) if function in functions}
            kept += [s for s in self.savings.by_path.get(path, ()) if s.function in functions]
        outputs = tuple(Evidence(Source.READ, s.path, s.line, s.excerpt) for s in kept)
        loads = any(s.kind in ("table", "store") for s in kept)
        role = "script" if role == "library" else role
        return Work(root, role, tuple(operations), tuple(inputs), outputs, loads)


__all__ = ["FACTS", "Operation", "Transformations", "Work", "operations_in", "transformations"]

FACTS = (transformations,)

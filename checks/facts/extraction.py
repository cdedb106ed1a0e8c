"""The extraction scripts of a project: how each starts, connects, processes, handles errors, saves, and what would break it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from checks.facts import sources_catalogue as known
from checks.facts.documents import Documents
from checks.facts.extraction_defects import Defect, ScrapyProject, defects_of, other_folder
from checks.facts.names import names
from checks.facts.program_starts import Launch, told_launches
from checks.facts.programs import Programs, Reached
from checks.facts.python_code import Module, PythonCode, dotted_name
from checks.facts.savings import Saving, Savings
from checks.facts.sources import DataSources, Read
from checks.facts.sql import SqlStatements
from checks.facts.syntax import walk
from checks.facts.transformations import operations_in
from checks.workspace import Workspace
from grader.values import Evidence, Source

ORDER = (known.WEB_SERVICE, known.WEB_PAGE, known.BIG_DATA, known.DATABASE, known.FILE)
PARTS = ("launch", "setup", "rules", "errors", "saving")
SETUP = names(
    "load_dotenv getenv connect create_engine MongoClient Session Client AsyncClient ClientSession "
    "getOrCreate Chrome Firefox sessionmaker SessionLocal"
    "get_connection get_engine get_session Request environ ArgumentParser KafkaConsumer Cluster "
    "basicConfig getLogger BaseSettings Github get_db"
)
RETRY = names("retry tenacity backoff Retry retrying stamina HTTPAdapter")


@dataclass(frozen=True)
class ExtractionScript:
    """A module that extracts data. `kinds` in the order of the grid; `parts` maps each present part to a place that shows it.
    `setting` is `script`, `notebook` or `interface`; `plain_import` tells that it only loads one given file into a database."""

    path: str
    reads: tuple[Read, ...]
    kinds: tuple[str, ...]
    parts: dict[str, Evidence]
    defects: tuple[Defect, ...] = ()
    setting: str = "script"
    plain_import: bool = False

    @property
    def complete(self) -> bool:
        """Tell whether all five parts are present."""
        return len(self.parts) == len(PARTS)

    @property
    def sound(self) -> bool:
        """Tell whether it would bring data back and keep them, without a repair by hand."""
        return self.setting == "script" and "saving" in self.parts and not self.defects

    @property
    def missing(self) -> tuple[str, ...]:
        """Parts that nothing shows."""
        return tuple(p for p in PARTS if p not in self.parts)

    @cached_property
    def place(self) -> Evidence:
        """The first read, as evidence."""
        return Evidence(Source.READ, self.path, self.reads[0].line, self.reads[0].excerpt[:240])


@dataclass(frozen=True)
class ExtractionScripts:
    """All extraction scripts, those of interfaces apart."""

    all: tuple[ExtractionScript, ...]

    @cached_property
    def judged(self) -> tuple[ExtractionScript, ...]:
        """What the jury judges, widest first: the scripts that keep their results, else all scripts, else the notebooks."""
        scripts = [s for s in self.all if s.setting == "script"]
        kept = [s for s in scripts if "saving" in s.parts or s.defects]
        chosen = kept or scripts or [s for s in self.all if s.setting in ("notebook", "training")]
        return tuple(sorted(chosen, key=lambda s: (s.plain_import, min((ORDER.index(k) for k in s.kinds), default=9), s.path)))

    @property
    def in_interfaces(self) -> tuple[ExtractionScript, ...]:
        """Extraction that lives in pages or routes."""
        return tuple(s for s in self.all if s.setting == "interface")


class _Builder:
    """Builds the extraction scripts out of the facts."""

    def __init__(
        self,
        code: PythonCode,
        programs: Programs,
        savings: Savings,
        statements: SqlStatements,
        scrapy: ScrapyProject,
        told: dict[str, Launch],
        folders: frozenset[str],
    ) -> None:
        self.code, self.programs, self.savings, self.statements, self.scrapy = code, programs, savings, statements, scrapy
        self.told, self.folders = told, folders

    def build(self, path: str, reads: list[Read]) -> ExtractionScript | None:
        module = self.code.by_path[path]
        setting = _setting(reads)
        unit = self._unit(path, reads)
        saved = self._saving(path, unit)
        if not self._extracts(module, reads, setting, saved):
            return None
        kinds = tuple(k for k in known.KINDS if any(r.kind == k for r in reads))
        parts = dict(self._parts(module, reads, unit, saved))
        literal = all(r.kind == known.FILE and not r.target.startswith("http") for r in reads)
        plain = literal and not self._walks_folder(module)
        found = defects_of(module, reads, self.savings, self.scrapy, self.folders) if setting == "script" else ()
        return ExtractionScript(path, tuple(reads), kinds, parts, tuple(found), setting, plain)

    def _extracts(self, module: Module, reads: list[Read], setting: str, saved: Saving | None) -> bool:
        kinds = {r.kind for r in reads}
        if kinds & {known.WEB_SERVICE, known.WEB_PAGE, known.BIG_DATA}:
            asked = [r for r in reads if r.kind in known.KINDS and ".post(" not in r.excerpt and r.certain]
            return setting != "interface" or (bool(asked) and (saved is not None or known.WEB_PAGE in kinds))
        if setting in ("interface", "training") or saved is None:
            return False
        thinks = any(
            n.split(".")[0] in ("langchain", "langchain_core", "openai", "mistralai", "crewai", "langgraph")
            for n in module.imported
        )
        if thinks or self._purges(module):
            return False
        if known.DATABASE in kinds:
            return saved.kind != "file" or "open" not in saved.excerpt
        return saved.kind in ("table", "store")

    def _purges(self, module: Module) -> bool:
        deletes = any(s.kind == "delete" for s in self.statements.at(module.path))
        fills = any(s.kind in ("table", "store") for s in self.savings.by_path.get(module.path, ()))
        return deletes and not fills

    def _walks_folder(self, module: Module) -> bool:
        walkers = ("glob.glob", "glob.iglob", "os.listdir", "os.walk", "os.scandir")
        return any(c.name in walkers or c.name.endswith((".glob", ".rglob", ".iterdir", ".listdir")) for c in module.calls)

    def _unit(self, path: str, reads: list[Read]) -> Reached:
        merged: dict[str, frozenset[str]] = dict(self.programs.unit(path))
        for root in sorted({r for read in reads for r in self.programs.owners(path, read.function)})[:6]:
            if self.programs.role(root) in ("script", "notebook", "training"):
                for other, functions in self.programs.reach(root).items():
                    merged[other] = merged.get(other, frozenset()) | functions
        return merged

    def _saving(self, path: str, unit: Reached) -> Saving | None:
        if path in self.scrapy.saved:
            return self.scrapy.saved[path]
        own = [s for s in self.savings.by_path.get(path, ()) if not _is_log(s)]
        if own:
            return sorted(own, key=lambda s: (s.kind == "file", s.line))[0]
        for other in sorted(unit, key=lambda p: (p.rsplit("/", 1)[0] != path.rsplit("/", 1)[0], p)):
            for s in self.savings.by_path.get(other, ()):
                if (
                    (s.function in unit[other] or not s.function)
                    and not _is_log(s)
                    and self.programs.role(other) not in ("api", "interface")
                ):
                    return s
        return None

    def _parts(self, module: Module, reads: list[Read], unit: Reached, saved: Saving | None) -> Iterator[tuple[str, Evidence]]:
        starts = self._starts(module.path, reads)
        if starts and not module.notebook:
            yield "launch", Evidence(Source.READ, starts[0].path, starts[0].line, starts[0].excerpt)
        modules = [module, *(self.code.by_path[p] for p in sorted(unit) if p != module.path)]
        keeper = self.code.by_path.get(saved.path) if saved is not None and saved.path not in unit else None
        unit = {**unit, keeper.path: frozenset(keeper.functions)} if keeper is not None else unit
        modules += [keeper] if keeper is not None else []
        for part, finder in (("setup", _setup), ("rules", _rules), ("errors", _errors)):
            for candidate in modules:
                line = finder(candidate, unit.get(candidate.path, frozenset()), candidate is module)
                if line:
                    yield part, Evidence(Source.READ, candidate.path, line, _excerpt(candidate, line))
                    break
        if saved is not None:
            yield "saving", Evidence(Source.READ, saved.path, saved.line, saved.excerpt)

    def _starts(self, path: str, reads: list[Read]) -> list[Launch]:
        own = self.programs.launches.get(path, ())
        if own:
            return list(own)
        if path in self.told and self.programs.role(path) in ("script", "training"):
            return [self.told[path]]
        roots = sorted({r for read in reads for r in self.programs.owners(path, read.function)})
        return [launch for r in roots if self.programs.role(r) == "script" for launch in self.programs.launches.get(r, ())]


def _folders(workspace: Workspace) -> frozenset[str]:
    """Return every folder of the repository."""
    parts = (f.path.split("/")[:-1] for f in workspace.own)
    return frozenset("/".join(p[:cut]) for p in parts for cut in range(1, len(p) + 1))


def _is_log(saving: Saving) -> bool:
    """Tell what is written about a run (logs, reports, drawings) from what a run brings back."""
    words = (".log", "log/", "logs/", "audit", "debug", ".md", ".html", ".png", ".pdf", "report", "rapport")
    return saving.kind == "file" and any(word in saving.target.lower() for word in words)


def _setting(reads: list[Read]) -> str:
    roles = {r.role for r in reads}
    if roles & {"script", "loose"}:
        return "script"
    return next((r for r in ("notebook", "training") if r in roles), "interface")


def _excerpt(module: Module, line: int) -> str:
    return module.source[line - 1].strip()[:240] if 0 < line <= len(module.source) and not module.notebook else ""


def _within(module: Module, functions: frozenset[str], whole: bool) -> Iterator[ast.AST]:
    """Yield the nodes of the functions of a module that the unit reaches; all of them for the script itself."""
    if whole:
        yield from module.nodes
        return
    for statement in module.tree.body if "" in functions else []:
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from walk(statement)
    for name in sorted(functions):
        definition = module.functions.get(name)
        if definition is not None:
            yield from walk(definition)


def _setup(module: Module, functions: frozenset[str], whole: bool) -> int:
    for node in _within(module, functions, whole):
        if isinstance(node, ast.Call):
            last = (dotted_name(node.func) or getattr(node.func, "attr", "")).rsplit(".", 1)[-1]
            if last in SETUP:
                return module.line(node)
    if whole:
        if "scrapy" in module.imported or "django" in module.imported:
            return module.line(next((n for n in module.tree.body if isinstance(n, ast.Import | ast.ImportFrom)), module.tree))
        for text, node in module.strings:
            if known.EXTERNAL_URL.match(text):
                return module.line(node)
    return 0


def _rules(module: Module, functions: frozenset[str], whole: bool) -> int:
    treated = next((o for o in operations_in(module) if whole or o.function in functions), None)
    if treated is not None:
        return treated.line
    for node in _within(module, functions, whole):
        if isinstance(node, ast.For | ast.ListComp | ast.DictComp | ast.GeneratorExp | ast.AsyncFor):
            inner = [n for n in walk(node) if isinstance(n, ast.Subscript | ast.Call)]
            if inner:
                return module.line(node)
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("css", "xpath", "select", "find_all", "rename", "dropna", "apply")
        ):
            return module.line(node)
    return 0


def _errors(module: Module, functions: frozenset[str], whole: bool) -> int:
    for node in _within(module, functions, whole):
        if isinstance(node, ast.Try) and any(_handles(h) for h in node.handlers):
            return module.line(next(h for h in node.handlers if _handles(h)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "raise_for_status":
            return module.line(node)
        if isinstance(node, ast.Compare) and any(
            isinstance(n, ast.Attribute) and n.attr in ("status_code", "status", "ok", "bozo") for n in walk(node.left)
        ):
            return module.line(node)
        if isinstance(node, ast.keyword) and node.arg == "errback":
            return module.line(node.value)
    retries = module.imported & RETRY if whole else frozenset()
    return 1 if retries and any(c.name.rsplit(".", 1)[-1] in RETRY or c.name.split(".")[0] in RETRY for c in module.calls) else 0


def _handles(handler: ast.ExceptHandler) -> bool:
    return not all(
        isinstance(s, ast.Pass) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)) for s in handler.body
    )


def extraction_scripts(
    workspace: Workspace,
    python_code: PythonCode,
    programs: Programs,
    data_sources: DataSources,
    savings: Savings,
    sql_statements: SqlStatements,
    documents: Documents,
) -> ExtractionScripts:
    """Find the modules that extract data and describe each."""
    scrapy = ScrapyProject.read(workspace, python_code, savings)
    told = told_launches(documents, python_code)
    builder = _Builder(python_code, programs, savings, sql_statements, scrapy, told, _folders(workspace))
    grouped: dict[str, list[Read]] = {}
    for read in data_sources.all:
        misplaced = read.own and any(other_folder(python_code.by_path[read.path], [read], savings))
        counts = (not read.own or misplaced) and read.role not in ("test", "unused") and (read.certain or read.kind != known.FILE)
        if counts:
            grouped.setdefault(read.path, []).append(read)
    found = (builder.build(path, reads) for path, reads in sorted(grouped.items()))
    return ExtractionScripts(tuple(s for s in found if s is not None))


FACTS = (extraction_scripts,)

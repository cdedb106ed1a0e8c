"""The data sources that code reads, by kind (web service, file, web page, database, big data engine), and where."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from checks.facts import sources_catalogue as known
from checks.facts.addresses import Addresses
from checks.facts.programs import Programs
from checks.facts.python_code import Call, Module, PythonCode, argument, keyword
from checks.facts.savings import Savings, base_name
from checks.facts.sql import SqlStatements
from checks.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Read:
    """A place that reads data. `role` is that of the code that owns it: `script`, `notebook`, `training`, `interface`, `api`,
    `test`, `loose` (nothing imports it) or `unused` (its module is used, not this function). `own` marks what the project
    wrote before; `certain` is False where the target could not be told; `kept` tells that its module saves something."""

    kind: str
    path: str
    line: int
    excerpt: str
    function: str
    target: str = ""
    role: str = "script"
    certain: bool = True
    own: bool = False
    kept: bool = False

    @property
    def external(self) -> bool:
        """Tell whether it reads a source of the project, from code that may count as extraction."""
        if self.role in ("interface", "api"):
            asked = self.kind in (known.WEB_SERVICE, known.WEB_PAGE) and ".post(" not in self.excerpt
            loaded = self.kind == known.FILE and self.role == "interface" and not self.own  # read by a page that saves it
            return self.kind in (known.BIG_DATA, known.WEB_PAGE) or (self.kept and (asked or loaded))
        return not self.own and self.role not in ("test", "unused")


@dataclass(frozen=True)
class DataSources:
    """All reads, in path order."""

    all: tuple[Read, ...]

    @cached_property
    def kinds(self) -> dict[str, Read]:
        """Kind → its best read among those that count, in the order of the official grid."""
        found: dict[str, Read] = {}
        for kind in known.KINDS:
            reads = [r for r in self.all if r.kind == kind and r.external and r.certain]
            reads.sort(key=lambda r: (ROLE_RANK.get(r.role, 9), r.path, r.line))
            if reads:
                found[kind] = reads[0]
        return found

    def of(self, *kinds: str) -> tuple[Read, ...]:
        """Return the reads of the given kinds."""
        return tuple(r for r in self.all if r.kind in kinds)


ROLE_RANK = {"script": 0, "loose": 1, "notebook": 2, "training": 3, "interface": 4, "api": 5}


def owner_role(programs: Programs, path: str, function: str) -> str:
    """Return the role of the code that runs `function`: the most script-like of the programs that may call it."""
    own = programs.role(path)
    if own != "library" and not (own == "script" and not programs.launches.get(path) and not function):
        return own
    roles = {programs.role(root) for root in programs.owners(path, function)}
    for role in ("script", "training", "notebook", "interface", "api"):
        if role in roles:
            return role
    if own == "script":
        return "script"
    serving = {programs.role(root) for root in programs.served.get(path, ())} - {"test"}
    return next((role for role in ("interface", "api") if role in serving), "unused" if serving else "loose")


class _Reader:
    """Reads one module; keeps what several recognisers share."""

    def __init__(self, module: Module, addresses: Addresses, workspace: Workspace, parsed_folders: frozenset[str]) -> None:
        self.module, self.addresses, self.workspace = module, addresses, workspace
        names = [c.name for c in module.calls]
        beside = module.path.rpartition("/")[0] in parsed_folders and not any(n.endswith(".json") for n in names)
        self.parses_pages = parses_pages(module) or (beside and bool(module.path.rpartition("/")[0]))
        self.spiders = [c for c in module.classes.values() if any(module.resolve(b).endswith("Spider") for b in c.bases)]
        self.fetches = any(known.HTTP_CALL.search(n) or known.BROWSER.search(n) for n in names)
        self.text = "\n".join(t for t, _ in module.strings if len(t) < 300)

    def reads(self) -> Iterator[Read]:
        if self.spiders and "scrapy" in self.module.imported:
            node = self.spiders[0]
            yield Read(known.WEB_PAGE, self.module.path, self.module.line(node), self.module.excerpt(node), node.name)
        for call in self.module.calls:
            found = self._recognise(call)
            if found is not None:
                yield found

    def _of(self, kind: str, call: Call, target: str = "", certain: bool = True) -> Read:
        return Read(kind, self.module.path, call.line, self.module.excerpt(call.node), call.function, target, certain=certain)

    def _recognise(self, call: Call) -> Read | None:
        name = call.name
        if known.BIG_DATA_READ.search(name) or ("pyspark" in self.module.imported and known.SPARK.search(name)):
            return self._of(known.BIG_DATA, call) if not name.endswith("createDataFrame") else None
        if known.HTTP_CALL.search(name) or (
            known.LOOSE_HTTP.search(name)
            and "request.session" not in name
            and self.module.imported & {"requests", "httpx", "aiohttp"}
        ):
            return self._http(call)
        if (
            known.FEED.search(name)
            or name.split(".")[0] in known.DATA_CLIENTS
            or ".".join(name.split(".")[:2]) in known.DATA_CLIENTS
        ):
            return self._of(known.WEB_SERVICE, call)
        if (known.PAGE_PARSER.search(name) or known.BROWSER.search(name)) and "()." not in name:
            pages = self.fetches or bool(known.FETCHING_PARSER.search(name)) or re.search(r"\.html?\b", self.text)
            return self._of(known.WEB_PAGE, call) if pages else None
        if known.SQL_FRAME.search(name):
            return self._of(known.DATABASE, call)
        return self._file(call) or self._client(call)

    def _http(self, call: Call) -> Read | None:
        asked = argument(call.node, 1 if call.name.endswith(".request") else 0, "url")
        url = self.addresses.of(self.module, self._address(asked), call.function)
        if known.OWN_HOST.search(url) or known.SERVICE_HOST.search(url):
            return None
        external = bool(known.EXTERNAL_URL.search(url))
        if not external:
            if known.OWN_URL_NAME.search(url) or call.name.rsplit(".", 1)[-1] == "post":
                return None
            own = any(known.OWN_HOST.match(t) for t, _ in self.module.strings if len(t) < 200)
            url = "" if own else self.addresses.any_external(self.module)
        if self.parses_pages and not re.search(r"api|\.json|json\?|format=json", url, re.I):
            return self._of(known.WEB_PAGE, call, url)
        kind = known.FILE if known.FILE_URL.search(url) else known.WEB_SERVICE
        return self._of(kind, call, url, certain=bool(url))

    def _address(self, asked: ast.expr | None) -> ast.expr | None:
        """Return the address of a request that was built before it was sent: `urlopen(Request(url))`."""
        built = self.module.assigned.get(asked.id) if isinstance(asked, ast.Name) else asked
        request = isinstance(built, ast.Call) and self.module.resolve(built.func).rsplit(".", 1)[-1] == "Request"
        return argument(built, 0, "url") if isinstance(built, ast.Call) and request else asked

    def _file(self, call: Call) -> Read | None:
        name = call.name
        first = call.node.args[0] if call.node.args else keyword(call.node, "filepath_or_buffer") or keyword(call.node, "io")
        target = self.addresses.text(self.module, first, call.function)
        if known.PANDAS_FILE.search(name) or known.FILE_READER.search(name):
            if name.startswith("csv.") or not target:
                target = self.addresses.opened_near(self.module, call)
            return self._of(known.FILE, call, target)
        if known.REMOTE_FILE.search(name):
            return self._of(known.FILE, call)
        if known.JSON_READER.search(name) and name.endswith(".load"):
            target = self.addresses.opened_near(self.module, call)
            data = bool(target) and not known.NOT_DATA.search(target.rsplit("/", 1)[-1])
            return self._of(known.FILE, call, target, certain=self._tracked(target)) if data else None
        if name == "json.loads" and (opened := _read_text(first)) is not None:
            target = self.addresses.text(self.module, opened, call.function)
            target = target or f"{self.module.path}:{call.line}"
            return self._of(known.FILE, call, target, certain=self._tracked(target))
        if known.OPENED.search(name) and _reading(call.node):
            hint = target if re.search(r"\.\w{1,6}$", target) else self.text
            return self._of(known.FILE, call, target) if known.RAW_SUFFIX.search(hint) else None
        return None

    def _tracked(self, target: str) -> bool:
        name = target.replace("\\", "/").rsplit("/", 1)[-1]
        return any(f.name == name for f in self.workspace.own)

    def _client(self, call: Call) -> Read | None:
        """Recognise a client library nobody listed: an object of a third-party package, made with credentials, asked for data."""
        parts = call.name.split(".")
        package = parts[0].replace("()", "")
        if "()" not in call.name or call.name.endswith("()") or package not in self.module.imported:
            return None
        if self.addresses.is_ours_or_known(package, self.module):
            return None
        if not known.READ_VERB.search(parts[-1]):
            return None
        maker = call.name.rsplit("().", 1)[0]
        made = next((c for c in self.module.calls if c.name == maker), None)
        if made is None or not any(known.CREDENTIAL.search(ast.unparse(a)) for a in [*made.node.args, *made.node.keywords]):
            return None
        return self._of(known.WEB_SERVICE, call, package)


def parses_pages(module: Module) -> bool:
    """Tell whether a module parses or drives web pages."""
    return any(known.PAGE_PARSER.search(c.name) or known.BROWSER.search(c.name) for c in module.calls)


def _read_text(node: ast.expr | None) -> ast.expr | None:
    """Return the path of `path.read_text()`."""
    called = node.func if isinstance(node, ast.Call) else None
    return called.value if isinstance(called, ast.Attribute) and called.attr in ("read_text", "read_bytes") else None


def _reading(call: ast.Call) -> bool:
    mode = argument(call, 1, "mode")
    return not (isinstance(mode, ast.Constant) and isinstance(mode.value, str) and set(mode.value) & set("wax+"))


def _queries(module: Module, statements: SqlStatements, savings: Savings) -> Iterator[Read]:
    """Yield the SELECTs on tables that the same module does not fill: a look-up before an insertion is no source."""
    written = savings.targets(module.path)
    lake = "duckdb" in module.imported and any("parquet" in t.lower() or "delta_scan" in t for t, _ in module.strings)
    kind = known.BIG_DATA if lake or module.imported & known.ENGINES else known.DATABASE
    runs = bool(module.imported & known.DATABASE_DRIVERS) or any(known.RUNS_SQL.search(line) for line in module.source)
    for s in statements.at(module.path):
        lookup = bool(s.tables) and all(t.lower() in written or known.ACCOUNTS.search(t) for t in s.tables)
        if s.reads and s.kind == "select" and not s.test and not lookup and (runs or kind == known.BIG_DATA):
            yield Read(kind, s.path, s.line, s.excerpt, s.function, ",".join(s.tables))


def _documents(module: Module) -> Iterator[Read]:
    """Yield the reads of a document store, of collections that the same module does not fill."""
    if not module.imported & known.DOCUMENT_STORES:
        return
    filled = {_receiver(c) for c in module.calls if c.name.rsplit(".", 1)[-1] in known.STORE_WRITE}
    for call in module.calls:
        reads = call.name.rsplit(".", 1)[-1] in known.STORE_READ and isinstance(call.node.func, ast.Attribute)
        if reads and _receiver(call) not in filled and not _is_page(call):
            yield Read(known.DATABASE, module.path, call.line, module.excerpt(call.node), call.function, _receiver(call))


def _receiver(call: Call) -> str:
    return ast.unparse(call.node.func.value) if isinstance(call.node.func, ast.Attribute) else ""


def _is_page(call: Call) -> bool:
    first = call.node.args[0] if call.node.args else None
    return "BeautifulSoup" in call.name or (isinstance(first, ast.Constant) and isinstance(first.value, str))


def data_sources(
    workspace: Workspace, python_code: PythonCode, programs: Programs, sql_statements: SqlStatements, savings: Savings
) -> DataSources:
    """Find every read of data, whose code it is, and whether the project itself wrote what is read."""
    addresses = Addresses(workspace, python_code)
    found: dict[tuple[str, str, int], Read] = {}
    parsed_folders = frozenset(m.path.rpartition("/")[0] for m in python_code.application if not m.notebook and parses_pages(m))
    for module in python_code.application:
        reader = _Reader(module, addresses, workspace, parsed_folders)
        reads = [*reader.reads(), *_queries(module, sql_statements, savings), *_documents(module)]
        for read in reads:
            role = owner_role(programs, read.path, read.function)
            own = read.kind == known.FILE and savings.wrote_file(read.target)
            kept = read.path in savings.by_path
            found.setdefault((read.kind, read.path, read.line), replace(read, role=role, own=own, kept=kept))
    given = _given(list(found.values()), savings)
    told = [replace(r, own=r.own and base_name(r.target) not in given) for r in found.values()]
    return DataSources(tuple(sorted(told, key=lambda r: (r.path, r.line, r.kind))))


def _given(reads: list[Read], savings: Savings) -> set[str]:
    """Return the names of the files that only a notebook writes, over what it read before: they were there first."""
    first: dict[tuple[str, str], int] = {}
    for read in reads:
        if read.path.endswith(".ipynb"):
            key = (read.path, base_name(read.target))
            first[key] = min(read.line, first.get(key, read.line))
    written: dict[str, list[bool]] = {}
    for saving in savings.all:
        name = base_name(saving.target) if saving.kind == "file" else ""
        if name:
            written.setdefault(name, []).append(first.get((saving.path, name), saving.line) < saving.line)
    return {name for name, over in written.items() if all(over)}


FACTS = (data_sources,)

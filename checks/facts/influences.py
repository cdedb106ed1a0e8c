"""What in a submission acts on its own grading: told neutrally, with file and line, and without effect on any proposal."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

import yaml

from checks.facts.failures_catalogue import Phrase
from checks.facts.python_code import TEST_PATH, Module, PythonCode, dotted_name
from checks.facts.syntax import walk
from checks.recipes.declarations import declarations
from checks.recipes.lookalikes import lookalikes
from checks.recipes.requirement_lines import name_of
from checks.workspace import File, Workspace
from grader.values import Influence, Text

MOST = 200
MOST_OF_A_FILE = 500_000
OUTCOME_FIELDS = frozenset(["outcome", "exitstatus", "longrepr", "wasxfail", "testsfailed", "returncode"])
SELECTS = re.compile(
    r"(^|\s|[\"'=\[,])(--ignore(-glob)?|--deselect|-k|-m|-p|--collect-only|--co|--exitfirst|-x|--last-failed|--lf)(?=[\s=\"',]|$)"
)
_NODE_TEST = re.compile(r"\.(test|spec)\.[cm]?[jt]sx?$|(^|/)(tests?|__tests__)/[^\n]*\.[cm]?[jt]sx?$")
_LEAVES = re.compile(r"\bprocess\.(exit|abort|kill|reallyExit)\s*\(")
_LOOKS_UP = re.compile(r"\bprocess\.ppid\b|[\"'`]/proc/")
SETTINGS = ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
SHADOWED = frozenset(["pytest", "json", "unittest", "coverage", "ast", "re", "os", "sys", "site", "checks", "grader"])
TOOLS = frozenset(["pytest", "_pytest", "pluggy", "coverage", "unittest"])
LOOKING = frozenset(["gc.get_objects", "gc.get_referrers"])
_WRAPS = frozenset(
    [
        "classmethod",
        "staticmethod",
        "property",
        "functools.partial",
        "functools.wraps",
        "unittest.mock.Mock",
        "unittest.mock.MagicMock",
    ]
)
_PATCH = re.compile(r"(^|\.)(setattr|patch|patch\.object|patch\.multiple)$")
_OURS = re.compile(r"/proc/(self|\d{1,7})/(cmdline|fd|mem|maps|environ)\b")
_ANYWHERE = frozenset(["pytest", "json", "unittest", "coverage", "site"])

EXITS = Text("termine le processus sans passer par la fin des tests", "ends the process without the end of the tests")
OUTCOMES = Text(
    "change l'issue d'un test ou le code de sortie de la suite", "changes the outcome of a test or the exit code of the suite"
)
AROUND = Text("intervient dans l'exécution de chaque test", "takes part in the running of each test")
SELECTION = Text("écarte ou saute des tests à la collecte", "leaves tests out, or skips them, at collection")
OPTIONS = Text("choisit les tests ou les extensions par un réglage", "selects tests or plugins by a setting")
STARTUP = Text("est exécuté par Python au démarrage de tout programme", "is run by Python when any program starts")
SHADOW = Text(
    "porte le nom d'un module de Python ou d'un outil d'examen", "has the name of a module of Python or of an examining tool"
)
REPLACES = Text("remplace une fonction d'un outil de test ou de mesure", "replaces a function of a testing or measuring tool")
POSES = Text("fabrique du code qui se donne pour celui d'un autre fichier", "makes code that passes for another file's")
LOOKS = Text("regarde le programme qui lance les tests", "looks at the program that runs the tests")
PLUGIN = Text("installe une extension de pytest", "installs a plugin of pytest")
HOOK = Text("fait exécuter du code par un linter", "has a linter run code")
LOOKALIKE = Text(
    "demande un paquet dont le nom est à une lettre de {meant}, bien connu",
    "asks for a package whose name is one letter away from {meant}, which is well known",
)
ADDRESS = Text("s'adresse à qui évalue, ou à un programme qui évalue", "speaks to whoever grades, or to a program that grades")


def influences(workspace: Workspace, python_code: PythonCode) -> tuple[Influence, ...]:
    """List what acts on a grader or on the outcome of a test, in path order."""
    found: list[Influence] = []
    for module in python_code.modules:
        file = workspace.get(module.path)
        if file is not None and not module.notebook:
            found += workspace.attempt(file, lambda _, m=module: list(_in_module(m))) or ()  # type: ignore[misc]
    for file in workspace.own:
        found += _named(file)
        if 0 < file.size <= MOST_OF_A_FILE and not file.is_binary:
            found += workspace.attempt(file, lambda f: [*_in_settings(f), *_in_text(f)]) or ()
    found += _lookalikes(workspace)
    return tuple(sorted(dict.fromkeys(found), key=lambda i: (i.path, i.line, i.what.en))[:MOST])


def _in_module(module: Module) -> Iterator[Influence]:
    testing = TEST_PATH.search(module.path) is not None
    for call in module.calls:
        if call.name == "os._exit" or (testing and call.name in ("os.abort", "os.kill")):
            yield _at(module, call.node, EXITS)
        if call.name in LOOKING or (testing and call.name == "sys._getframe"):
            yield _at(module, call.node, LOOKS)
        if any(k.arg == "co_filename" for k in call.node.keywords):
            yield _at(module, call.node, POSES)
        if call.node.args and _PATCH.search(call.name) and _is_tool(module, call.node.args[0]):
            yield _at(module, call.node, REPLACES)
    for name, function in module.functions.items():
        last = name.rsplit(".", 1)[-1]
        if last.startswith("pytest_"):
            yield from _hook(module, last, function)
    yield from _in_nodes(module, testing=testing)
    for node in module.nodes if module.path.endswith("conftest.py") else ():
        if isinstance(node, ast.Assign) and any(
            dotted_name(t) in ("collect_ignore", "collect_ignore_glob") for t in node.targets
        ):
            yield _at(module, node, SELECTION)


def _in_nodes(module: Module, *, testing: bool) -> Iterator[Influence]:
    named = {n.name for n in module.nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    for node in module.nodes:
        if _looks(node, testing=testing) or (isinstance(node, ast.Attribute) and module.resolve(node) == "sys.orig_argv"):
            yield _at(module, node, LOOKS)
        if not isinstance(node, ast.Assign):
            continue
        value = node.value
        made = isinstance(value, ast.Lambda) or (isinstance(value, ast.Name) and value.id in named)
        made = made or (isinstance(value, ast.Call) and module.resolve(value.func) in _WRAPS)
        if made and any(isinstance(t, ast.Attribute) and _is_tool(module, t.value) for t in node.targets):
            yield _at(module, node, REPLACES)
        own = isinstance(value, ast.Constant) and not str(value.value).startswith("django.")
        if own and any(dotted_name(t) == "TEST_RUNNER" for t in node.targets):
            yield _at(module, node, OPTIONS)


def _looks(node: ast.AST, *, testing: bool) -> bool:
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        return False
    return (testing and node.value.startswith("/proc/")) or _OURS.match(node.value) is not None


def _is_tool(module: Module, owner: ast.expr) -> bool:
    """Tell whether an expression is a testing or measuring tool, something of one, or the name of such a thing in a text."""
    text = owner.value if isinstance(owner, ast.Constant) and isinstance(owner.value, str) else module.resolve(owner)
    first, _, rest = text.partition(".")
    return first.removesuffix("()") in TOOLS and not rest.startswith("mock")


def _hook(module: Module, name: str, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Influence]:
    if name in ("pytest_runtest_makereport", "pytest_sessionfinish", "pytest_runtest_logreport", "pytest_unconfigure"):
        changed = next((n for n in walk(function) if _changes(n)), None)
        if changed is not None:
            yield _at(module, changed, OUTCOMES)
    if name == "pytest_report_teststatus":
        yield _at(module, function, OUTCOMES)
    if name in ("pytest_pyfunc_call", "pytest_runtest_call", "pytest_runtest_protocol", "pytest_runtestloop"):
        yield _at(module, function, AROUND)
    if name in ("pytest_collection_modifyitems", "pytest_ignore_collect", "pytest_itemcollected"):
        yield _at(module, function, SELECTION)


def _changes(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and dotted_name(node.func) == "setattr" and len(node.args) == 3:
        return isinstance(node.args[1], ast.Constant) and node.args[1].value in OUTCOME_FIELDS
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
    return any(isinstance(t, ast.Attribute) and t.attr in OUTCOME_FIELDS for t in targets)


def _at(module: Module, node: ast.AST, what: Text) -> Influence:
    return Influence(module.path, module.line(node), what, module.excerpt(node)[:200])


def _named(file: File) -> Iterator[Influence]:
    """Yield what a file does by its name alone."""
    if file.name in ("sitecustomize.py", "usercustomize.py") or file.suffix == ".pth":
        yield Influence(file.path, 1, STARTUP, file.line(1)[:200])
        return
    top, _, rest = file.path.partition("/")
    stem = file.name.removesuffix(".py")
    module = file.suffix == ".py" and (stem in _ANYWHERE or (not rest and stem in SHADOWED))
    package = rest == "__init__.py" and top in SHADOWED
    if module or package:
        yield Influence(file.path, 1, SHADOW, file.line(1)[:200])


def _in_settings(file: File) -> Iterator[Influence]:
    if file.name in (*SETTINGS, "setup.py"):
        for number, text in enumerate(file.lines, 1):
            if "pytest11" in text and len(text) < 2_000:
                yield Influence(file.path, number, PLUGIN, text.strip()[:200])
    if file.name in SETTINGS:
        yield from _options(file)
    if file.name in (*SETTINGS, ".pylintrc", "pylintrc"):
        for number, text in enumerate(file.lines, 1):
            if re.match(r"\s{0,20}(init-hook|load-plugins)\s{0,20}=\s{0,20}\S", text):
                yield Influence(file.path, number, HOOK, text.strip()[:200])


def _options(file: File) -> Iterator[Influence]:
    """Yield the lines of `addopts`, those that continue it included, that select tests or plugins."""
    inside = False
    for number, text in enumerate(file.lines, 1):
        inside = "addopts" in text[:40] or (
            inside and (text.startswith((" ", "\t", '"', "'", "]"))) and "=" not in text.split("-")[0]
        )
        if inside and len(text) < 2_000 and SELECTS.search(text):
            yield Influence(file.path, number, OPTIONS, text.strip()[:200])


def _lookalikes(workspace: Workspace) -> Iterator[Influence]:
    """Yield the packages asked for whose name may be taken for another: what runs at grading is then somebody else's."""
    for declared in declarations(workspace):
        places = {name_of(r.text): r for r in reversed(declared.requirements) if declared.language == "python"}
        for one in lookalikes(places):
            meant = {"meant": one.meant}
            asked = places[one.name]
            what = Text(LOOKALIKE.fr.format(**meant), LOOKALIKE.en.format(**meant))
            yield Influence(asked.place.path, asked.place.line or 1, what, asked.text[:200])


@lru_cache(maxsize=1)
def _phrases() -> tuple[Phrase, ...]:
    text = files("rubrics").joinpath("lexicons").joinpath("influences.yaml").read_text("utf-8")
    given = yaml.load(text, yaml.CSafeLoader)["influences"]
    return tuple(Phrase(tuple(p.strip() for p in str(phrase).lower().split("…"))) for phrase in given)


def _in_text(file: File) -> Iterator[Influence]:
    whole = file.data.lower()
    likely = [p for p in _phrases() if p.pieces[0].encode() in whole]
    for number, text in enumerate(file.lines, 1) if likely else ():
        line = text[:5_000].lower()
        if any(phrase.within(line) for phrase in likely):
            yield Influence(file.path, number, ADDRESS, text.strip()[:200])
    if _NODE_TEST.search(file.path):
        for number, text in enumerate(file.lines, 1):
            for pattern, what in ((_LEAVES, EXITS), (_LOOKS_UP, LOOKS)):
                if pattern.search(text[:2_000]):
                    yield Influence(file.path, number, what, text.strip()[:200])


FACTS = (influences,)

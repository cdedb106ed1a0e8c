"""Sorts failures: the candidate's, the sandbox's, or undetermined, each with its reason. A doubt is never the candidate's."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from checks.facts.dependencies import Dependencies
from checks.facts.failures_catalogue import FailureRule, failure_rules, imported_as
from checks.facts.python_code import PythonCode
from checks.facts.ran_values import Ran
from checks.facts.tracebacks import Raised, Traceback, read_traceback
from checks.findings import shortened
from checks.workspace import Workspace
from grader.values import Text

SANDBOX, CANDIDATE, UNDETERMINED = "sandbox", "candidate", "undetermined"
_ORDER = {SANDBOX: 0, UNDETERMINED: 1, CANDIDATE: 2}
_MODULE = re.compile(r"No module named '?([\w.]+)'?")
_FROM = re.compile(r"cannot import name '[^'\n]{1,100}' from (?:partially initialized module )?'([\w.]+)'")
_PATCHED = re.compile(r"<(?:module|class) '([\w.]+)'|'module' object at ([\w.]+) has no")
_NEEDED = re.compile(r'requires "([A-Za-z0-9][\w.-]{0,80})" to be installed|\b(email-validator) is not installed')
_QUOTED = re.compile(r"['\"]([^'\"\n]{1,400})['\"]|(?:artifact|file|path):? ([\w./\\-]{1,300}\.\w{1,10})")
_FILE = re.compile(
    r"[\w./\\~-]{1,300}\.(?:pkl|joblib|pickle|h5|keras|pt|pth|onnx|safetensors|bin|csv|tsv|parquet|json|jsonl|ya?ml|db|sqlite3?|env|txt|xlsx?"
    r"|zip|gz|npy|npz|model|toml|ini|cfg|pdf|png|jpe?g|wav|mp3|html|sql|key|pem|crt)\b",
    re.I,
)
_VARIABLE = re.compile(r"\b([A-Z][A-Z0-9]*_[A-Z0-9_]{1,60})\b")
_SERVER_ERROR = re.compile(r"(?<![\w.])5\d\d(?![\w.])")
_STATUS = re.compile(r"assert|status|expected|received|==|!=", re.I)
_WANTED = re.compile(r"^\s*Expected\b[^:\n]{0,40}:")  # what jest wanted, not what came
_CONNECTION = re.compile(
    r"socket\.py|ssl\.py|selectors\.py|urllib3|requests/|httpx|httpcore|aiohttp|psycopg|asyncpg|pymongo|redis/|pymysql|http/client\.py"
    r"|\.connect\(|\.recv|\.recv_into\(|urlopen|\.poll\(|botocore|grpc|\brequests\.(?:get|post)|httpx\.(?:get|post)|websocket|smtplib",
)
_DATE = r"(?:datetime\.date(?:time)?\(|(?:pd\.)?Timestamp\(|['\"]20\d\d-[01]\d-[0-3]\d)[^<>\n]{0,120}"
_DATES = re.compile(rf"assert {_DATE}[<>]=? {_DATE}")
# An assertion that something is there, and the path in the checkout that it asks about.
_THERE = re.compile(r"\b(exists|is_file|is_dir|isfile|isdir)\b")
_ASKED = re.compile(r"Path\('([^'\n]{1,300})'\)|\((?:'|\")((?:[\w.-]+/|/tmp/work/)[^'\"\n]{1,300})(?:'|\")\)")
_CHECKOUT = "/tmp/work/"  # noqa: S108 - where a sandbox shows the files
_CLOCK = Text(
    "Le test compare des dates, dont celle du jour peut-être : il a pu passer quand il a été écrit{detail}.",
    "The test compares dates, perhaps with today's: it may have passed when it was written{detail}.",
)
LONGEST_DETAIL = 160
# Drivers of one kind of database, by canonical names of modules and packages.
_DRIVERS = (
    frozenset({"psycopg", "psycopg-binary", "psycopg2", "psycopg2-binary", "asyncpg", "pg8000"}),
    frozenset({"mysqldb", "mysqlclient", "pymysql", "aiomysql", "asyncmy", "mysql", "mysql-connector-python"}),
)
_CONFTEST = "while loading conftest"


@dataclass(frozen=True)
class Surroundings:
    """What a failure is weighed against: the files and modules of the repository, what is declared, what could not be had."""

    files: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    declared: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    lacks: bool = False  # a service is absent, or a package was left out

    def has_file(self, path: str) -> bool:
        """Tell whether the repository holds a file of this name, wherever it stands."""
        plain = path.replace("\\", "/").rstrip("/")
        return plain in self.files or plain.rsplit("/", 1)[-1] in self.names

    def holds(self, path: str) -> bool:
        """Tell whether the repository holds a file of this name, or a folder that ends with this path."""
        plain = path.replace("\\", "/").strip("/")
        return self.has_file(plain) or any(f"/{plain}/" in f"/{f}" for f in self.files)


@dataclass(frozen=True, slots=True)
class Sorted:
    """Whose a failure is, the code of the reason, and a sentence."""

    whose: str
    code: str
    text: Text
    detail: str = ""


def surroundings(workspace: Workspace, python_code: PythonCode, dependencies: Dependencies, ran: Ran) -> Surroundings:
    """Gather what failures are weighed against."""
    paths = [f.path for f in workspace.files]
    left_out = [_canonical(p.text) for e in ran.environments for p in e.left_out]
    failed = any(e.error for e in ran.environments)
    declared = frozenset(p.name for p in dependencies.packages)
    absent = any(s.state != "started" for step in ran.steps for s in step.services)
    return Surroundings(
        frozenset(paths),
        frozenset(p.rsplit("/", 1)[-1] for p in paths),
        frozenset(part for m in python_code.modules for part in m.dotted.split(".")),
        declared,
        frozenset(left_out) | (declared if failed else frozenset()),
        bool(left_out) or absent,
    )


def _canonical(text: str) -> str:
    found = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", text)
    return re.sub(r"[-_.]+", "-", found[1]).lower() if found else ""


def sort_failure(message: str, trace: str, around: Surroundings) -> Sorted:
    """Return whose a failure is: what the sandbox lacks anywhere in the chain outweighs what came of it."""
    told = read_traceback(message, trace)
    if not told.chain:
        return _unknown("")
    verdicts = [_sort_one(raised, around) for raised in told.chain]
    best = min(verdicts, key=lambda v: _ORDER[v.whose])
    return _softened(best, told, around) if best.code == "assertion" else best


def sort_output(tail: str, around: Surroundings) -> Sorted | None:
    """Return whose the last failure in the output of a program is; None when it holds no traceback."""
    before_tests = tail.find(_CONFTEST)
    if before_tests >= 0:  # pytest told its frames as it tells those of a test
        return sort_failure("", tail[before_tests:], around)
    start = tail.rfind("Traceback (most recent call last)")
    first = tail.find("Traceback (most recent call last)")
    if start < 0:
        return None
    chained = any(line.startswith(("During handling", "The above exception")) for line in tail[first:start].splitlines())
    return sort_failure("", tail[first if chained else start :], around)


def _softened(verdict: Sorted, told: Traceback, around: Surroundings) -> Sorted:
    """Return an assertion's verdict, undetermined where a service or a file that the sandbox lacks may be behind it."""
    text = f"{told.chain[0].message}\n{told.printed}"
    for name in ("Error", "FileNotFoundError"):
        for line in filter(None, text.splitlines()):
            lacking = _sort_one(Raised(name, line), around)
            if lacking.whose == SANDBOX:
                return Sorted(UNDETERMINED, lacking.code, lacking.text, lacking.detail)
    said = told.chain[0].message
    if _DATES.search(said):
        return Sorted(UNDETERMINED, "dates-compared", _filled(_CLOCK, _first(said)), _first(said))
    absent = _asked_in_vain(said, around)
    if absent:
        return Sorted(UNDETERMINED, "absent-file", _filled(_text_of("absent-file"), absent), absent[:LONGEST_DETAIL])
    came = (line for line in said.splitlines() if not _WANTED.match(line))
    status = next((line for line in came if _SERVER_ERROR.search(line) and _STATUS.search(line)), None)
    if status and around.lacks:
        return Sorted(UNDETERMINED, "server-error", _text_of("server-error"), status.strip()[:LONGEST_DETAIL])
    return verdict


def _text_of(code: str) -> Text:
    return next(r.text for r in failure_rules() if r.code == code)


def _asked_in_vain(said: str, around: Surroundings) -> str:
    """Return the path in the checkout that an assertion asks to be there, where the repository as received has none; else ""."""
    asked = _ASKED.findall(said) if _THERE.search(said) else []
    return next((p for p in map(_in_checkout, asked) if p and not around.holds(p)), "")


def _in_checkout(groups: tuple[str, str]) -> str:
    """Return a path as the repository has it; "" for one outside, such as a folder that the test made."""
    path = (groups[0] or groups[1]).replace("\\", "/")
    if path.startswith(_CHECKOUT):
        return path.removeprefix(_CHECKOUT)
    return "" if path.startswith(("/", "~")) else path.removeprefix("./")


def _sort_one(raised: Raised, around: Surroundings) -> Sorted:
    said, near = raised.message.lower(), raised.near.lower()
    name = raised.name
    for rule in failure_rules():
        if rule.whose == SANDBOX and not rule.exceptions and name == "AssertionError":
            continue  # an assertion that quotes an error is not that error
        if _fits(rule, name, said, near) and _holds(rule.asks, raised, around):
            detail = _detail(rule, raised)
            return Sorted(rule.whose, rule.code, _filled(rule.text, detail), detail)
    return _unknown(f"{name}: {_first(raised.message)}")


def _fits(rule: FailureRule, name: str, said: str, near: str) -> bool:
    if rule.exceptions and name not in rule.exceptions:
        return False
    if rule.says and not any(phrase.within(said) for phrase in rule.says):
        return False
    return not rule.near or any(phrase.within(near) for phrase in rule.near)


def _holds(asks: str, raised: Raised, around: Surroundings) -> bool:
    match asks:
        case "absent-file":
            return _is_absent(raised, around)
        case "left-out-package":
            return _is_among(_module_of(raised), around.left_out)
        case "own-module":
            return _is_own(_module_of(raised), around)
        case "other-driver":
            missing, declared = _canonical(_module_of(raised)), around.declared
            return any(missing in family and declared & family for family in _DRIVERS)
        case "own-name":
            patched = _PATCHED.search(raised.message)
            return patched is not None and _is_own(patched[1] or patched[2], around) and not around.left_out
        case "unknown-module":
            return _is_unknown(_module_of(raised), around)
        case "connection":
            return _CONNECTION.search(raised.near) is not None
        case "library-frame":
            return bool(raised.frames) and raised.frames[-1].library
        case "names-a-variable":
            return _VARIABLE.search(raised.message.split("\n", 1)[0]) is not None
        case "own-frame":
            return bool(raised.frames) and not raised.frames[-1].library
    return True


def _is_absent(raised: Raised, around: Surroundings) -> bool:
    """Tell whether the file that is missing is not in the repository either."""
    if "unable to open database file" in raised.message:
        return True
    path = _path_of(raised)
    return bool(path) and not around.has_file(path)


def _path_of(raised: Raised) -> str:
    if raised.name == "FileNotFoundError":
        found = _QUOTED.search(raised.message)
        if found:
            return found[1] or found[2] or ""
    named = _FILE.search(raised.message)
    return named[0] if named else ""


def _module_of(raised: Raised) -> str:
    found = _MODULE.search(raised.message) or _FROM.search(raised.message) or _NEEDED.search(raised.message)
    return next(filter(None, found.groups()), "") if found else ""


def _is_own(module: str, around: Surroundings) -> bool:
    return module.split(".", maxsplit=1)[0] in around.modules


def _packages(module: str) -> frozenset[str]:
    root = module.split(".", maxsplit=1)[0]
    return (
        imported_as().get(root, frozenset()) | {_canonical(root), _canonical(module.replace(".", "-"))} if root else frozenset()
    )


def _is_among(module: str, packages: frozenset[str]) -> bool:
    """Tell whether one of these packages may provide a module: by name, or as `delta-spark` provides `delta`."""
    root = _canonical(module.split(".", maxsplit=1)[0])
    return bool(root) and (bool(_packages(module) & packages) or any(p.startswith(f"{root}-") for p in packages))


def _is_unknown(module: str, around: Surroundings) -> bool:
    root = module.split(".", maxsplit=1)[0]
    known = root in around.modules or root in sys.stdlib_module_names or _is_among(module, around.declared)
    return bool(root) and not known


def _detail(rule: FailureRule, raised: Raised) -> str:
    if rule.code in ("absent-file", "file-elsewhere"):
        return _path_of(raised)[:LONGEST_DETAIL]
    if rule.code in ("package-not-installed", "own-module-not-found", "undeclared-dependency", "other-driver", "python-version"):
        return _module_of(raised)[:LONGEST_DETAIL] or _first(raised.message)
    if rule.code == "missing-variable":
        named = _VARIABLE.search(raised.message)
        return named[1] if named else _first(raised.message)
    return _first(raised.message)


def _first(message: str) -> str:
    line = next((stripped for line in message.splitlines() if (stripped := line.strip())), "")
    return shortened(line, LONGEST_DETAIL)


def _filled(text: Text, detail: str) -> Text:
    shown = detail.rstrip(". ")
    return Text(
        text.fr.replace("{detail}", f" : {shown}" if shown else "").replace("{what}", shown or "Un module"),
        text.en.replace("{detail}", f": {shown}" if shown else "").replace("{what}", shown or "A module"),
    )


def _unknown(detail: str) -> Sorted:
    text = Text("Une erreur que rien ne permet de ranger{detail}.", "An error that nothing allows to sort{detail}.")
    return Sorted(UNDETERMINED, "unsorted", _filled(text, detail), detail)


def codes(found: Iterable[Sorted]) -> tuple[str, ...]:
    """Return the reason codes, each once, the most frequent first."""
    counts: dict[str, int] = {}
    for one in found:
        counts[one.code] = counts.get(one.code, 0) + 1
    return tuple(sorted(counts, key=lambda code: (-counts[code], code)))

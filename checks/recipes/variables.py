"""Environment variables: from example files, from compose, and placeholders for the secrets that code asks for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from checks.facts.containers import Containers
from checks.facts.python_code import Module, PythonCode, argument, keyword
from checks.workspace import File, Workspace
from grader.plan import Place, Variable

MOST_VARIABLES = 200
LONGEST = 2000
PLACEHOLDER = "jurygrid-placeholder-0123456789abcdef0123"
# Addresses of several fields, which their clients take apart before they call anybody.
_STORAGE = f"DefaultEndpointsProtocol=https;AccountName=placeholder;AccountKey={'A' * 86}==;EndpointSuffix=core.windows.net"
_INSIGHTS = "InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint=https://placeholder.invalid/"
_CONNECTION = re.compile(r"(^|_)CONN(ECTION)?_?STR(ING)?$", re.I)
_EXAMPLE = re.compile(
    r"^(\.?env[._-]?(example|exemple|sample|template|dist|test|defaults?)|(example|sample|template)\.env|\.env)$", re.I
)
_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]{0,63})\s*=\s*(.*)$")
_SECRET = re.compile(
    r"(SECRET|KEY|TOKEN|PASSWORD|PASSWD|PWD|PASS|SALT|CREDENTIAL|JETON|MOT_?DE_?PASSE|MDP|(^|_)CLEF?(_|$))", re.I
)
_NO_SECRET = re.compile(
    r"(_URL|_URI|_DSN|_PATH|_FILE|_DIR|_ID|_NAME|_TYPE|_REQUIRED|_ENABLED|_LENGTH|_SIZE|_COUNT|_LIMIT|_MAX|_MIN)$", re.I
)
_ACCOUNT = re.compile(r"(DB|DATABASE|BASE|SQL|POSTGRES|PG|MONGO|REDIS|RABBIT|SMTP|IMAP|KAGGLE|DOCKER|GITHUB|HOST)", re.I)
_DATABASE = re.compile(r"(DATABASE|DB|POSTGRES|SQLALCHEMY|REDIS|MONGO|MYSQL|BROKER)\w*_?(URL|URI|DSN)$|^(DSN|DB_URL)$", re.I)
_REFERENCE = re.compile(r"\$\{([A-Za-z_]\w{0,63})(?::?[-?]([^}]*))?\}|\$([A-Za-z_]\w{0,63})")
_READS = re.compile(
    r"^(os\.getenv|os\.environ\.get|environ\.get|getenv|decouple\.config|decouple\.AutoConfig\(\)|environs?\.Env\(\)(\.\w+)?)$"
)
_DENIED = re.compile(
    r"^(PATH|HOME|SHELL|USER|LOGNAME|PWD|OLDPWD|TMPDIR|TEMP|TMP|IFS|ENV|PS4|CDPATH|TERM|LANG|HOSTNAME|BASH\w*|LD_\w*|DYLD_\w*|PYTHON\w*"
    r"|PIP_\w*|UV_\w*|GIT_\w*|SSH_\w*|XDG_\w*|NODE_OPTIONS|NODE_PATH|NODE_EXTRA\w*|NPM_\w*|PERL\w*|RUBY\w*|JAVA_\w*|JDK_\w*|GCONV_PATH|GLIBC_\w*|MALLOC_\w*"
    r"|LC_\w*|VIRTUAL_ENV|CONDA\w*|POETRY_\w*|DOCKER_\w*|PYTEST\w*|COVERAGE\w*|COV_CORE\w*|SSL_\w*|REQUESTS_CA\w*|CURL_CA\w*|\w+_PROXY"
    r"|PROMPT_COMMAND|EDITOR|PAGER|DBUS_\w*|JURYGRID\w*|SUDO_\w*|KUBECONFIG|ASAN_\w*|UBSAN_\w*)$",
    re.I,
)
_STAGE = re.compile(
    r"[A-Za-z][A-Za-z0-9_-]{0,30}"
)  # ENV=test: the name of a stage, and no file that an interactive shell would read


def is_denied(name: str) -> bool:
    """Tell whether a variable would change how our own tools work."""
    return bool(_DENIED.match(name))


def variables(workspace: Workspace, python_code: PythonCode, containers: Containers) -> tuple[Variable, ...]:
    """Return the variables to give to what runs: compose's first, then the files of examples, then placeholders."""
    written = {v.name: v for f in _example_files(workspace) for v in reversed(_in_file(f))}
    found = dict(written)
    for service in containers.services:
        if service.dockerfile or not service.image:
            for given in service.environment:
                value = expanded(given.value, written)
                if value:
                    found[given.name] = Variable(given.name, value, Place(service.path, given.line))
    for name, place in _asked(python_code):
        value = placeholder(name)
        if name not in found and value:
            found[name] = Variable(name, value, place)
    for name, place in _strictly_asked(python_code):
        value = _of_a_person(name)
        if name not in found and value:
            found[name] = Variable(name, value, place)
    for_tests = _names_for_tests(python_code)
    marked = [replace(u, tests=u.name in for_tests) for v in found.values() if (u := usable(v, written))]
    return tuple(sorted(marked, key=lambda v: v.name)[:MOST_VARIABLES])


def _names_for_tests(code: PythonCode) -> frozenset[str]:
    """Return the variables without which the code stops, unless the tests see to them."""
    tests = [m for m in code.modules if m.is_test]
    mentioned = {text for m in tests for text, _ in m.strings}
    strict = {name for m in tests for name, _ in asked_by(m)}
    return frozenset(({name for name, _ in _asked(code)} - mentioned) | strict)


def placeholder(name: str) -> str:
    """Return what stands for a secret that is not handed in, by the variable's name; "" when it names no secret."""
    if re.search(r"(MINUTES|SECONDS|HOURS|DAYS|EXPIR\w*|TTL)$", name, re.I):
        return "30"
    if re.search(r"(^|_)ALGORITHM$", name, re.I):
        return "HS256"
    if _CONNECTION.search(name) and re.search(r"STORAGE|BLOB", name, re.I):
        return _STORAGE
    if _CONNECTION.search(name) and re.search(r"INSIGHTS", name, re.I):
        return _INSIGHTS
    return PLACEHOLDER if _SECRET.search(name) and not _NO_SECRET.search(name) else ""


def _of_a_person(name: str) -> str:
    """Return what stands for an address of mail or a name of somebody, that of an account of a database or a mail server aside; else ""."""
    if _ACCOUNT.search(name):
        return ""
    if re.search(r"(^|_)(E_?MAIL|COURRIEL)(_ADDRESS|_ADRESSE)?$", name, re.I):
        return "placeholder@example.org"
    return "placeholder" if re.search(r"(^|_)(USER_?NAME|LOGIN|(FIRST|LAST|FULL)_?NAME|PRENOM|NOM)$", name, re.I) else ""


def is_template(address: str) -> bool:
    """Tell whether an address only shows the shape of one: `postgres://user:password@host:port/name`."""
    try:
        parts = urlsplit(address)
        return parts.port == 0 or parts.hostname in ("host", "hostname", "your_host", "<host>")
    except ValueError:
        return True


def usable(variable: Variable, written: dict[str, Variable]) -> Variable | None:
    """Return a variable with the value to give; None when it may not be given, or there is none."""
    value = expanded(variable.value, written)
    if is_denied(variable.name) and not (variable.name == "ENV" and _STAGE.fullmatch(value)):
        return None
    if variable.name == "MLFLOW_TRACKING_URI" and value.startswith("http"):
        return None  # no such server in a sandbox, and its client asks again for minutes
    if _DATABASE.search(variable.name) and "://" in value and is_template(value):
        return None
    value = value or placeholder(variable.name)
    fits = value and len(value) <= LONGEST and value.isprintable() and re.fullmatch(r"[A-Za-z_]\w{0,63}", variable.name, re.A)
    return Variable(variable.name, value, variable.place) if fits else None


def expanded(text: str, written: dict[str, Variable]) -> str:
    """Replace `${NAME}`, `${NAME:-default}` and `$NAME` by what the files of examples give."""

    def known(found: re.Match[str]) -> str:
        name = found.group(1) or found.group(3)
        given = written[name].value if name in written and "$" not in written[name].value else ""
        return given or found.group(2) or ""

    return _REFERENCE.sub(known, text[:LONGEST])


def _example_files(workspace: Workspace) -> list[File]:
    """Return the files to read, the weakest first: deep ones before the root's, examples before what is really set."""
    files = [f for f in workspace.own if _EXAMPLE.match(f.name) and f.size < 100_000 and not f.is_binary]
    return sorted(files, key=lambda f: (-f.path.count("/"), f.name == ".env", f.path))


def _in_file(file: File) -> list[Variable]:
    found = []
    for number, line in enumerate(file.lines[:2000], 1):
        match = _LINE.match(line[: LONGEST + 100])
        if match:
            found.append(Variable(match.group(1), _value(match.group(2)), Place(file.path, number)))
    return found


def _value(text: str) -> str:
    text = text.strip()
    quoted = re.match(r"^([\"'])(.*?)\1", text)
    return quoted.group(2) if quoted else re.sub(r"(^|\s)#.*$", "", text).strip()


def _asked(code: PythonCode) -> Iterator[tuple[str, Place]]:
    """Yield the variables that code reads without a default."""
    for module in code.modules:
        yield from asked_by(module)


def _strictly_asked(code: PythonCode) -> Iterator[tuple[str, Place]]:
    """Yield the variables without which the code stops: those that it reads by subscript."""
    for module in code.application:
        if "os" in module.imported:
            yield from (
                (name, Place(module.path, module.line(n))) for name, n in _subscripts(module) if isinstance(n.ctx, ast.Load)
            )


def asked_by(module: Module) -> Iterator[tuple[str, Place]]:
    """Yield the variables that a module reads without a default."""
    if module.imported & {"os", "decouple", "environs", "environ"}:
        yield from _read_by_calls(module)
    if module.imported & {"pydantic", "pydantic_settings"}:
        yield from _settings_fields(module)


def _read_by_calls(module: Module) -> Iterator[tuple[str, Place]]:
    for call in module.calls:
        name = module.text_of(call.node.args[0]) if call.node.args and _READS.match(call.name) else None
        if name and argument(call.node, 1, "default") is None:
            yield name, Place(module.path, call.line)
    yield from ((name, Place(module.path, module.line(node))) for name, node in _subscripts(module))


def _subscripts(module: Module) -> Iterator[tuple[str, ast.Subscript]]:
    """Yield the variables of the environment that a module names by subscript, to read or to write them."""
    for node in module.nodes:
        if isinstance(node, ast.Subscript) and module.resolve(node.value).endswith("environ"):
            name = module.text_of(node.slice)
            if name:
                yield name, node


def _settings_fields(module: Module) -> Iterator[tuple[str, Place]]:
    for node in module.classes.values():
        if any(module.resolve(b).endswith("BaseSettings") for b in node.bases):
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and _is_required(field.value):
                    yield field.target.id.upper(), Place(module.path, module.line(field))


def _is_required(value: ast.expr | None) -> bool:
    if value is None:
        return True
    empty = isinstance(value, ast.Call) and not value.keywords and not value.args
    ellipsis = (
        isinstance(value, ast.Call) and value.args and isinstance(value.args[0], ast.Constant) and value.args[0].value is ...
    )
    described = (
        isinstance(value, ast.Call) and not value.args and not (keyword(value, "default") or keyword(value, "default_factory"))
    )
    return bool(empty or ellipsis or described)

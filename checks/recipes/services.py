"""The services that a submission expects: from compose, from addresses in variables and code, from separate variables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit

from checks.facts.containers import Containers
from checks.facts.containers import Service as Declared
from checks.facts.python_code import PythonCode
from checks.recipes.variables import expanded
from grader.plan import Place, Service, Variable

MOST_SERVICES = 8
MOST_HOSTS = 12
PORTS = {"postgresql": 5432, "redis": 6379, "mysql": 3306, "mongodb": 27017}
_IMAGES = (
    (re.compile(r"postgres|postgis|timescale|pgvector"), "postgresql"),
    (re.compile(r"(^|/)(redis|valkey)"), "redis"),
    (re.compile(r"mysql|mariadb"), "mysql"),
    (re.compile(r"(^|/)mongo(db)?(-community-server)?(:|$|@)"), "mongodb"),
)
_SCHEMES = {
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
    "redis": "redis",
    "rediss": "redis",
    "mongodb": "mongodb",
}
_ADDRESS = re.compile(r"^(postgres(?:ql)?|mysql|mariadb|rediss?|mongodb)(?:\+\w+)?://[^\s{}<>]{1,300}$", re.I)
_SPLIT = {
    "postgresql": ("POSTGRES", "POSTGRESQL", "PG", "DB", "DATABASE", "SQL"),
    "mysql": ("MYSQL", "MARIADB"),
    "redis": ("REDIS",),
    "mongodb": ("MONGO", "MONGODB"),
}
_HOST = re.compile(r"[A-Za-z0-9_]([\w.-]{0,100}[A-Za-z0-9_])?")


def services(containers: Containers, variables: tuple[Variable, ...], code: PythonCode) -> tuple[Service, ...]:
    """Return the services, each account and database once; of a kind, all go by all the names."""
    found = [*_from_variables(variables), *_from_compose(containers, variables), *_from_code(code)]
    merged: dict[tuple[str, str, str], Service] = {}
    for service in found:
        key = (service.kind, service.user, service.database)
        merged.setdefault(key, service)
    hosts = {kind: _hosts(kind, found) for kind in PORTS}
    kept = list(merged.values())[:MOST_SERVICES]
    return tuple(
        Service(s.kind, hosts[s.kind], s.port, s.user, s.password, s.database, s.place)
        for s in sorted(kept, key=lambda s: s.kind)
    )


def _hosts(kind: str, found: Iterable[Service]) -> tuple[str, ...]:
    names = (h for s in found if s.kind == kind for h in s.hosts if _HOST.fullmatch(h))
    return tuple(dict.fromkeys((*names, "localhost")))[:MOST_HOSTS]


def kind_of_image(image: str) -> str:
    """Return the kind of service that an image runs, or ""."""
    tools = ("exporter", "pgadmin", "commander", "express", "insight", "backup", "bitnami/postgresql-repmgr")
    if any(t in image for t in tools):
        return ""
    return next((kind for shape, kind in _IMAGES if shape.search(image)), "")


def _from_compose(containers: Containers, variables: tuple[Variable, ...]) -> Iterator[Service]:
    written = {v.name: v for v in variables}
    for declared in containers.services:
        kind = kind_of_image(containers.image_of(declared))
        if kind:
            given = {v.name: expanded(v.value, written) for v in declared.environment}
            yield _composed(kind, declared, given)


def _composed(kind: str, declared: Declared, given: dict[str, str]) -> Service:
    place = Place(declared.path, declared.line)
    user, password, database = "", "", ""
    if kind == "postgresql":
        user, password = given.get("POSTGRES_USER") or "postgres", given.get("POSTGRES_PASSWORD", "")
        database = given.get("POSTGRES_DB") or user
    elif kind == "mysql":
        user = given.get("MYSQL_USER") or given.get("MARIADB_USER") or "root"
        names = ("ROOT_PASSWORD",) if user == "root" else ("PASSWORD", "ROOT_PASSWORD")
        password = next((given[f"{p}_{n}"] for n in names for p in ("MYSQL", "MARIADB") if given.get(f"{p}_{n}")), "")
        database = given.get("MYSQL_DATABASE") or given.get("MARIADB_DATABASE") or ""
    elif kind == "mongodb":
        user, password = given.get("MONGO_INITDB_ROOT_USERNAME", ""), given.get("MONGO_INITDB_ROOT_PASSWORD", "")
        database = given.get("MONGO_INITDB_DATABASE", "")
    elif found := re.search(r"--requirepass[\s=]+([^\s\"']+)", declared.command):
        password = found.group(1)
    return Service(kind, (declared.name,), PORTS[kind], user[:63], password[:200], database[:63], place)


def from_address(text: str, place: Place) -> Service | None:
    """Read `postgresql://user:password@host:5432/name` and its likes; None for anything else."""
    if not _ADDRESS.match(text):
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    kind = _SCHEMES[parts.scheme.split("+")[0].lower()]
    host = parts.hostname or "localhost"
    if "." in host and not re.fullmatch(r"127\.[\d.]+|host\.docker\.internal|0\.0\.0\.0", host):
        return None  # somebody else's machine
    database = unquote(parts.path.strip("/").split("/")[0])
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Service(kind, (host,), port or PORTS[kind], user[:63], password[:200], database[:63], place)


def _from_variables(variables: tuple[Variable, ...]) -> Iterator[Service]:
    for variable in variables:
        service = from_address(variable.value, variable.place)
        if service is not None:
            yield service
    by_name = {v.name.upper(): v for v in variables}
    for kind, prefixes in _SPLIT.items():
        for prefix in prefixes:
            service = _split(kind, prefix, by_name)
            if service is not None:
                yield service


def _split(kind: str, prefix: str, by_name: dict[str, Variable]) -> Service | None:
    """Read `DB_HOST`, `DB_USER`, `DB_PASSWORD`, `DB_NAME`: a host and at least a database or a user."""

    def value(*endings: str) -> str:
        names = (f"{prefix}_{e}" for e in endings), (f"{prefix}{e}" for e in endings)
        return next((by_name[n].value for group in names for n in group if n in by_name), "")

    host = value("HOST", "SERVER", "HOSTNAME")
    user, database = value("USER", "USERNAME"), value("DB", "NAME", "DATABASE", "DBNAME", "DB_NAME")
    if not (host or (kind == "postgresql" and prefix.startswith("POSTGRES"))) or not (user or database or kind == "redis"):
        return None
    if "." in host and not host.startswith("127."):
        return None
    port = value("PORT")
    if prefix in ("DB", "DATABASE", "SQL") and port == str(PORTS["mysql"]):
        kind = "mysql"
    place = next(v.place for n, v in by_name.items() if n.startswith(prefix))
    number = int(port) if port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536 else PORTS[kind]
    return Service(kind, (host or "localhost",), number, user[:63], value("PASSWORD", "PASS", "PWD")[:200], database[:63], place)


def _from_code(code: PythonCode) -> Iterator[Service]:
    """Yield the addresses written in code: defaults of variables, arguments of `create_engine`."""
    for module in code.application:  # tests name addresses that must not answer
        for text, node in module.strings:
            if "://" in text[:40]:
                service = from_address(text, Place(module.path, module.line(node)))
                if service is not None:
                    yield service

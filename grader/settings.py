"""Settings, read once from the environment in the composition roots."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from grader.errors import Refused

COUNTS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
HOSTS = frozenset({"github.com", "gitlab.com", "codeberg.org", "bitbucket.org", "framagit.org"})


def default_root() -> Path:
    """Return where `make images` lays the system that bubblewrap shows, when nothing else is said."""
    return Path("/var/cache/jurygrid/root") if os.geteuid() == 0 else Path.home() / ".cache" / "jurygrid" / "root"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between installations. Every field is documented in `docs/settings.md`."""

    hosts: frozenset[str] = HOSTS
    private_networks: frozenset[str] = frozenset()
    ca_bundle: str = ""
    fetch_seconds: float = 300.0
    most_files: int = 20_000
    most_bytes: int = 400_000_000
    most_file_bytes: int = 20_000_000
    examine_seconds: float = 120.0
    examine_memory: int = 3_000_000_000
    run_seconds: float = 600.0
    run_memory: int = 3_000_000_000
    run_tmp: int = 1_500_000_000
    docker_host: str = ""
    image: str = "jurygrid-examiner:latest"
    runner_image: str = "jurygrid-runner:latest"
    docker_runtime: str = ""
    index_network: str = "bridge"
    cache_folder: Path = field(default_factory=lambda: Path("~/.cache/jurygrid").expanduser())
    cache_days: float = 30.0
    cache_bytes: int = 20_000_000_000
    index_url: str = ""
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    npm_registry: str = ""
    prepare_seconds: float = 300.0
    most_wheel_bytes: int = 3_000_000_000
    root: Path = field(default_factory=default_root)
    work_folder: Path = field(default_factory=lambda: Path("/tmp"))  # noqa: S108 - a folder of its own is made inside


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """What the service adds: where it keeps things, how it is reached, how people sign in. Documented in `docs/settings.md`."""

    data_folder: Path = field(default_factory=lambda: _home("~/.local/share/jurygrid", "/var/lib/jurygrid"))
    database_url: str = ""  # empty: SQLite in the data folder
    queue_url: str = ""  # empty: threads of this process; else redis://…
    files_url: str = ""  # empty: a folder in the data folder; else an fsspec address
    secret_file: str = ""  # empty: in the data folder
    address: str = ""  # as people's browsers see it; empty: where it listens
    workers: int = 0  # threads of the embedded service; 0: one for each core
    lease_seconds: float = 60.0  # after which a worker that no longer beats is given up
    upload_bytes: int = 200_000_000
    sign_in_hours: float = 12.0
    trusted_proxies: str = "127.0.0.1"
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_name: str = "OpenID Connect"
    github_client_id: str = ""
    github_client_secret: str = ""
    github_url: str = "https://github.com"  # or that of a GitHub Enterprise Server
    mail_url: str = ""  # smtp://user:password@host:port; empty: no mail is sent
    mail_from: str = ""
    log_level: str = "info"  # debug, info, warning or error
    tracing: bool = False
    metrics_address: str = ""  # host:port where a worker shows its counts to Prometheus; empty: nowhere
    sandbox: str = "auto"  # auto, docker, bubblewrap or none
    run: bool = True  # run what candidates built, where the sandbox may
    samples: bool = False  # accepts sample:NAME as an address, for a demonstration

    @property
    def database(self) -> str:
        """URL of the database."""
        return self.database_url or f"sqlite:///{self.data_folder / 'jurygrid.db'}"

    @property
    def files(self) -> str:
        """Where files are kept."""
        return self.files_url or str(self.data_folder / "files")

    @property
    def secret(self) -> Path:
        """The secret file."""
        return Path(self.secret_file) if self.secret_file else self.data_folder / "secret"

    @property
    def is_embedded(self) -> bool:
        """Tell whether one process does everything."""
        return not self.queue_url


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read `JURYGRID_*` variables. Raises ValueError naming a variable whose value is malformed."""
    env = os.environ if environment is None else environment
    fallbacks = {
        "ca_bundle": env.get("GIT_SSL_CAINFO", "") or env.get("SSL_CERT_FILE", ""),
        "docker_host": env.get("DOCKER_HOST", ""),
        "index_url": env.get("UV_DEFAULT_INDEX", "") or env.get("PIP_INDEX_URL", ""),
        "work_folder": env.get("TMPDIR", ""),
        "cache_folder": str(_cache_folder(env)),
    }
    settings = _read(Settings, env, fallbacks)
    for network in settings.private_networks:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            raise ValueError(f"JURYGRID_PRIVATE_NETWORKS: {network!r}") from None
    return settings


def read_service_settings(environment: Mapping[str, str] | None = None) -> ServiceSettings:
    """Read the service's `JURYGRID_*` variables. Raises ValueError naming a variable whose value is malformed."""
    return _read(ServiceSettings, os.environ if environment is None else environment, {})


def hand_down(variable: str, value: str) -> None:
    """Set a variable for this process and those that it starts."""
    os.environ[variable] = value


def count_together() -> bool:
    """Tell whether the processes of this service write their counts to one folder, which Prometheus' client reads."""
    return COUNTS_VARIABLE in os.environ


def all_settings() -> tuple[Settings, ServiceSettings]:
    """Read every setting. Raises Refused naming the malformed one."""
    try:
        return read_settings(), read_service_settings()
    except ValueError as error:
        raise Refused("setting-invalid", detail=error) from None


_Kind = TypeVar("_Kind", Settings, ServiceSettings)


def _read(kind: type[_Kind], env: Mapping[str, str], fallbacks: Mapping[str, str]) -> _Kind:
    """Fill each field whose variable is set, or has a fallback; an empty variable is one that is not set."""
    given = {f.name: env.get(f"JURYGRID_{f.name.upper()}", "") or fallbacks.get(f.name, "") for f in fields(kind)}
    return kind(**{f.name: _parsed(f, given[f.name]) for f in fields(kind) if given[f.name]})


def _parsed(a_field: Field[Any], text: str) -> Any:
    variable = f"JURYGRID_{a_field.name.upper()}"
    if a_field.type in ("float", "int"):
        return _number(variable, text, float if a_field.type == "float" else int)
    if a_field.type == "bool":
        if text.lower() not in ("1", "0", "true", "false", "yes", "no"):
            raise ValueError(f"{variable} must be 1 or 0, not {text!r}")
        return text.lower() in ("1", "true", "yes")
    return _KINDS[str(a_field.type)](text)


_KINDS: Mapping[str, Callable[[str], Any]] = {
    "str": str,
    "Path": Path,
    "frozenset[str]": lambda text: frozenset(text.split()),
    "tuple[str, ...]": lambda text: tuple(text.split()),
}


def _number(variable: str, text: str, kind: type[float] | type[int]) -> float:
    try:
        value = kind(float(text))
    except (ValueError, OverflowError):
        raise ValueError(f"{variable} must be a number, not {text!r}") from None
    if not value > 0:
        raise ValueError(f"{variable} must be above zero")
    return value


def _home(own: str, roots: str) -> Path:
    return Path(roots) if os.geteuid() == 0 else Path(own).expanduser()


def _cache_folder(env: Mapping[str, str]) -> Path:
    if os.geteuid() == 0:
        return Path("/var/cache/jurygrid")
    return Path(env.get("XDG_CACHE_HOME", "") or Path(env.get("HOME", "") or "~").expanduser() / ".cache") / "jurygrid"

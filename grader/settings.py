"""Settings, read once from the environment in the composition roots."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

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


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read `JURYGRID_*` variables. Raises ValueError naming a variable whose value is malformed."""
    env = os.environ if environment is None else environment

    def text(name: str, default: str = "") -> str:
        return env.get(f"JURYGRID_{name}", default)

    def number(name: str, default: float) -> float:
        try:
            value = float(text(name) or default)
        except ValueError:
            raise ValueError(f"JURYGRID_{name} must be a number, not {text(name)!r}") from None
        if value <= 0:
            raise ValueError(f"JURYGRID_{name} must be above zero")
        return value

    for network in text("PRIVATE_NETWORKS").split():
        try:
            ipaddress.ip_network(network)
        except ValueError:
            raise ValueError(f"JURYGRID_PRIVATE_NETWORKS: {network!r}") from None
    default = Settings()
    return Settings(
        hosts=frozenset(text("HOSTS").split()) or HOSTS,
        private_networks=frozenset(text("PRIVATE_NETWORKS").split()),
        ca_bundle=text("CA_BUNDLE") or env.get("GIT_SSL_CAINFO", "") or env.get("SSL_CERT_FILE", ""),
        fetch_seconds=number("FETCH_SECONDS", default.fetch_seconds),
        most_files=int(number("MOST_FILES", default.most_files)),
        most_bytes=int(number("MOST_BYTES", default.most_bytes)),
        most_file_bytes=int(number("MOST_FILE_BYTES", default.most_file_bytes)),
        examine_seconds=number("EXAMINE_SECONDS", default.examine_seconds),
        examine_memory=int(number("EXAMINE_MEMORY", default.examine_memory)),
        run_seconds=number("RUN_SECONDS", default.run_seconds),
        run_memory=int(number("RUN_MEMORY", default.run_memory)),
        run_tmp=int(number("RUN_TMP", default.run_tmp)),
        docker_host=text("DOCKER_HOST") or env.get("DOCKER_HOST", ""),
        image=text("IMAGE") or default.image,
        runner_image=text("RUNNER_IMAGE") or default.runner_image,
        docker_runtime=text("DOCKER_RUNTIME"),
        index_network=text("INDEX_NETWORK") or default.index_network,
        cache_folder=_cache_folder(env),
        cache_days=number("CACHE_DAYS", default.cache_days),
        cache_bytes=int(number("CACHE_BYTES", default.cache_bytes)),
        index_url=text("INDEX_URL") or env.get("UV_DEFAULT_INDEX", "") or env.get("PIP_INDEX_URL", ""),
        extra_index_urls=tuple(text("EXTRA_INDEX_URLS").split()),
        find_links=tuple(text("FIND_LINKS").split()),
        npm_registry=text("NPM_REGISTRY"),
        prepare_seconds=number("PREPARE_SECONDS", default.prepare_seconds),
        most_wheel_bytes=int(number("MOST_WHEEL_BYTES", default.most_wheel_bytes)),
        root=Path(text("ROOT") or default.root),
        work_folder=Path(text("WORK_FOLDER") or env.get("TMPDIR", "") or "/tmp"),  # noqa: S108
    )


def _cache_folder(env: Mapping[str, str]) -> Path:
    given = env.get("JURYGRID_CACHE_FOLDER", "")
    if given:
        return Path(given)
    if os.geteuid() == 0:
        return Path("/var/cache/jurygrid")
    return Path(env.get("XDG_CACHE_HOME", "") or Path(env.get("HOME", "") or "~").expanduser() / ".cache") / "jurygrid"

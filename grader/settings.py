"""Settings, read once from the environment in the composition roots."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HOSTS = frozenset({"github.com", "gitlab.com", "codeberg.org", "bitbucket.org", "framagit.org"})


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
    docker_host: str = ""
    image: str = "jurygrid-examiner:latest"
    docker_runtime: str = ""
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
        docker_host=text("DOCKER_HOST") or env.get("DOCKER_HOST", ""),
        image=text("IMAGE") or default.image,
        docker_runtime=text("DOCKER_RUNTIME"),
        work_folder=Path(text("WORK_FOLDER") or env.get("TMPDIR", "") or "/tmp"),  # noqa: S108
    )

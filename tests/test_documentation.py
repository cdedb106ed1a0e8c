"""Generated pages are up to date; settings, commands and links are documented."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from docs.generate import pages
from grader.cli import build_parser
from grader.settings import ServiceSettings, Settings, read_service_settings, read_settings

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_generated_page_is_up_to_date(name: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == pages()[name], "run `make docs`"


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    known = (*fields(Settings), *fields(ServiceSettings))
    assert [f.name for f in known if f"JURYGRID_{f.name.upper()}" not in text] == []


def test_every_setting_is_read() -> None:
    given = {
        "hosts": "a.test",
        "private_networks": "10.0.0.0/8",
        "ca_bundle": "/x",
        "docker_host": "unix:///x",
        "image": "i:1",
        "docker_runtime": "runsc",
        "work_folder": "/var/tmp",
    }
    numbers = {f.name: "7" for f in fields(Settings) if f.name not in given}
    read = read_settings({f"JURYGRID_{k.upper()}": v for k, v in {**given, **numbers}.items()})
    assert [f.name for f in fields(Settings) if getattr(read, f.name) == getattr(Settings(), f.name)] == []


def test_every_setting_of_the_service_is_read() -> None:
    default = ServiceSettings()
    given = {f.name: str(int(not getattr(default, f.name))) if f.type == "bool" else "7" for f in fields(ServiceSettings)}
    read = read_service_settings({f"JURYGRID_{k.upper()}": v for k, v in given.items()})
    assert [f.name for f in fields(ServiceSettings) if getattr(read, f.name) == getattr(default, f.name)] == []
    with pytest.raises(ValueError, match="JURYGRID_TRACING"):
        read_service_settings({"JURYGRID_TRACING": "perhaps"})


def test_every_command_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    for command in ("grade", "rubric check", "checks list", "checks show", "doctor", "serve", "grade-all", "audit", "worker"):
        assert f"jurygrid {command}" in text
    for command in ("sweep", "database", "admin invite", "backup", "restore", "prune", "person"):
        assert command in text
    assert build_parser("fr").format_help() != build_parser("en").format_help()


@pytest.mark.parametrize(
    "page", sorted(p for p in ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")), ids=lambda p: p.name
)
def test_relative_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text("utf-8"))
    assert [t for t in targets if not (page.parent / t).exists()] == []

"""Commands that start a web application or an interface, in containers, scripts and guides."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checks.findings import evidence
from checks.workspace import Workspace
from grader.values import Evidence

_COMMAND = re.compile(
    r"\b(streamlit[\",\s]+run|uvicorn[\",\s]+\S|gunicorn[\",\s]+\S|flask[\",\s]+(--app|run)|manage\.py[\",\s]+runserver"
    r"|fastapi[\",\s]+(run|dev)|npm[\",\s]+(run[\",\s]+)?(start|dev)|yarn[\",\s]+(start|dev)"
    r"|docker[- ]compose[\",\s]+up|chainlit[\",\s]+run"
    r"|python3?[\",\s]+\S*(app|main|run|server)\w*\.py)"
)


@dataclass(frozen=True)
class StartCommands:
    """Places that write a start command, containers first."""

    all: tuple[Evidence, ...]


def start_commands(workspace: Workspace) -> StartCommands:
    """Find the start commands."""
    found: list[tuple[int, str, int, Evidence]] = []
    for file in workspace.named(
        "dockerfile*", "*.dockerfile", "*compose*.y*ml", "*.sh", "procfile", "makefile", "*.md", "*.bat", "*.rst", "*.txt"
    ):
        if file.size > 300_000:
            continue
        rank = 0 if re.search(r"docker|compose", file.name, re.I) else 1
        for number, line in enumerate(file.lines, 1):
            if _COMMAND.search(line[:400]):
                found.append((rank, file.path, number, evidence(file.path, number, line)))
    return StartCommands(tuple(e for _, _, _, e in sorted(found, key=lambda i: i[:3])))


FACTS = (start_commands,)

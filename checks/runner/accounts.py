"""Roles and databases of PostgreSQL that code takes for granted: made in our throw-away server once a program says they are absent."""

from __future__ import annotations

import re

from .running import Running
from .services import psql

ROUNDS = 2  # the role first, then the database
MOST = 6
_ABSENT = re.compile(r'\b(database|role) "([A-Za-z_][A-Za-z0-9_-]{0,62})" does not exist')
_MADE = {"role": 'CREATE ROLE "{}" SUPERUSER LOGIN', "database": 'CREATE DATABASE "{}"'}


def absent(text: str) -> tuple[tuple[str, str], ...]:
    """Return the (kind, name) of each role or database that a program was told does not exist."""
    return tuple(dict.fromkeys(_ABSENT.findall(text)))


def provide(running: Running, text: str) -> bool:
    """Make, each once, what a program says is absent; tell whether something new was made."""
    ports = [int(s["port"]) for s in running.document["services"] if s["kind"] == "postgresql" and s["state"] == "started"]
    wanted = [one for one in absent(text) if one not in running.provided] if ports else []
    made = False
    for kind, name in wanted[: MOST - len(running.provided)]:
        running.provided.add((kind, name))
        answers = [psql(running, port, "postgres", _MADE[kind].format(name)) for port in ports]
        made |= any(a.returncode == 0 for a in answers)
    return made

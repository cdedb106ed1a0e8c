"""Look into an SQLite database of the submission, from a process of its own: `python -I schema.py REQUEST.json` prints JSON.

Requests: {"do": "apply", "file", "script"}, {"do": "tables", "file"}, {"do": "queries", "file", "queries": [text], "seconds", "most"}.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from typing import Any

MOST_TABLES = 200


def main(path: str) -> int:
    """Do what the request says; 1 when it fails, with the sentence on the output."""
    with open(path, encoding="utf-8") as file:
        request = json.load(file)
    try:
        print(json.dumps(DO[request["do"]](request)))
    except (sqlite3.Error, OSError, UnicodeError, ValueError) as error:
        print(f"{type(error).__name__}: {error}")
        return 1
    return 0


def apply(request: dict[str, Any]) -> None:
    """Run a script of DDL."""
    with open(request["script"], encoding="utf-8-sig", errors="replace") as file:
        text = file.read()
    connection = sqlite3.connect(request["file"])
    connection.executescript(text)
    connection.commit()
    connection.close()


def tables(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the tables with their columns and rows."""
    connection = _read_only(request["file"])
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    found = []
    for (name,) in names.fetchmany(MOST_TABLES):
        quoted = '"' + name.replace('"', '""') + '"'
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({quoted})")]
        (rows,) = connection.execute(f"SELECT count(*) FROM {quoted}").fetchone()  # noqa: S608
        found.append({"name": name, "columns": columns[:200], "rows": rows})
    return found


def queries(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Run each query on the database, read-only, within its share of time; return ok, rows and error of each."""
    connection = _read_only(request["file"])
    answers: list[dict[str, Any]] = []
    for text in request["queries"]:
        end = time.monotonic() + request["seconds"]
        connection.set_progress_handler(lambda end=end: int(time.monotonic() > end), 10_000)
        try:
            rows = len(connection.execute(text).fetchmany(request["most"]))
            answers.append({"ok": True, "rows": rows, "error": None})
        except (sqlite3.Error, sqlite3.Warning, UnicodeError, OverflowError) as error:
            answers.append({"ok": False, "rows": None, "error": str(error)[:500]})
    return answers


def _read_only(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    connection.execute("PRAGMA query_only = ON")
    return connection


DO = {"apply": apply, "tables": tables, "queries": queries}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

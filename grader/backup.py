"""Backup and restore: one archive with every row as JSON lines and every file, the same for both databases.

A backup reads one consistent state of the database; files never change, so those named by it are copied after.
"""

from __future__ import annotations

import base64
import datetime
import io
import json
import tarfile
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from grader.errors import OurFailure, Refused
from grader.files import Files
from grader.store.database import Database
from grader.store.dump import all_files, is_empty, read_rows, revision, table_names, write_rows

FORMAT = "jurygrid-backup/1"


def back_up(database: Database, files: Files, target: Path) -> dict[str, int]:
    """Write a backup; return how many rows of each table, and `files`. Whole or not at all."""
    new = target.with_name(f".{target.name}.new")
    with tarfile.open(new, "w:gz", compresslevel=3) as archive, database.snapshot() as session:
        counts = {name: _add_rows(archive, name, read_rows(session, name)) for name in table_names()}
        names = all_files(session)
        for name in names:
            with tempfile.NamedTemporaryFile(dir=target.parent) as copy:
                files.bring(name, Path(copy.name))
                archive.add(copy.name, f"files/{name}")
        head = {"format": FORMAT, "revision": revision(session), "rows": counts, "files": len(names)}
        _add(archive, "backup.json", json.dumps(head).encode())
    new.replace(target)
    return {**counts, "files": len(names)}


def restore(source: Path, database: Database, files: Files) -> dict[str, int]:
    """Restore a backup into an installation that holds nothing. Raises Refused when it holds something or the file is no backup."""
    database.upgrade()
    counts: dict[str, int] = {}
    try:
        with tarfile.open(source) as archive:
            head = json.loads(_read(archive, "backup.json"))
            if head.get("format") != FORMAT:
                raise Refused("backup-unreadable", path=source)
            with database.begin() as session:
                if not is_empty(session):
                    raise Refused("restore-into-something")
                if head["revision"] != revision(session):
                    raise Refused("backup-version", revision=head["revision"])
                for name in table_names():
                    counts[name] = write_rows(session, name, _rows(_read(archive, f"tables/{name}.jsonl")))
            for member in archive:
                if member.name.startswith("files/") and (stream := archive.extractfile(member)):
                    kept, _ = files.keep(cast(BinaryIO, stream))
                    if kept != member.name.removeprefix("files/"):
                        raise OurFailure("file-damaged", name=member.name)
    except (tarfile.TarError, KeyError, ValueError, OSError) as error:
        raise Refused("backup-unreadable", path=source) from error
    if counts != head["rows"]:
        raise OurFailure("file-damaged", name=str(source))
    return {**counts, "files": head["files"]}


def _add_rows(archive: tarfile.TarFile, name: str, rows: Iterator[dict[str, Any]]) -> int:
    with tempfile.TemporaryFile() as lines:
        count = 0
        for row in rows:
            lines.write(json.dumps(row, default=_as_json, ensure_ascii=True).encode() + b"\n")
            count += 1
        member = tarfile.TarInfo(f"tables/{name}.jsonl")
        member.size = lines.tell()
        lines.seek(0)
        archive.addfile(member, lines)
    return count


def _as_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime.datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, uuid.UUID):
        return {"uuid": str(value)}
    raise TypeError(type(value).__name__)


def _rows(data: bytes) -> Iterator[dict[str, Any]]:
    for line in data.splitlines():
        yield {k: _from_json(v) for k, v in json.loads(line).items()}


def _from_json(value: Any) -> Any:
    if isinstance(value, dict) and len(value) == 1:
        (kind, text), *_ = value.items()
        if kind == "bytes":
            return base64.b64decode(text)
        if kind == "moment":
            return datetime.datetime.fromisoformat(text)
        if kind == "uuid":
            return uuid.UUID(text)
    return value


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    stream = archive.extractfile(name)
    if stream is None:
        raise KeyError(name)
    return stream.read()

"""`jurygrid person export EMAIL FILE` and `jurygrid person erase EMAIL`."""

from __future__ import annotations

import argparse
import json
import zipfile
from pathlib import Path

from grader.words import help_text


def run(options: argparse.Namespace) -> int:
    """Give or erase everything about a person. Raises Refused when nobody has the address, Conflict under a legal hold."""
    from grader.commands.parts import open_database
    from grader.errors import Refused
    from grader.files import Files
    from grader.prune import remove
    from grader.settings import all_settings
    from grader.store.erasure import erase_person, everything_about
    from grader.store.people import find_person

    _, service = all_settings()
    database, files = open_database(service, upgrade=False), Files(service.files)
    with database.begin() as session:
        person = find_person(session, options.email)
        if person is None:
            raise Refused("person-unknown", email=options.email)
        if options.verb == "erase":
            names = erase_person(session, person, by=None)
        else:
            found = everything_about(session, person)
    if options.verb == "erase":
        remove(files, names)
        print(help_text("person-erased", options.lang).format(email=options.email))
        return 0
    many = sum(len(rows) for name, rows in found.items() if name != "files")
    write_export(options.file, found, files)
    print(help_text("person-exported", options.lang).format(rows=many, files=len(found["files"]), path=options.file))
    return 0


def write_export(target: Path, found: dict[str, list[dict[str, object]]], files: object) -> None:
    """Write rows and files into a zip archive."""
    from grader.files import Files

    assert isinstance(files, Files)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rows.json", json.dumps(found, ensure_ascii=False, indent=1, default=str))
        for row in found["files"]:
            with files.open(str(row["sha256"])) as source, archive.open(f"files/{row['sha256']}", "w") as copy:
                while block := source.read(1 << 20):
                    copy.write(block)

"""`jurygrid grade-all ROSTER`: grades a whole cohort on this machine, by the service's own code and store, without a service running.

Interrupted, it leaves the rest queued: the same command goes on where it stopped, and grades nobody twice.
"""

from __future__ import annotations

import argparse
import datetime
import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.words import help_text

if TYPE_CHECKING:
    from grader.roster import Defect, Row


def run(options: argparse.Namespace) -> int:
    """Try the roster, then grade it. Raises Refused with every defective line."""
    from grader.commands.parts import assessor_from_environment
    from grader.embedded import Embedded
    from grader.errors import Refused
    from grader.handing import Hand
    from grader.roster import read_roster
    from grader.rubric import load_rubric
    from grader.settings import all_settings
    from grader.store.cohort_run import hand_in_all

    rubric = load_rubric(options.rubric)
    if not options.roster.is_file():
        raise Refused("source-not-found", source=options.roster)
    roster = read_roster(options.roster.read_bytes(), frozenset(b.id for b in rubric.blocks), with_url=True)
    defects = roster.defects or _addresses(roster.rows, all_settings()[0].hosts, samples=all_settings()[1].samples)
    for defect in defects:
        print(f"{options.roster}:{defect.line}: {defect.what.in_(options.lang)}")
    if defects:
        raise Refused("roster-defects", count=len(defects))
    if options.dry_run:
        print(help_text("roster-good", options.lang).format(count=len(roster.rows)))
        return 0
    queue = Embedded()
    assessor = assessor_from_environment(queue, upgrade=True)
    settings, service = all_settings()
    assessor.run = assessor.run and not options.no_run
    hand = Hand(assessor.secret, settings.hosts, service.samples)
    name = options.session or options.roster.stem
    with assessor.database.begin() as session:
        session_id = hand_in_all(
            session, hand, roster.rows, rubric=options.rubric, name=name, moment=datetime.datetime.now(datetime.UTC)
        )
    queue.start(assessor, service)
    try:
        _follow(assessor, session_id, options.lang)
    except KeyboardInterrupt:
        print("\n" + help_text("cohort-held", options.lang))
        raise
    finally:
        queue.stop(1.0)
    return _told(assessor, session_id, options)


def _addresses(rows: Sequence[Row], hosts: frozenset[str], *, samples: bool) -> tuple[Defect, ...]:
    """Return a defect for each line that names no repository of a known host."""
    from grader.errors import Refused
    from grader.receive import accepted_address
    from grader.roster import Defect
    from grader.values import Text

    found = []
    for row in rows:
        try:
            for url in row.urls:
                accepted_address(url, hosts, samples=samples)
        except Refused as refusal:
            found.append(Defect(row.line, Text(refusal.sentence("fr"), refusal.sentence("en"))))
    return tuple(found)


def _follow(assessor: object, session_id: object, language: str) -> None:
    """Print how far it is until all has ended."""
    import uuid

    from grader.assess import Assessor
    from grader.store.assessments import progress_of
    from grader.store.tables import ENDED

    assert isinstance(assessor, Assessor) and isinstance(session_id, uuid.UUID)
    shown, pause = "", threading.Event()
    while True:
        with assessor.database.read() as session:
            counts = progress_of(session, session_id)
        ended, total = sum(counts.get(s, 0) for s in ENDED), sum(counts.values())
        line = help_text("cohort-progress", language).format(ended=ended, total=total)
        if line != shown:
            print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)
        if ended == total:
            return
        shown = line
        pause.wait(1.0)


def _told(assessor: object, session_id: object, options: argparse.Namespace) -> int:
    """Print what became of each, and write the grids where asked; 1 when somebody has none."""
    import uuid

    from checks.registry import CHECKS
    from grader.assess import Assessor
    from grader.catalogue import SENTENCES, sentence
    from grader.contract import as_json
    from grader.render.page import render
    from grader.store.cohort_run import outcomes
    from grader.store.grids import grid_of

    assert isinstance(assessor, Assessor) and isinstance(session_id, uuid.UUID)
    without = 0
    with assessor.database.read() as session:
        for email, row in outcomes(session, session_id):
            if row.state != "ready":
                without += 1
                code = row.code if row.code in SENTENCES else "unexpected"
                print(f"{email}: {sentence(code or 'unexpected', options.lang, **row.detail)}")
                continue
            print(f"{email}: " + ", ".join(f"{many} {level}" for level, many in sorted(row.counts.items())))
            if options.out:
                grid = grid_of(session, row)
                _write(options.out, email, as_json(grid), render(grid, options.lang, {c.id: c for c in CHECKS}))
    return 1 if without else 0


def _write(folder: Path, email: str, json: str, html: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = "".join(c if c.isalnum() or c in ".-_@" else "_" for c in email).strip(".") or "candidate"
    for ending, body in (("json", json), ("html", html)):
        new = folder / f".{name}.{ending}.{os.getpid()}"
        new.write_text(body, "utf-8", errors="backslashreplace")
        new.replace(folder / f"{name}.{ending}")

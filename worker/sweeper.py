"""`jurygrid sweep`: repairs what anything that died left, once or again and again."""

from __future__ import annotations

import argparse
import logging
import threading
from dataclasses import fields

from grader.words import help_text

log = logging.getLogger("jurygrid.sweep")


def run(options: argparse.Namespace) -> int:
    """Sweep once and say what was done; with `--every`, until the process is told to end."""
    from grader.commands.logs import set_up_logs
    from grader.commands.parts import assessor_from_environment
    from grader.settings import all_settings
    from grader.sweep import Caretaker
    from worker.queue import queue_from_settings

    _, service = all_settings()
    set_up_logs(service.log_level)
    caretaker = Caretaker(assessor_from_environment(queue_from_settings(service)), service)
    if not options.every:
        done = caretaker.look()
        print(help_text("swept", options.lang).format(**{f.name: getattr(done, f.name) for f in fields(done)}))
        return 0
    pause = threading.Event()
    while True:
        try:
            caretaker.look()
        except Exception:
            log.exception("this sweep failed, the next one follows")
        pause.wait(options.every)

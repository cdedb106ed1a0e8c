"""Logs: one line each, whatever is in them."""

from __future__ import annotations

import json
import logging

from grader.commands.logs import JsonLines, PlainLines

EVIL = 'é\n{"level": "error", "said": "forged"}\r\x1b[2J\u202e'


def record(message: str, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("jurygrid.test", logging.WARNING, "f.py", 1, "%s", (message,), None)
    vars(made).update(extra)
    return made


def test_text_from_outside_starts_no_line_and_moves_no_cursor() -> None:
    line = JsonLines().format(record(EVIL, assessment="a1", detail=EVIL))
    assert "\n" not in line and "\r" not in line and "\x1b" not in line
    told = json.loads(line)
    assert (told["said"], told["assessment"], told["detail"], told["level"]) == (EVIL, "a1", EVIL, "warning")
    plain = PlainLines().format(record(EVIL, detail=EVIL))
    assert plain.isprintable() and "é" in plain


def test_a_trace_stays_with_its_line() -> None:
    import sys

    try:
        raise ValueError("x\ny")
    except ValueError:
        made = record("failed")
        made.exc_info = sys.exc_info()
    assert "ValueError" in json.loads(JsonLines().format(made))["trace"]
    assert JsonLines().format(made).count("\n") == 0

"""Logs: one JSON object a line, or plain lines on a terminal. Text from outside can start no line of its own."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_KNOWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object; what `extra` carries (the assessment's id, a code) stays apart from the sentence."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told = _told(record)
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {
            "at": f"{when}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "said": record.getMessage(),
        }
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps({**line, **told}, ensure_ascii=False, default=str)


class PlainLines(logging.Formatter):
    """Formats a record for a person at a terminal, control characters made visible."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and a trace below it."""
        told = "".join(f" {name}={value}" for name, value in _told(record).items())
        line = f"{time.strftime('%H:%M:%S')} {record.levelname.lower():<7} {record.name.removeprefix('jurygrid.')}: {record.getMessage()}{told}"
        shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)
        return shown + (f"\n{self.formatException(record.exc_info)}" if record.exc_info else "")


def _told(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _KNOWN}


def set_up_logs(level: str = "info") -> None:
    """Write logs to standard error: JSON, or plain where somebody reads along."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainLines() if sys.stderr.isatty() else JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("jurygrid").setLevel(_LEVELS.get(level, logging.INFO))

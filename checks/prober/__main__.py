"""Entry of the probing sandbox: `python3 -I -m checks.prober`, one frame of questions in, one frame of answers out."""

from __future__ import annotations

import json
import os
import sys

from checks.prober.asked import read_asked
from checks.prober.probe import empty, probe
from checks.runner.frames import frame, read_frame

MOST_QUESTIONS = 1_000_000


def answers() -> bytes:
    """Read the questions and return the document of the answers; there always is one."""
    try:
        asked = read_asked(read_frame(sys.stdin.buffer, MOST_QUESTIONS) or b"")
    except (ValueError, TypeError, RecursionError):
        return json.dumps({**empty(), "troubles": [{"step": "asked", "code": "malformed"}]}).encode()
    return json.dumps(probe(asked), allow_nan=False).encode()


def main() -> int:
    """Answer on the standard output that only we write to: anything else that prints goes to standard error."""
    out = os.dup(1)
    os.dup2(2, 1)
    with os.fdopen(out, "wb") as stream:
        stream.write(frame(answers()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

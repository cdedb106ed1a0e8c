"""Entry of the examination sandbox: `python -I -m checks`, frames in, frames out (`docs/decisions/0008-running.md`)."""

from __future__ import annotations

import os
import sys

from checks.examiner import examine, product
from checks.runner.frames import frame


def main() -> int:
    """Examine, sending each document on the standard output, to which nothing else is written."""
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)

        def emit(document: dict[str, object]) -> None:
            out.write(frame(product(document)))
            out.flush()

        examine(sys.stdin.buffer, emit)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

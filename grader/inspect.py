"""Has uploaded documents looked into, in a sandbox: nothing of them is opened here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from grader.errors import SandboxFailed
from grader.places import choose_sandbox
from grader.process import Limits
from grader.sandbox import Contact, Job
from grader.settings import Settings

INSPECT = ("-I", "-m", "checks.uploads")
CODES = frozenset(
    {"document-bomb", "document-damaged", "document-encrypted", "document-empty", "document-type", "document-unread"}
)
_SENT = ("application/pdf", "application/vnd.")  # videos and texts need no deeper look


def inspect(documents: Sequence[tuple[str, Path]], settings: Settings, sandbox: str) -> list[str | None]:
    """Return for each (media type, file) the code of what keeps it from being accepted, None for nothing.

    Raises SandboxFailed when it could not be looked into: that is our failure, and refuses no document.
    """
    if not documents:
        return []
    place = choose_sandbox(sandbox, settings)
    inputs = [json.dumps([t for t, _ in documents]).encode(), *(f if t.startswith(_SENT) else b"" for t, f in documents)]
    limits = Limits(
        seconds=90.0 * len(documents), cpu_seconds=60 * len(documents), memory_bytes=settings.examine_memory + 500_000_000
    )
    done = place.run(Job(inputs, limits, INSPECT, product_bytes=1_000_000, label="inspect"), Contact())
    try:
        codes = json.loads(done.products[-1])
    except (IndexError, ValueError, RecursionError):
        raise SandboxFailed("inspection-failed", how=done.how) from None
    if not isinstance(codes, list) or len(codes) != len(documents) or any(c is not None and c not in CODES for c in codes):
        raise SandboxFailed("report-malformed")
    return codes

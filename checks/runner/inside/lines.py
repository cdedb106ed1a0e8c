"""What happened, told as it happens: one line of JSON each, so that a run that is killed leaves what it had."""

from __future__ import annotations

import json
import os
from typing import Any

LONGEST = 4000


class Lines:
    """Appends to a file, whatever the tests do to our descriptors."""

    def __init__(self, path: str) -> None:
        """Take the file to append to."""
        self.path = path

    def say(self, **what: Any) -> None:
        """Append one line; say nothing when it cannot be written."""
        data = json.dumps({k: v[:LONGEST] if isinstance(v, str) else v for k, v in what.items()}).encode() + b"\n"
        try:
            file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(file, data)
            finally:
                os.close(file)
        except OSError:
            pass

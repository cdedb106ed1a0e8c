"""What happened, told as it happens: one signed line of JSON each, so that a run that is killed leaves what it had.

The process that tells also runs the submission's code, which can open the same file. Each line is therefore signed with a key that only
this process was given, together with the signature of the line before: what others write is passed over, and what comes after a line
that was taken away is not read. Names of the standard library are taken once, since tests replace them.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

LONGEST = 12_000
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND


class Lines:
    """Appends to a file, whatever the tests do to our descriptors."""

    def __init__(self, path: str, key: str) -> None:
        """Take the file to append to, and the key in hexadecimal."""
        self._path, self._key, self._last, self._process = path, bytes.fromhex(key), "", os.getpid()
        self._lock = threading.Lock()
        self._encode, self._sign, self._me = json.JSONEncoder().encode, _signature, os.getpid
        self._open, self._write, self._close = os.open, os.write, os.close

    def say(self, **what: Any) -> None:
        """Append one line; say nothing when it cannot be written, or in a fork that a test made."""
        if self._me() != self._process:
            return
        data = self._encode({k: v[:LONGEST] if isinstance(v, str) else v for k, v in what.items()})
        with self._lock:
            signature = self._sign(self._key, self._last, data)
            try:
                file = self._open(self._path, _FLAGS, 0o600)
                try:
                    self._write(file, f"{signature} {data}\n".encode())
                    self._last = signature
                finally:
                    self._close(file)
            except OSError:
                pass

    def forget(self) -> None:
        """Forget the key: in a fork that goes on to run the submission's code."""
        self._key, self._process = b"", 0


def hide(*names: str) -> None:
    """Take our modules out of what an import finds: a submission with modules of these names means its own."""
    for name in names:
        del sys.modules[name]


def heard(text: str, key: str) -> Iterator[dict[str, Any]]:
    """Yield what the lines of a text say, those alone that the holder of the key wrote, as long as none is missing between them."""
    secret, last, before = bytes.fromhex(key), "", ""
    for line in text.split("\n"):
        signature, _, data = line.partition(" ")
        # A time limit of tests may stop us between writing a line and taking note of it: the next one then follows the one before.
        if signature not in (last, before) and signature in (_signature(secret, last, data), _signature(secret, before, data)):
            last, before = signature, last
            yield json.loads(data)


def _signature(key: bytes, before: str, data: str) -> str:
    return blake2b(f"{before} {data}".encode("utf-8", "surrogatepass"), key=key, digest_size=16).hexdigest()

"""Entry of the sandbox that looks into uploaded documents: `python3 -I -m checks.uploads`.

Frames in: a JSON list of media types, then one frame for each document; one frame out: a JSON list of codes, null for a good one.
Each document is opened in a process of its own, so that one that breaks the parser, the clock or the memory costs itself alone.
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import sys
import zipfile

from checks.facts.documents_office import MOST_ENTRIES, check_archive
from checks.runner.frames import frame, read_frame

MOST_BYTES = 300_000_000
SECONDS, MEMORY = 30, 1_500_000_000
OK = None
BOMB, DAMAGED, ENCRYPTED, EMPTY, TYPE, UNREAD = (
    f"document-{what}" for what in ("bomb", "damaged", "encrypted", "empty", "type", "unread")
)
CODES = (OK, BOMB, DAMAGED, ENCRYPTED, EMPTY, TYPE, UNREAD)
# What an archive must hold to be what it says it is.
_MAIN = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "word/document.xml",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "ppt/presentation.xml",
    "application/vnd.oasis.opendocument.text": "content.xml",
    "application/vnd.oasis.opendocument.presentation": "content.xml",
}


def code_of(data: bytes, media_type: str) -> str | None:
    """Return what keeps a document from being accepted, None for nothing."""
    if media_type == "application/pdf":
        return _pdf(data)
    if media_type in _MAIN:
        return _archive(data, _MAIN[media_type])
    return OK  # a text or a video: its first bytes were looked at when it came


def _pdf(data: bytes) -> str | None:
    from pypdf import PdfReader
    from pypdf.errors import LimitReachedError, PdfReadError

    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return ENCRYPTED
        pages = len(reader.pages)
        for number in range(min(pages, 5)):
            reader.pages[number].extract_text()
    except LimitReachedError:
        return BOMB
    except (PdfReadError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return DAMAGED
    return OK if pages else EMPTY


def _archive(data: bytes, main: str) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if len(names) > MOST_ENTRIES:
                return BOMB
            if any(n.startswith("/") or ".." in n.split("/") or "\\" in n for n in names):
                return DAMAGED
            if any(i.flag_bits & 1 for i in archive.infolist()):
                return ENCRYPTED
            if main not in names:
                return TYPE
        check_archive(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(main) as stream:
            head = stream.read(4_096)
    except ValueError:
        return BOMB
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError):
        return DAMAGED
    # Neither format has a document type: one is there to define entities that grow.
    return DAMAGED if b"<!DOCTYPE" in head or b"<!ENTITY" in head else OK


def in_its_own_process(data: bytes, media_type: str) -> str | None:
    """Return the code of a document; one that kills who opens it could not be read."""
    pid = os.fork()
    if pid == 0:
        status = CODES.index(UNREAD)
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            signal.alarm(2 * SECONDS)
            status = CODES.index(code_of(data, media_type))
        except MemoryError:
            status = CODES.index(BOMB)
        finally:
            os._exit(status)
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return CODES[ended] if 0 <= ended < len(CODES) else UNREAD


def main() -> int:
    """Answer on the standard output, to which nothing else is written."""
    out = os.dup(1)
    os.dup2(2, 1)
    types = json.loads(read_frame(sys.stdin.buffer, 1_000_000) or b"[]")
    codes = [in_its_own_process(read_frame(sys.stdin.buffer, MOST_BYTES) or b"", str(t)) for t in types]
    with os.fdopen(out, "wb") as stream:
        stream.write(frame(json.dumps(codes).encode()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

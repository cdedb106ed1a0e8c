"""Receives what people upload: bounded, kept whole, its type told by its first bytes. Everything deeper happens in a sandbox."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from typing import BinaryIO

from grader.errors import Refused, TooLarge
from grader.files import Files

_OPENDOCUMENT = "application/vnd.oasis.opendocument."
_OFFICE = "application/vnd.openxmlformats-officedocument."
TYPES = {
    "application/pdf": "PDF",
    f"{_OFFICE}wordprocessingml.document": "DOCX",
    f"{_OFFICE}presentationml.presentation": "PPTX",
    f"{_OPENDOCUMENT}text": "ODT",
    f"{_OPENDOCUMENT}presentation": "ODP",
    "video/mp4": "MP4",
    "video/webm": "WebM",
    "video/x-matroska": "MKV",
    "text/markdown": "Markdown",
    "text/plain": "texte / text",
}
_HEAD = 8_192
_LONGEST_NAME = 150


@dataclass(frozen=True, slots=True)
class Upload:
    """A document that was received: `name` to show, `sha256` that names its file."""

    name: str
    media_type: str
    size: int
    sha256: str


def receive_upload(files: Files, stream: BinaryIO, *, name: str, most_bytes: int) -> Upload:
    """Keep a document. Raises Refused for an empty one, one without a name or of no accepted type, TooLarge above `most_bytes`.

    A document that is refused is not kept.
    """
    shown = clean_name(name)
    head = stream.read(_HEAD)
    if not head:
        raise Refused("upload-empty")
    media_type = type_of(head, shown)
    if media_type is None:
        raise Refused("upload-type", name=shown, types=", ".join(dict.fromkeys(TYPES.values())))
    bounded = _Bounded(head, stream, most_bytes)
    sha256, size = files.keep(bounded)  # type: ignore[arg-type]
    return Upload(shown, media_type, size, sha256)


class _Bounded(io.RawIOBase):
    """Gives a head and then the rest of a stream, and refuses to give more than `most` bytes."""

    def __init__(self, head: bytes, rest: BinaryIO, most: int) -> None:
        self.head, self.rest, self.most, self.given = head, rest, most, 0

    def read(self, size: int = -1) -> bytes:
        block, self.head = (self.head, b"") if self.head else (self.rest.read(size), b"")
        self.given += len(block)
        if self.given > self.most:
            raise TooLarge("too-large", most=self.most)
        return block


def clean_name(name: str) -> str:
    """Return a name that is safe to show and to write: no folder, no control or direction mark. Raises Refused when nothing is left."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] not in "CZ" or c == " ")
    plain = "".join("_" if c in '<>:"|?*' else c for c in plain).strip(" .")
    if not plain:
        raise Refused("upload-name")
    stem, dot, ending = plain.rpartition(".")
    return (
        plain
        if len(plain) <= _LONGEST_NAME
        else f"{(stem or ending)[: _LONGEST_NAME - 12]}{dot}{ending[:10]}"
        if dot
        else plain[:_LONGEST_NAME]
    )


def type_of(head: bytes, name: str) -> str | None:
    """Return the media type that the first bytes tell, None when it is none of the accepted ones. Names only tell texts apart."""
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"PK\x03\x04"):
        return _archive(head, name)
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    return _text(head, name)


def _archive(head: bytes, name: str) -> str | None:
    """OpenDocument names itself in its first, stored entry; Office files by what they hold, which the sandbox verifies."""
    for kind in ("text", "presentation"):
        if f"mimetype{_OPENDOCUMENT}{kind}".encode() in head[:200]:
            return f"{_OPENDOCUMENT}{kind}"
    ending = name.rpartition(".")[2].lower()
    kinds = {"docx": "wordprocessingml.document", "pptx": "presentationml.presentation"}
    if ending in kinds and (b"[Content_Types].xml" in head or b"_rels/.rels" in head or b"docProps" in head):
        return f"{_OFFICE}{kinds[ending]}"
    return None


def _text(head: bytes, name: str) -> str | None:
    try:
        text = head.decode("utf-8") if len(head) < _HEAD else head[: _HEAD - 4].decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 8:
            return None
        text = head[: error.start].decode("utf-8")
    if any(ord(c) < 32 and c not in "\t\n\r\f" for c in text):
        return None
    return (
        "text/markdown"
        if name.lower().endswith((".md", ".markdown"))
        else "text/plain"
        if name.lower().endswith(".txt")
        else None
    )

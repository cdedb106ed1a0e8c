"""Uploaded documents: told by content outside, looked into in a real sandbox, each costing itself alone."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

import pytest

from grader.errors import Refused, TooLarge
from grader.files import Files
from grader.inspect import inspect
from grader.settings import read_settings
from grader.uploads import TYPES, clean_name, receive_upload, type_of

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
PDF = "application/pdf"


def docx(paragraphs: list[str]) -> bytes:
    from docx import Document

    out = io.BytesIO()
    document = Document()
    document.add_heading("Présentation du projet", 1)
    for text in paragraphs:
        document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def pdf(stream: bytes = b"BT /F1 12 Tf 72 720 Td (Bonjour) Tj ET", *, pages: int = 1, filtered: bytes = b"") -> bytes:
    parts = [b"%PDF-1.4\n"]
    offsets = []

    def add(body: bytes) -> None:
        offsets.append(sum(map(len, parts)))
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (len(offsets), body))

    add(b"<< /Type /Catalog /Pages 2 0 R >>")
    kids = b" ".join(b"%d 0 R" % (n + 3) for n in range(pages))
    add(b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages))
    for _ in range(pages):
        add(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
            % (pages + 3)
        )
    add(b"<< /Length %d %s>>\nstream\n%s\nendstream" % (len(stream), filtered, stream))
    start = sum(map(len, parts))
    table = b"".join(b"%010d 00000 n \n" % o for o in offsets)
    parts.append(
        b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF"
        % (len(offsets) + 1, table, len(offsets) + 1, start)
    )
    return b"".join(parts)


def archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return out.getvalue()


def encrypted(data: bytes) -> bytes:
    """Set the mark of encryption on every entry."""
    marked = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = marked.find(mark)
        while place >= 0:
            marked[place + at] |= 1
            place = marked.find(mark, place + 4)
    return bytes(marked)


GOOD = docx(["Le projet, ses acteurs, son budget."])
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
CASES = {
    "good-docx": (DOCX, GOOD, None),
    "good-pdf": (PDF, pdf(), None),
    "pdf-without-a-page": (PDF, pdf(pages=0), "document-empty"),
    "pdf-cut": (PDF, pdf()[:60], "document-damaged"),
    "pdf-bomb": (PDF, pdf(zlib.compress(b" " * 400_000_000, 9), filtered=b"/Filter /FlateDecode "), "document-bomb"),
    "zip-bomb": (DOCX, archive({"[Content_Types].xml": b"", "word/document.xml": b"\0" * 120_000_000}), "document-bomb"),
    "too-many-entries": (DOCX, archive({"word/document.xml": b"", **{f"x{n}": b"" for n in range(2_100)}}), "document-bomb"),
    "folder-above": (DOCX, archive({"word/document.xml": b"<a/>", "../../etc/cron.d/x": b"x"}), "document-damaged"),
    "another-type": (ODT, GOOD, "document-type"),
    "entities": (DOCX, archive({"word/document.xml": LAUGHS}), "document-damaged"),
    "password": (DOCX, encrypted(GOOD), "document-encrypted"),
    "cut": (DOCX, GOOD[:500], "document-damaged"),
}


@pytest.mark.parametrize("sandbox", ["none", "bubblewrap"])
def test_each_document_is_told_apart(tmp_path: Path, sandbox: str) -> None:
    documents = []
    for name, (media_type, data, _) in CASES.items():
        (tmp_path / name).write_bytes(data)
        documents.append((media_type, tmp_path / name))
    found = dict(zip(CASES, inspect(documents, read_settings({}), sandbox), strict=True))
    assert found == {name: code for name, (_, _, code) in CASES.items()}


@pytest.mark.parametrize(
    ("head", "name", "expected"),
    [
        (GOOD[:4000], "a.docx", DOCX),
        (pdf(), "a.exe", PDF),
        (b"\0\0\0\x20ftypisom", "v.bin", "video/mp4"),
        (b"\x1a\x45\xdf\xa3\x01webm", "v", "video/webm"),
        ("é".encode() * 9000, "notes.md", "text/markdown"),
        ("texte".encode("utf-16"), "notes.txt", None),
        (b"MZ\x90\0", "a.pdf", None),
        (b"#!/bin/sh\n", "run.sh", None),
        (b"<html>", "a.html", None),
        (archive({"a": b"b"}), "a.zip", None),
    ],
)
def test_the_first_bytes_tell_the_type(head: bytes, name: str, expected: str | None) -> None:
    assert type_of(head[:8192], name) == expected
    assert expected is None or expected in TYPES


def test_names_are_made_safe() -> None:
    assert clean_name("../../etc/passwd") == "passwd"
    assert clean_name("C:\\temp\\rapport.pdf") == "rapport.pdf"
    assert clean_name("a\x00b\u202ec\n.pdf") == "abc.pdf"
    assert clean_name("<b>.pdf") == "_b_.pdf"
    long = clean_name("é" * 400 + ".pdf")
    assert len(long) <= 150 and long.endswith(".pdf")
    for bad in ("", "/", "..", " . "):
        with pytest.raises(Refused):
            clean_name(bad)


def test_what_is_too_large_or_refused_is_not_kept(tmp_path: Path) -> None:
    files = Files(str(tmp_path / "files"))
    with pytest.raises(TooLarge):
        receive_upload(files, io.BytesIO(b"%PDF-" + b"x" * 5_000_000), name="a.pdf", most_bytes=1_000_000)
    with pytest.raises(Refused):
        receive_upload(files, io.BytesIO(b"MZ"), name="a.pdf", most_bytes=100)
    assert [p for p in (tmp_path / "files").rglob("*") if p.is_file()] == []
    kept = receive_upload(files, io.BytesIO(GOOD), name="r.docx", most_bytes=1_000_000)
    assert (kept.media_type, kept.size, files.has(kept.sha256)) == (DOCX, len(GOOD), True)

"""Frames: eight bytes of length, big-endian, then the bytes. How inputs and products travel to and from a sandbox."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

HEAD = struct.Struct(">Q")
MOST_PRODUCTS = 16


@dataclass
class Frames:
    """Cuts a hostile stream into frames. `overflow` is set once they are too many or, together, above `most_bytes`."""

    heard: Callable[[bytes], None]
    most_bytes: int
    products: list[bytes] = field(default_factory=list)
    overflow: bool = False
    _buffer: bytearray = field(default_factory=bytearray)
    _total: int = 0

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the stream; whole frames are handed on."""
        self._buffer += data
        self._total += len(data)
        if self._total > self.most_bytes:
            self.overflow = True
        while not self.overflow and len(self._buffer) >= HEAD.size:
            (length,) = HEAD.unpack(self._buffer[: HEAD.size])
            if length > self.most_bytes or len(self.products) >= MOST_PRODUCTS:
                self.overflow = True
            elif len(self._buffer) < HEAD.size + length:
                return
            else:
                self._cut(length)

    def _cut(self, length: int) -> None:
        product = bytes(self._buffer[HEAD.size : HEAD.size + length])
        del self._buffer[: HEAD.size + length]
        self.products.append(product)
        self.heard(product)


Input = bytes | Path | tuple[bytes | Path, ...]


def send(stream: IO[bytes], item: Input) -> None:
    """Write one frame: bytes, what a file holds, or several of these one after the other. Raises OSError when the reader is gone."""
    pieces = item if isinstance(item, tuple) else (item,)
    stream.write(HEAD.pack(sum(len(p) if isinstance(p, bytes) else p.stat().st_size for p in pieces)))
    for piece in pieces:
        if isinstance(piece, bytes):
            stream.write(piece)
        else:
            with piece.open("rb") as source:
                shutil.copyfileobj(source, stream, 1 << 20)
    stream.flush()

"""Frames: eight bytes of length, big-endian, then the bytes. How inputs and products travel on standard input and output."""

from __future__ import annotations

import struct
from typing import IO

HEAD = struct.Struct(">Q")


def read_frame(stream: IO[bytes], most: int) -> bytes | None:
    """Return the next frame, or None at the end of the stream. Raises ValueError when it is cut or above `most` bytes."""
    head = stream.read(HEAD.size)
    if not head:
        return None
    if len(head) < HEAD.size or (length := HEAD.unpack(head)[0]) > most:
        raise ValueError("malformed frame")
    data = stream.read(length)
    if len(data) < length:
        raise ValueError("cut frame")
    return data


def frame(data: bytes) -> bytes:
    """Return the frame of `data`."""
    return HEAD.pack(len(data)) + data

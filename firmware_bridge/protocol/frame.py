"""Frames: bytes between delimiters, stuffed so that the delimiter occurs nowhere else, with a check at the end.

Rule 1. A frame ends at 0x00 and nowhere else; nothing in it says how long it is.
Rule 2. Whole buffer equals byte by byte: `Decoder` holds what is left of an unfinished frame and no more.
Rule 3. What is longer than the largest frame is dropped as it comes; a flood without delimiter costs no memory.

Consistent overhead byte stuffing: Cheshire and Baker, IEEE/ACM Transactions on Networking 7(2), 1999.
"""

import struct
import zlib
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from firmware_bridge.protocol.constants import CHECK_BYTES, HEADER_BYTES

DELIMITER = b"\0"
BLOCK = 254  # bytes without zero that one code byte can stand for
LENGTHS = [bytes((length + 1,)) for length in range(BLOCK + 1)]  # the code byte before so many bytes
HEADER = struct.Struct("<BBHH")
CHECK = struct.Struct("<I")

Tag = Callable[[bytes, bytes], bytes]  # (header, payload) -> tag


class Damage(Enum):
    """What the decoder reports in place of a frame."""

    BROKEN = "broken"
    OVERSIZE = "oversize"


class Frame(NamedTuple):
    """A frame whose check was right."""

    kind: int
    type: int
    seq: int
    ack: int
    header: bytes
    payload: bytes
    tag: bytes  # empty without authentication


def stuff(raw: bytes) -> bytes:
    """Return ``raw`` without zeros, one byte longer for each 254, or part of 254, of it at most."""
    *inner, last = raw.split(DELIMITER)
    out: list[bytes] = []
    for run in inner:
        full = len(run) // BLOCK * BLOCK
        out += *_blocks(run, full), LENGTHS[len(run) - full], run[full:]
    # a full block stands for no zero after it, so the last run may end with one
    full = (len(last) - 1) // BLOCK * BLOCK if last else 0
    return b"".join((*out, *_blocks(last, full), LENGTHS[len(last) - full], last[full:]))


def _blocks(run: bytes, end: int) -> list[bytes]:
    return [LENGTHS[BLOCK] + run[at : at + BLOCK] for at in range(0, end, BLOCK)]


def unstuff(coded: bytes) -> bytes | None:
    """Return what ``stuff`` was given, or None where ``coded`` is not of its making; it holds no zero."""
    out, at, end = [], 0, len(coded)
    while at < end:
        code = coded[at]
        out.append(coded[at + 1 : at + code])
        at += code
        if code <= BLOCK and at < end:
            out.append(DELIMITER)
    return b"".join(out) if at == end else None


def encode(
    kind: int, number: int, seq: int, ack: int, payload: bytes, session: int, tag: Tag | None = None
) -> bytes:
    """Return the bytes of a frame on the wire, delimiter included; ``session`` is its number, 0 for HELLO."""
    header = HEADER.pack(kind, number, seq & 0xFFFF, ack & 0xFFFF)
    body = header + payload + (tag(header, payload) if tag else b"")
    return stuff(body + CHECK.pack(zlib.crc32(body) ^ session)) + DELIMITER


def checked(raw: bytes, session: int, tag_bytes: int = 0) -> Frame | None:
    """Return the frame of decoded bytes, or None where its check fails or it is too short to be one."""
    if len(raw) < HEADER_BYTES + tag_bytes + CHECK_BYTES:
        return None
    body, at = raw[:-CHECK_BYTES], len(raw) - CHECK_BYTES - tag_bytes
    if zlib.crc32(body) ^ session != CHECK.unpack_from(raw, len(body))[0]:
        return None
    kind, number, seq, ack = HEADER.unpack_from(raw)
    return Frame(kind, number, seq, ack, raw[:HEADER_BYTES], body[HEADER_BYTES:at], body[at:])


class Decoder:
    """Takes bytes as they come and returns decoded frames, their check not yet looked at."""

    def __init__(self, raw_max: int) -> None:
        """``raw_max``: bytes of the largest frame taken, header, tag and check included."""
        self._raw_max = raw_max
        self._wire_max = (
            raw_max + raw_max // BLOCK + 2
        )  # no frame of raw_max bytes is longer, however it was stuffed
        self._rest = bytearray()  # of the frame not yet ended, at most _wire_max + 1

    def feed(self, data: bytes) -> list[bytes | Damage]:
        """Return the frames that ``data`` ends, in order, and what was lost in between."""
        first, *more = data.split(DELIMITER)
        self._keep(first)
        if not more:
            return []
        ended = [bytes(self._rest), *more[:-1]]
        self._rest = bytearray()
        self._keep(more[-1])
        return [self._decoded(coded) for coded in ended if coded]

    def clear(self) -> None:
        """Forget the frame not yet ended."""
        self._rest = bytearray()

    def _keep(self, data: bytes) -> None:
        self._rest += data[: self._wire_max + 1 - len(self._rest)]

    def _decoded(self, coded: bytes) -> bytes | Damage:
        if len(coded) > self._wire_max:
            return Damage.OVERSIZE
        raw = unstuff(coded)
        if raw is None:
            return Damage.BROKEN
        return raw if len(raw) <= self._raw_max else Damage.OVERSIZE

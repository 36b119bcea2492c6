"""Two slots of flash, in memory or in a file: the state is the old one or the new one, never half.

Rule 1: a slot is erased, then written in order, in units; its header comes last. Rule 2: only the slot that does not
hold the newest whole record is touched. A cut anywhere leaves the newest record of before.
"""

import zlib
from pathlib import Path
from struct import Struct
from typing import NamedTuple

from edgelearn.emulator.boards.errors import PowerCutError

ERASED = 0xFF
UNIT_BYTES = 8
_HEADER = Struct("<4sIIIII")  # magic, version, applied, layout, size, CRC-32 of the data; as store.c has it
_CHECK = Struct("<I")  # CRC-32 of the header
_MAGIC = b"ELS1"
HEADER_BYTES = _HEADER.size + _CHECK.size + 4  # up to a whole unit


class Record(NamedTuple):
    """A whole record: what was learned, with the id of the last command in it and the layout it has."""

    version: int
    applied: int
    layout: int
    data: bytes


class Slots:
    """Flash of two slots of ``slot_bytes``; with ``path`` it outlives the process. ``cut_after``: operations (a unit
    written, a slot erased) until the power goes, None for never."""

    def __init__(self, slot_bytes: int, path: Path | None = None) -> None:
        self._path, self._slot_bytes = path, -(-slot_bytes // UNIT_BYTES) * UNIT_BYTES
        self.cut_after: int | None = None
        self.fails = False  # as flash does that is worn out
        known = path.read_bytes() if path is not None and path.exists() else b""
        size = 2 * self._slot_bytes
        self._flash = bytearray(known if len(known) == size else bytes([ERASED]) * size)

    def newest(self) -> Record | None:
        """Return the newest whole record, None where there is none."""
        found = [record for record in map(self._record, (0, 1)) if record is not None]
        return max(found, key=lambda record: record.version, default=None)

    def write(self, applied: int, layout: int, data: bytes) -> bool:
        """Write a record to the slot that does not hold the newest; False, the old one standing, when that failed.

        Raises PowerCutError, halfway, when ``cut_after`` says so.
        """
        newest = self.newest()
        slot = 1 if newest is not None and self._record(0) == newest else 0
        if self.fails or HEADER_BYTES + len(data) > self._slot_bytes:
            return False
        version = 1 if newest is None else newest.version + 1
        header = _HEADER.pack(_MAGIC, version, applied, layout, len(data), zlib.crc32(data))
        try:
            self._erase(slot)
            self._program(slot, HEADER_BYTES, data)
            self._program(slot, 0, (header + _CHECK.pack(zlib.crc32(header))).ljust(HEADER_BYTES, b"\xff"))
        finally:
            if self._path is not None:
                self._path.write_bytes(self._flash)
        return True

    def _record(self, slot: int) -> Record | None:
        flash = memoryview(self._flash)[slot * self._slot_bytes :][: self._slot_bytes]
        magic, version, applied, layout, size, crc = _HEADER.unpack_from(flash)
        (check,) = _CHECK.unpack_from(flash, _HEADER.size)
        if magic != _MAGIC or zlib.crc32(flash[: _HEADER.size]) != check:
            return None
        data = bytes(flash[HEADER_BYTES : HEADER_BYTES + size])
        whole = len(data) == size and zlib.crc32(data) == crc
        return Record(version, applied, layout, data) if whole else None

    def _erase(self, slot: int) -> None:
        start, half = slot * self._slot_bytes, self._slot_bytes // 2
        if self._cut():  # a slot half erased
            self._put(start, bytes([ERASED]) * half)
            raise PowerCutError
        self._put(start, bytes([ERASED]) * self._slot_bytes)

    def _program(self, slot: int, offset: int, data: bytes) -> None:
        start = slot * self._slot_bytes + offset
        for at in range(0, len(data), UNIT_BYTES):
            unit = data[at : at + UNIT_BYTES]
            if self._cut():  # a unit half written
                self._put(start + at, unit[: len(unit) // 2])
                raise PowerCutError
            self._put(start + at, unit)

    def _cut(self) -> bool:
        if self.cut_after is None:
            return False
        self.cut_after -= 1
        return self.cut_after < 0

    def _put(self, start: int, data: bytes) -> None:
        self._flash[start : start + len(data)] = data

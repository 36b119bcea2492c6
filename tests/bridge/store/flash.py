"""The store of the firmware on flash in memory, built for a size of unit; or a broken one, which tests must find."""

import ctypes as c
from pathlib import Path
from typing import NamedTuple

from tests.bridge.conftest import SOURCES, TRAPPED, Library

NEVER = 0xFFFFFFFF
STORE = SOURCES / "store.c"
BESIDE = [Path(__file__).with_name("flash.c"), SOURCES / "frame.c"]


class Record(NamedTuple):
    data: bytes
    applied: int
    layout: int


class Broken(NamedTuple):
    """Text of store.c, and what stands there in the broken one."""

    right: str
    wrong: str


class Flash:
    """One flash with a store on it; `boot` is what a device does after the power came back."""

    def __init__(self, library: c.CDLL, slot_bytes: int) -> None:
        self._c = library
        self._bytes = (c.c_ubyte * (2 * slot_bytes)).in_dll(library, "el_flash")
        self.blank()

    def blank(self) -> None:
        self.content = b"\xff" * len(self._bytes)
        self._c.wear(-1)
        self._c.cache(False)

    @property
    def content(self) -> bytes:
        return bytes(self._bytes)

    @content.setter
    def content(self, value: bytes) -> None:
        c.memmove(self._bytes, value, len(value))

    def boot(self) -> Record | None:
        data, applied, layout = c.create_string_buffer(len(self._bytes)), c.c_uint32(), c.c_uint32()
        size = self._c.boot(data, c.byref(applied), c.byref(layout))
        return None if size < 0 else Record(data.raw[:size], applied.value, layout.value)

    def save(
        self, record: Record, *, cut: int = NEVER, torn: int = 0, garbage: int = 1, step: int = 5
    ) -> bool | None:
        """Return what the store says; None where the power went at operation ``cut``, ``torn`` bytes into it."""
        self._c.power(cut, torn, garbage)
        said = self._c.save(record.data, len(record.data), step, record.applied, record.layout)
        return None if said < 0 else bool(said)

    def wear(self, unit: int) -> None:
        """Let the ``unit`` of the flash forget what is written to it."""
        self._c.wear(unit)

    def cache(self) -> None:
        """Let the payload get to the flash after the header, until `blank`."""
        self._c.cache(True)

    def begin(self) -> bool:
        self._c.power(NEVER, 0, 1)
        return bool(self._c.begin())

    def part(self, offset: int, data: bytes) -> bool:
        return bool(self._c.part(offset, data, len(data)))

    def commit(self, applied: int, layout: int) -> bool:
        return bool(self._c.commit(applied, layout))

    @property
    def operations(self) -> int:
        return int(self._c.count_operations())

    @property
    def misused(self) -> int:
        return int(self._c.count_misused())

    @property
    def room(self) -> int:
        return int(self._c.room())


def flash(library: Library, *, unit: int = 8, slot_bytes: int = 160) -> Flash:
    """Build a flash with the store."""
    sizes = [f"-DEL_FLASH_UNIT={unit}", f"-DEL_SLOT_BYTES={slot_bytes}"]
    return Flash(library(f"store {unit} {slot_bytes}", [*BESIDE, STORE], [*TRAPPED, *sizes]), slot_bytes)


def flash_with(library: Library, folder: Path, broken: Broken) -> Flash:
    """Build a flash with a broken store, whose source goes to ``folder``."""
    text, slot_bytes = STORE.read_text(), 160
    assert text.count(broken.right) == 1, f"store.c has no longer just once: {broken.right}"
    store = folder / "store.c"
    store.write_text(text.replace(broken.right, broken.wrong))
    flags = [*TRAPPED, "-Wno-error", "-DEL_FLASH_UNIT=8", f"-DEL_SLOT_BYTES={slot_bytes}"]
    return Flash(library(f"store in {folder.name}", [*BESIDE, store], flags), slot_bytes)

"""What an emulator needs of a 32-bit little-endian ELF: the parts to load, where it starts, its symbols."""

import struct
from pathlib import Path
from typing import NamedTuple

HEADER = struct.Struct("<16xHHIIIIIHHHHHH")
PROGRAM = struct.Struct("<IIIIIIII")
SECTION = struct.Struct("<IIIIIIIIII")
SYMBOL = struct.Struct("<IIIBBH")
LOAD, SYMBOLS, UNDEFINED = 1, 2, 0
MAGIC = b"\x7fELF\x01\x01"


class ElfError(Exception):
    """The file is no ELF of a 32-bit microcontroller."""


class Part(NamedTuple):
    """Bytes to be loaded at an address before the start."""

    address: int
    data: bytes


class Symbol(NamedTuple):
    """Address (with the Thumb bit of a function) and size in bytes."""

    address: int
    size: int


class Elf(NamedTuple):
    """A linked firmware."""

    entry: int
    parts: tuple[Part, ...]
    symbols: dict[str, Symbol]


def read(path: Path) -> Elf:
    """Read a file. Raises ElfError when it is not one, OSError when it cannot be read."""
    data = path.read_bytes()
    if not data.startswith(MAGIC):
        raise ElfError(f"{path} is no 32-bit little-endian ELF; give the file that `tools firmware` built")
    header = HEADER.unpack_from(data)
    entry, programs, sections = header[3], header[4], header[5]
    n_programs, n_sections = header[9], header[11]
    parts = []
    for i in range(n_programs):
        kind, offset, _, physical, size, *_ = PROGRAM.unpack_from(data, programs + i * PROGRAM.size)
        if kind == LOAD and size:
            parts.append(Part(physical, data[offset : offset + size]))
    tables = [SECTION.unpack_from(data, sections + i * SECTION.size) for i in range(n_sections)]
    return Elf(entry, tuple(parts), _symbols(data, tables))


def _symbols(data: bytes, tables: list[tuple[int, ...]]) -> dict[str, Symbol]:
    symbols = {}
    for _, kind, _, _, offset, size, link, *_ in tables:
        if kind != SYMBOLS:
            continue
        names = tables[link][4]
        for at in range(offset, offset + size, SYMBOL.size):
            name, value, length, _, _, section = SYMBOL.unpack_from(data, at)
            if name and section != UNDEFINED:
                start = names + name
                symbols[data[start : data.index(b"\0", start)].decode()] = Symbol(value, length)
    return symbols

"""What an emulator needs of a 32-bit little-endian ELF: the parts to load, where it starts, its symbols, its core."""

import struct
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from edgelearn.emulator.boards.errors import BoardError

HEADER = struct.Struct("<16xHHIIIIIHHHHHH")
PROGRAM = struct.Struct("<IIIIIIII")
SECTION = struct.Struct("<IIIIIIIIII")
SYMBOL = struct.Struct("<IIIBBH")
LOAD, SYMBOLS, ATTRIBUTES, UNDEFINED, FUNCTION = 1, 2, 0x70000003, 0, 2
MAGIC = b"\x7fELF\x01\x01"
ARM = 40
MACHINES = {
    3: "x86", 8: "MIPS", 21: "PowerPC", 62: "x86-64", 83: "AVR", 94: "Xtensa", 183: "AArch64", 243: "RISC-V",
}  # fmt: skip


class ElfError(BoardError):
    """The file is no ELF of a 32-bit microcontroller."""


class Part(NamedTuple):
    """Bytes to be loaded at an address before the start."""

    address: int
    data: bytes


class Symbol(NamedTuple):
    """Address (with the Thumb bit of a function) and size in bytes."""

    address: int
    size: int


class Function(NamedTuple):
    """A function by where it begins, without the Thumb bit; a name that several have ends in its address."""

    address: int
    size: int
    name: str


class Elf(NamedTuple):
    """A linked firmware. ``functions`` in order of address; of ``symbols`` of one name the last."""

    entry: int
    parts: tuple[Part, ...]
    symbols: dict[str, Symbol]
    attributes: bytes = b""  # the section .ARM.attributes
    flags: int = 0
    functions: tuple[Function, ...] = ()


def read(path: Path) -> Elf:
    """Read a file. Raises ElfError when it is not one, OSError when it cannot be read."""
    data = path.read_bytes()
    machine = int.from_bytes(data[18:20], "little") if data[:4] == MAGIC[:4] else ARM
    if machine != ARM:
        named = MACHINES.get(machine, f"machine {machine}")
        raise ElfError(f"{path} is a program for {named}, not for a Cortex-M; build it for the board")
    if not data.startswith(MAGIC):
        raise ElfError(f"{path} is no 32-bit little-endian ELF; give the file that `tools firmware` built")
    try:
        return _read(data)
    except (struct.error, IndexError, ValueError):
        raise ElfError(f"{path} is cut short or damaged; build it again") from None


def _read(data: bytes) -> Elf:
    header = HEADER.unpack_from(data)
    entry, programs, sections = header[3], header[4], header[5]
    n_programs, n_sections = header[9], header[11]
    parts = []
    for i in range(n_programs):
        kind, offset, _, physical, size, *_ = PROGRAM.unpack_from(data, programs + i * PROGRAM.size)
        if kind == LOAD and size:
            parts.append(Part(physical, data[offset : offset + size]))
    tables = [SECTION.unpack_from(data, sections + i * SECTION.size) for i in range(n_sections)]
    known = [data[table[4] : table[4] + table[5]] for table in tables if table[1] == ATTRIBUTES]
    named = list(_symbols(data, tables))
    functions = _functions((name, symbol) for name, symbol, kind in named if kind == FUNCTION)
    symbols = {name: symbol for name, symbol, _ in named}
    return Elf(entry, tuple(parts), symbols, b"".join(known[:1]), header[6], functions)


def _functions(named: Iterable[tuple[str, Symbol]]) -> tuple[Function, ...]:
    at = {symbol.address & ~1: (name, symbol.size) for name, symbol in named}
    often = Counter(name for name, _ in at.values())
    return tuple(
        Function(start, size, name if often[name] == 1 else f"{name}@{start:#x}")
        for start, (name, size) in sorted(at.items())
    )


def _symbols(data: bytes, tables: list[tuple[int, ...]]) -> Iterator[tuple[str, Symbol, int]]:
    """Give name, symbol and kind of each."""
    for _, kind, _, _, offset, size, link, *_ in tables:
        if kind != SYMBOLS:
            continue
        names = tables[link][4]
        for at in range(offset, offset + size, SYMBOL.size):
            name, value, length, info, _, section = SYMBOL.unpack_from(data, at)
            if name and section != UNDEFINED:
                start = names + name
                yield data[start : data.index(b"\0", start)].decode(), Symbol(value, length), info & 15

"""How much of a linked firmware each module takes, read from the linker's map (GNU ld's or lld's)."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

# GNU ld: " .text.f   0x0000001c   0x24 build/link.o", the name alone on a line when it is long
GNU = re.compile(r"^ (\.[\w.$-]+)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S+)$", re.MULTILINE)
# lld: "    1c    1c    24    2        build/link.o:(.text.f)": VMA, LMA, size, alignment
LLD = re.compile(r"^ *[0-9a-f]+ +[0-9a-f]+ +([0-9a-f]+) +\d+ +(\S+):\((\.[^)]+)\)$", re.MULTILINE)
KEPT_FROM = "Linker script and memory map"  # in a GNU map, what comes before was thrown away
IN_BOTH = ("data",)  # its start values lie in flash
IN_RAM = ("bss", "noinit")
IN_FLASH = ("vectors", "text", "rodata")


class Size(NamedTuple):
    """Bytes of flash (code, constants, start values of variables) and of RAM (variables; no stack)."""

    flash: int = 0
    ram: int = 0


def by_module(map_text: str) -> dict[str, Size]:
    """Return the size of every module that got into the ELF; members of libraries are "arithmetic"."""
    sizes: dict[str, Size] = {}
    for section, size, file in _pieces(map_text):
        kind = section.split(".")[1]
        module = Path(file).stem if file.endswith(".o") else "arithmetic"
        flash = size if kind in IN_FLASH + IN_BOTH else 0
        ram = size if kind in IN_RAM + IN_BOTH else 0
        if flash or ram:
            before = sizes.get(module, Size())
            sizes[module] = Size(before.flash + flash, before.ram + ram)
    return dict(sorted(sizes.items()))


def total(sizes: Iterable[Size]) -> Size:
    """Return the sum."""
    each = list(sizes)
    return Size(sum(size.flash for size in each), sum(size.ram for size in each))


def _pieces(map_text: str) -> Iterable[tuple[str, int, str]]:
    """Return section, bytes and file of each input section that was kept."""
    if KEPT_FROM in map_text:
        kept = re.sub(r"^( \.\S+)\n +", r"\1 ", map_text.split(KEPT_FROM, 1)[1], flags=re.MULTILINE)
        return [(name, int(size, 16), file) for name, _, size, file in GNU.findall(kept)]
    return [(name, int(size, 16), file) for size, file, name in LLD.findall(map_text)]

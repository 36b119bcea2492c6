"""The budget: what parts of the firmware may take at most, from budget.json.

Rule: an object that lies in another module's memory (the one `el_link` is the device's) counts for the part whose type
it is; its size is the compiler's, taken from an array of that size.
"""

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from edgelearn.emulator.boards import elf
from tools.firmware import plan, sizes
from tools.firmware.build import Built
from tools.firmware.compilers import compiler


class Limit(NamedTuple):
    """Modules (patterns) and objects (type, header) that together stay below so many bytes on one port."""

    port: str
    modules: tuple[str, ...]
    objects: tuple[tuple[str, str], ...]
    flash: int
    ram: int

    @property
    def name(self) -> str:
        """What is limited."""
        return " + ".join((*self.modules, *(name for name, _ in self.objects)))


class Check(NamedTuple):
    """A limit, and what was measured."""

    limit: Limit
    size: sizes.Size

    @property
    def kept(self) -> bool:
        """Whether the limit holds."""
        return self.size.flash <= self.limit.flash and self.size.ram <= self.limit.ram


def limits() -> list[Limit]:
    """Return every limit of budget.json."""
    return [
        Limit(
            one["port"], tuple(one["modules"]), tuple(one["objects"].items()),
            one["flash_bytes"], one["ram_bytes"],
        )
        for one in json.loads(plan.BUDGET.read_text())["limits"]
    ]  # fmt: skip


def check(built: Built) -> list[Check]:
    """Return each limit of the port beside its measured size. Raises BuildError."""
    return [Check(limit, _measured(built, limit)) for limit in limits() if limit.port == built.port.name]


def _measured(built: Built, limit: Limit) -> sizes.Size:
    counted = [
        size
        for module, size in built.modules.items()
        if any(fnmatchcase(module, pattern) for pattern in limit.modules)
    ]
    objects = [sizes.Size(0, _size_of(built, name, header)) for name, header in limit.objects]
    return sizes.total([*counted, *objects])


def _size_of(built: Built, name: str, header: str) -> int:
    """Ask the compiler for the size of a type, in bytes."""
    folder = built.elf.parent
    source, to = folder / "probe.c", folder / "probe.o"
    sized = f"probe[sizeof({name})]"
    source.write_text(f'#include "{header}"\nextern const char {sized};\nconst char {sized} = {{0}};\n')
    used = compiler(built.compiler.split()[0], built.port, folder)
    used.compile(str(source), to, [*plan.flags("probe.c"), *plan.includes(built.port)])
    return elf.read(Path(to)).symbols["probe"].size

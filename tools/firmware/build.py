"""Build a port: every source with every warning, linked, measured."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tools.firmware import plan, sizes
from tools.firmware.compilers import compiler

WORKERS = 2


class Built(NamedTuple):
    """A port's ELF and what is in it."""

    port: plan.Port
    compiler: str  # name and version
    elf: Path
    modules: dict[str, sizes.Size]

    @property
    def total(self) -> sizes.Size:
        """The whole firmware."""
        return sizes.total(self.modules.values())


def build(name: str, port: plan.Port, folder: Path) -> Built:
    """Build a port with compiler ``name`` into ``folder``. Raises BuildError."""
    folder.mkdir(parents=True, exist_ok=True)
    used = compiler(name, port, folder)
    sources = plan.sources(port)
    objects = [folder / f"{Path(source).stem}.o" for source in sources]

    def one(source: str, to: Path) -> None:
        used.compile(source, to, [*plan.flags(source), *plan.includes(port)])

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(one, sources, objects))
    elf, map_file = folder / f"{port.name}.elf", folder / f"{port.name}.map"
    used.link(objects, elf, map_file)
    return Built(port, f"{used.name} {used.version}", elf, sizes.by_module(map_file.read_text()))

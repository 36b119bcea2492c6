"""The two compilers: clang of the package ziglang, and arm-none-eabi-gcc of the system.

Rule 1: both get the same flags, sources and linker scripts. Rule 2: zig's own driver is not used to link, since it
strips and cannot write a map; its lld is, with the arithmetic library (soft float, division) built from its sources.
"""

import functools
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tools.firmware.plan import COMMON, FOLDER, LINK_FLAGS, ZIG_FLAGS, ZIG_VERSION, Port

ZIG = (sys.executable, "-m", "ziglang")
GCC = "arm-none-eabi-gcc"
COMPILERS = ("zig", "gcc")


class BuildError(Exception):
    """The firmware cannot be built; what to do, or what the compiler said."""


class Compiler(NamedTuple):
    """A compiler for one port; `build` is the folder for what it makes on the way."""

    name: str
    version: str
    port: Port
    build: Path

    def compile(self, source: str, to: Path, flags: Sequence[str]) -> None:
        """Compile one file. Raises BuildError with the compiler's words."""
        if self.name == "gcc":
            start = [GCC, *self.port.gcc, *flags]
        else:
            own = [flag for size, more in ZIG_FLAGS.items() if size in flags for flag in more]
            start = [*ZIG, "cc", *self.port.zig, *flags, *own]
        _call([*start, "-c", source, "-o", str(to)])

    def link(self, objects: Sequence[Path], elf: Path, map_file: Path) -> None:
        """Link with the port's script. Raises BuildError with the linker's words."""
        script = f"ports/{self.port.name}/{self.port.name}.ld"
        flags = [*LINK_FLAGS, f"-Map={map_file}", f"-L{COMMON}", "-T", script]
        if self.name == "gcc":
            passed = [f"-Wl,{','.join(flags)}", *map(str, objects), "-lgcc", "-o", str(elf)]
            _call([GCC, *self.port.gcc, "-nostdlib", *passed])
        else:
            self._lld(flags, objects, elf)

    def link_bare(self, objects: Sequence[Path], elf: Path) -> None:
        """Link functions that no start-up code calls, all of them, as `edgelearn.emulator.boards.cortex_m` takes them.

        Raises BuildError with the linker's words.
        """
        flags = ["-Ttext=0x20000", "-Tdata=0x20000000", "-Tbss=0x20100000", "-e", "0", "--build-id=none"]
        if self.name == "gcc":
            passed = [f"-Wl,{','.join(flags)}", *map(str, objects), "-lgcc", "-o", str(elf)]
            _call([GCC, *self.port.gcc, "-nostdlib", *passed])
        else:
            self._lld(flags, objects, elf)

    def _lld(self, flags: Sequence[str], objects: Sequence[Path], elf: Path) -> None:
        library = self.build / "arithmetic.a"
        library.write_bytes(_arithmetic(self.port.zig[1], self.port.zig[2].removeprefix("-mcpu=")))
        _call([*ZIG, "ld.lld", "-m", "armelf", *flags, *map(str, objects), str(library), "-o", str(elf)])


def compiler(name: str, port: Port, build: Path) -> Compiler:
    """Return a compiler. Raises BuildError, with the command that installs it, when it is missing."""
    if name == "gcc":
        if shutil.which(GCC) is None:
            raise BuildError(f"{GCC} is missing; on Debian and Ubuntu: sudo apt install gcc-arm-none-eabi")
        return Compiler(name, _call([GCC, "-dumpfullversion"]).strip(), port, build)
    if importlib.util.find_spec("ziglang") is None:
        raise BuildError(f"ziglang is missing; install it with: pip install 'ziglang=={ZIG_VERSION}'")
    version = _call([*ZIG, "version"]).strip()
    if version != ZIG_VERSION:
        raise BuildError(f"ziglang {version} writes other bytes; use: pip install 'ziglang=={ZIG_VERSION}'")
    return Compiler(name, version, port, build)


@functools.cache
def _arithmetic(target: str, core: str) -> bytes:
    """Return compiler-rt for a core, an archive: what it has no instruction for. It takes seconds to build."""
    spec = importlib.util.find_spec("ziglang")
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).parent / "lib/compiler_rt.zig"
    options = ["-O", "ReleaseSmall", "-ffunction-sections", "-fdata-sections", "-fstrip"]
    with tempfile.TemporaryDirectory(prefix="edgelearn-") as folder:
        library = Path(folder) / "arithmetic.a"
        where = ["--name", "arithmetic", f"-femit-bin={library}"]
        _call([*ZIG, "build-lib", str(source), "-target", target, "-mcpu", core, *options, *where])
        return library.read_bytes()


def _call(command: Sequence[str]) -> str:
    """Run a command in the folder of the firmware and return what it printed."""
    environment = {**os.environ, "LC_ALL": "C", "SOURCE_DATE_EPOCH": "0"}
    done = subprocess.run(command, cwd=FOLDER, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildError(f"{' '.join(command)}\n{done.stderr.strip()}")
    return done.stdout

"""C called from Python: as a library of this machine, or in the memory of a Cortex-M."""

import atexit
import ctypes
import functools
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from edgelearn.emulator.boards import elf
from edgelearn.types import Array
from tests.bridge.conftest import STRICT
from tools.firmware import plan
from tools.firmware.compilers import GCC, Compiler, compiler

Argument = int | float | Array
KINDS = ("desktop", "desktop watched", "m4f zig", "m4f gcc", "m0 zig", "m0 gcc")
WATCHED = ["-fsanitize=undefined", "-fno-sanitize-recover=undefined", "-g"]
MATH = plan.FOLDER / "src/math.c"
LEARNER = [plan.FOLDER / "src/learner_f32.c", MATH]


class Machine(Protocol):
    """Where a C function runs: arrays are changed as it says, and what it returns is returned."""

    def call(self, symbol: str, *args: Argument) -> int: ...


class Desktop:
    """A shared library; functions return a whole number or nothing."""

    def __init__(self, path: Path) -> None:
        self._library = ctypes.CDLL(str(path))

    def call(self, symbol: str, *args: Argument) -> int:
        return int(getattr(self._library, symbol)(*map(_c, args)))


def _c(arg: Argument) -> object:
    if isinstance(arg, np.ndarray):
        return ctypes.c_void_p(arg.ctypes.data)
    return ctypes.c_float(arg) if isinstance(arg, float) else ctypes.c_size_t(arg)


def machine(kind: str, sources: Sequence[Path], folder: Path, includes: Sequence[Path] = ()) -> Machine:
    """Build C files for one of `KINDS`; skips the test where its compiler is missing."""
    name, _, how = kind.partition(" ")
    if name == "desktop":
        return Desktop(_library(sources, folder, WATCHED if how else [], includes))
    if how == "gcc" and shutil.which(GCC) is None:
        pytest.skip(f"{GCC} is missing: apt install gcc-arm-none-eabi")
    pytest.importorskip("unicorn", reason="unicorn is missing: pip install 'edgelearn[emulate]'")
    from edgelearn.emulator.boards.cortex_m import Image
    from tools.firmware.count import link

    core = "m4f" if name == "m4f" else "m0"
    return Image(elf.read(link(_compiler(how, core), sources, folder, includes)), core)


@functools.cache
def _compiler(name: str, core: str) -> Compiler:
    """Return the one compiler of the process for a core, which then makes its library of arithmetic once."""
    from tools.firmware.count import PORTS

    folder = Path(tempfile.mkdtemp(prefix="edgelearn-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return compiler(name, PORTS[core], folder)


def _library(sources: Sequence[Path], folder: Path, flags: Sequence[str], includes: Sequence[Path]) -> Path:
    include = [f"-I{path}" for path in includes]
    made = [*include, *STRICT, "-O2", "-fPIC", "-shared", *flags, *map(str, sources)]
    subprocess.run(["cc", *made, "-o", str(folder / "library.so")], check=True)
    return folder / "library.so"
